"""Spec: one wish, checked at the edge, with a fingerprint of what is asked for."""

import pytest

from synth_sdk.core.errors import RequestError
from synth_sdk.core.spec import make_spec


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"count": 0}, "count 0: must be at least 1"),
        ({"count": 1.5}, "count 1.5: must be a whole number"),
        ({"count": 1e12}, "count 1000000000000.0: must be a whole number"),
        ({"count": 2**63}, "must be at most"),
        ({"workers": 0}, "workers 0: must be at least 1"),
        ({"workers": 65}, "workers 65: must be at most 64"),
        ({"rows_per_shard": 0}, "rows_per_shard 0: must be at least 1"),
        ({"sql_dialect": "oracle"}, "sql_dialect 'oracle': choose"),
        ({"timeout": 0}, "timeout 0: must be above 0"),
        ({"mode": "fast"}, "mode 'fast': choose"),
        ({"coutn": 3}, "unknown option 'coutn': did you mean count"),
        ({"fallback": ("faker", "gemini-flash")}, "'faker' may only be the last"),
    ],
)
def test_a_wrong_wish_names_value_and_rule(wish, says):
    with pytest.raises(RequestError) as caught:
        make_spec(kind="conversation", **wish)
    assert says in caught.value.message


def test_the_fingerprint_is_of_what_is_wanted_not_of_how_it_is_delivered():
    plain = make_spec(kind="conversation", count=5)
    same = make_spec(
        kind="conversation",
        count=5,
        output="x.jsonl",
        concurrency=2,
        budget_micros=7,
        timeout=3,
        account="team",
        cache="off",
        workers=3,
        rows_per_shard=9,
        sql_dialect="mysql",
        table="t",
    )
    assert plain.fingerprint == same.fingerprint
    for other in (
        {"count": 6},
        {"seed": 1},
        {"model": "a"},
        {"pack": "p"},
        {"constraints": {"a": "b"}},
        {"document": {"type": "string"}},
    ):
        assert make_spec(kind="conversation", **({"count": 5} | other)).fingerprint != plain.fingerprint


def test_chain_and_offline_end():
    spec = make_spec(kind="json", model="a", fallback=("b", "faker"), budget_micros=1)
    assert spec.chain == ("a", "b")
    assert spec.ends_offline
    assert spec.spends
    assert not make_spec(kind="json", budget_micros=1, mode="offline").spends
    assert not make_spec(kind="json").spends
