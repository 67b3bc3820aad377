"""A value for a set of subschemas: settle the choices, pick a type, make the value, judge what only the validator can judge."""

from dataclasses import dataclass
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.engine.arrays import make_array
from synth_sdk.engine.dice import Dice
from synth_sdk.engine.facts import Choice, Facts, Part, json_key, type_names
from synth_sdk.engine.failure import DeadEnd, Exhausted, Fuel
from synth_sdk.engine.merge import Merger
from synth_sdk.engine.numbers import make_number
from synth_sdk.engine.objects import make_object
from synth_sdk.engine.scene import Scene
from synth_sdk.engine.strings import make_text

DEEPEST = 60  # values within values
LEAN_DEPTH = 5  # from here on branches that end soonest are preferred and optional containers left out
_LEAN_FUEL = 0.7  # share of the fuel left under which the rest of a record is kept lean
_RETRIES = 4  # tries at one place before the place above is tried anew
_NULL_SHARE = 0.1
_HEIGHT_LIMIT = 12
_ENUM_DRAWS = 20
_LARGEST_SCAN = 2_000


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a value goes: the property's name (of the array, for items), how deep, and the scene around it."""

    name: str
    depth: int
    scene: Scene


class Solver:
    """Makes the values of one record. `fuel` bounds the work of all tries together."""

    def __init__(self, merger: Merger, fuel: Fuel) -> None:
        self.merger, self.fuel = merger, fuel
        self._lean_below = int(fuel.left * _LEAN_FUEL)
        self.checker: Any = merger.validator.format_checker

    def make(self, parts: tuple[Part, ...], spot: Spot, dice: Dice) -> Json:
        """A value that satisfies `parts`. DeadEnd if none was found."""
        facts = self.merger.facts(parts)
        self.fuel.burn(facts.pointer, "type")
        if spot.depth > DEEPEST:
            raise DeadEnd("the value would be nested too deeply", pointer=facts.pointer, keyword="$ref")
        if not facts.choices and not facts.residual:
            return self._value(facts, spot, dice)
        last: DeadEnd | None = None
        for turn in range(_RETRIES):
            here = dice.at("@retry", turn) if turn else dice
            settled = self._settle(facts, here.at("@branch"), self.lean(spot)) if facts.choices and facts.enum is None else facts
            try:
                value = self._value(settled, spot, here)
            except Exhausted:
                raise
            except DeadEnd as end:
                if end.certain and not facts.choices:
                    raise
                last = DeadEnd(end.reason, pointer=end.pointer, keyword=end.keyword)
                continue
            if not facts.residual or self.merger.is_valid(value, parts):
                return value
            self.fuel.burn(facts.pointer, "not")
        raise last or DeadEnd("no try satisfied the subschema", pointer=facts.pointer, keyword=_hardest(facts))

    def lean(self, spot: Spot) -> bool:
        """Should this place be kept small?"""
        return spot.depth >= LEAN_DEPTH or self.fuel.left < self._lean_below

    def _value(self, facts: Facts, spot: Spot, dice: Dice) -> Json:
        if facts.dead:
            raise _dead_end(facts)
        if facts.enum is not None:
            return self._listed(facts, dice)
        kind = self._type(facts, spot, dice)
        try:
            return self._of_type(kind, facts, spot, dice)
        except Exhausted:
            raise
        except DeadEnd:
            others = sorted(facts.types - {kind, "integer"}) if not facts.typed else []
            if not others:
                raise
        return self._of_type(
            "string" if "string" in others else others[0], facts, spot, dice
        )  # keywords bind their own type only

    def _of_type(self, kind: str, facts: Facts, spot: Spot, dice: Dice) -> Json:
        match kind:
            case "null":
                return None
            case "boolean":
                allowed = [value for value in (True, False) if not any(value is denied for denied in facts.forbidden)]
                if not allowed:
                    raise DeadEnd("both true and false are ruled out", pointer=facts.pointer, keyword="not")
                return dice.pick(allowed)
            case "integer" | "number":
                return make_number(facts, kind == "integer", spot.name, spot.scene, dice)
            case "string":
                return make_text(facts, spot.name, spot.scene, dice, self.checker)
            case "array":
                return make_array(self, facts, spot, dice)
            case _:
                return make_object(self, facts, spot, dice)

    def _listed(self, facts: Facts, dice: Dice) -> Json:
        """One of the listed values that satisfies everything else."""
        listed = facts.enum or []
        denied = {json_key(value) for value in facts.forbidden}
        if facts.dead or not listed:
            raise _dead_end(facts, "no listed value is allowed", "enum")
        start = dice.below(len(listed))
        places = [dice.below(len(listed)) for _ in range(_ENUM_DRAWS)] + [
            (start + step) % len(listed) for step in range(min(len(listed), _LARGEST_SCAN))
        ]
        for place in places:
            value = listed[place]
            if not type_names(value) & facts.types or (denied and json_key(value) in denied):
                continue
            if self.merger.is_valid(value, facts.parts):
                return value
            self.fuel.burn(facts.pointer, "enum")
        raise DeadEnd(
            "no listed value satisfies the other keywords",
            pointer=facts.pointer,
            keyword="enum",
            certain=len(listed) <= _LARGEST_SCAN,
        )

    def _settle(self, facts: Facts, dice: Dice, lean: bool) -> Facts:
        """The facts after an alternative was picked for every choice; those that contradict the rest are passed over."""
        if facts.dead:
            raise _dead_end(facts)
        if not facts.choices:
            return facts
        choice = facts.choices[0]
        dead: list[Facts] = []
        uncertain: DeadEnd | None = None
        for option in self._order(choice, dice, lean):
            self.fuel.burn(choice.pointer, choice.keyword)
            refined = self.merger.choose(facts, choice, option)
            if refined.dead:
                dead.append(refined)
                continue
            try:
                return self._settle(refined, dice.at(choice.keyword), lean)
            except Exhausted:
                raise
            except DeadEnd as end:
                if not end.certain:
                    uncertain = end
        if uncertain is not None:
            raise uncertain
        if len(choice.options) == 1 and dead:
            raise _dead_end(dead[0])
        raise DeadEnd(
            "no alternative agrees with the rest", pointer=choice.pointer, keyword=choice.keyword.split("/")[0], certain=True
        )

    def _order(self, choice: Choice, dice: Dice, lean: bool) -> list[Part]:
        """The alternatives in the order of trying: at random, null seldom first; the soonest to end first where things are kept lean."""
        order = dice.shuffled(choice.options)
        if lean:
            return sorted(order, key=lambda option: self._height(self.merger.facts((option,)), _HEIGHT_LIMIT))
        if order[0].schema == {"type": "null"} and not dice.chance(_NULL_SHARE * len(order)):
            order.append(order.pop(0))
        return order

    def _type(self, facts: Facts, spot: Spot, dice: Dice) -> str:
        likely = facts.likely_types()
        if len(likely) == 1:
            return likely[0]
        own = dice.at("@type")
        types = [kind for kind in likely if kind != "null"]
        if len(types) < len(likely) and own.chance(_NULL_SHARE):
            return "null"
        simple = [kind for kind in types if kind not in ("array", "object")]
        return own.pick(simple if simple and self.lean(spot) else types)

    def height(self, parts: tuple[Part, ...]) -> int:
        """The least nesting that a value of `parts` needs; beyond the limit only "more than that"."""
        return self._height(self.merger.facts(parts), _HEIGHT_LIMIT)

    def _height(self, facts: Facts, limit: int) -> int:
        if limit <= 0 or facts.dead:
            return _HEIGHT_LIMIT + 1
        key = (id(facts), limit)
        if key not in self.merger.heights:
            self.merger.heights[key] = _HEIGHT_LIMIT + 1  # while it is being found out: a way back here is no way to end
            self.merger.heights[key] = self._find_height(facts, limit)
        return self.merger.heights[key]

    def _find_height(self, facts: Facts, limit: int) -> int:
        if facts.enum is not None:
            return 0
        heights = []
        for kind in facts.likely_types():
            inner: list[tuple[Part, ...]] = []
            if kind == "object":
                inner = [self.merger.property_parts(facts, name) for name in facts.required]
            elif kind == "array" and facts.min_items:
                inner = [self.merger.item_parts(facts, 0)]
            heights.append(
                (kind in ("object", "array"))
                + max((self._height(self.merger.facts(parts), limit - 1) for parts in inner if parts), default=0)
            )
        branching = [choice for choice in facts.choices if choice.keyword in ("anyOf", "oneOf", "if")]
        by_choice = [min(self._height(self.merger.facts((option,)), limit) for option in choice.options) for choice in branching]
        return max((min(heights, default=0), *by_choice))


def _dead_end(facts: Facts, reason: str = "", keyword: str = "") -> DeadEnd:
    why = facts.dead or (reason, facts.pointer, keyword)
    return DeadEnd(why[0], pointer=why[1], keyword=why[2], certain=True)


def _hardest(facts: Facts) -> str:
    return next((choice.keyword.split("/")[0] for choice in facts.choices), "contains" if facts.contains else "not")
