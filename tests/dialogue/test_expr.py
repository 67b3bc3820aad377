from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.dialogue.expr import BadExpression, Money, parse

ENV = {
    "order": {"total": Money(45.5), "status": "shipped", "placed": "2025-03-01", "item": {"name": "lamp"}},
    "orders": [{"id": "A1"}, {"id": "A2"}],
    "goal": "track",
    "count": 3,
}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("order.item.name", "lamp"),
        ("order.item.nothing.at.all", None),
        ("orders[1].id", "A2"),
        ("orders[9]", None),
        ("goal == 'track' and count > 2", True),
        ("goal in ['late', 'track']", True),
        ("goal not in ['late']", True),
        ("not order.gone", True),
        ("order.gone or order.status", "shipped"),
        ("'2025-02-01' <= order.placed <= '2025-03-01'", True),
        ("count + 1 * 2 - 1", 4),
        ("order.gone < 5", False),
        ("order.gone == null", True),
        ("order['item'].name", "lamp"),
        ("true", True),
        ("-1", -1),
    ],
)
def test_values(source, value):
    assert parse(source).run(ENV) == value


def test_money_stays_money_and_meets_text():
    total = parse("order.total + '4.50'").run(ENV)
    assert isinstance(total, Money)
    assert str(total) == "50.00"
    assert parse("'50.00' > order.total").run(ENV) is True


@pytest.mark.parametrize(
    "source",
    ["len(orders)", "__import__('os')", "order.total if goal else 1", "[x for x in orders]", "lambda: 1", "goal; goal", "f'{goal}'", "a := 1", "", "orders[goal]",
     "order ** 9", "b'x'", "~count", "1 if", "(" * 300 + ")" * 300],
)  # fmt: skip
def test_everything_else_is_refused(source):
    with pytest.raises(BadExpression):
        parse(source)


def test_no_arithmetic_on_lists_or_text():
    assert parse("orders * 1000000").run(ENV) is None
    assert parse("goal * 1000000").run(ENV) is None


@given(st.text(max_size=60))
def test_any_text_is_an_expression_or_refused(source):
    with suppress(BadExpression):
        parse(source).run(ENV)


def test_paths_and_sure():
    expr = parse("known.email and order.status == 'shipped' or fallback")
    assert expr.paths == {"known.email", "order.status", "fallback"}
    assert parse("a.b and c").sure == {"a.b", "c"}
    assert parse("a or b").sure == set()
    assert parse("not a").sure == set()


def test_words_of_python_as_keys_are_written_in_brackets():
    with pytest.raises(BadExpression, match=r"x\['from'\]"):
        parse("order.from")
    assert parse("order['from']").run({"order": {"from": 1}}) == 1


def test_what_a_loop_adds_up_stays_within_bounds():
    text, number = "x", 3
    for _ in range(200):
        text = parse("known.text + known.text").run({"known": {"text": text}})
        number = parse("known.number * known.number").run({"known": {"number": number}})
    assert (text, number) == (None, None)
