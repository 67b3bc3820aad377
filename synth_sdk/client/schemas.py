"""Schemas as users handle them: from data, checked, improved. Files are named; "-" is standard input."""

import json
from collections.abc import Iterator
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING

from synth_sdk.core.errors import RequestError, SchemaError
from synth_sdk.core.models import Json

if TYPE_CHECKING:
    from synth_sdk.schema.check import Finding
    from synth_sdk.schema.suggest import Suggestion

_MADE = 5  # records that the acid test makes


def infer_schema(path: str | PathLike[str], rows: int = 100_000) -> Json:
    """JSON Schema of the first `rows` rows of a CSV, JSON, JSONL or Parquet file; RequestError names file and line if it is broken."""
    from synth_sdk.schema.infer import infer_schema

    return infer_schema(str(path), rows)


def check_schema(source: object, count: int | None = None) -> "list[Finding]":
    """What is wrong, or looks wrong, with a schema (a file's name or a document of any dialect), sorted by pointer.

    After reading it, the offline engine makes some records: what it can't make is an error too. `count`: how many records are wanted.
    """
    from synth_sdk.schema.check import check_schema
    from synth_sdk.schema.tables import is_table_set

    document = document_of(source)
    if is_table_set(document):
        return sorted(set(_of_tables(document, count)), key=lambda finding: finding.order)
    found = check_schema(document, count)
    return sorted({*found, *_acid(document, found, count)}, key=lambda finding: finding.order)


def suggest(source: object) -> "list[Suggestion]":
    """How a schema could say more, sorted by pointer. SchemaError if it is malformed."""
    from synth_sdk.schema.suggest import suggest

    return suggest(document_of(source))


def shown(name: str, *, plain: bool = False) -> Json:
    """What is called `name`: the published schema of a "request" or a "report", or a domain pattern - its YAML as it is written, or (`plain`)
    its document in plain JSON Schema. Of `pattern.table` always the latter. UnknownName if there is none.
    """
    from synth_sdk.client.requests.documents import PUBLISHED, published
    from synth_sdk.schema import patterns
    from synth_sdk.schema.tables import parse_declared

    if name in PUBLISHED:
        return published(name)
    if "." not in name and not plain:
        return patterns.text_of(name)
    found = patterns.of_name(name)
    return parse_declared(found) if found is not None else patterns.text_of(name)


def improved(source: object) -> Json:
    """The schema with all safe suggestions applied."""
    from synth_sdk.schema.suggest import improved

    return improved(document_of(source))


def write_schema(document: Json, output: str) -> None:
    """Write a schema as JSON to a file, whole or not at all, or to standard output ("-"). OutputError if that can't be."""
    from synth_sdk.sinks.stores import open_store

    store = open_store(output)
    try:
        store.stream.write(json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n")
        store.commit()
    except BaseException:
        store.abort()
        raise


def document_of(source: object) -> object:
    """The document that `source` names - a file, "-", else a pattern - or is."""
    if not isinstance(source, str | PathLike):
        return source
    from synth_sdk.schema.patterns import find_document

    return find_document(str(source))


def _of_tables(document: object, count: int | None) -> "Iterator[Finding]":
    """About a set, and about the schema of each table, with pointers into the set."""
    from synth_sdk.engine.tables import TableEngine
    from synth_sdk.schema.check import Finding, check_schema
    from synth_sdk.schema.checks.annotated import bare
    from synth_sdk.schema.pointers import to_pointer
    from synth_sdk.schema.tables import parse_tables

    try:
        tables = parse_tables(document)
    except SchemaError as error:
        yield Finding("error", error.pointer, error.keyword, bare(error))
        return
    for table in tables:
        at = to_pointer(("tables", table.name, "schema"))
        found = check_schema(table.schema.document, table.count)
        yield from (replace(finding, pointer=at + finding.pointer) for finding in found)
        try:
            engine = TableEngine(tables, table.name, count=count or _MADE)
            engine.check_count(engine.size)
        except SchemaError as error:
            if not any(one.level == "error" for one in found):
                yield Finding("error", at + error.pointer.removeprefix(at), error.keyword, bare(error))


def _acid(document: object, found: "list[Finding]", count: int | None) -> "list[Finding]":
    """What the engine says, unless reading found an error there already."""
    from synth_sdk.engine import Engine
    from synth_sdk.schema import parse_schema
    from synth_sdk.schema.check import Finding
    from synth_sdk.schema.checks.annotated import bare

    try:
        engine = Engine(parse_schema(document))
        engine.check_count(count or 1)
        engine.batch(range(min(_MADE, count or 1)))
    except SchemaError as error:
        if any(one.level == "error" for one in found):
            return []
        return [Finding("error", error.pointer, error.keyword, bare(error))]
    except RequestError as error:
        return [Finding("error", "", "", error.message)]
    return []
