"""Runs as they are remembered, made up."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from synth_sdk.history.entries import FAILURES, STATUSES, Entry

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


def entry(number=1, **more):
    """The run number `number`; each began a minute after the one before."""
    given = {
        "id": f"{number:08x}-run",
        "started_at": NOON + timedelta(minutes=number),
        "kind": "user_profile",
        "count": 100,
        "records": 100,
        "status": "success",
        "exit_code": 0,
        "fingerprint": "0123456789abcdef",
        "seed": 0,
        "request": {"kind": "user_profile", "count": 100, "seed": 0},
        "report": report(),
    }
    return Entry(**given | more)


def report(milliseconds=50, spent="0", uniqueness=1.0, validity=1.0, **more):
    return {
        "generation_id": "x",
        "status": "success",
        "execution_time_ms": milliseconds,
        "cost": {"spent_usd": spent, "saved_by_cache_usd": "0"},
        "data_quality_metrics": {"uniqueness_score": uniqueness, "validity_score": validity, "distribution_analysis": {}},
        **more,
    }


NUMBERS = st.integers(-(2**63) + 1, 2**63 - 1)
TEXTS = st.text(max_size=12)  # any characters, halves of surrogate pairs left out
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXTS, JSON, max_size=4)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
ENTRIES = st.builds(
    Entry,
    id=st.uuids().map(str),
    started_at=MOMENTS,
    kind=st.sampled_from(["user_profile", "text", "json"]),
    count=st.integers(0, 2**63 - 1),
    records=st.integers(0, 10**6),
    status=st.sampled_from(STATUSES),
    exit_code=st.sampled_from([0, 1, 2, 3, 130]),
    fingerprint=TEXTS,
    seed=NUMBERS,
    request=OBJECTS,
    report=st.builds(
        report,
        milliseconds=st.integers(0, 10**6),
        spent=st.sampled_from(["0", "0.0312", "1.50"]),
        uniqueness=st.floats(0, 1),
        validity=st.floats(0, 1),
    )
    | OBJECTS,
    schema_digest=st.sampled_from(["", "00ff00ff00ff00ff"]),
    document=JSON,
    failure=st.sampled_from(["", *FAILURES]),
)
