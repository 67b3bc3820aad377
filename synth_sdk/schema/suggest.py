"""How a schema could say more: formats, ranges, keys and amounts that names imply, and personal data that needs a decision.

A suggestion is *safe* if hardly any author would disagree and no value exists that it newly allows: what is made by the improved schema is valid by
the original. `improved` applies those.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.schema.annotations import KEYWORD
from synth_sdk.schema.names import is_key, last_word, risk_of, snake
from synth_sdk.schema.parse import parse_schema
from synth_sdk.schema.pointers import to_pointer
from synth_sdk.schema.references import subschemas

_SHAPED = ("format", "pattern", "enum", "const", "$ref", "allOf", "anyOf", "oneOf", "not", "contentEncoding", KEYWORD)
_SCALARS = frozenset({"string", "integer", "number", "boolean", "null"})
_LONGEST_TEXT = 255
_TABLE = 3  # scalar properties from which on an object looks like a row


@dataclass(frozen=True, slots=True)
class Change:
    """One operation of a JSON Patch (RFC 6902)."""

    path: tuple[str | int, ...]
    value: Json

    def to_dict(self) -> dict[str, Json]:
        return {"op": "add", "path": to_pointer(self.path), "value": self.value}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to do at `pointer`, and why. Without `changes` it is for a person to decide. `safe`: `improved` makes them."""

    pointer: str
    what: str
    why: str
    changes: tuple[Change, ...] = ()
    safe: bool = False

    def __str__(self) -> str:
        return f"{self.pointer or '/'}  {self.what}: {self.why}"

    def to_dict(self) -> dict[str, Json]:
        return {
            "pointer": self.pointer,
            "what": self.what,
            "why": self.why,
            "safe": self.safe,
            "change": [change.to_dict() for change in self.changes],
        }


@dataclass(frozen=True, slots=True)
class _Property:
    """A declared property: its name, its schema, and the path of it."""

    name: str
    schema: Mapping[str, Json]
    path: tuple[str | int, ...]

    def add(self, what: str, why: str, *, safe: bool = True, **keywords: Json) -> Suggestion:
        """Suggest further keywords; `x_synth` is merged into the annotation that stands there."""
        changes = []
        for word, value in keywords.items():
            if word != "x_synth":
                changes.append(Change((*self.path, word), value))
            elif isinstance(self.schema.get(KEYWORD), dict):
                changes.extend(Change((*self.path, KEYWORD, key), inner) for key, inner in value.items())
            else:
                changes.append(Change((*self.path, KEYWORD), value))
        return Suggestion(to_pointer(self.path), what, why, tuple(changes), safe)

    def types(self) -> set[str]:
        declared = self.schema.get("type")
        return {declared} if isinstance(declared, str) else set(map(str, declared)) if isinstance(declared, list) else set()

    def is_open(self, kind: str) -> bool:
        """Of this type alone (or null), and not yet shaped by anything."""
        return self.types() - {"null"} == {kind} and not any(word in self.schema for word in _SHAPED)

    def is_number(self) -> bool:
        return bool(self.types()) and self.types() <= {"integer", "number", "null"} and not {"enum", "const"} & self.schema.keys()


def suggest(source: object) -> list[Suggestion]:
    """Suggestions for whatever `parse_schema` reads, sorted by pointer. SchemaError if it is malformed."""
    document = parse_schema(source).document
    found = list(_all(document)) if isinstance(document, dict) else []
    return sorted(found, key=lambda one: (one.pointer, one.what))


def improved(source: object) -> Json:
    """The schema with the safe suggestions applied; a new document."""
    document: Json = json.loads(
        json.dumps(parse_schema(source).document)
    )  # not deepcopy: what YAML anchors share is changed in one place only
    for suggestion in suggest(document):
        for change in suggestion.changes if suggestion.safe else ():
            *way, last = change.path
            place = document
            for step in way:
                place = place[step]
            place[last] = change.value
    return document


def _all(document: dict[str, Json]) -> Iterator[Suggestion]:
    waiting: list[tuple[dict[str, Json], tuple[str | int, ...]]] = [(document, ())]
    seen: set[int] = set()
    while waiting:
        schema, path = waiting.pop()
        if id(schema) in seen:
            continue
        seen.add(id(schema))
        properties = schema.get("properties")
        if isinstance(properties, dict):
            yield from _of_object(schema, path, bool(not path))
            for name, inner in properties.items():
                if isinstance(inner, dict):
                    yield from _of_property(_Property(name, inner, (*path, "properties", name)))
        for shelf in ("$defs", "definitions"):
            if isinstance(schema.get(shelf), dict):
                waiting.extend((inner, (*path, shelf, name)) for name, inner in schema[shelf].items() if isinstance(inner, dict))
        waiting.extend((inner, (*path, *step)) for step, inner in subschemas(schema) if isinstance(inner, dict))


def _of_property(one: _Property) -> Iterator[Suggestion]:
    for advise in (_format, _range, _money, _key, _category, _risk):
        yield from advise(one)


def _named(one: _Property, table: Mapping[str, Any]) -> Any:
    """What the table says of the name, failing that of its last word."""
    return table.get(snake(one.name)) or table.get(last_word(one.name))


def _words(table: Mapping[str, Any]) -> dict[str, Any]:
    return {word: value for words, value in table.items() for word in words.split()}


_FORMATS: dict[str, str] = _words({
    "email e_mail email_address mail_address": "email",
    "uuid guid": "uuid",
    "url uri website homepage webpage permalink href": "uri",
    "ipv4 ip ip_address client_ip source_ip": "ipv4",
    "ipv6": "ipv6",
    "hostname fqdn": "hostname",
    "phone phone_number telephone mobile_phone mobile_number fax": "phone",
    "iban": "iban",
    "timestamp datetime": "date-time",
    "birthdate birthday dob date_of_birth birth_date": "date",
})  # fmt: skip


def _format(one: _Property) -> Iterator[Suggestion]:
    if not one.is_open("string"):
        return
    plain = snake(one.name)
    kind = _named(one, _FORMATS) or (
        "date-time" if plain.endswith("_at") else "date" if plain == "date" or plain.endswith("_date") else None
    )
    if kind is None or _short(one, kind):
        return
    safe = kind not in ("date", "ipv4")  # a date may be written otherwise, an address may be of version 6
    yield one.add(
        f"add format {kind!r}", f"by its name {one.name!r} holds one; without it any text is valid", safe=safe, format=kind
    )


def _short(one: _Property, kind: str) -> bool:
    """Would the declared length leave no room for the format?"""
    most = one.schema.get("maxLength")
    return isinstance(most, int) and most < {"uuid": 36, "date-time": 30, "date": 10, "iban": 34, "ipv6": 39}.get(kind, 20)


_RANGES: dict[str, tuple[float | None, float | None, bool]] = _words({  # least, most, and are they beyond doubt?
    "price amount cost fee total subtotal salary income revenue unit_price": (0, None, True),
    "age": (0, 130, True),
    "quantity qty count stock inventory views likes": (0, None, True),
    "rating stars": (0, 5, False),
    "score": (0, 100, False),
    "percent percentage": (0, 100, True),
    "probability confidence ratio": (0, 1, False),
    "latitude lat": (-90, 90, True),
    "longitude lon lng": (-180, 180, True),
    "year": (1900, 2100, False),
    "month": (1, 12, True),
    "hour": (0, 23, True),
    "minute": (0, 59, True),
    "port": (0, 65535, True),
    "duration distance weight height width length size": (0, None, True),
})  # fmt: skip
_LOW, _HIGH = ("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")


def _range(one: _Property) -> Iterator[Suggestion]:
    known = _named(one, _RANGES) if one.is_number() and "multipleOf" not in one.schema else None
    if known is None:
        return
    least, most, safe = known
    bounds = (
        {"minimum": least} if least is not None and not any(word in one.schema for word in _LOW) and _above(one, least) else {}
    )
    bounds |= (
        {"maximum": most} if most is not None and not any(word in one.schema for word in _HIGH) and _below(one, most) else {}
    )
    if bounds:
        told = " and ".join(f"{word} {value:g}" for word, value in bounds.items())
        yield one.add(
            f"add {told}", f"{one.name!r} outside of it is a mistake; without bounds it will be made", safe=safe, **bounds
        )


def _above(one: _Property, least: float) -> bool:
    return all(one.schema[word] > least for word in _HIGH if _is_number(one.schema.get(word)))


def _below(one: _Property, most: float) -> bool:
    return all(one.schema[word] < most for word in _LOW if _is_number(one.schema.get(word)))


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_MONEY = frozenset("price amount cost fee total subtotal balance salary income revenue tax discount".split())  # noqa: SIM905 - words


def _money(one: _Property) -> Iterator[Suggestion]:
    own = one.schema.get(KEYWORD)
    said = "multipleOf" in one.schema or (isinstance(own, dict) and "decimals" in own)
    if last_word(one.name) in _MONEY and one.is_number() and "number" in one.types() and not said:
        yield one.add("add x-synth decimals 2", "money has cents, not the sixteen digits of a float", x_synth={"decimals": 2})


def _key(one: _Property) -> Iterator[Suggestion]:
    own = one.schema.get(KEYWORD)
    simple = one.types() and one.types() <= {"string", "integer"} and not {"enum", "const"} & one.schema.keys()
    if (
        is_key(one.name)
        and simple
        and len(one.path) == 2
        and not (isinstance(own, dict) and {"unique", "ref", "words"} & own.keys())
        and _roomy(one)
    ):
        yield one.add(
            "add x-synth unique",
            f"{one.name!r} tells records apart; without it two may share one",
            safe=_countable(one),
            x_synth={"unique": True},
        )


def _countable(one: _Property) -> bool:
    """Are its values of a form that can be numbered through? Free text is not."""
    formatted = one.schema.get("format") == "uuid" or (snake(one.name) == "uuid" and next(_format(one), None) is not None)
    return "string" not in one.types() or "pattern" in one.schema or formatted


def _roomy(one: _Property) -> bool:
    """Can there be many different values?"""
    low, high = one.schema.get("minimum", 0), one.schema.get("maximum")
    if _is_number(high) and _is_number(low):
        return bool(high - low >= 100_000)
    return not isinstance(one.schema.get("maxLength"), int) or one.schema["maxLength"] >= 8


_CATEGORIES: dict[str, tuple[str, ...]] = _words({
    "status order_status": ("pending", "active", "completed", "cancelled"),
    "payment_status": ("pending", "paid", "failed", "refunded"),
    "priority severity": ("low", "medium", "high"),
    "gender sex": ("female", "male", "other", "unknown"),
    "log_level loglevel": ("debug", "info", "warning", "error"),
    "payment_method": ("card", "bank_transfer", "paypal", "cash"),
    "currency currency_code": ("EUR", "GBP", "JPY", "USD"),
})  # fmt: skip


def _category(one: _Property) -> Iterator[Suggestion]:
    values = _CATEGORIES.get(snake(one.name)) or _CATEGORIES.get(last_word(one.name))
    if values and one.is_open("string"):
        yield one.add(
            "list the values in enum",
            f"{one.name!r} has a few values, and any text is allowed; such as these",
            safe=False,
            enum=list(values),
        )


def _risk(one: _Property) -> Iterator[Suggestion]:
    risk = risk_of(one.name)
    if risk and risk.flagged and one.types() != {"boolean"}:
        yield Suggestion(to_pointer(one.path), f"risky: {risk.what}", risk.why)


def _of_object(schema: Mapping[str, Json], path: tuple[str | int, ...], root: bool) -> Iterator[Suggestion]:
    properties: Mapping[str, Json] = schema["properties"]
    scalars = [name for name, inner in properties.items() if isinstance(inner, dict) and _is_scalar(inner)]
    pointer = to_pointer(path)
    keys = [name for name in properties if is_key(name)]
    if (
        properties
        and "required" not in schema
        and not any(word in schema for word in ("allOf", "anyOf", "oneOf", "minProperties"))
    ):
        why = "without it {} is valid, and any property may be missing"
        wanted = (
            keys
            or [name for name, inner in properties.items() if isinstance(inner, dict) and "default" not in inner]
            or list(properties)
        )
        yield Suggestion(
            pointer, f"add required {', '.join(wanted)}", why, (Change((*path, "required"), wanted),), safe=bool(keys) and root
        )
    if root and len(scalars) >= _TABLE and len(scalars) == len(properties):
        if not any(is_key(name) or last_word(name) == "id" for name in properties):
            change = Change((*path, "properties", "id"), {"type": "string", "format": "uuid", KEYWORD: {"unique": True}})
            yield Suggestion(
                pointer, "add a property id", "a row without a key can't be referred to, nor told from its double", (change,)
            )
        for name in scalars:
            yield from _unbounded(_Property(name, properties[name], (*path, "properties", name)))


def _is_scalar(schema: Mapping[str, Json]) -> bool:
    declared = schema.get("type")
    names = (
        {declared} if isinstance(declared, str) else set(map(str, declared or ())) if isinstance(declared, list | None) else set()
    )
    return bool(names) and names <= _SCALARS


def _unbounded(one: _Property) -> Iterator[Suggestion]:
    """Columns of a table have a width."""
    if one.is_open("string") and "maxLength" not in one.schema and next(_format(one), None) is None:
        yield one.add(
            f"add maxLength {_LONGEST_TEXT}",
            "a column of a table has a width, and none is declared",
            safe=False,
            maxLength=_LONGEST_TEXT,
        )
