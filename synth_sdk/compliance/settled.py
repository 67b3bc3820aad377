"""What a schema says of a field already: is it drawn from a reserved range, derived, or coarse enough?"""

import re
from collections.abc import Iterable

from synth_sdk.compliance.frameworks.fields import Kind
from synth_sdk.compliance.reserved import is_reserved
from synth_sdk.compliance.walking import Place
from synth_sdk.core.models import Json

NEVER_STORED = frozenset({"cvv", "track", "pin"})
RESERVED, GENERALISED, DERIVED, NONE = "reserved", "generalised", "derived", "none"
OLDEST = 90  # the age that stands for all above 89
SEA = 1.0  # degrees around 0 N 0 E, where nobody lives
NUMBERS = {"ssn": (666_010_001, 666_499_999), "phone": (2_125_550_100, 2_125_550_199), "id": (1, 999_999)}  # as whole numbers
NO_PLACE = "0.0,0.0"
_LIKE = {
    "ipv4": ("ipv4", "ipv6"),
    "ipv6": ("ipv4", "ipv6"),
    "full_name": ("full_name", "first_name", "last_name"),
    "street": ("street", "address"),
}
_CODES = frozenset({"vin", "imei", "mac", "id", "pan", "iban", "ssn"})  # one may stand for another
_ONLY_YEAR = re.compile(r"%(?![YyCG%])")


def state(place: Place, kind: Kind) -> str:
    """What has been done about what `place` holds: "reserved", "generalised", "derived", or "none"."""
    if kind.category in NEVER_STORED:
        return NONE
    if kind.category == "age":
        return GENERALISED if _at_most(place, OLDEST) else NONE
    if kind.category in ("date", "birth_date"):
        return _date(place)
    if kind.category == "geo":
        low, high = bounds(place)
        calm = low is not None and high is not None and low >= -SEA and high <= SEA
        return RESERVED if calm or _values(place) == [NO_PLACE] else NONE
    if _hinted(place, kind):
        return GENERALISED if place.hint["reserved"] == "zip3" else RESERVED
    if place.hint.get("from") or place.hint.get("ref"):
        return DERIVED
    if not kind.reserved:
        return NONE
    values = _values(place)
    if values:
        return RESERVED if all(_any(kind, value) for value in values) else NONE
    low, high = bounds(place)
    least, most = NUMBERS.get(as_number(kind), (1, 0))
    return RESERVED if low is not None and high is not None and least <= low and high <= most else NONE


def as_number(kind: Kind) -> str:
    """The range in `NUMBERS` for whole numbers of this kind; "" for none."""
    return kind.reserved if kind.reserved in NUMBERS else "id" if kind.category in ("device", "vehicle", "account") else ""


def _hinted(place: Place, kind: Kind) -> bool:
    said = place.hint.get("reserved")
    if not said:
        return False
    return (
        said in (kind.reserved, *_LIKE.get(kind.reserved, ()))
        or (said in _CODES and kind.reserved in _CODES)
        or said == "masked_pan"
    )


def _any(kind: Kind, value: Json) -> bool:
    text = value
    if kind.reserved == "zip3" and isinstance(value, int):
        text = f"{value:05}"
    return any(is_reserved(one, text) for one in (kind.reserved, *_LIKE.get(kind.reserved, ())))


def _values(place: Place) -> list[Json]:
    """The values that the schema or its author lists."""
    listed = place.view.get("enum", [place.view["const"]] if "const" in place.view else place.hint.get("words"))
    if isinstance(listed, dict):
        listed = [word for words in listed.values() if isinstance(words, list) for word in words]
    return (
        [value for value in listed if value is not None] if isinstance(listed, Iterable) and not isinstance(listed, str) else []
    )


def _date(place: Place) -> str:
    written = place.hint.get("strftime")
    if isinstance(written, str) and "%" in written and not _ONLY_YEAR.search(written):
        return GENERALISED
    values = [str(value) for value in _values(place)]
    if values and all(re.fullmatch(r"\d{4}(?:-01-01(?:T00:00:00Z)?)?", value) for value in values):
        return GENERALISED
    return DERIVED if place.hint.get("ref") else NONE


def _at_most(place: Place, limit: float) -> bool:
    _, high = bounds(place)
    values = [value for value in _values(place) if isinstance(value, int | float)]
    return (high is not None and high <= limit) or (bool(values) and max(values) <= limit)


def bounds(place: Place) -> tuple[float | None, float | None]:
    """The least and the largest number that the schema declares; None where it doesn't."""
    found = []
    for keys in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        numbers = [
            place.view[key]
            for key in keys
            if isinstance(place.view.get(key), int | float) and not isinstance(place.view[key], bool)
        ]
        found.append((max if keys[0] == "minimum" else min)(numbers) if numbers else None)
    return found[0], found[1]
