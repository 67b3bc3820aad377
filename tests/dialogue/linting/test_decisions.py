import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.dialogue.expr import parse
from synth_sdk.dialogue.linting.decisions import decide, nested


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("goal == 'a'", True),
        ("goal == 'b'", False),
        ("open", None),
        ("goal == 'b' and open", False),
        ("open and goal == 'b'", False),
        ("goal == 'a' and open", None),
        ("goal == 'a' or open", True),
        ("goal == 'b' or open", None),
        ("not (goal == 'b' and open)", True),
        ("not open", None),
        ("known.hint in ['x', 'y']", True),
        ("known.hint == open", None),
        ("known.unset == null", True),
        ("true", True),
        ("known.hint == 'x' and (goal == 'b' or not known.unset)", True),
    ],
)
def test_verdicts(source, verdict):
    assert decide(parse(source), {"goal": "a", "known.hint": "x", "known.unset": None}) is verdict


SOURCES = st.recursive(
    st.sampled_from(["a", "b", "c", "a == b", "not c", "b == true"]),
    lambda inner: (
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: f"({' '.join(parts)})")
        | inner.map(lambda source: f"not {source}")
    ),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(SOURCES, st.dictionaries(st.sampled_from("abc"), st.booleans()), st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_a_verdict_holds_whatever_the_rest_turns_out_to_be(source, facts, rest):
    expression = parse(source)
    verdict = decide(expression, facts)
    if verdict is not None:
        assert bool(expression.run({**dict(zip("abc", rest, strict=True)), **facts})) is verdict
    if len(facts) == 3:
        assert verdict is not None


def test_facts_by_path_become_a_scope():
    assert nested({"goal": "a", "known.x": 1, "known.y.z": 2}) == {"goal": "a", "known": {"x": 1, "y": {"z": 2}}}
