"""What can be done about a field: pseudonyms from reserved ranges, years for dates, a last age, coordinates in the sea.

Each function changes the schema of one place and says what it did; "none" if the schema allows nothing of that sort - then it is as before.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from synth_sdk.compliance.frameworks.fields import Kind, types_of
from synth_sdk.compliance.frameworks.files import listed
from synth_sdk.compliance.settled import GENERALISED, NO_PLACE, NONE, NUMBERS, OLDEST, RESERVED, SEA, as_number, bounds
from synth_sdk.compliance.walking import Node, Place, Record, target_of
from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json
from synth_sdk.engine.meaning.reserved import TEST_CARDS, fitting, reserved_forms, zip3_pool
from synth_sdk.schema.annotations import KEYWORD
from synth_sdk.schema.model import Schema

REMOVED, SYNTHETIC = "removed", "synthetic"
_ORIGINS = listed(
    "faker words given weights distribution every edge_cases strftime as earliest latest from within ref popularity exponent "
    "sum count min_of max_of formula"
)
_SHAPING = listed("pattern format minLength maxLength enum const not allOf anyOf oneOf if")
_HARMLESS = listed(
    "phone address street city state postcode country name first_name last_name username company"
)  # formats of no validator
_INSTEAD = {"pan": ("pan", "masked_pan"), "ipv4": ("ipv4", "ipv6"), "ipv6": ("ipv6", "ipv4"), "street": ("street", "address")}
_LOCALE = "en_US"  # what is possible in one locale is possible in all: each falls back on the others' forms
_YEARS = range(1925, 2046, 5)
_FIXED = {
    "m": "01",
    "d": "01",
    "H": "00",
    "I": "12",
    "M": "00",
    "S": "00",
    "j": "001",
    "B": "January",
    "b": "Jan",
    "p": "AM",
    "f": "000000",
}
_ISO = {"date-time": "%Y-01-01T00:00:00Z", "datetime": "%Y-01-01T00:00:00Z", "local-date-time": "%Y-01-01T00:00:00"}
_DATE = "%Y-01-01"
_EARLIEST_BIRTH = "1936-01-01"  # nobody born later is above 89 at the default start, 2025-01-01


def pseudonyms(place: Place, kind: Kind, record: Record) -> str:
    """Values from the reserved range of `kind`."""
    types = types_of(place.view)
    if types and "string" not in types:
        return _numbers(place, kind)
    hint = {key: value for key, value in place.hint.items() if key not in _ORIGINS}
    for reserved in _INSTEAD.get(kind.reserved, (kind.reserved,)):
        if _fits(place, reserved, hint, record.root):
            node = _own(place, record)
            node[KEYWORD] = hint | {"reserved": reserved}
            if types != {"string"}:
                node["type"] = ["string", "null"] if _may_be_null(node) else "string"
            return _done(kind)
    return NONE


def years(place: Place, record: Record) -> str:
    """Dates of which only the year is told: the first of January."""
    if types_of(place.view) - {"string"} or place.hint.get("unique"):
        return NONE
    hint = {key: value for key, value in place.hint.items() if key not in ("faker", "words", "given", "weights", "edge_cases")}
    written = _year_alone(str(hint["strftime"])) if "strftime" in hint else _ISO.get(str(place.view.get("format", "")), _DATE)
    accepts = _judge(place, record.root)
    if accepts is None or not all(accepts(written.replace("%Y", str(year)).replace("%y", f"{year % 100:02}")) for year in _YEARS):
        return NONE
    node = _own(place, record)
    node.pop("pattern", None)  # every such date matches it, and dates are written by patterns otherwise
    node.setdefault("type", "string")
    if place.kind and place.kind.category == "birth_date" and str(hint.get("earliest", "9")) < _EARLIEST_BIRTH:
        hint["earliest"] = min(_EARLIEST_BIRTH, str(hint.get("latest", _EARLIEST_BIRTH)))
    node[KEYWORD] = hint | {"strftime": written}
    return GENERALISED


def ages(place: Place, record: Record) -> str:
    """Ages up to 90, which stands for all above 89."""
    low, _ = bounds(place)
    if {"enum", "const"} & place.view.keys() or (low is not None and low > OLDEST):
        return NONE
    node = _own(place, record)
    node["maximum"] = OLDEST
    node.setdefault("type", "integer")
    if isinstance(node.get("exclusiveMaximum"), int | float) and not isinstance(node["exclusiveMaximum"], bool):
        del node["exclusiveMaximum"]
    return GENERALISED


def coordinates(place: Place, record: Record) -> str:
    """Coordinates around 0 N 0 E, in the open sea."""
    types, hint = (
        types_of(place.view),
        {key: value for key, value in place.hint.items() if key == "decimals" or key not in _ORIGINS},
    )
    if types & {"number", "integer"}:
        low, high = bounds(place)
        least, most = max(-SEA, low if low is not None else -SEA), min(SEA, high if high is not None else SEA)
        if least > most or {"enum", "const", "multipleOf"} & place.view.keys():
            return NONE
        node = _own(place, record)
        node |= {"minimum": least, "maximum": most}
    else:
        accepts = _judge(place, record.root)
        if accepts is None or not accepts(NO_PLACE) or hint.get("unique"):
            return NONE
        node = _own(place, record)
        hint["words"] = [NO_PLACE]
    node.pop(KEYWORD, None)
    if hint:
        node[KEYWORD] = hint
    return RESERVED


def _numbers(place: Place, kind: Kind) -> str:
    """Whole numbers of a reserved range: listed, or between bounds."""
    view, hint = place.view, {key: value for key, value in place.hint.items() if key not in _ORIGINS}
    if {"enum", "const", "multipleOf"} & view.keys():
        return NONE
    low, high = bounds(place)
    listed = (
        [int(card) for card in TEST_CARDS]
        if kind.reserved == "pan"
        else sorted(set(map(int, zip3_pool())))
        if kind.reserved == "zip3"
        else []
    )
    kept = [number for number in listed if (low is None or number >= low) and (high is None or number <= high)]
    if listed:
        if not kept or "luhn" in hint:
            return NONE
        place.node[KEYWORD] = hint | {"words": kept}
        return _done(kind)
    first, last = NUMBERS.get(as_number(kind), (1, 0))
    first, last = max(first, int(low if low is not None else first)), min(last, int(high if high is not None else last))
    if first > last:
        return NONE
    for key in ("exclusiveMinimum", "exclusiveMaximum"):
        place.node.pop(key, None)
    place.node |= {"minimum": first, "maximum": last}
    place.node.pop(KEYWORD, None)
    if hint:
        place.node[KEYWORD] = hint
    return RESERVED


def _done(kind: Kind) -> str:
    """Three digits of a postcode are those of a real region: coarse, and not nobody's."""
    return GENERALISED if kind.reserved == "zip3" else RESERVED


def _fits(place: Place, reserved: str, hint: Mapping[str, Json], root: Node) -> bool:
    """Is anything of the range valid here?"""
    view = place.view
    shaping = _SHAPING & view.keys() - ({"format"} if view.get("format") in _HARMLESS else set())
    if not shaping:
        return True
    if reserved == "id" and not {"enum", "const"} & view.keys():
        return True  # the schema may spell it itself
    accepts = _judge(place, root)
    if accepts is None:
        return False
    luhn, unique = hint.get("luhn", True) is True, hint.get("unique", False) is True
    return any(fitting(form, accepts) for form in reserved_forms(reserved, _LOCALE, luhn=luhn, unique=unique))


def _judge(place: Place, root: Node) -> Callable[[str], bool] | None:
    """Whether a text is valid at `place`; None if that can't be told by itself."""
    around: dict[str, Any] = {key: root[key] for key in ("$schema", "$defs", "definitions") if key in root}
    node = {key: value for key, value in place.node.items() if key != KEYWORD}
    try:
        return Schema(around | {"allOf": [node]}).accepts
    except RequestError:
        return None


def _may_be_null(node: Node) -> bool:
    options = [option for keyword in ("anyOf", "oneOf") for option in node.get(keyword) or ()]
    return "null" in (node.get("type") or ()) or {"type": "null"} in options or None in (node.get("enum") or ())


def _own(place: Place, record: Record) -> Node:
    """The schema of `place` alone, so that changing it changes no other field: what it refers to is written out."""
    node: Node = place.node
    for _ in range(10):
        target = target_of(node, record.root)
        if target is None:
            break
        node = {
            **target,
            **{key: value for key, value in node.items() if key != "$ref"},
            **({"$ref": target["$ref"]} if "$ref" in target else {}),
        }
    if node is not place.node:
        place.container[place.key] = place.node = node
    return node


def _year_alone(written: str) -> str:
    """A strftime format with everything but the year fixed at the first of January; `%Y` if it says something else."""
    fixed = re.sub(r"%([-#]?[A-Za-z%])", lambda code: _FIXED.get(code[1], code[0]), written)
    return fixed if re.search("%[yY]", fixed) and not re.search(r"%(?![yY%])", fixed) else "%Y"
