"""`x-synth`: what an author says about a value's origin and spread, beyond what JSON Schema can say.

`x-synth.schema.json` publishes the same rules for editors; docs/annotations.md tells them to people. A test keeps the three in step.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NoReturn, cast

from synth_sdk.core.errors import SchemaError, nearest
from synth_sdk.core.models import Json
from synth_sdk.schema.formulas import Formula, parse_formula

KEYWORD = "x-synth"
DEFAULT_EXPONENT = 1.1  # of zipf: popularity falls a little faster than 1/rank
RESERVED = (  # what can be drawn from ranges that belong to nobody; `engine.meaning.reserved` knows each range and its source
    *("pan", "masked_pan", "iban", "ssn", "id", "vin", "imei", "email", "username", "phone", "ipv4", "ipv6", "mac", "url", "hostname"),
    *("first_name", "last_name", "full_name", "company", "street", "city", "address", "zip3"),
)  # fmt: skip
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
_TABLE = re.compile(r"[^.\s]+")
_COLUMN = re.compile(r"[^.\s]+\.[^.\s]+")
_METHOD = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class FakerCall:
    """A method of Faker with its keyword arguments."""

    method: str
    args: Mapping[str, Json] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Distribution:
    """A spread of numbers: `kind` with its parameters, those not given at their defaults. Truncated to the schema's bounds."""

    kind: str
    parameters: tuple[tuple[str, float], ...] = ()

    def __getitem__(self, name: str) -> float:
        return dict(self.parameters)[name]


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key. `popularity` is how often each parent is meant: all alike, or by Zipf's law with `exponent`."""

    table: str
    column: str
    popularity: Literal["uniform", "zipf"] = "zipf"
    exponent: float = DEFAULT_EXPONENT


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Something of all rows of `table` that belong to this one: how many there are, or the sum, least or largest value of `column`."""

    kind: Literal["sum", "count", "min_of", "max_of"]
    table: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Annotation:
    """One node's `x-synth`, checked. Empty tuples and None: not said.

    `words` are the values to choose from, with `weights` beside them; without words the weights belong to the node's `enum` (or,
    on a boolean, the words are true and false). `cases` are the words for each value, as JSON writes it, of the sibling `given`.
    `every` is the mean time from one record's moment to the next one's. `origin` is the path of names, within the same object, of the property that this one is derived
    from (`from`), `within` the largest step after it. `strftime` is how a date is written, `written_as` the format it would have had
    (`as`), `earliest` and `latest` its ISO bounds. `aggregate` sums up the rows of another table, `formula` reckons with the properties beside. `reserved` names a range that belongs to nobody, `luhn` says whether the numbers of that range pass
    their check. Rates are shares of all values.
    """

    faker: FakerCall | None = None
    words: tuple[Json, ...] = ()
    weights: tuple[float, ...] = ()
    given: str | None = None
    cases: tuple[tuple[str, tuple[Json, ...]], ...] = ()
    every: timedelta | None = None
    distribution: Distribution | None = None
    decimals: int | None = None
    unique: bool = False
    null_rate: float | None = None
    origin: tuple[str, ...] = ()
    within: timedelta | None = None
    ref: Reference | None = None
    aggregate: Aggregate | None = None
    formula: Formula | None = None
    edge_cases: float = 0.0
    strftime: str | None = None
    written_as: Literal["date", "date-time", "time"] | None = None
    earliest: str | None = None
    latest: str | None = None
    reserved: str | None = None
    luhn: bool = True


NOTHING = Annotation()
DISTRIBUTIONS: dict[str, dict[str, float | None]] = {  # parameters; None: must be given
    "uniform": {},
    "normal": {"mean": None, "sd": None},
    "lognormal": {"median": None, "sigma": None},
    "exponential": {"mean": None},
    "poisson": {"mean": None},
    "zipf": {"exponent": DEFAULT_EXPONENT},
}
_MAY_BE_NEGATIVE = frozenset({("normal", "mean")})


def read_annotation(schema: Mapping[str, Json], pointer: str = "") -> Annotation:
    """What the node `schema`, which stands at `pointer`, says under `x-synth`; `NOTHING` if it says nothing.

    SchemaError (keyword `x-synth`) for an unknown key, with the nearest name, a wrong type, or a contradiction.
    """
    if KEYWORD not in schema:
        return NOTHING
    return _Reader(schema, pointer).read()


class _Reader:
    """Reads one annotation; `refuse` is the only way out."""

    def __init__(self, schema: Mapping[str, Json], pointer: str) -> None:
        self.schema, self.pointer = schema, pointer
        self.source = schema[KEYWORD]

    def refuse(self, told: str) -> NoReturn:
        raise SchemaError(told, pointer=self.pointer, keyword=KEYWORD)

    def read(self) -> Annotation:
        if not isinstance(self.source, dict):
            self.refuse(f'x-synth is an object such as {{"faker": "company"}}, not {json.dumps(self.source)[:80]}')
        for key in self.source:
            if key not in KEYS:
                self.refuse(f"unknown key {key!r} in x-synth: did you mean {' or '.join(nearest(key, KEYS) or sorted(KEYS))}?")
        told: dict[str, Any] = {}
        for key, value in self.source.items():
            told |= KEYS[key](self, value)
        self._agree(told)
        return Annotation(**told)

    def _agree(self, told: Mapping[str, Any]) -> None:
        origins = [key for key in ORIGINS if key in self.source]
        if len(origins) > 1:
            self.refuse(f"{origins[0]!r} and {origins[1]!r} each say where the value comes from; keep one")
        beside = [key for key in _OF_DRAWN if key in self.source and origins and origins[0] in COMPUTED]
        if beside:
            self.refuse(f"{beside[0]!r} says nothing of what {origins[0]!r} computes; leave it out")
        for key, needed in _NEEDS.items():
            if key in self.source and needed not in self.source:
                self.refuse(f"{key!r} says nothing without {needed!r}; add it or leave {key!r} out")
        if isinstance(self.source.get("words"), dict) != ("given" in self.source):
            self.refuse('words for each case, {value: [word, ...]}, and "given", the property that decides, belong together')
        for key, kinds in _FITS.items():
            if key in self.source and not self._may_be(kinds):
                self.refuse(f"{key!r} is for {' and '.join(sorted(kinds))}, not for type {self.schema['type']!r}")
        if told.get("earliest") and told.get("latest") and _moment(told["earliest"]) > _moment(told["latest"]):
            self.refuse(f"earliest {told['earliest']!r} lies after latest {told['latest']!r}; swap them")

    def _may_be(self, kinds: frozenset[str]) -> bool:
        return not self._types() or bool(kinds & self._types())

    def _types(self) -> set[str]:
        """The declared types; none if the node leaves them to others."""
        declared = self.schema.get("type")
        return {declared} if isinstance(declared, str) else set(map(str, declared)) if isinstance(declared, list) else set()

    def number(self, key: str, value: Json, low: float = 0, high: float = math.inf) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not (low <= value <= high and math.isfinite(value)):
            bounds = f"from {low:g} to {high:g}" if high < math.inf else f"of at least {low:g}" if low > -math.inf else ""
            self.refuse(f"{key} {json.dumps(value)[:80]} is not a number {bounds}".rstrip())
        return value

    def text(self, key: str, value: Json, pattern: re.Pattern[str] | None = None, such_as: str = "") -> str:
        if not isinstance(value, str) or not value or (pattern and not pattern.fullmatch(value)):
            self.refuse(f"{key} {json.dumps(value)[:80]} is not {such_as or 'text'}")
        return value

    def one_of(self, key: str, value: Json, known: Iterable[str]) -> str:
        if not isinstance(value, str) or value not in known:
            self.refuse(f"{key} {json.dumps(value)[:80]} is none of {', '.join(known)}")
        return value

    def faker(self, value: Json) -> dict[str, Any]:
        call = value if isinstance(value, dict) else {"method": value}
        if "method" not in call or call.keys() - {"method", "args"} or not isinstance(call.get("args", {}), dict):
            self.refuse('faker is the name of a method, or {"method": name, "args": {name: value}}')
        return {
            "faker": FakerCall(self.text("faker", call["method"], _METHOD, "the name of a Faker method"), call.get("args", {}))
        }

    def words(self, value: Json) -> dict[str, Any]:
        if isinstance(value, dict) and value:
            return {"cases": tuple((case, self.words(words)["words"]) for case, words in value.items())}
        scalar = isinstance(value, list) and all(
            isinstance(word, str | int | float) and not isinstance(word, bool) for word in value
        )
        if not value or not scalar:
            self.refuse("words is a list of at least one text or number")
        return {"words": tuple(value)}

    def weights(self, value: Json) -> dict[str, Any]:
        if isinstance(self.source.get("words"), dict):
            self.refuse("words by case have no weights; repeat a word to make it more frequent")
        choices = self._choices()
        if isinstance(value, dict):
            if choices is None:
                choices = list(value)
            weights, told = self._by_value(value, choices), {"words": tuple(choices)} if not self._listed() else {}
        elif isinstance(value, list):
            if choices is None or len(choices) != len(value):
                self.refuse(
                    f"{len(value)} weights for {'no' if choices is None else len(choices)} values: they stand beside words or enum"
                )
            weights, told = value, {}
        else:
            self.refuse("weights is a list beside words or enum, or an object {value: weight}")
        numbers = tuple(float(self.number("weight", weight)) for weight in weights)
        if not sum(numbers) > 0:
            self.refuse("all weights are 0; at least one has to be above")
        return told | {"weights": numbers}

    def _listed(self) -> bool:
        return "words" in self.source or isinstance(self.schema.get("enum"), list)

    def _choices(self) -> list[Json] | None:
        """The values that weights may speak of; None: whatever an object of weights names."""
        listed = self.source.get("words", self.schema.get("enum"))
        if isinstance(listed, list):
            return listed
        return [True, False] if self._types() - {"null"} == {"boolean"} else None

    def _by_value(self, weights: Mapping[str, Json], choices: list[Json]) -> list[Json]:
        names = [choice if isinstance(choice, str) else json.dumps(choice) for choice in choices]
        for name in weights:
            if name not in names:
                self.refuse(
                    f"a weight for {name!r}, which is none of the values: did you mean {' or '.join(nearest(name, names) or names[:5])}?"
                )
        return [weights.get(name, 0) for name in names]

    def distribution(self, value: Json) -> dict[str, Any]:
        if not isinstance(value, dict) or len(value) != 1:
            self.refuse(
                f'distribution is an object with one key of {", ".join(DISTRIBUTIONS)}, such as {{"normal": {{"mean": 40, "sd": 5}}}}'
            )
        ((kind, given),) = value.items()
        known = DISTRIBUTIONS[self.one_of("distribution", kind, DISTRIBUTIONS)]
        if (
            not isinstance(given, dict)
            or given.keys() - known.keys()
            or any(known[name] is None and name not in given for name in known)
        ):
            self.refuse(f"distribution {kind} takes an object with {' and '.join(known) or 'nothing in it'}")
        return {
            "distribution": Distribution(
                kind, tuple((name, self._parameter(kind, name, given.get(name, known[name]))) for name in known)
            )
        }

    def _parameter(self, kind: str, name: str, value: Json) -> float:
        if (kind, name) in _MAY_BE_NEGATIVE:
            return float(self.number(f"{kind}.{name}", value, -math.inf))
        if self.number(f"{kind}.{name}", value) == 0:
            self.refuse(f"{kind}.{name} is 0; it has to be above")
        return float(value)

    def origin(self, value: Json) -> dict[str, Any]:
        path = tuple(self.text("from", value, None, "the name of a property, or names joined by dots").split("."))
        if not all(path):
            self.refuse(f"from {value!r} has an empty name between its dots")
        return {"origin": path}

    def duration(self, key: str, value: Json) -> dict[str, Any]:
        match = _DURATION.fullmatch(self.text(key, value, _DURATION, "a duration such as 30d, 12h, 90m"))
        amount, unit = cast(re.Match[str], match).groups()
        try:
            return {key: timedelta(**{_UNITS[unit]: float(amount)})}
        except OverflowError:
            self.refuse(f"{key} {value!r} is longer than calendars reach")

    def ref(self, value: Json) -> dict[str, Any]:
        table, column = self.text("ref", value, _COLUMN, 'of the form "table.column"').split(".")
        popularity = self.one_of("popularity", self.source.get("popularity", "zipf"), ("uniform", "zipf"))
        exponent = self.number("exponent", self.source.get("exponent", DEFAULT_EXPONENT))
        if "exponent" in self.source and popularity == "uniform":
            self.refuse("a uniform popularity has no exponent; leave it out")
        return {"ref": Reference(table, column, cast(Literal["uniform", "zipf"], popularity), float(exponent))}

    def aggregate(self, kind: str, value: Json) -> dict[str, Any]:
        if kind == "count":
            table, column = self.text(kind, value, _TABLE, "the name of a table"), ""
        else:
            table, column = self.text(kind, value, _COLUMN, 'of the form "table.column"').split(".")
        return {"aggregate": Aggregate(cast(Literal["sum", "count", "min_of", "max_of"], kind), table, column)}

    def formula(self, value: Json) -> dict[str, Any]:
        text = self.text("formula", value, None, "text such as quantity * unit_price")
        try:
            formula = parse_formula(text)
        except ValueError as error:
            self.refuse(f"formula {text[:80]!r}: {error}")
        if not formula.paths:
            self.refuse(f"formula {text[:80]!r} names no property; say const instead")
        return {"formula": formula}

    def strftime(self, value: Json) -> dict[str, Any]:
        written = self.text("strftime", value)
        if "%" not in written:
            self.refuse(f"strftime {written!r} has no field such as %Y")
        return {"strftime": written}

    def moment(self, key: str, value: Json) -> dict[str, Any]:
        try:
            _moment(self.text(key, value))
        except ValueError:
            self.refuse(f"{key} {value!r} is not an ISO date such as 2025-01-31")
        return {key: value}

    def flag(self, key: str, value: Json) -> dict[str, Any]:
        if not isinstance(value, bool):
            self.refuse(f"{key} {json.dumps(value)[:80]} must be true or false")
        return {key: value}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None)


def _decimals(reader: _Reader, value: Json) -> dict[str, Any]:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 15:
        reader.refuse(f"decimals {json.dumps(value)[:80]} is not a whole number from 0 to 15")
    return {"decimals": value}


# What each key says. Those that `ref` reads itself say nothing more.
KEYS: dict[str, Callable[[_Reader, Json], dict[str, Any]]] = {
    "faker": _Reader.faker,
    "words": _Reader.words,
    "weights": _Reader.weights,
    "distribution": _Reader.distribution,
    "decimals": _decimals,
    "unique": lambda reader, value: reader.flag("unique", value),
    "null_rate": lambda reader, value: {"null_rate": float(reader.number("null_rate", value, 0, 1))},
    "from": _Reader.origin,
    "within": lambda reader, value: reader.duration("within", value),
    "given": lambda reader, value: {"given": reader.text("given", value, None, "the name of a property")},
    "every": lambda reader, value: reader.duration("every", value),
    "ref": _Reader.ref,
    "sum": lambda reader, value: reader.aggregate("sum", value),
    "count": lambda reader, value: reader.aggregate("count", value),
    "min_of": lambda reader, value: reader.aggregate("min_of", value),
    "max_of": lambda reader, value: reader.aggregate("max_of", value),
    "formula": _Reader.formula,
    "popularity": lambda reader, value: {},
    "exponent": lambda reader, value: {},
    "edge_cases": lambda reader, value: {"edge_cases": float(reader.number("edge_cases", value, 0, 1))},
    "strftime": _Reader.strftime,
    "as": lambda reader, value: {"written_as": reader.one_of("as", value, ("date", "date-time", "time"))},
    "earliest": lambda reader, value: reader.moment("earliest", value),
    "latest": lambda reader, value: reader.moment("latest", value),
    "reserved": lambda reader, value: {"reserved": reader.one_of("reserved", value, RESERVED)},
    "luhn": lambda reader, value: reader.flag("luhn", value),
}
AGGREGATES = ("sum", "count", "min_of", "max_of")
COMPUTED = (*AGGREGATES, "formula")  # what leaves nothing to chance
ORIGINS = (
    "faker",
    "words",
    "distribution",
    "from",
    "ref",
    "every",
    "reserved",
    *COMPUTED,
)  # each says where the value comes from
_OF_DRAWN = ("weights", "unique", "edge_cases", "earliest", "latest")
_NEEDS = {"given": "words", "within": "from", "popularity": "ref", "exponent": "ref", "as": "strftime", "luhn": "reserved"}
_FITS = {
    "distribution": frozenset({"number", "integer"}),
    "decimals": frozenset({"number"}),
    **dict.fromkeys(("sum", "count", "formula"), frozenset({"number", "integer"})),
    **dict.fromkeys(("min_of", "max_of"), frozenset({"number", "integer", "string"})),
    **dict.fromkeys(("strftime", "earliest", "latest", "every", "reserved"), frozenset({"string"})),
}
