"""Numbers within exact bounds, in the usual range of what their name means."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from synth_sdk.core.models import Json
from synth_sdk.engine.constraints.facts import Facts, json_key
from synth_sdk.engine.constraints.failure import DeadEnd
from synth_sdk.engine.constraints.textrules import divides_for_both
from synth_sdk.engine.dice import Dice
from synth_sdk.engine.meaning.customs import TOTALS
from synth_sdk.engine.meaning.naming import rank_of
from synth_sdk.engine.meaning.ranges import grid_step, usual_range, window
from synth_sdk.engine.rows.scene import Scene, numbers_of
from synth_sdk.schema.names import snake

_TRIES = 20
_FEWEST_POINTS = 10  # a decimal grid with fewer points within the bounds is too coarse
_MOST_DECIMALS = 17
_MOMENTS = frozenset({"time", "created", "updated", "date", "timestamp"})


@dataclass(frozen=True, slots=True)
class _Plan:
    """A number is k * `numerator` / `denominator` for a k from `first` to `last`; or it is `exact`, where no such grid fits.

    `agreeing` is None for a name on which nothing else depends.
    """

    first: int
    last: int
    numerator: int
    denominator: int
    exact: Json
    agreeing: Callable[[str, bool, Scene], Json] | None

    def draw(self, dice: Dice) -> Json:
        if self.exact is not None:
            return self.exact
        drawn = dice.between(self.first, self.last) * self.numerator
        return drawn if self.denominator == 1 else _ratio(drawn, self.denominator)


def make_number(facts: Facts, whole: bool, name: str, scene: Scene, dice: Dice) -> Json:
    """A number that keeps the bounds, multiples and forbidden values of `facts`; an int when `whole`. DeadEnd if there is none."""
    key = f"{'integer' if whole else 'number'} {name}"
    plan: _Plan | None = facts.plans.get(key)
    if plan is None:
        plan = facts.plans[key] = _plan(facts, whole, name)
    if plan.agreeing is None and not facts.forbidden and not facts.multiples:
        return plan.draw(dice)
    return _checked(facts, plan, whole, name, scene, dice)


def _checked(facts: Facts, plan: _Plan, whole: bool, name: str, scene: Scene, dice: Dice) -> Json:
    forbidden = {json_key(value) for value in facts.forbidden}
    agreeing = None if plan.agreeing is None or facts.multiples else plan.agreeing(snake(name), whole, scene)
    if agreeing is not None and ((whole and agreeing != int(agreeing)) or not _inside(facts, Fraction(agreeing))):
        agreeing = None
    for turn in range(_TRIES):
        value = plan.draw(dice) if turn or agreeing is None else int(agreeing) if whole else agreeing
        if json_key(value) not in forbidden and all(divides_for_both(value, multiple) for multiple in facts.multiples):
            return value
    raise DeadEnd("no number within the bounds was found", pointer=facts.pointer, keyword=_keyword(facts))


def _agreement(name: str, whole: bool) -> Callable[[str, bool, Scene], Json] | None:
    plain = snake(name)
    shared = plain in TOTALS or plain == "age" or (whole and plain == "id")
    return _agreeing if shared or (whole and (plain in _MOMENTS or plain.endswith(("_at", "_timestamp")))) else None


def _agreeing(plain: str, whole: bool, scene: Scene) -> Json:
    """What other fields or the scene dictate; None for nothing."""
    if plain == "age":
        return scene.age()
    if plain in TOTALS:
        prices = numbers_of(scene.values, "unit_price", "price", "unitprice", "unit_cost")
        amounts = numbers_of(scene.values, "quantity", "qty")
        return round(prices[0] * amounts[0], 2) if prices and amounts else None
    if plain == "id":
        return None if scene.owner else scene.index + 1
    return int(scene.moment(rank_of(plain)).timestamp()) if whole else None


def _plan(facts: Facts, whole: bool, name: str) -> _Plan:
    """How to draw the numbers of `facts`. DeadEnd if there is none."""
    if facts.low is None and facts.high is None and not facts.multiples:
        return _free_plan(whole, name)
    step = grid_step(facts.multiples, whole)
    low, high = window(usual_range(name), facts.low, facts.high, step or Fraction(0))
    agreeing = _agreement(name, whole)
    if step is not None:
        first, last = _ends(facts, low, high, step)
        if first > last:
            raise DeadEnd(
                "no number on the grid lies within the bounds", pointer=facts.pointer, keyword=_keyword(facts), certain=True
            )
        return _Plan(first, last, step.numerator, step.denominator, None, agreeing)
    for decimals in range(usual_range(name).decimals, _MOST_DECIMALS):
        first, last = _ends(facts, low, high, Fraction(1, 10**decimals))
        if last - first >= _FEWEST_POINTS:
            return _Plan(first, last, 1, 10**decimals, None, agreeing)
    return _Plan(0, 0, 1, 1, _somewhere(facts, low, high), agreeing)


@lru_cache(maxsize=4096)
def _free_plan(whole: bool, name: str) -> _Plan:
    """The plan for a number without bounds."""
    usual = usual_range(name)
    scale = 1 if whole else 10**usual.decimals
    return _Plan(usual.least * scale, usual.most * scale, 1, scale, None, _agreement(name, whole))


def _ends(facts: Facts, low: Fraction, high: Fraction, step: Fraction) -> tuple[int, int]:
    """The first and last multiple of `step` that, as a float, lie within the bounds."""
    first, last = math.ceil(low / step), math.floor(high / step)
    while first <= last and not _inside(facts, Fraction(_as_json(first * step))):
        first += 1
    while first <= last and not _inside(facts, Fraction(_as_json(last * step))):
        last -= 1
    return first, last


def _somewhere(facts: Facts, low: Fraction, high: Fraction) -> Json:
    """The middle of a very narrow gap, or one of its ends."""
    for value in ((low + high) / 2, low, high, *(_next(low, high) if low < high else ())):
        number = _as_json(value)
        if _inside(facts, Fraction(number)):
            return number
    raise DeadEnd("no number lies within the bounds", pointer=facts.pointer, keyword=_keyword(facts))


def _next(low: Fraction, high: Fraction) -> tuple[Fraction, ...]:
    """The floats next to the ends."""
    try:
        return Fraction(math.nextafter(float(low), math.inf)), Fraction(math.nextafter(float(high), -math.inf))
    except (OverflowError, ValueError):
        return ()


def _inside(facts: Facts, value: Fraction) -> bool:
    return not (
        (facts.low is not None and (value < facts.low or (value == facts.low and facts.open_low)))
        or (facts.high is not None and (value > facts.high or (value == facts.high and facts.open_high)))
    )


def _keyword(facts: Facts) -> str:
    return "multipleOf" if facts.multiples else "minimum"


def _as_json(value: Fraction) -> Json:
    return value.numerator if value.denominator == 1 else _ratio(value.numerator, value.denominator)


def _ratio(numerator: int, denominator: int) -> Json:
    """The quotient as a float, or as an int where it is one too large for a float's 53 bits."""
    if numerator % denominator == 0:
        whole = numerator // denominator
        return whole if abs(whole) > 1 << 53 else float(whole)
    try:
        return numerator / denominator
    except OverflowError:
        return numerator // denominator
