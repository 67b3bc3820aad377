"""Objects: which properties appear, in which order they are made so that they agree, and names for the free ones."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.engine.dice import Dice
from synth_sdk.engine.facts import Facts
from synth_sdk.engine.failure import DeadEnd, Exhausted
from synth_sdk.engine.naming import meaning_of, snake
from synth_sdk.engine.numbers import is_late
from synth_sdk.engine.patterns import UnsupportedPatternError, compile_pattern

if TYPE_CHECKING:
    from synth_sdk.engine.scene import Scene
    from synth_sdk.engine.solver import Solver, Spot

OPTIONAL_SHARE = 0.8  # of records that show an optional property
_DEEP_SHARE = 0.3  # the same for optional containers three levels down
_DEEP = 3
_MOST_PROPERTIES = 5_000
_NAME_TRIES = 200
_ANNEXES = frozenset(
    {"name", "address", "contact", "profile", "location", "billing", "personal_info", "personal", "details", "info", "customer"}
)
_DERIVED = frozenset({"email", "username"})
_FREE_NAMES = (
    *("alpha", "beta", "gamma", "delta", "north", "south", "east", "west", "primary", "secondary", "first", "second", "red", "green"),
    *("blue", "amber", "main", "backup", "daily", "weekly", "monthly", "left", "right", "upper", "lower", "inner", "outer", "core"),
)  # fmt: skip


def make_object(solver: "Solver", facts: Facts, spot: "Spot", dice: Dice) -> dict[str, Json]:
    """An object with its required properties, most of the optional ones, and some free ones where the schema is about them."""
    if max(facts.min_properties, len(facts.required)) > _MOST_PROPERTIES:
        raise SchemaError(
            f"an object of {facts.min_properties} properties is not supported offline",
            pointer=facts.pointer,
            keyword="minProperties",
        )
    declared = _declared(facts)
    needed = _closure(facts, facts.required)
    names = _appearing(solver, facts, spot, dice, declared, needed)
    scene = _scene(spot, dice, declared)
    made: dict[str, Json] = {}
    for name in sorted(names, key=_lateness):
        try:
            made[name] = _property(solver, facts, name, spot, scene, dice)
            scene.values[snake(name)] = made[name]
        except Exhausted:
            raise
        except DeadEnd:
            if name in needed:
                raise
    kept = {name: made[name] for name in names if name in made and all(need in made for need in facts.needs.get(name, ()))}
    _add_free(solver, facts, spot, scene, dice, kept, bool(declared))
    return kept


def _declared(facts: Facts) -> list[str]:
    """Property names in the order of the document, then required ones that have no declaration."""
    declared = [name for part in facts.objects for name in part.schema.get("properties") or {}]
    return list(dict.fromkeys((*declared, *facts.required)))


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


def _appearing(solver: "Solver", facts: Facts, spot: "Spot", dice: Dice, declared: list[str], needed: set[str]) -> list[str]:
    most = _MOST_PROPERTIES if facts.max_properties is None else facts.max_properties
    optional = [name for name in declared if name not in needed and not _impossible(solver, facts, name)]
    shown = [name for name in optional if dice.at(name, "@shown").chance(_share(solver, facts, name, spot))]
    if len(needed) + len(shown) < facts.min_properties:
        rest = [name for name in optional if name not in shown]
        shown += dice.at("@more").shuffled(rest)[: facts.min_properties - len(needed) - len(shown)]
    chosen = set(needed)
    for name in shown if len(needed) + len(shown) <= most else dice.at("@fewer").shuffled(shown):
        grown = _closure(facts, (name,)) | chosen
        if len(grown) <= most:
            chosen = grown
    return [name for name in (*declared, *sorted(chosen - set(declared))) if name in chosen]


def _share(solver: "Solver", facts: Facts, name: str, spot: "Spot") -> float:
    """How likely an optional property is: containers grow rare with depth, so that records stay of a readable size."""
    if spot.depth < _DEEP and not solver.lean(spot):
        return OPTIONAL_SHARE
    if solver.height(solver.merger.property_parts(facts, name)) == 0:
        return OPTIONAL_SHARE
    return 0.0 if solver.lean(spot) else _DEEP_SHARE


def _impossible(solver: "Solver", facts: Facts, name: str) -> bool:
    parts = solver.merger.property_parts(facts, name)
    return (bool(parts) and solver.merger.facts(parts).dead is not None) or not _name_allowed(solver, facts, name)


def _name_allowed(solver: "Solver", facts: Facts, name: str) -> bool:
    return not facts.names or solver.merger.is_valid(name, facts.names)


def _scene(spot: "Spot", dice: Dice, declared: list[str]) -> "Scene":
    """A nested `name` or `address` is about the same person as the object around it; anything else starts a scene of its own."""
    siblings = frozenset(snake(name) for name in declared)
    outer = spot.scene
    if spot.depth and snake(spot.name) in _ANNEXES and outer.owner != spot.name:
        return type(outer)(
            outer.dice, outer.locale, outer.start, outer.index, spot.name, siblings | {"city"} & outer.siblings, {}
        )
    return type(outer)(dice, outer.locale, outer.start, outer.index, spot.name, siblings, {})


def _lateness(name: str) -> int:
    """Names before e-mail addresses, parts before sums."""
    return 2 if is_late(name) else 1 if meaning_of(name)[0] in _DERIVED else 0


def _property(solver: "Solver", facts: Facts, name: str, spot: "Spot", scene: "Scene", dice: Dice) -> Json:
    parts = solver.merger.property_parts(facts, name)
    return solver.make(parts, type(spot)(name, spot.depth + 1, scene), dice.at(name))


def _add_free(
    solver: "Solver", facts: Facts, spot: "Spot", scene: "Scene", dice: Dice, made: dict[str, Json], has_declared: bool
) -> None:
    """Properties with names of their own choosing: as many as are demanded, and a few in objects that declare none."""
    missing = facts.min_properties - len(made)
    patterns = [pattern for part in facts.objects for pattern in part.schema.get("patternProperties") or {}]
    room = _MOST_PROPERTIES if facts.max_properties is None else facts.max_properties - len(made)
    source = dice.at("@free")
    welcome = 0 if solver.lean(spot) or (has_declared and not patterns) else source.between(1, 3)
    wanted = min(room, max(missing, welcome))
    tries = 0
    while wanted > 0 and tries < _NAME_TRIES + 4 * wanted:
        tries += 1
        solver.fuel.burn(facts.pointer, "minProperties")
        name = _free_name(solver, facts, spot, scene, source, patterns, tries)
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
    solver: "Solver", facts: Facts, spot: "Spot", scene: "Scene", dice: Dice, patterns: list[str], tries: int
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
