"""Arrays: length, items by place, `contains`, no repeats."""

from typing import TYPE_CHECKING

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.engine.constraints.facts import Facts, Part, json_key
from synth_sdk.engine.constraints.failure import DeadEnd, Exhausted
from synth_sdk.engine.constraints.merge import FALSE_REASON
from synth_sdk.engine.dice import Dice

if TYPE_CHECKING:
    from synth_sdk.engine.rows.solver import Solver, Spot

_MOST_ITEMS = 20_000  # a schema that demands more is not supported
_USUAL_EXTRA = 2
_UNIQUE_TRIES = 40


def make_array(solver: "Solver", facts: Facts, spot: "Spot", dice: Dice) -> list[Json]:
    """An array with the least to a few more items; fewer than planned if no further item is possible."""
    if facts.min_items > _MOST_ITEMS:
        raise SchemaError(
            f"an array of {facts.min_items} items is not supported offline", pointer=facts.pointer, keyword="minItems"
        )
    wanted = [part for part, least in facts.contains for _ in range(least)]
    least = max(facts.min_items, len(wanted))
    if facts.max_items is not None and least > facts.max_items:
        raise DeadEnd("more items must be contained than are allowed", pointer=facts.pointer, keyword="contains")
    items: list[Json] = []
    seen: set[Json] = set()
    unique = facts.unique
    for place in range(_length(solver, facts, spot, dice, least)):
        extra = (wanted[place],) if place < len(wanted) else ()
        try:
            item = _item(solver, facts, spot, dice, place, extra, seen)
        except Exhausted:
            raise
        except DeadEnd:
            if place < least:
                raise
            break
        if unique:
            seen.add(json_key(item))
        items.append(item)
    return items


def _length(solver: "Solver", facts: Facts, spot: "Spot", dice: Dice, least: int) -> int:
    most = _MOST_ITEMS if facts.max_items is None else facts.max_items
    lean = solver.lean(spot)
    if lean and not solver.is_flat(solver.merger.item_parts(facts, least)):
        return least
    usual = max(least, solver.merger.prefix_length(facts), 1)
    return min(most, usual if lean else dice.at("@length").between(usual, usual + _USUAL_EXTRA))


def _item(solver: "Solver", facts: Facts, spot: "Spot", dice: Dice, place: int, extra: tuple[Part, ...], seen: set[Json]) -> Json:
    parts = solver.merger.item_parts(facts, place)
    if extra:
        parts = (*parts, *extra)
    if parts and parts[0].schema is False:
        raise DeadEnd(FALSE_REASON, pointer=facts.pointer, keyword="items", certain=place < facts.min_items)
    for turn in range(_UNIQUE_TRIES if facts.unique else 1):
        here = dice.at(place, turn) if turn else dice.at(place)
        item = solver.make(parts, _item_spot(spot, here), here)
        if not facts.unique or json_key(item) not in seen:
            return item
    raise DeadEnd("the items have too few different values", pointer=facts.pointer, keyword="uniqueItems")


def _item_spot(spot: "Spot", dice: Dice) -> "Spot":
    """Each item is about someone or something else."""
    scene = spot.scene
    own = type(scene)(dice, scene.locale, scene.start, scene.index, spot.name, scene.siblings, {})
    return type(spot)(spot.name, spot.depth + 1, own)
