"""k-anonymity: how many records share each combination of what others may know of a person (Samarati and Sweeney, 1998)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Self

from synth_sdk.compliance.privacy.cells import columns_of, columns_of_arrow, flat
from synth_sdk.core.batches import Batch, ColumnBatch
from synth_sdk.core.models import Json
from synth_sdk.schema.names import snake

if TYPE_CHECKING:
    import pyarrow as pa

MOST_CLASSES = 100_000
_WHOLE = 1 << 64
_SIZES = (1, 2, 5, 10, 20)
# What is known of people without being their name: by the sorts of data that the rules know, and by name where they have none.
_KNOWN_SORTS = frozenset(["birth_date", "age", "gender", "zip", "city", "geo", "ethnicity", "religion", "employer"])
_KNOWN_NAMES = (
    *(
        "birth_year",
        "sex",
        "state",
        "province",
        "region",
        "county",
        "country",
        "nationality",
        "marital_status",
        "job_title",
        "job",
    ),
    *(
        "occupation",
        "profession",
        "education",
        "ethnic_group",
        "language",
        "gender",
        "age",
        "postcode",
        "zip",
        "zip_code",
        "city",
    ),
)


def quasi_identifiers(schema: Json) -> list[str]:
    """The paths of the fields, of records of `schema`, by whose combination a person may be singled out."""
    from synth_sdk.compliance.frameworks import data_category
    from synth_sdk.compliance.masking.paths import find, known_fields

    found = []
    for path in known_fields(schema):
        target = find(path, schema)
        node = target.nodes[0] if target.nodes else {}
        plain = not ("[]" in path or {"object", "array"} & target.types)
        if plain and (data_category(target.name, node) in _KNOWN_SORTS or snake(target.name) in _KNOWN_NAMES):
            found.append(path)
    return found


@dataclass(slots=True)
class KAnonymity:
    """Sizes of the classes of records that agree in all of `fields`. Merges; what is known of two halves is what is known of the whole.

    Up to 100,000 classes are counted exactly. Beyond that a class is kept if its digest lies below `limit`, which is halved as often as it takes:
    a uniform sample of the classes, each counted in full.
    """

    fields: tuple[str, ...]
    records: int = 0
    limit: int = _WHOLE
    classes: Counter[int] = field(default_factory=Counter)

    @classmethod
    def of(cls, source: "Batch | pa.RecordBatch | pa.Table | Sequence[Json]", fields: Sequence[str]) -> Self:
        """Of the records of a batch, of Arrow columns, or of plain values."""
        if isinstance(source, ColumnBatch):
            source = source.arrow()
        elif hasattr(source, "records"):
            source = source.records()
        wanted = tuple(fields)
        columns: Mapping[str, list[Json]]
        if hasattr(source, "schema"):
            count, columns = len(source), columns_of_arrow(source, wanted)
        else:
            rows = list(source)
            count, columns = len(rows), columns_of({name: value for name, value in flat(row) if name in wanted} for row in rows)
        made = cls(wanted, count)
        made._count(zip(*(columns.get(name) or [None] * count for name in wanted), strict=True) if wanted else ())
        return made

    def merge(self, other: "KAnonymity") -> None:
        self.records += other.records
        self._add(other.classes, min(self.limit, other.limit))

    def _count(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._add({_digest(row): times for row, times in Counter(rows).items()}, self.limit)

    def _add(self, classes: Mapping[int, int], limit: int) -> None:
        self.classes.update(Counter({digest: size for digest, size in classes.items() if digest < limit}))
        while limit < self.limit or len(self.classes) > MOST_CLASSES:
            self.limit = limit if limit < self.limit else self.limit // 2
            self.classes = Counter({digest: size for digest, size in self.classes.items() if digest < self.limit})

    def report(self) -> dict[str, Any]:
        """`k` is the smallest class (of a sample of them: an upper bound), `alone` the share of records that stand alone."""
        share = self.limit / _WHOLE
        sizes = Counter(self.classes.values())
        told: dict[str, Any] = {
            "quasi_identifiers": list(self.fields),
            "records": self.records,
            "k": min(sizes, default=0),
            "classes": round(len(self.classes) / share),
            "alone": round(sizes[1] / share / self.records, 6) if self.records else 0.0,
            "records_in_classes_below": {
                str(size): round(sum(count * each for each, count in sizes.items() if each < size) / share) for size in _SIZES[1:]
            },
            "estimated": self.limit < _WHOLE,
        }
        if told["estimated"]:
            told["note"] = f"estimated from {len(self.classes)} of about {told['classes']} classes; k is at most what is told"
        return told


def _digest(row: tuple[Any, ...]) -> int:
    return int.from_bytes(blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
