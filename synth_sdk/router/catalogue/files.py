"""Catalogue files as they lie on disk: YAML (of which JSON is a part) with a list of arms."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from synth_sdk.core.errors import RequestError


def read_file(file: Path) -> dict[str, Any]:
    """The document in `file`. RequestError if it can't be read or isn't a mapping."""
    documents = list(read_documents(file))
    if len(documents) != 1:
        raise RequestError(f"catalogue {str(file)!r} holds {len(documents)} documents; keep one")
    return documents[0]


def read_documents(file: Path) -> Iterator[dict[str, Any]]:
    """The documents in `file`, each parsed when it is asked for."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"catalogue {str(file)!r} can't be read: {error}; name a YAML or JSON file") from None
    return parse(text, str(file))


def parse(text: str, file: str) -> Iterator[dict[str, Any]]:
    """The mappings that `text` holds; `file` is what an error calls it."""
    try:
        for document in yaml.load_all(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if not isinstance(document, dict):
                raise RequestError(f'catalogue {file!r} must be a mapping with a list "arms"')
            yield document
    except yaml.YAMLError as error:
        raise RequestError(f"catalogue {file!r} is neither YAML nor JSON: {' '.join(str(error).split())}") from None


def entries_of(document: Mapping[str, Any], file: str) -> list[dict[str, Any]]:
    """The entries under "arms": mappings, each with an id of its own."""
    arms = document.get("arms")
    if not isinstance(arms, list) or not all(isinstance(arm, dict) for arm in arms):
        raise RequestError(f'catalogue {file!r}: "arms" must be a list of mappings, one for each arm')
    seen = set()
    for arm in arms:
        arm_id = arm.get("id")
        if not isinstance(arm_id, str) or not arm_id.strip():
            raise RequestError(f'catalogue {file!r}: every arm needs an "id", a text such as openrouter/vendor/model')
        if arm_id in seen:
            raise RequestError(f"catalogue {file!r}: arm {arm_id!r} stands there more than once; keep one")
        seen.add(arm_id)
    return arms
