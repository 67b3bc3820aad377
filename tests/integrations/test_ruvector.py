"""The adapter for records of any origin."""

from importlib.util import find_spec

import pytest

from synth_sdk import Synth
from synth_sdk.integrations import RuvectorAdapter

pytestmark = pytest.mark.skipif(find_spec("ruvector") is None, reason="ruvector is not installed")


def test_store_and_search(tmp_path):
    adapter = RuvectorAdapter(path=str(tmp_path / "store"))
    assert adapter.is_available()
    texts = [{"text": text} for text in ("the parcel is late", "a room with a view", "the parcel is late")]
    ids = adapter.store(texts)
    assert len(set(ids)) == 2
    assert adapter.store(texts) == ids
    found = adapter.search("late parcels", limit=5)
    assert [neighbour.record["text"] for neighbour in found] == ["the parcel is late", "a room with a view"]
    adapter.store([{"text": "something else"}], ids=[found[0].id])
    assert [neighbour.id for neighbour in adapter.search("something else", limit=1)] == [found[0].id]


def test_the_place_of_the_configuration(tmp_path):
    synth = Synth(integrations={"ruvector": {"db_path": str(tmp_path / "mine")}})
    RuvectorAdapter(synth).store([{"text": "a"}])
    assert synth.store_info("ruvector")["records"] == 1
