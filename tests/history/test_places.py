"""Where a history may be."""

import pytest

from synth_sdk.core.errors import RequestError
from synth_sdk.history.dynamodb import DynamoHistory
from synth_sdk.history.places import Table, check_place, table_of
from synth_sdk.history.sqlite import SqliteHistory
from synth_sdk.history.store import Nowhere, open_history
from tests.history.support import entry


def test_places(tmp_path):
    assert isinstance(open_history("off"), Nowhere)
    assert isinstance(open_history(tmp_path / "off"), SqliteHistory)
    assert isinstance(open_history("runs.sqlite3"), SqliteHistory)
    assert isinstance(open_history("dynamodb://synth-runs"), DynamoHistory)
    assert table_of("dynamodb://synth-runs?region=eu-central-1") == Table("synth-runs", "eu-central-1")


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("postgres://me:geheim@db/x", r"history 'postgres://\[redacted\]@db/x': must be off, a path, or dynamodb://TABLE"),
        ("dynamodb://", "the name of a table stands behind ://, 3 to 255 letters"),
        ("dynamodb://a/b", "the name of a table stands behind ://"),
        ("dynamodb://me:geheim@runs", r"history 'dynamodb://\[redacted\]@runs': the name of a table stands behind"),
        ("dynamodb://runs?regoin=x", "did you mean region?"),
        ("dynamodb://[runs", "not a URL"),
    ],
)
def test_other_urls_are_wrong(place, told):
    with pytest.raises(RequestError, match=told) as error:
        check_place(place)
    assert "geheim" not in error.value.message


def test_off_remembers_nothing():
    with open_history("off") as history:
        history.add(entry())
        assert (history.entries(), history.forget(["x"]), history.prune()) == ([], 0, 0)
        with pytest.raises(RequestError):
            history.get("last")
