"""One field of a batch of columns changed: in all rows or in some, wherever it stands."""

import json
from typing import Any

import pytest

from synth_sdk.core.batches import MappableBatch
from tests.engine.columns.support import compiled, of

WORDS = {"enum": ["one", "zwei\u2028", 'dr"ei', ""]}
DOCUMENT = of(
    id={"type": "integer", "x-synth": {"unique": True}},
    word=WORDS,
    maybe={"type": ["string", "null"], "maxLength": 8},
    price={"type": "number", "minimum": 0, "maximum": 9},
    lists={"type": "array", "items": of(word=WORDS), "maxItems": 3},
    inner={"type": "object", "properties": {"word": WORDS, "born": {"type": "string", "format": "date"}}},
)


def changed(value: Any, steps: Any) -> Any:
    return f"<{value}>" if isinstance(value, str) and not steps else value


@pytest.mark.parametrize("rows", [None, [], [3], range(0, 50, 2), range(50)])
@pytest.mark.parametrize(
    "steps", [("word",), ("maybe",), ("lists", "[]", "word"), ("inner", "word"), ("inner", "born"), ("absent",), ("word", "x")]
)
def test_a_field_is_changed_in_the_rows_that_were_named(steps: Any, rows: Any) -> None:
    batch = compiled(DOCUMENT).batch(range(50))
    assert isinstance(batch, MappableBatch)
    before = batch.records()
    made = batch.mapped(steps, changed, rows)
    wanted = [_by_hand(record, steps) if rows is None or row in rows else record for row, record in enumerate(before)]
    assert made.records() == wanted
    assert batch.records() == before
    assert len(made) == made.measures().records == made.arrow().num_rows == 50


def _by_hand(record: Any, steps: Any) -> Any:
    if not steps:
        return f"<{record}>" if isinstance(record, str) else record
    if isinstance(record, list):
        return [_by_hand(item, steps[1:]) for item in record]
    if not isinstance(record, dict):
        return record
    return {name: _by_hand(value, steps[1:]) if name == steps[0] else value for name, value in record.items()}


def test_each_different_value_is_changed_once() -> None:
    seen: list[Any] = []
    compiled(DOCUMENT).batch(range(400)).mapped(("word",), lambda value, steps: seen.append(value) or "x")
    assert sorted(seen) == sorted(WORDS["enum"])


@pytest.mark.parametrize("value", ["text", 7, 2.5, True, [1, "a"], {"a": None}, 1 << 70])
@pytest.mark.parametrize("rows", [None, range(9)])
@pytest.mark.parametrize("field", ["id", "word", "price", "maybe", "lists", "inner"])
def test_values_of_another_type(field: str, rows: Any, value: Any) -> None:
    batch = compiled(DOCUMENT).batch(range(20))
    made = batch.mapped((field,), lambda old, steps: value, rows)
    for row, (old, new) in enumerate(zip(batch.records(), made.records(), strict=True)):
        here = (rows is None or row in rows) and old.get(field) is not None
        assert new.get(field) == (value if here else old.get(field))
    assert made.arrow().num_rows == 20
    assert made.measures().records == 20
    assert json.dumps(batch.records()) == json.dumps(compiled(DOCUMENT).batch(range(20)).records())


def test_equal_values_have_equal_digests_in_any_batch() -> None:
    """So the digest of a run's rows doesn't depend on where they were cut."""
    engine = compiled(DOCUMENT)
    whole = engine.batch(range(60)).mapped(("word",), changed).measures()
    halves = [engine.batch(rows).mapped(("word",), changed).measures() for rows in (range(17), range(17, 60))]
    halves[0].merge(halves[1])
    assert halves[0].row_digest == whole.row_digest
