"""Methods of masking by name, fitted to a field: what would break its schema is refused before anything is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from synth_sdk.compliance.masking.coarser import Generalize, KeepLast, Redact, Scale
from synth_sdk.compliance.masking.ff1 import aes
from synth_sdk.compliance.masking.keys import Key
from synth_sdk.compliance.masking.paths import Target, change, find
from synth_sdk.compliance.masking.pseudonyms import Manner, Pseudonym
from synth_sdk.compliance.masking.tokens import Hash, Tokenize
from synth_sdk.core.batches import Change
from synth_sdk.core.errors import Rejected, RequestError, SynthError, UnknownName
from synth_sdk.core.models import Json
from synth_sdk.schema.names import last_word, risk_of, snake

METHODS = ("redact", "hash", "tokenize", "pseudonym", "generalize", "keep_last")
_SAMPLES = 64
_OTHERS = {"numbers": " or generalize"}
# Formats that columns of databases have types for; what else a text promises beside its length is given up where it is hashed, cut or hidden.
_KEPT_FORMATS = frozenset(["date", "date-time", "time", "uuid", "ipv4", "ipv6"])
_KEEPS_SHAPE = ("pseudonym", "redact")
_FILLS: tuple[Json, ...] = (
    *(
        "[redacted]",
        "redacted",
        "redacted@example.com",
        "1970-01-01",
        "1970-01-01T00:00:00Z",
        "00:00:00Z",
        "00000000-0000-0000-0000-000000000000",
    ),
    *("https://example.com/redacted", "192.0.2.0", "2001:db8::", "redacted.example", "", 0, 0.0, False, [], {}),
)


class Method(Protocol):
    def __call__(self, value: Json, key: Key) -> Json: ...


@dataclass(frozen=True, slots=True)
class Mask:
    """One field and what is done to its values. Nulls stay null."""

    target: Target
    method: Method

    def apply(self, record: Json, key: Key) -> Json:
        """`record` with the field masked, as a new value."""
        return change(record, self.target.steps, partial(self._leaf, key=key))

    def changing(self, key: Key) -> Change:
        """The same for columns: what becomes of a value of the field, or of one that holds the field."""
        leaf = partial(self._leaf, key=key)
        return lambda value, steps: change(value, steps, leaf)

    def _leaf(self, value: Json, key: Key) -> Json:
        """Objects and lists, which only open fields hold here, are masked in each of their texts and numbers."""
        if value is None or isinstance(self.method, Redact):
            return value if value is None else self.method(value, key)
        if isinstance(value, dict):
            return {name: self._leaf(inner, key) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._leaf(inner, key) for inner in value]
        return self.method(value, key)


def fit_mask(path: str, asked: str, schema: Json) -> Mask:
    """The mask `FIELD=METHOD`. RequestError for an unknown field or method, or one that the field's schema has no room for."""
    name, _, argument = asked.strip().partition(":")
    name = name.strip().lower().replace("-", "_")
    if name not in METHODS:
        raise UnknownName("mask method", asked, METHODS)
    target = find(path, schema)
    if name != "redact" and target.types and target.types <= {"object", "array", "null"}:
        kind = "a list: name its items" if "array" in target.types else "an object: name a field in it"
        raise RequestError(
            f"mask {path}={asked}: {path} is {kind}, as in {path}{'[]' if 'array' in target.types else '.name'}, or choose redact"
        )
    mask = Mask(target, _BUILDERS[name](target, argument.strip(), asked, schema))
    _check_fit(mask, asked, schema)
    return mask


def _redact(target: Target, argument: str, asked: str, schema: Json) -> Method:
    _no_argument(target, argument, asked)
    judge = _judge(target, schema)
    if judge is None or judge(None):
        return Redact(None if "null" in target.types or not target.nodes else "[redacted]")
    fitting = [fill for fill in (*_FILLS, *_bounds(target)) if judge(fill)]
    if not fitting:
        fitting = _samples(target, schema)[:1]
    if not fitting:
        raise RequestError(
            f"mask {target.path}={asked}: nothing fixed fits the field's schema; let it be null, or choose tokenize"
        )
    return Redact(fitting[0])


def _hash(target: Target, argument: str, asked: str, schema: Json) -> Method:
    _no_argument(target, argument, asked)
    return Hash()


def _tokenize(target: Target, argument: str, asked: str, schema: Json) -> Method:
    _no_argument(target, argument, asked)
    return Tokenize()


def _pseudonym(target: Target, argument: str, asked: str, schema: Json) -> Method:
    aes(bytes(16))  # told now if it is missing
    if argument not in ("", "valid", "failing"):
        raise RequestError(
            f"mask {target.path}={asked}: after pseudonym comes nothing, or for card numbers valid or failing (Luhn)"
        )
    risk = risk_of(target.name)
    manner: Manner = "plain"
    if target.said("format") in ("email", "uuid"):
        manner = target.said("format")
    elif risk is not None and risk.what == "card number":
        manner = "card"
    elif last_word(target.name) in ("email", "mail"):
        manner = "email"
    return Pseudonym(manner, argument == "valid")


def _generalize(target: Target, argument: str, asked: str, schema: Json) -> Method:
    scale = _scale(target)
    if argument in ("year", "month") and scale in ("year", None):
        return Generalize(argument)  # type: ignore[arg-type]
    if argument and (not argument.isdigit() or int(argument) < 1):
        raise RequestError(
            f"mask {target.path}={asked}: after generalize comes a whole number from 1, or for dates year or month"
        )
    if argument and scale == "year":
        raise RequestError(f"mask {target.path}={asked}: dates are generalised to year or month")
    return Generalize(scale, int(argument or 0), target.said("minimum") if scale == "number" else None)


def _keep_last(target: Target, argument: str, asked: str, schema: Json) -> Method:
    if not argument.isdigit():
        raise RequestError(f"mask {target.path}={asked}: say how many characters stay, as in keep_last:4")
    return KeepLast(int(argument))


_BUILDERS: Mapping[str, Callable[[Target, str, str, Json], Method]] = {
    "redact": _redact,
    "hash": _hash,
    "tokenize": _tokenize,
    "pseudonym": _pseudonym,
    "generalize": _generalize,
    "keep_last": _keep_last,
}


def _scale(target: Target) -> Scale | None:
    words = snake(target.name)
    if target.types and target.types <= {"integer", "number", "null"}:
        return "number"
    if target.said("format") in ("date", "date-time") or (words.endswith(("_date", "_at")) and target.said("format") is None):
        return "year"
    if target.said("format") == "postcode" or words.endswith(("postcode", "zip", "zip_code", "postal_code", "zipcode")):
        return "postcode"
    return "text" if target.nodes else None


def _no_argument(target: Target, argument: str, asked: str) -> None:
    if argument:
        raise RequestError(f"mask {target.path}={asked}: {asked.partition(':')[0]} takes no argument; leave out :{argument}")


def _check_fit(mask: Mask, asked: str, schema: Json) -> None:
    """Some values of the field, made offline, have to obey its schema after masking as before."""
    loose = not asked.startswith(_KEEPS_SHAPE)
    judge = _judge(mask.target, schema, loose=loose)
    if judge is None:
        return
    key = Key(bytes(32))
    for value in _samples(mask.target, schema):
        made = mask._leaf(value, key)
        if judge(value) and not judge(made):
            shown = repr(made)[:40]
            raise RequestError(
                f"mask {mask.target.path}={asked}: {shown} would break the field's schema ({_why(mask.target)}); choose another method: {', '.join(METHODS)}"
            )
        if _does_nothing(mask.method, value):
            raise RequestError(
                f"mask {mask.target.path}={asked}: it does nothing to {_type(value)}; choose redact{_OTHERS.get(_type(value), '')}"
            )


def _does_nothing(method: Method, value: Json) -> bool:
    match method:
        case KeepLast():
            return isinstance(value, bool | int | float)
        case Pseudonym():
            return isinstance(value, bool | float)
        case Generalize():
            return isinstance(value, bool)
    return False


def _type(value: Json) -> str:
    return "true and false" if isinstance(value, bool) else "numbers"


def _why(target: Target) -> str:
    told = [
        f"{word} {target.said(word)!r}"[:60]
        for word in ("format", "enum", "const", "pattern", "maxLength", "minLength", "maximum", "minimum")
        if target.said(word) is not None
    ]
    return ", ".join(told) or f"type {'/'.join(sorted(target.types))}"


def _judge(target: Target, schema: Json, *, loose: bool = False) -> Callable[[Json], bool] | None:
    """Does the field's schema admit a value? None where the schema says nothing, or what it says can't be read alone. `loose`: not by
    its pattern, nor a format that only tells how a text looks.
    """
    alone = _alone(target, schema, loose=loose)
    if alone is None:
        return None

    def admits(value: Json) -> bool:
        try:
            alone.validate(value)
        except Rejected:
            return False
        return True

    return admits


def _samples(target: Target, schema: Json) -> list[Json]:
    from synth_sdk.engine import Engine

    alone = _alone(target, schema)
    try:
        return [] if alone is None else list(Engine(alone).batch(range(_SAMPLES)).records())
    except SynthError:
        return []


def _alone(target: Target, schema: Json, *, loose: bool = False) -> Any:
    from synth_sdk.schema import Schema

    if not target.types and not any(target.said(word) for word in ("enum", "const")):
        return None
    shared = {
        word: schema[word] for word in ("$schema", "$defs", "definitions") if isinstance(schema, Mapping) and word in schema
    }
    try:
        return Schema(
            {**shared, **{word: told for word, told in target.nodes[0].items() if not (loose and _is_looks(word, told))}}
        )
    except SynthError:
        return None


def _is_looks(word: str, told: Json) -> bool:
    return word in ("pattern", "minLength") or (word == "format" and told not in _KEPT_FORMATS)


def _bounds(target: Target) -> list[Json]:
    return [bound for word in ("minimum", "maximum") if (bound := target.said(word)) is not None]
