"""What a property holds, told by its name, format, annotation, pattern, title or description: the sorts of data that rules speak of."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from synth_sdk.compliance.frameworks.files import listed, read
from synth_sdk.core.models import Json
from synth_sdk.schema.annotations import KEYWORD

_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_UMLAUT = re.compile(r"([aou])e")  # fuehrerschein
_GLUED_NUMBER = re.compile(r"(?<=[a-z]{3})(?:nr|nummer)$")  # telefonnr
_LONGEST_NAME = 6  # words that are looked at together
_CLAUSE = re.compile(r"[^.,;:()\n]+")
_OF_WHOM = re.compile(r"\b(?:of|for) (?:the|an?|this|their|his|her|each)\b", re.IGNORECASE)
_SHAPED = {  # sorts of data that can be told by their looks
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"),
    "ssn": re.compile(r"\d{3}-\d{2}-\d{4}"),
    "ip": re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)"),
    "mac": re.compile(r"[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}"),
    "iban": re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}"),
    "pan": re.compile(r"(?:4\d{3}|5[1-5]\d\d|3[47]\d\d|6011|65\d\d)(?:[ -]?\d){9,12}"),
}
_WEAK = frozenset({"date", "photo_format"})  # kinds of which formats say less than names do
_POSTAL = listed("address city state street district postcode zip country province town addressline locality")
_PERSONAL = listed(  # categories that make a record one about a person
    "name email phone fax ssn national_id mrn health_plan birth_date username license biometric health pan pseudonym ip age gender"
)
_OWNERS = frozenset(
    [
        "user",
        "customer",
        "client",
        "patient",
        "person",
        "employee",
        "contact",
        "member",
        "guest",
        "student",
        "passenger",
        "driver",
        "cardholder",
        "owner",
        "sender",
        "recipient",
        "author",
        "subscriber",
        "patient",
        "insured",
        "applicant",
        "tenant",
        "manager",
        "people",
        "party",
        "beneficiary",
        "doctor",
        "nurse",
        "physician",
        "spouse",
        "parent",
        "child",
    ]
)
_JOBS = frozenset({"job", "job_title", "jobTitle", "occupation", "profession", "position"})
_GRAVE = listed("cvv track pin pan ssn national_id mrn birth_date license health_plan")  # told by descriptions, which are loose
_CARDS = frozenset({"pan", "cvv", "masked_pan", "track"})
_INDIA = re.compile(r"postal|post office|zip|india", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of data. `category` is what rules speak of, `reserved` the range of `x-synth` that can stand for it ("" for none)."""

    name: str
    category: str
    reserved: str = ""
    types: frozenset[str] = frozenset({"string", "integer"})
    unless: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a property: the name of the object that it belongs to, and the names beside it."""

    owner: str = ""
    siblings: frozenset[str] = frozenset()


NOWHERE = Around()


def data_category(name: str, node: Json, around: Around = NOWHERE) -> str | None:
    """The sort of data - "pan", "cvv", "email", "birth_date", "religion", ... - of the property `name` with the schema `node`; None for none."""
    kind = classify(name, node, around)
    return kind.category if kind else None


def prohibited(name: str, node: Json, around: Around = NOWHERE) -> bool:
    """Is it data that must not be stored at all: a card's verification code, track data, a PIN (PCI DSS 3.3.1)?"""
    return data_category(name, node, around) in ("cvv", "track", "pin")


def classify(name: str, node: Json, around: Around = NOWHERE) -> Kind | None:
    """The kind of data that the property `name` with the schema `node` holds; None for none that a rule speaks of."""
    schema: Mapping[str, Json] = node if isinstance(node, dict) else {}
    kind = _told(name, schema, around)
    if kind is None or not _may_hold(kind, schema):
        return None
    return kind


def about_person(categories: frozenset[str]) -> bool:
    """Is a record that holds these sorts of data one about a person?"""
    return bool(categories & _PERSONAL)


def _told(name: str, schema: Mapping[str, Json], around: Around) -> Kind | None:
    lexicon, hint = _lexicon(), schema.get(KEYWORD)
    hint = hint if isinstance(hint, dict) else {}
    named = _refined(_by_name(name, around), schema, around)
    if hint.get("reserved"):
        fits = named is not None and (named.reserved == hint["reserved"] or hint["reserved"] == "id")
        return named if fits else lexicon.reserved.get(str(hint["reserved"]), named)
    formatted = lexicon.formats.get(str(schema.get("format", "")))
    if formatted and formatted.name not in _WEAK:
        return formatted if named is None or named.reserved != formatted.reserved else named
    method = hint.get("faker")
    method = method.get("method") if isinstance(method, dict) else method
    called = lexicon.faker.get(str(method))
    return named or called or formatted or _by_pattern(schema) or _by_words(schema, around)


def _by_words(schema: Mapping[str, Json], around: Around) -> Kind | None:
    """By the title, failing that, for what is grave, by how the description begins."""
    for keyword in ("title", "description"):
        text = schema.get(keyword)
        clause = _CLAUSE.match(text) if isinstance(text, str) else None
        words = _words(_OF_WHOM.split(clause[0])[0]) if clause else ()
        if 0 < len(words) <= 2 * _LONGEST_NAME:
            found = _named(words)
            if found and (keyword == "title" or found.category in _GRAVE):
                return _refined(found, schema, around)
    return None


def _by_pattern(schema: Mapping[str, Json]) -> Kind | None:
    pattern = schema.get("pattern")
    return _lexicon().kinds.get(_shape_of(pattern)) if isinstance(pattern, str) else None


@lru_cache(maxsize=2048)
def _shape_of(pattern: str) -> str:
    """The sort of data whose looks all texts have that match `pattern`; "" for none."""
    from synth_sdk.engine.dice import Dice
    from synth_sdk.engine.grammar.patterns import UnsupportedPatternError, compile_pattern

    try:
        grammar = compile_pattern(pattern)
        texts = [grammar.sample(Dice(seed), 0, 64) for seed in range(12)]
    except (UnsupportedPatternError, ValueError, RecursionError):
        return ""
    return next((kind for kind, shape in _SHAPED.items() if all(map(shape.fullmatch, texts))), "")


def _by_name(name: str, around: Around) -> Kind | None:
    words = _words(name)
    if words[-1:] == ("name",) and (len(words) == 1 or words[:-1] in ((around.owner,), ("the",))):
        return _lexicon().kinds["full_name"] if _is_person(around) else None
    if words[:1] in (("company",), ("organization",), ("organisation",)) and words[1:] in ((), ("name",)):
        return _lexicon().kinds["company"] if _JOBS & set(around.siblings) and _is_person(around) else None
    return _named(words)


@lru_cache(maxsize=20_000)
def _named(words: tuple[str, ...]) -> Kind | None:
    """What a name of these words is the name of; words at the end that say nothing are left out one by one."""
    lexicon = _lexicon()
    if words[:2] == ("number", "of"):
        return None
    while words:
        for take in range(min(_LONGEST_NAME, len(words)), 0, -1):
            before, ending = words[:-take], words[-take:]
            for key in _spellings("".join(ending)):
                kind = lexicon.names.get(key)
                if (
                    kind is None
                    and (kind := lexicon.alone.get(key))
                    and not all(word in lexicon.roles or word.isdigit() for word in before)
                ):
                    kind = None
                if kind and not kind.unless & set(words) and not lexicon.never & set(before):
                    return kind
        if not (words[-1] in lexicon.neutral or words[-1].isdigit()):
            return None
        words = words[:-1]
    return None


def _spellings(key: str) -> dict[str, None]:
    """What a name may be listed as: as it is, in the singular, without what stands for an umlaut, with its number written out."""
    plain = _UMLAUT.sub(r"\1", key)
    found = dict.fromkeys((key, key.removesuffix("s"), plain))
    return found | dict.fromkeys(_GLUED_NUMBER.sub("number", one) for one in (key, plain))


def _refined(kind: Kind | None, schema: Mapping[str, Json], around: Around) -> Kind | None:
    """What surroundings and patterns make of names that mean two things."""
    if kind is None:
        return None
    if kind.name == "pin":
        return _pin(kind, schema, around)
    pattern = schema.get("pattern")
    if kind.name == "pan" and isinstance(pattern, str) and "A-Z" in pattern:
        return _lexicon().kinds["national_id"]  # India's permanent account number
    return kind


def _pin(kind: Kind, schema: Mapping[str, Json], around: Around) -> Kind | None:
    """A postcode (India's PIN code), a card's secret, or the pin of a device."""
    told = " ".join(str(schema.get(key, "")) for key in ("title", "description", "format"))
    high = schema.get("maximum")
    if isinstance(high, int | float) and high < 100:
        return None
    six = schema.get("pattern") in ("^[1-9][0-9]{5}$", "^[1-9]\\d{5}$", "^\\d{6}$", "^[0-9]{6}$")
    beside = _categories(around)
    near = {word for name in around.siblings for word in _words(name)} & _POSTAL
    if _INDIA.search(told) or six or (near and not beside & _CARDS):
        return _lexicon().kinds["zip"]
    return kind


def _is_person(around: Around) -> bool:
    """Does a bare `name` belong to a person? Where nothing is known of its surroundings, it may."""
    if not around.owner and not around.siblings:
        return True
    owner = _words(around.owner)
    if owner and (owner[-1].removesuffix("s") in _OWNERS or owner[-1] in _OWNERS):
        return True
    return bool(_categories(around) & (_PERSONAL - {"pseudonym", "ip", "username"}))


def _categories(around: Around) -> set[str]:
    """What the names beside a property tell of."""
    return {found.category for name in around.siblings if (found := _named(_words(name)))}


def _may_hold(kind: Kind, schema: Mapping[str, Json]) -> bool:
    """Could values of `schema` be of this kind? Not with other types, nor where the values listed look otherwise."""
    types = types_of(schema)
    if types and not types & kind.types and not ("number" in types and "integer" in kind.types):
        return False
    listed = schema.get("enum", [schema["const"]] if "const" in schema else None)
    shape = _SHAPED.get("ip" if kind.category == "ip" else kind.name)
    if isinstance(listed, list) and shape:
        return any(isinstance(value, str | int) and shape.fullmatch(str(value)) for value in listed)
    return True


def types_of(schema: Mapping[str, Json]) -> set[str]:
    """The declared types but null, those of alternatives and of listed values among them; none where nothing is declared."""
    declared = schema.get("type")
    found = {declared} if isinstance(declared, str) else set(map(str, declared)) if isinstance(declared, list) else set()
    for keyword in ("anyOf", "oneOf", "allOf"):
        options = schema.get(keyword)
        for option in options if isinstance(options, list) and not declared else ():
            found |= types_of(option) if isinstance(option, dict) else set()
    if not found and isinstance(schema.get("enum"), list):
        found = {_type_name(value) for value in schema["enum"]}
    return found - {"null"}


def _type_name(value: Json) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


@lru_cache(maxsize=20_000)
def _words(name: str) -> tuple[str, ...]:
    """`cardNo`, `card-no` and `Card No.` as ("card", "number"); without accents."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    pieces = [piece.lower() for piece in _PIECES.findall(plain.replace("'s", ""))]
    return tuple("number" if piece in _number_words() else piece for piece in pieces)


@cache
def _number_words() -> frozenset[str]:
    return listed(read("fields.yaml")["number_words"])


@dataclass(frozen=True, slots=True)
class _Lexicon:
    kinds: Mapping[str, Kind]
    names: Mapping[str, Kind]
    alone: Mapping[str, Kind]
    formats: Mapping[str, Kind]
    faker: Mapping[str, Kind]
    reserved: Mapping[str, Kind]
    roles: frozenset[str]
    neutral: frozenset[str]
    never: frozenset[str]


@cache
def _lexicon() -> _Lexicon:
    told = read("fields.yaml")
    kinds, tables = {}, {key: dict[str, Kind]() for key in ("names", "alone", "formats", "faker")}
    reserved: dict[str, Kind] = {}
    for name, one in told["kinds"].items():
        types = frozenset(one.get("types", ("string", "integer")))
        kind = kinds[name] = Kind(name, one["category"], one.get("reserved", ""), types, frozenset(one.get("unless", ())))
        if kind.reserved and kind.reserved != "id":
            reserved.setdefault(kind.reserved, kind)
        for key, table in tables.items():
            for phrase in one.get(key, ()):
                table.setdefault(
                    _GLUED_NUMBER.sub("number", "".join(_words(phrase))) if key in ("names", "alone") else phrase, kind
                )
    words = {key: listed(told[key]) for key in ("roles", "neutral", "never")}
    return _Lexicon(kinds, tables["names"], tables["alone"], tables["formats"], tables["faker"], reserved, **words)
