"""Numbers within exact bounds, in the usual range of what their name means."""

import math
from fractions import Fraction

from synth_sdk.core.models import Json
from synth_sdk.engine.dice import Dice
from synth_sdk.engine.facts import Facts, json_key
from synth_sdk.engine.failure import DeadEnd
from synth_sdk.engine.naming import rank_of, snake
from synth_sdk.engine.scene import Scene, numbers_of

_TRIES = 20
_USUAL = (0, 1000, 2)
_RANGES = {  # ending of the name: (least, most, decimals)
    "age": (18, 80, 0),
    "quantity qty": (1, 10, 0),
    "stock count inventory": (0, 500, 0),
    "price amount cost fee subtotal total charge": (5, 500, 2),
    "salary income revenue": (28000, 140000, 2),
    "balance budget": (0, 20000, 2),
    "tax shipping discount": (0, 50, 2),
    "rating stars": (1, 5, 1),
    "score percent percentage progress": (0, 100, 1),
    "rate ratio probability confidence": (0, 1, 3),
    "latitude lat": (-60, 70, 6),
    "longitude lon lng long": (-180, 180, 6),
    "year": (1990, 2025, 0),
    "month": (1, 12, 0),
    "day": (1, 28, 0),
    "hour": (0, 23, 0),
    "minute second": (0, 59, 0),
    "port": (1024, 49151, 0),
    "weight": (1, 90, 2),
    "height width length depth": (10, 200, 1),
    "duration": (1, 3600, 1),
    "temperature": (-10, 35, 1),
    "humidity": (20, 90, 1),
    "size bytes": (100, 5_000_000, 0),
    "id": (1, 999_999, 0),
    "page": (1, 20, 0),
    "limit": (10, 100, 0),
    "version": (1, 9, 0),
    "status_code": (200, 504, 0),
}
_RANGE_OF = {word: limits for words, limits in _RANGES.items() for word in words.split()}
_TOTALS = frozenset({"total", "subtotal", "line_total", "total_price", "total_amount", "amount"})


def make_number(facts: Facts, whole: bool, name: str, scene: Scene, dice: Dice) -> Json:
    """A number that keeps the bounds, multiples and forbidden values of `facts`; an int when `whole`. DeadEnd if there is none."""
    forbidden = {json_key(value) for value in facts.forbidden}
    step = _step(facts, whole)
    low, high = _window(facts, name, step)
    for _ in range(_TRIES):
        value = _agreeing(facts, whole, name, scene, dice) if step in (None, 1) else None
        if value is None:
            value = _on_grid(facts, low, high, step, dice) if step is not None else _between(facts, low, high, name, dice)
        if value not in forbidden and all(_divides(value, multiple) for multiple in facts.multiples):
            return value
    raise DeadEnd(
        "no number within the bounds was found", pointer=facts.pointer, keyword="multipleOf" if facts.multiples else "minimum"
    )


def is_late(name: str) -> bool:
    """Is this a sum, to be made once its parts are known?"""
    return snake(name) in _TOTALS


def _agreeing(facts: Facts, whole: bool, name: str, scene: Scene, dice: Dice) -> Json:
    """What other fields or the scene dictate, if it is allowed here."""
    plain = snake(name)
    found: Json = None
    if plain == "age":
        found = scene.age()
    elif plain in _TOTALS:
        prices = numbers_of(scene.values, "unit_price", "price", "unitprice", "unit_cost")
        amounts = numbers_of(scene.values, "quantity", "qty")
        found = round(prices[0] * amounts[0], 2) if prices and amounts else None
    elif whole and (plain.endswith(("_at", "timestamp")) or plain in ("time", "created", "updated", "date")):
        found = int(scene.moment(rank_of(name)).timestamp())
    elif whole and plain == "id" and not scene.owner:
        found = scene.index + 1
    if found is None or (whole and found != int(found)) or not _inside(facts, Fraction(found)):
        return None
    return int(found) if whole else found


def _inside(facts: Facts, value: Fraction) -> bool:
    return not (
        (facts.low is not None and (value < facts.low or (value == facts.low and facts.open_low)))
        or (facts.high is not None and (value > facts.high or (value == facts.high and facts.open_high)))
    )


def _step(facts: Facts, whole: bool) -> Fraction | None:
    """The grid on which the number has to lie."""
    steps = [Fraction(str(multiple)) for multiple in facts.multiples] + ([Fraction(1)] if whole else [])
    if not steps:
        return None
    numerator = math.lcm(*(step.numerator for step in steps))
    return Fraction(numerator, math.gcd(*(step.denominator for step in steps)))


def _usual(name: str) -> tuple[int, int, int]:
    plain = snake(name)
    return _RANGE_OF.get(plain) or _RANGE_OF.get(plain.rsplit("_", 1)[-1]) or _USUAL


def _window(facts: Facts, name: str, step: Fraction | None) -> tuple[Fraction, Fraction]:
    """The bounds to draw between: the usual range where the declared one allows it, otherwise a stretch at the declared bound."""
    least, most, _ = _usual(name)
    usual_low, usual_high = Fraction(least), Fraction(most)
    stretch = max(Fraction(1000), 100 * (step or 0))
    if (
        facts.low is not None
        and facts.high is not None
        and (facts.low > usual_low or facts.high < usual_high or (least, most) == _USUAL[:2])
    ):
        return facts.low, facts.high
    low = usual_low if facts.low is None else max(facts.low, usual_low)
    high = usual_high if facts.high is None else min(facts.high, usual_high)
    if high - low < (step or 0) or high <= low:
        low = facts.low if facts.low is not None else Fraction(facts.high or 0) - stretch
        high = facts.high if facts.high is not None else low + stretch
    return Fraction(low), Fraction(high)


def _on_grid(facts: Facts, low: Fraction, high: Fraction, step: Fraction, dice: Dice) -> Json:
    first, last = math.ceil(low / step), math.floor(high / step)
    if facts.open_low and facts.low is not None and first * step <= facts.low:
        first += 1
    if facts.open_high and facts.high is not None and last * step >= facts.high:
        last -= 1
    if first > last:
        raise DeadEnd(
            "no number on the grid lies within the bounds",
            pointer=facts.pointer,
            keyword="multipleOf" if facts.multiples else "minimum",
            certain=True,
        )
    value = dice.between(first, last) * step
    return int(value) if value.denominator == 1 else float(value)


def _between(facts: Facts, low: Fraction, high: Fraction, name: str, dice: Dice) -> Json:
    if low == high:
        return int(low) if low.denominator == 1 else float(low)
    decimals = _usual(name)[2]
    drawn = low + (high - low) * Fraction(dice.random())
    for places in range(decimals, 18):
        value = round(drawn, places)
        if _inside(facts, value) and (places >= 3 or high - low > Fraction(10) ** -places * 10):
            number = _plain(value)
            if _inside(facts, Fraction(number)):
                return number
    return _plain((low + high) / 2)


def _plain(value: Fraction) -> Json:
    try:
        return float(value)
    except OverflowError:
        return int(value)


def _divides(value: Json, multiple: float | int) -> bool:
    """Does the validator call `value` a multiple? It divides floats, so 0.07 is none of 0.01 to it."""
    if isinstance(multiple, float) or isinstance(value, float):
        quotient = value / multiple
        return math.isfinite(quotient) and int(quotient) == quotient
    return bool(value % multiple == 0)
