"""Objects: which properties appear, in which order they are made so that they agree, and names for the free ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.engine.constraints.facts import Facts, Part
from synth_sdk.engine.constraints.failure import DeadEnd, Exhausted
from synth_sdk.engine.dice import Dice
from synth_sdk.engine.grammar.patterns import UnsupportedPatternError, compile_pattern
from synth_sdk.engine.meaning.customs import ANNEXES, OPTIONAL_SHARE, lateness
from synth_sdk.schema.names import snake

if TYPE_CHECKING:
    from synth_sdk.engine.rows.scene import Scene
    from synth_sdk.engine.rows.solver import Solver, Spot

_CONTAINER_SHARES = (0.8, 0.8, 0.4, 0.2)  # the same for optional containers, by depth
_LEAN_SHARE = 0.3  # for optional scalars where a record is kept lean; containers are left out there, but for the root's
_MOST_PROPERTIES = 5_000
_NAME_TRIES = 200
_WISH_TRIES = 60
_FREE_NAMES = (
    *("alpha", "beta", "gamma", "delta", "north", "south", "east", "west", "primary", "secondary", "first", "second", "red", "green"),
    *("blue", "amber", "main", "backup", "daily", "weekly", "monthly", "left", "right", "upper", "lower", "inner", "outer", "core"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is the same for every object of some facts. `names` are in the order of the document, `making` in the order of making.

    `optional` are those names that an object may do without.
    """

    names: tuple[str, ...]
    making: tuple[str, ...]
    needed: frozenset[str]
    optional: tuple[str, ...]
    siblings: frozenset[str]
    patterns: tuple[str, ...]


def make_object(solver: "Solver", facts: Facts, spot: "Spot", dice: Dice) -> dict[str, Json]:
    """An object with its required properties, most of the optional ones, and some free ones where the schema is about them."""
    plan: _Plan | None = facts.plans.get("object")
    if plan is None:
        plan = facts.plans["object"] = _plan(solver, facts)
    scene = _scene(spot, dice, plan.siblings)
    wishes = _wishes(solver, facts, plan, spot, scene, dice) if facts.wanted else {}
    chosen = _appearing(solver, facts, plan, spot, dice, wishes)
    made: dict[str, Json] = {}
    for name in plan.making if not wishes else (*plan.making, *(name for name in wishes if name not in plan.names)):
        if name not in chosen:
            continue
        try:
            made[name] = scene.values[snake(name)] = _property(solver, facts, name, spot, scene, dice, wishes.get(name, ()))
        except Exhausted:
            raise
        except DeadEnd:
            if name in plan.needed or name in wishes:
                raise
    kept = {name: made[name] for name in (*plan.names, *wishes) if name in made}
    if facts.needs:  # some of it may have turned out impossible
        kept = {name: value for name, value in kept.items() if all(need in made for need in facts.needs.get(name, ()))}
    if plan.patterns or not plan.names or len(kept) < facts.min_properties:
        _add_free(solver, facts, plan, spot, scene, dice, kept)
    return kept


def _plan(solver: "Solver", facts: Facts) -> _Plan:
    """SchemaError for an object larger than is sensible."""
    if max(facts.min_properties, len(facts.required)) > _MOST_PROPERTIES:
        raise SchemaError(
            f"an object of {facts.min_properties} properties is not supported offline",
            pointer=facts.pointer,
            keyword="minProperties",
        )
    declared = [name for part in facts.objects for name in part.schema.get("properties") or ()]
    declared = list(dict.fromkeys((*declared, *facts.required)))
    brought = sorted(_closure(facts, declared) - set(declared)) if facts.needs else []
    names = (*declared, *brought)
    needed = frozenset(_closure(facts, facts.required))
    return _Plan(
        names,
        tuple(sorted(names, key=lateness)),
        needed,
        tuple([name for name in names if name not in needed and _name_allowed(solver, facts, name)]),
        frozenset(map(snake, names)),
        tuple([pattern for part in facts.objects for pattern in part.schema.get("patternProperties") or ()]),
    )


def _closure(facts: Facts, names: Iterable[str]) -> set[str]:
    """`names` and all that they bring with them."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(facts.needs.get(name, ()))
    return found


def _appearing(
    solver: "Solver", facts: Facts, plan: _Plan, spot: "Spot", dice: Dice, wishes: dict[str, tuple[Part, ...]]
) -> set[str]:
    """The declared properties that the object shows."""
    chosen = {*plan.needed, *wishes}
    most = _MOST_PROPERTIES if facts.max_properties is None else facts.max_properties
    if facts.max_properties is not None and len(chosen) >= most:
        return chosen
    shown = _drawn(solver, facts, plan, spot, dice)
    if not facts.needs and facts.max_properties is None and not facts.min_properties:
        return chosen.union(shown)  # what turns out impossible is left out when it is made
    shown = [name for name in shown if name not in chosen and not _is_dead(solver, facts, name)]
    if len(chosen) + len(shown) < facts.min_properties:
        known = chosen.union(shown)
        rest = [name for name in plan.optional if name not in known and not _is_dead(solver, facts, name)]
        shown += dice.at("@more").shuffled(rest)[: facts.min_properties - len(known)]
    return _fitting(facts, chosen, shown, most, dice)


def _fitting(facts: Facts, chosen: set[str], shown: list[str], most: int, dice: Dice) -> set[str]:
    """`chosen` and as many of `shown`, each with what it brings along, as there is room for."""
    for name in shown if len(chosen) + len(shown) <= most else dice.at("@fewer").shuffled(shown):
        grown = _closure(facts, (name,)) | chosen
        if len(grown) <= most:
            chosen = grown
    return chosen


def _drawn(solver: "Solver", facts: Facts, plan: _Plan, spot: "Spot", dice: Dice) -> list[str]:
    """Optional properties at random. Containers grow rare with depth, so that records stay of a readable size."""
    odds, lean = dice.odds, solver.lean(spot)
    if spot.depth == 0 or (spot.depth < 2 and not lean):
        return [name for name in plan.optional if odds(name) < OPTIONAL_SHARE]
    flat, deep = (_LEAN_SHARE, 0.0) if lean else (OPTIONAL_SHARE, _CONTAINER_SHARES[min(spot.depth, len(_CONTAINER_SHARES) - 1)])
    drawn = [(name, point) for name in plan.optional if (point := odds(name)) < flat]
    parts_of = solver.merger.property_parts
    return [name for name, point in drawn if point < deep or solver.is_flat(parts_of(facts, name))]


def _is_dead(solver: "Solver", facts: Facts, name: str) -> bool:
    parts = solver.merger.property_parts(facts, name)
    return bool(parts) and solver.merger.facts(parts).dead is not None


def _name_allowed(solver: "Solver", facts: Facts, name: str) -> bool:
    return not facts.names or solver.merger.is_valid(name, facts.names)


def _wishes(solver: "Solver", facts: Facts, plan: _Plan, spot: "Spot", scene: "Scene", dice: Dice) -> dict[str, tuple[Part, ...]]:
    """A name for each property that `facts.wanted` asks for, with what its value has to satisfy. DeadEnd if none was found."""
    under = solver.merger.under
    wishes: dict[str, tuple[Part, ...]] = {}
    room = _MOST_PROPERTIES if facts.max_properties is None else max(1, facts.max_properties - len(plan.needed))
    for place, want in enumerate(facts.wanted):
        names, value = under(want, "", want.schema["name"]), under(want, "", want.schema["value"])
        fitting = [name for name in (*wishes, *sorted(plan.needed), *plan.names) if solver.merger.is_valid(name, (names,))]
        if fitting and dice.at("@wish", place).chance(OPTIONAL_SHARE):
            name = fitting[0]
        else:
            others = facts.wanted[place + 1 :] if len(wishes) + 1 >= room else []
            together = (*facts.names, names, *(under(other, "", other.schema["name"]) for other in others))
            name = _name_by_wish(solver, facts, plan, spot, scene, dice.at("@wish", place), together)
        wishes[name] = (*wishes.get(name, ()), value)
    return wishes


def _name_by_wish(
    solver: "Solver", facts: Facts, plan: _Plan, spot: "Spot", scene: "Scene", dice: Dice, names: tuple[Part, ...]
) -> str:
    """A name that satisfies `names` and may have a value: made for them, or for the object's patterns and found to fit."""
    for turn in range(_WISH_TRIES):
        here = dice.at(turn)
        if turn % 2:
            name = _free_name(solver, facts, spot, scene, here, plan.patterns, turn)
        else:
            name = str(solver.make(names, type(spot)("", spot.depth + 1, scene), here))
        if name is None or not (solver.merger.is_valid(name, names) and _name_allowed(solver, facts, name)):
            continue
        if not any(part.schema is False for part in solver.merger.property_parts(facts, name)):
            return name
    raise DeadEnd("no property name satisfies all of them", pointer=facts.pointer, keyword="propertyNames")


def _scene(spot: "Spot", dice: Dice, siblings: frozenset[str]) -> "Scene":
    """A nested `name` or `address` is about the same person as the object around it; anything else starts a scene of its own."""
    outer = spot.scene
    if spot.depth and snake(spot.name) in ANNEXES and outer.owner != spot.name:
        return type(outer)(
            outer.dice, outer.locale, outer.start, outer.index, spot.name, siblings | {"city"} & outer.siblings, {}
        )
    return type(outer)(dice, outer.locale, outer.start, outer.index, spot.name, siblings, {})


def _property(
    solver: "Solver", facts: Facts, name: str, spot: "Spot", scene: "Scene", dice: Dice, extra: tuple[Part, ...]
) -> Json:
    parts = solver.merger.property_parts(facts, name)
    if extra:
        parts = (*parts, *extra)
    return solver.make(parts, type(spot)(name, spot.depth + 1, scene), dice.at(name))


def _add_free(
    solver: "Solver", facts: Facts, plan: _Plan, spot: "Spot", scene: "Scene", dice: Dice, made: dict[str, Json]
) -> None:
    """Properties with names of their own choosing: as many as are demanded, and a few in objects that declare none."""
    missing = facts.min_properties - len(made)
    room = _MOST_PROPERTIES if facts.max_properties is None else facts.max_properties - len(made)
    source = dice.at("@free")
    welcome = 0 if solver.lean(spot) or (plan.names and not plan.patterns) else source.between(1, 2)
    wanted = min(room, max(missing, welcome))
    tries = 0
    while wanted > 0 and tries < _NAME_TRIES + 4 * wanted:
        tries += 1
        solver.fuel.burn(facts.pointer, "minProperties")
        name = _free_name(solver, facts, spot, scene, source, plan.patterns, tries)
        if name is None or name in made or not _name_allowed(solver, facts, name) or facts.needs.get(name):
            continue
        parts = solver.merger.property_parts(facts, name)
        if any(part.schema is False for part in parts):
            continue
        try:
            made[name] = solver.make(parts, type(spot)(name, spot.depth + 1, scene), dice.at(name))
        except Exhausted:
            raise
        except DeadEnd:
            if missing <= 0:
                return
            continue
        wanted -= 1
    if len(made) < facts.min_properties:
        raise DeadEnd("too few property names are allowed", pointer=facts.pointer, keyword="minProperties")


def _free_name(
    solver: "Solver", facts: Facts, spot: "Spot", scene: "Scene", dice: Dice, patterns: tuple[str, ...], tries: int
) -> str | None:
    """A name by `propertyNames`, failing that by a pattern, failing that a plain word. None when a try comes to nothing."""
    if facts.names:
        try:
            name = solver.make(tuple(facts.names), type(spot)("", spot.depth + 1, scene), dice.at("@name", tries))
        except Exhausted:
            raise
        except DeadEnd:
            return None
        return name if isinstance(name, str) else None
    if patterns and dice.chance(0.8):
        try:
            return compile_pattern(dice.pick(patterns)).sample(dice, 0, 40)
        except UnsupportedPatternError:
            return None
    return dice.pick(_FREE_NAMES) if tries < len(_FREE_NAMES) else f"{dice.pick(_FREE_NAMES)}_{dice.between(1, 9999)}"
