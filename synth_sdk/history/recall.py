"""What was made last time for a schema like this: schemas compared by what their names say.

A schema's signature is the words of its tables and fields, split, in the singular, synonyms as one word; and what its fields hold. How
near two signatures are is for whoever compares to say: `rank` takes an embedding of texts and gives cosines.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from synth_sdk.core.models import Json
from synth_sdk.schema.annotations import KEYWORD
from synth_sdk.schema.names import snake
from synth_sdk.schema.pointers import to_pointer
from synth_sdk.schema.references import subschemas

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Embed = Callable[[Sequence[str]], "NDArray[np.float32]"]

ALIKE = {
    "hashing": 0.36,
    "minilm": 0.5,
}  # cosines from which on two schemas are of one matter, by embedding: tests/history/test_recall.py
_MOST_SHOWN = 6  # shared fields that are named
_LONGEST_NAME = 60  # characters
_WORDS = (  # the first of each row stands for all of it
    "customer client buyer shopper consumer purchaser",
    "order ordered purchase basket",
    "product item article good merchandise",
    "price cost",
    "total amount sum",
    "quantity qty count",
    "phone telephone mobile cell tel",
    "postcode zip postal zipcode",
    "street road",
    "state province region",
    "surname lastname last family",
    "forename firstname first given",
    "birth born dob birthday birthdate",
    "sex gender",
    "provider doctor physician clinician practitioner gp",
    "encounter visit appointment consultation",
    "medication drug medicine rx",
    "diagnosis diagnosed disease illness icd icd10",
    "patient",
    "lab laboratory loinc",
    "insurance insurer payer payor coverage",
    "shipment consignment freight cargo",
    "carrier haulier trucker",
    "delivery delivered deliver",
    "shipped dispatched sent",
    "vessel",
    "container teu",
    "account acct",
    "subscription membership",
    "plan tier",
    "invoice bill",
    "ticket case issue",
    "company organisation organization tenant workspace business firm",
    "merchant vendor seller store shop",
    "transaction txn tx payment",
    "transfer remittance",
    "loan mortgage lending",
    "currency ccy",
    "when at on date time datetime timestamp ts day",
    "balance",
    "review feedback",
    "return refund",
    "employee staff worker",
    "driver courier",
)
_CANONICAL = {word: row.split()[0] for row in _WORDS for word in row.split()}
_AROUND_WORDS = "address addr code number no num nr in of the a and is has by value"
_COMMON_WORDS = (
    "id uuid guid key ref reference name title label type kind status created updated modified deleted to from for with note comment"
    " description active enabled flag data list email mail forename surname phone street city state postcode country url index"
)
_AROUND = frozenset(_AROUND_WORDS.split())  # add nothing to the words beside them
_WHEN = "when"
_MOMENTS = frozenset(["birth", "created", "updated", "modified", "deleted"])  # are so with or without "date" or "at" beside them
_EVERYWHERE = (
    _AROUND | {_WHEN} | frozenset(_COMMON_WORDS.split())
)  # stand in schemas of every trade, and so tell none from another
_MOST_FIELDS = 2_000
_FORMATS_TOLD = frozenset({"email", "uuid", "uri", "ipv4", "ipv6", "hostname", "iban", "phone"})


@dataclass(frozen=True, slots=True)
class Field:
    """A field: how it is called, its path in the document, its words, and its schema."""

    name: str
    words: tuple[str, ...]
    schema: dict[str, Any]
    pointer: str

    @property
    def key(self) -> str:
        """Fields of one key say the same: `zip_code` and `postcode`, `ordered_at` and `order_date`."""
        told = [word for word in self.words if word not in _AROUND] or list(self.words)
        return " ".join(word for word in told if word != _WHEN or not _MOMENTS & set(told))


@dataclass(frozen=True, slots=True)
class Signature:
    """What a schema is like: `text` to be embedded, and its fields."""

    text: str
    fields: tuple[Field, ...]

    def shared(self, other: "Signature") -> list[tuple[Field, Field]]:
        """The fields that both have, in the order of these, each with the other's; those that stand everywhere come last."""
        theirs: dict[str, Field] = {}
        for one in other.fields:
            theirs.setdefault(one.key, one)
        seen: dict[str, tuple[Field, Field]] = {}
        for one in self.fields:
            if one.key in theirs:
                seen.setdefault(one.key, (one, theirs[one.key]))
        return sorted(seen.values(), key=lambda pair: not any(word not in _EVERYWHERE for word in pair[0].words))


@dataclass(frozen=True, slots=True)
class Remembered:
    """A schema that can be recalled: a pattern, a table of one, or that of a run. `group`: of one, only the nearest is recalled."""

    source: Literal["pattern", "run"]
    name: str
    group: str
    document: Json
    when: datetime | None = None
    how: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recalled:
    """A schema like the one asked about, and how like it is: `similarity` is a cosine, `shared` are names of fields that both have.

    `source` is "pattern" or "run", `name` the pattern's or table's, or the run's id; `when` a run began. `how` has the `command` to use
    it, and of a run what was asked and what became of it.
    """

    source: Literal["pattern", "run"]
    name: str
    similarity: float
    shared: tuple[str, ...]
    document: Json
    when: datetime | None = None
    how: dict[str, Any] = field(default_factory=dict)

    @property
    def why(self) -> str:
        """In words."""
        more = len(self.shared) - _MOST_SHOWN
        names = ", ".join(map(_shown, self.shared[:_MOST_SHOWN])) + (f" and {more} more" if more > 0 else "")
        noun = "field" if len(self.shared) == 1 else "fields"
        return f"{len(self.shared)} shared {noun}: {names}" if self.shared else "its names are alike"

    def to_dict(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "name": self.name,
            "similarity": round(self.similarity, 4),
            "shared": list(self.shared),
            "why": self.why,
            "when": self.when.isoformat() if self.when else None,
            "how": self.how,
        }


def _shown(name: str) -> str:
    """A name on one line of a terminal: what can't be seen there as its code, the end of a long one left out."""
    seen = "".join(char if char.isprintable() else char.encode("unicode_escape", "backslashreplace").decode() for char in name)
    return seen if len(seen) <= _LONGEST_NAME else f"{seen[: _LONGEST_NAME - 3]}..."


def signature(document: Json) -> Signature:
    """Of a schema as JSON Schema, or of a set of tables. One that declares no fields has no words."""
    lines, fields = list[str](), list[Field]()
    for table, schema, pointer in _tables(document):
        found = list(_fields(schema, pointer))
        fields += found
        own = [word for word in _words(table) if word not in _EVERYWHERE]
        lines += [" ".join(own)] * 2 + [" ".join(word for word in one.words if word not in _EVERYWHERE) for one in found]
        lines.append(" ".join(sorted({str(one.schema.get("format")) for one in found} & _FORMATS_TOLD)))
    told = [line for line in lines if line]
    return Signature("\n".join(told or [one.key for one in fields]), tuple(fields))


def rank(asked: Signature, remembered: Sequence[Remembered], embed: "Embed", limit: int, least: float) -> list[Recalled]:
    """The `limit` schemas nearest to `asked`, nearest first; none below `least`, none that shares no field, one of each group."""
    signatures = [signature(one.document) for one in remembered]
    if not asked.text or not remembered:
        return []
    vectors = embed([asked.text, *(one.text or "-" for one in signatures)])
    cosines = (vectors[1:] @ vectors[0]).tolist()
    found: dict[str, Recalled] = {}
    for cosine, one, theirs in sorted(zip(cosines, remembered, signatures, strict=True), key=lambda row: -row[0]):
        shared = tuple(mine.name for mine, _ in asked.shared(theirs))
        if cosine < least or not shared or one.group in found:
            continue
        found[one.group] = Recalled(one.source, one.name, cosine, shared, one.document, one.when, one.how)
    return list(found.values())[:limit]


def hints_for(asked: Signature, recalled: Recalled) -> Iterator[tuple[Field, Field]]:
    """Fields that say nothing of their values under `x-synth`, each with the same field of what was recalled, which does."""
    for mine, other in asked.shared(signature(recalled.document)):
        if KEYWORD in other.schema and not mine.schema.keys() & {KEYWORD, "enum", "const", "$ref"}:
            yield mine, other


def _tables(document: Json) -> Iterator[tuple[str, Json, str]]:
    """Each table's name ("" for a schema by itself), its schema, and the pointer of that."""
    if not isinstance(document, dict):
        return
    tables = document.get("tables")
    if isinstance(tables, dict) and "properties" not in document:
        for name, told in tables.items():
            if isinstance(told, dict) and "schema" in told:
                yield str(name), told["schema"], f"/tables/{name}/schema"
    else:
        yield str(document.get("title") or ""), document, ""


def _fields(schema: Json, pointer: str) -> Iterator[Field]:
    """The properties in a schema, at any depth."""
    waiting, seen = [(schema, pointer)], set[int]()
    while waiting and len(seen) < _MOST_FIELDS:
        node, place = waiting.pop(0)
        if not isinstance(node, dict) or id(node) in seen:
            continue
        seen.add(id(node))
        properties = node.get("properties")
        for name, inner in properties.items() if isinstance(properties, dict) else ():
            if isinstance(inner, dict):
                yield Field(name, _words(name), inner, f"{place}{to_pointer(('properties', name))}")
        waiting += [(inner, f"{place}{to_pointer(step)}") for step, inner in subschemas(node)]
        for shelf in ("$defs", "definitions"):
            held = node.get(shelf)
            waiting += (
                [(inner, f"{place}{to_pointer((shelf, name))}") for name, inner in held.items()] if isinstance(held, dict) else []
            )


@lru_cache(maxsize=20_000)
def _words(name: str) -> tuple[str, ...]:
    """The words of a name, in the singular, each as the first of its synonyms."""
    pieces = [piece for piece in snake(name).split("_") if piece and not piece.isdigit()]
    return tuple(_CANONICAL.get(piece) or _CANONICAL.get(_singular(piece)) or _singular(piece) for piece in pieces)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word
