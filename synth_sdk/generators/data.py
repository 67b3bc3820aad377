"""Wordings and vocabularies that come with the package, as YAML beside the code that uses them."""

from functools import cache
from pathlib import Path
from typing import Any


@cache
def read_data(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file of this package, read once."""
    import yaml

    loaded: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return loaded
