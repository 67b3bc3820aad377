"""Wordings, vocabularies and rules that come with the package, as YAML beside the code that uses them."""

from functools import cache
from pathlib import Path
from typing import Any


@cache
def read_data(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file of this package, read once. Nobody changes it."""
    import yaml

    # libyaml's parser is several times as fast; it isn't for strangers' files, since deep nesting makes it crash
    loaded: dict[str, Any] = yaml.load(path.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a SafeLoader
    return loaded
