"""A value for a set of subschemas: settle the choices, pick a type, make the value, judge what only the validator can judge."""

from collections.abc import Iterator
from typing import NamedTuple

from synth_sdk.core.models import Json
from synth_sdk.engine.constraints.facts import Choice, Facts, Part, json_key, type_names
from synth_sdk.engine.constraints.failure import DeadEnd, Exhausted, Fuel
from synth_sdk.engine.constraints.merge import Merger
from synth_sdk.engine.dice import Dice
from synth_sdk.engine.meaning.customs import NULL_SHARE
from synth_sdk.engine.rows.arrays import make_array
from synth_sdk.engine.rows.numbers import make_number
from synth_sdk.engine.rows.objects import make_object
from synth_sdk.engine.rows.scene import Scene
from synth_sdk.engine.rows.strings import make_text

DEEPEST = 60  # values within values
LEAN_DEPTH = 4  # from here on branches that end soonest are preferred and optional containers left out
_AMPLE = 20  # values after which the rest of a record is kept lean
_RETRIES = 5  # tries at one place before the place above is tried anew
_ENUM_DRAWS = 20
_LARGEST_SCAN = 2_000


class Spot(NamedTuple):
    """Where a value goes: the property's name (of the array, for items), how deep, and the scene around it."""

    name: str
    depth: int
    scene: Scene


class Solver:
    """Makes the values of one record. `fuel` bounds the work of all tries together."""

    def __init__(self, merger: Merger, fuel: Fuel) -> None:
        self.merger, self.fuel = merger, fuel
        self.texts = merger.texts
        self._made = 0

    def root(self, scene: Scene, dice: Dice) -> Json:
        """A value for the whole document. DeadEnd if none was found."""
        self._made = 0
        return self.make((self.merger.root,), Spot("", 0, scene), dice)

    def make(self, parts: tuple[Part, ...], spot: Spot, dice: Dice) -> Json:
        """A value that satisfies `parts`. DeadEnd if none was found."""
        facts = self.merger.facts(parts)
        self._made += 1
        self.fuel.left -= 1
        if self.fuel.left < 0:
            self.fuel.burn(facts.pointer, "type")
        if spot.depth > DEEPEST:
            raise DeadEnd("the value would be nested too deeply", pointer=facts.pointer, keyword="$ref")
        if not facts.choices and not facts.residual:
            return self._value(facts, spot, dice)
        return self._retried(facts, parts, spot, dice)

    def _retried(self, facts: Facts, parts: tuple[Part, ...], spot: Spot, dice: Dice) -> Json:
        """Try after try, each with alternatives of its own, until a value passes."""
        last: DeadEnd | None = None
        for turn in range(_RETRIES):
            here = dice.at("@retry", turn) if turn else dice
            settled = facts
            if facts.choices and facts.enum is None:
                settled = self._settle(facts, here.at("@branch"), self.lean(spot), strict=turn > 0)
            try:
                value = self._value(settled, spot, here)
            except Exhausted:
                raise
            except DeadEnd as end:
                if end.certain and not facts.choices:
                    raise
                last = DeadEnd(end.reason, pointer=end.pointer, keyword=end.keyword)
                continue
            if not settled.residual or self.merger.is_valid(value, parts):
                return value
            self.fuel.burn(facts.pointer, "not")
        raise last or DeadEnd("no try satisfied the subschema", pointer=facts.pointer, keyword=_hardest(facts))

    def lean(self, spot: Spot) -> bool:
        """Should this place be kept small?"""
        return spot.depth >= LEAN_DEPTH or self._made > _AMPLE

    def _value(self, facts: Facts, spot: Spot, dice: Dice) -> Json:
        if facts.dead:
            raise _dead_end(facts)
        if facts.enum is not None:
            return self._listed(facts, dice)
        kind = self._type(facts, spot, dice)
        if facts.typed:
            return self._of_type(kind, facts, spot, dice)
        try:
            return self._of_type(kind, facts, spot, dice)
        except Exhausted:
            raise
        except DeadEnd:  # keywords bind their own type only
            others = sorted(facts.types - {kind, "integer"})
            if not others:
                raise
        return self._of_type("string" if "string" in others else others[0], facts, spot, dice)

    def _of_type(self, kind: str, facts: Facts, spot: Spot, dice: Dice) -> Json:
        match kind:
            case "string":
                return make_text(facts, spot.name, spot.scene, dice, self.texts)
            case "object":
                return make_object(self, facts, spot, dice)
            case "array":
                return make_array(self, facts, spot, dice)
            case "integer" | "number":
                return make_number(facts, kind == "integer", spot.name, spot.scene, dice)
            case "null":
                return None
        if not facts.forbidden:
            return dice.below(2) == 0
        allowed = [value for value in (True, False) if not any(value is denied for denied in facts.forbidden)]
        if not allowed:
            raise DeadEnd("both true and false are ruled out", pointer=facts.pointer, keyword="not")
        return dice.pick(allowed)

    def _listed(self, facts: Facts, dice: Dice) -> Json:
        """One of the listed values that satisfies everything else."""
        listed = facts.enum or []
        if not listed:
            raise _dead_end(facts, "no listed value is allowed", "enum")
        easy = facts.plans.get("easy")
        if easy is None:
            easy = facts.plans["easy"] = facts.speaks_of_types_only()
        if easy:
            value = dice.pick(listed)
            if type_names(value) & facts.types:
                return value
        denied = {json_key(value) for value in facts.forbidden} if facts.forbidden else ()
        for place in self._places(len(listed), dice):
            value = listed[place]
            if not type_names(value) & facts.types or (denied and json_key(value) in denied):
                continue
            if easy or self.merger.is_valid(value, facts.parts):
                return value
            self.fuel.burn(facts.pointer, "enum")
        raise DeadEnd(
            "no listed value satisfies the other keywords",
            pointer=facts.pointer,
            keyword="enum",
            certain=len(listed) <= _LARGEST_SCAN,
        )

    @staticmethod
    def _places(size: int, dice: Dice) -> Iterator[int]:
        for _ in range(_ENUM_DRAWS):
            yield dice.below(size)
        start = dice.below(size)
        for step in range(min(size, _LARGEST_SCAN)):
            yield (start + step) % size

    def _settle(self, facts: Facts, dice: Dice, lean: bool, strict: bool) -> Facts:
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
            refined = self.merger.choose(facts, choice, option, strict=strict)
            if refined.dead:
                dead.append(refined)
                continue
            try:
                return self._settle(refined, dice.at(choice.keyword), lean, strict)
            except Exhausted:
                raise
            except DeadEnd as end:
                if not end.certain:
                    uncertain = end.with_traceback(None)
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
            return sorted(order, key=self.merger.heights.of)
        if order[0].schema == {"type": "null"} and not dice.chance(NULL_SHARE * len(order)):
            order.append(order.pop(0))
        return order

    def _type(self, facts: Facts, spot: Spot, dice: Dice) -> str:
        likely = facts.likely_types()
        if len(likely) == 1:
            return likely[0]
        own = dice.at("@type")
        types = [kind for kind in likely if kind != "null"]
        if len(types) < len(likely) and own.chance(NULL_SHARE):
            return "null"
        simple = [kind for kind in types if kind not in ("array", "object")]
        return own.pick(simple if simple and self.lean(spot) else types)

    def is_flat(self, parts: tuple[Part, ...]) -> bool:
        """Can a value of `parts` be a scalar?"""
        return all(map(self.merger.heights.is_flat, parts))


def _dead_end(facts: Facts, reason: str = "", keyword: str = "") -> DeadEnd:
    why = facts.dead or (reason, facts.pointer, keyword)
    return DeadEnd(why[0], pointer=why[1], keyword=why[2], certain=True)


def _hardest(facts: Facts) -> str:
    return next((choice.keyword.split("/")[0] for choice in facts.choices), "contains" if facts.contains else "not")
