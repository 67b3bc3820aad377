"""Columns of a set that are derived from one another in a circle, across its tables."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from synth_sdk.schema.annotations import KEYWORD, Annotation, read_annotation
from synth_sdk.schema.derivation import source_paths
from synth_sdk.schema.pointers import to_pointer
from synth_sdk.schema.rows import Documents, at, columns_of, refuse

Column = tuple[str, str]


def check_circles(documents: Documents) -> None:
    """SchemaError if the columns of the tables in `documents` are derived in a circle."""
    edges: dict[Column, set[Column]] = {}
    for table, document in documents.items():
        for name, node in columns_of(document).items():
            note = read_annotation(node, at(table, to_pointer(("properties", name))))
            edges[table, name] = set(_sources(table, note)) if KEYWORD in node else set()
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        told = " from ".join(f"{table}.{column}" for table, column in circle)
        refuse(f"{told}: derived in a circle", circle[0][0], to_pointer(("properties", circle[0][1])))


def _sources(table: str, note: Annotation) -> Iterator[Column]:
    """The columns that one annotated so is made from."""
    yield from ((table, path[0]) for path in source_paths(note))
    if note.ref is not None:
        yield note.ref.table, note.ref.column
    if note.aggregate is not None and note.aggregate.column:
        yield note.aggregate.table, note.aggregate.column
