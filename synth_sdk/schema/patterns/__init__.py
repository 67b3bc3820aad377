"""Domain patterns: sets of tables as they stand in one trade, to be made as they are or to start one's own schema from.

Each is a YAML file in the format of docs/tables.md. What stands in its comment, up to the first empty line, is what it is about.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

from synth_sdk.core.errors import RequestError, UnknownName, nearest
from synth_sdk.core.models import Json
from synth_sdk.schema.documents import read_document
from synth_sdk.schema.patterns.alone import table_alone

__all__ = ["about", "find_document", "names", "of_name", "text_of"]

_FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The names of the patterns, sorted."""
    return sorted(file.stem for file in _FOLDER.glob("*.yaml"))


def text_of(name: str) -> str:
    """The pattern called `name` as it is written. UnknownName if there is none."""
    if name not in names():
        raise UnknownName("pattern", name, names())
    return (_FOLDER / f"{name}.yaml").read_text("utf-8")


def about(name: str) -> str:
    """What the pattern called `name` is, in a sentence."""
    lines = [line.removeprefix("#").strip() for line in text_of(name).splitlines()]
    return " ".join(lines[: lines.index("")])


def of_name(name: str) -> Json | None:
    """The document of a pattern (`ecommerce`), or the schema of one of its tables (`ecommerce.customers`), in which foreign keys are
    plain values. None if no pattern is called so; UnknownName for a table that it doesn't have.
    """
    pattern, dot, table = name.partition(".")
    if pattern not in names():
        return None
    document = _document(pattern)
    if dot and table not in document["tables"]:
        raise UnknownName(f"table of {pattern}", table, document["tables"])
    return table_alone(document, table) if dot else document


def find_document(name: str | Path) -> Json:
    """The document in the file called `name` ("-": standard input); where there is none, the pattern of that name, or its table.

    RequestError as in `read_document`, with the patterns whose names are near.
    """
    if str(name) == "-" or (Path(name).exists() and not Path(name).is_dir()):
        return read_document(name)
    found = of_name(str(name))
    if found is not None:
        return found
    try:
        return read_document(name)
    except RequestError as error:
        near = nearest(str(name).partition(".")[0], names())
        told = f"; or did you mean the pattern {' or '.join(near)}?" if near else ""
        raise RequestError(f"{error.message}{told}") from None


@lru_cache(maxsize=16)
def _document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = read_document(_FOLDER / f"{name}.yaml")
    return found
