"""Schemas like this one: the patterns that come with the package, and what was made before."""

import json
import shlex
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from functools import lru_cache
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth_sdk.client.integrations import Integrations
from synth_sdk.client.vectors import open_to_write, place_of
from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json
from synth_sdk.history.recall import ALIKE, Field, Remembered, Signature, hints_for, rank, signature
from synth_sdk.history.recall import Recalled as Recalled

if TYPE_CHECKING:
    from synth_sdk.history.entries import Entry
    from synth_sdk.history.store import History
    from synth_sdk.schema.suggest import Suggestion
    from synth_sdk.vectors.embedding import Embedding

_DATA = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".gz", ".zst"})
_RUNS = 500  # of the newest that are compared one by one; a store looks through all
_MORE = 4  # times as many are asked of a store, since runs of one schema count once
_OUTCOMES = ("success", "partial")
_OF_OTHERS = frozenset(
    {"ref", "popularity", "exponent", "from", "within", "given", "every", "faker", "sum", "count", "min_of", "max_of", "formula"}
)  # speak of more than the field
_BESIDE = ("enum", "pattern", "minimum", "maximum", "multipleOf")  # what an annotation leans on


def recall(
    source: object,
    history: "History | None" = None,
    *,
    limit: int = 5,
    embedding: str = "hashing",
    store: str | None = None,
    integrations: Integrations | None = None,
) -> list[Recalled]:
    """The patterns and runs whose schema is most like that of `source`, nearest first, at most `limit`; none below a threshold.

    `source`: a schema or set of tables in any dialect, or the name of a file that holds one, or that holds data (CSV, JSON, JSONL,
    Parquet), whose schema is then inferred. `embedding`: "hashing", or "minilm" with the extra `semantic`. `store`, NAME or NAME:PATH as
    `vectorize_with` takes it, keeps the signatures of past schemas, for histories of more runs than are compared one by one.
    """
    from synth_sdk.vectors.embedding import embedding_for

    if limit < 1:
        raise RequestError(f"limit {limit}: must be at least 1")
    chosen = embedding_for(embedding)
    asked = signature(document_like(source))
    runs: Iterable[Entry] = ()
    if history is not None:
        stored = _Stored(store, chosen, integrations or {}) if store else None
        runs = stored.nearest(asked, history, limit * _MORE) if stored else history.entries(limit=_RUNS)
    remembered = [*_patterns(), *_distinct(runs)]
    return rank(asked, remembered, chosen.embed, limit, ALIKE[embedding])


def recalled_for(source: object, limit: int = 5) -> list[Recalled]:
    """`recall` with the history that the configuration names. Where that can't be read, the patterns alone."""
    import os

    from synth_sdk.client.history import history_of
    from synth_sdk.client.settings import read_settings
    from synth_sdk.core.errors import SynthError

    document = document_like(source)
    try:
        with history_of(read_settings(os.environ, None)) as history:
            return recall(document, history, limit=limit)
    except SynthError:
        return recall(document, limit=limit)


def document_like(source: object) -> Json:
    """The schema or set of tables that `source` is, or names, or that fits the data in the file it names."""
    from synth_sdk.schema.tables import parse_declared

    if not isinstance(source, str | PathLike):
        return parse_declared(source)
    name = fspath(source)
    if Path(name).suffix.lower() in _DATA or _holds_records(name):
        from synth_sdk.client.schemas import infer_schema

        return infer_schema(name)
    from synth_sdk.schema.patterns import find_document

    return parse_declared(find_document(name))


def hints(source: object, recalled: Sequence[Recalled]) -> "list[Suggestion]":
    """For fields of a schema that say nothing of their values what the nearest of `recalled` says of its own, for a person to decide."""
    from synth_sdk.schema.suggest import Suggestion

    found: dict[str, Suggestion] = {}
    asked = signature(document_like(source))
    for one in recalled:
        for mine, other in hints_for(asked, one):
            hint = _hint(mine, other, described(one))
            if hint is not None:
                found.setdefault(mine.pointer, hint)
    return [found[pointer] for pointer in sorted(found)]


def described(one: Recalled) -> str:
    """What was recalled, in words: "table orders of pattern ecommerce", "a schema you made on 2026-11-20 (run 3f2a8c11)"."""
    if one.source == "run":
        return f"a schema you made on {one.when:%Y-%m-%d} (run {one.name[:8]})" if one.when else f"run {one.name[:8]}"
    pattern, dot, table = one.name.partition(".")
    return f"table {table} of pattern {pattern}" if dot else f"pattern {pattern}"


def _holds_records(name: str) -> bool:
    """Is it a JSON file with a list at its top?"""
    path = Path(name)
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")


def _hint(mine: Field, other: Field, where: str) -> "Suggestion | None":
    """The other's annotation, with the keywords it leans on, where it says anything about this field alone."""
    from synth_sdk.schema.annotations import KEYWORD
    from synth_sdk.schema.suggest import Change, Suggestion

    note = other.schema[KEYWORD]
    if _OF_OTHERS & note.keys() or mine.schema.get("type") != other.schema.get("type"):
        return None
    path = tuple(step.replace("~1", "/").replace("~0", "~") for step in mine.pointer.split("/")[1:])
    beside = {word: other.schema[word] for word in _BESIDE if word in other.schema and word not in mine.schema}
    changes = [Change((*path, word), value) for word, value in {**beside, KEYWORD: note}.items()]
    words = ", ".join(f"{word} {json.dumps(value, ensure_ascii=False)}" for word, value in {**beside, KEYWORD: note}.items())
    return Suggestion(mine.pointer, f"add {words}", f"{mine.name!r} is so in {where}", tuple(changes))


def _patterns() -> list[Remembered]:
    """Each pattern as a whole, and each of its tables."""
    return [one for name in _pattern_names() for one in _of_pattern(name)]


def _pattern_names() -> list[str]:
    from synth_sdk.schema.patterns import names

    return names()


@lru_cache(maxsize=16)
def _of_pattern(name: str) -> tuple[Remembered, ...]:
    from synth_sdk.schema.patterns import of_name
    from synth_sdk.schema.tables import parse_tables

    document = parse_tables(of_name(name)).document()
    tables: dict[str, Any] = document["tables"]
    parts = [(name, document, f"-n 1000 -o {name}/")]
    parts += [(f"{name}.{table}", {"tables": {table: told}}, f"-n 1000 -o {table}.csv") for table, told in tables.items()]
    return tuple(
        Remembered("pattern", part, name, held, how={"command": f"synth generate json --schema {part} {options}"})
        for part, held, options in parts
    )


def _distinct(entries: "Iterable[Entry]") -> Iterator[Remembered]:
    """Runs that made something, the newest of each schema."""
    seen = set[str]()
    for entry in entries:
        if entry.document is None or entry.status not in _OUTCOMES or entry.schema_digest in seen:
            continue
        seen.add(entry.schema_digest)
        told = _told(entry)
        for part in (entry.document, *_tables_of(entry.document)):
            yield Remembered("run", entry.id, entry.schema_digest or entry.id, part, entry.started_at, told)


def _tables_of(document: Json) -> Iterator[Json]:
    """Each table of a set by itself, which a schema may be like while it isn't like the whole."""
    from synth_sdk.schema.tables import is_table_set

    if is_table_set(document) and isinstance(document, dict):
        yield from ({"tables": {name: told}} for name, told in document["tables"].items())


def _told(entry: "Entry") -> dict[str, Any]:
    """What was asked, what became of it, and the command that does it again, or shows it."""
    quality = entry.report.get("data_quality_metrics") or {}
    figures = {name: quality[name] for name in ("uniqueness_score", "validity_score") if name in quality}
    asked = {"kind": entry.kind, "count": entry.count, "seed": entry.seed, "output": entry.output}
    seconds = {"seconds": entry.milliseconds / 1000, "spent_usd": entry.spent_usd}
    return {"command": _command(entry), **asked, "records": entry.records, **seconds, **figures}


def _command(entry: "Entry") -> str:
    schema = str(entry.request.get("schema") or "")
    if not schema or schema.startswith("inline "):
        return f"synth runs show {entry.short_id} --json"
    words = ["synth", "generate", entry.kind, "--schema", schema, *_count(entry), "--seed", str(entry.seed)]
    output = entry.request.get("output")
    return shlex.join([*words, *(["-o", str(output)] if output and output != "-" else [])])


def _count(entry: "Entry") -> list[str]:
    """The option that asked for so many: as the request has it. Where it doesn't, it is of a set the number of rows of a table that says
    nothing of its own.
    """
    asked = entry.request.get("count")
    if isinstance(asked, int):
        return ["-n", str(asked)]
    rows = entry.report.get("tables")
    if not isinstance(rows, dict) or not isinstance(entry.document, dict):
        return ["-n", str(entry.count)]
    free = [name for name, told in entry.document.get("tables", {}).items() if not {"count", "per"} & told.keys()]
    counts = [rows[name]["records_generated"] for name in free if isinstance(rows.get(name), dict)]
    return ["-n", str(counts[0])] if counts else []


class _Stored:
    """The signatures of past schemas in a vector store; beside it stands how far the history has been read."""

    def __init__(self, told: str, embedding: "Embedding", integrations: Integrations) -> None:
        self._place, self._embedding = place_of(told, integrations), embedding
        self._mark = Path(f"{self._place.path}.recall.json")

    def nearest(self, asked: Signature, history: "History", limit: int) -> "list[Entry]":
        """The runs whose schemas are nearest to `asked`, of all that the history has."""
        with closing(open_to_write(self._place, self._embedding)) as store:
            newest = self._since() if len(store) else None
            fresh = [entry for entry in history.walk(since=newest) if entry.document is not None and entry.status in _OUTCOMES]
            told = {entry.schema_digest or entry.id: entry for entry in reversed(fresh)}  # the newest run of each schema
            if told:
                vectors = self._embedding.embed([signature(entry.document).text or "-" for entry in told.values()])
                store.add(list(told), vectors, [{"run": entry.id} for entry in told.values()])
                store.commit()
                self._mark.write_text(json.dumps({"read_to": fresh[0].started_at.isoformat()}), "utf-8")
            found = store.search(self._embedding.embed([asked.text or "-"])[0], limit)
        entries = [history.of_id(one.record["run"]) for one in found if isinstance(one.record, dict)]
        return [entry for entry in entries if entry is not None]

    def _since(self) -> datetime | None:
        try:
            return datetime.fromisoformat(json.loads(self._mark.read_text("utf-8"))["read_to"])
        except (OSError, ValueError, KeyError):
            return None
