"""Any JSON renders: each key of a report with what belongs there, with something else, or not at all."""

from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.reporting import render
from tests.reporting.support import sample

FULL = sample("full")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["success", "0.01", "NaN", "2025-01-01"])
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=12
)


def shaken(value):
    """The value, with parts of it replaced by anything or left out."""
    if isinstance(value, dict):
        some = {key: shaken(one) for key, one in [*value.items()][:12]}
        return st.fixed_dictionaries({}, optional=some) | ANYTHING
    if isinstance(value, list):
        return (st.lists(shaken(value[0]), max_size=3) if value else st.just([])) | st.just(value) | ANYTHING
    return st.just(value) | SCALARS


@settings(max_examples=60)
@given(
    st.fixed_dictionaries({}, optional={key: st.just(one) | shaken(one) for key, one in FULL.items()}),
    st.sampled_from([".md", ".html"]),
)
def test_any_json_of_the_shape_renders(report, suffix):
    assert render(report, suffix).encode()


@given(st.dictionaries(st.sampled_from([*FULL]), ANYTHING, max_size=8), st.sampled_from([".md", ".html"]))
def test_any_json_under_the_known_keys_renders(report, suffix):
    assert render(report, suffix).encode()
