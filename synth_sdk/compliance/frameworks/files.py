"""The YAML files of this package."""

from functools import cache
from pathlib import Path
from typing import Any


def listed(words: str) -> frozenset[str]:
    """The words of a text, parted by spaces."""
    return frozenset(words.split())


@cache
def read(name: str) -> dict[str, Any]:
    """The mapping in the file `name` beside this one, read once."""
    import yaml

    loaded: dict[str, Any] = yaml.safe_load((Path(__file__).parent / name).read_text("utf-8"))
    return loaded
