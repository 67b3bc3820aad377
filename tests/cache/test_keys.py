"""A key says what was asked, not how it was asked for."""

from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.cache import request_key
from tests.cache.support import a_request

SCHEMAS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
).map(lambda value: {"x": value, "y": 1})


def reversed_members(value):
    if isinstance(value, dict):
        return {name: reversed_members(value[name]) for name in reversed(value)}
    return [reversed_members(item) for item in value] if isinstance(value, list) else value


@given(SCHEMAS)
def test_member_order_does_not_matter(schema):
    key = request_key(a_request(schema=schema))
    assert key == request_key(a_request(schema=reversed_members(schema)))
    assert key == request_key(a_request(schema=MappingProxyType(schema)))


@given(st.text(), st.text())
def test_different_slots_have_different_keys(one, other):
    same = request_key(a_request(slot=one)) == request_key(a_request(slot=other))
    assert same == (one == other)


@given(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8), st.text(max_size=8))
def test_text_does_not_leak_from_one_part_to_the_next(task, instructions, brief, slot):
    one = a_request(task=task, instructions=instructions, brief=brief, slot=slot)
    other = a_request(task=task + instructions, instructions="", brief=brief, slot=slot)
    assert (request_key(one) == request_key(other)) == (instructions == "")


@pytest.mark.parametrize(
    "change",
    [
        {"task": "json"},
        {"instructions": "Write two."},
        {"brief": "goal: exchange"},
        {"schema": {"type": "object"}},
        {"schema": {"type": "object", "properties": {"a": {"type": "string", "maxLength": True}}}},
        {"slot": "1"},
        {"arms": ("a",)},
        {"arms": ("a", "b")},
        {"arms": ("b", "a")},
    ],
    ids=str,
)
def test_what_decides_the_record_changes_the_key(change):
    others = [
        {},
        {"arms": ("a", "b", "c")},
        {"schema": {"type": "object", "properties": {"a": {"type": "string", "maxLength": 1}}}},
    ]
    assert request_key(a_request(**change)) not in {request_key(a_request(**other)) for other in others}


def test_all_orders_of_pinned_arms_differ():
    assert request_key(a_request(arms=("a", "b"))) != request_key(a_request(arms=("b", "a")))


@pytest.mark.parametrize("change", [{"output_tokens": 7}, {"avoid": frozenset({"a"})}, {"check": len}], ids=str)
def test_how_it_is_asked_for_does_not(change):
    assert request_key(a_request(**change)) == request_key(a_request())


def test_a_key_is_a_hash():
    key = request_key(a_request(brief="secret \ud800 brief"))
    assert len(key) == 64
    assert int(key, 16) > 0
