"""Which configuration file counts, and what it holds."""

from pathlib import Path
from typing import Any

from synth_sdk.client.config.documents import read_document
from synth_sdk.core.errors import RequestError

NAMES = ("synth.yaml", "synth.yml", "synth.json", ".agentic-synth.json")


def find(folder: Path) -> list[Path]:
    """The configuration files in `folder`; the first of them counts."""
    return [folder / name for name in NAMES if (folder / name).is_file()]


def read_mapping(file: Path) -> dict[Any, Any]:
    """What `file` holds; an empty one holds nothing. RequestError names the file and the flaw."""
    told = read_document(file, f"config {file}")
    if told is None:
        return {}
    if not isinstance(told, dict):
        raise RequestError(f"config {file}: must be a mapping of options, not {type(told).__name__}")
    return told
