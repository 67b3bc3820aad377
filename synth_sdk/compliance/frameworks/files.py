"""The YAML files of this package."""

from pathlib import Path
from typing import Any

from synth_sdk.core.packaged import read_data


def listed(words: str) -> frozenset[str]:
    """The words of a text, parted by spaces."""
    return frozenset(words.split())


def read(name: str) -> dict[str, Any]:
    """The mapping in the file `name` beside this one, read once."""
    return read_data(Path(__file__).parent / name)
