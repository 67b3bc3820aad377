"""What was asked for, in the words of users: as reports tell it, and as it is remembered."""

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from synth_sdk.core.money import format_usd
from synth_sdk.core.spec import Spec
from synth_sdk.history.bounds import LARGEST_REQUEST, bounded
from synth_sdk.history.entries import digest_of

_SAID = {"document": "schema", "budget_micros": "budget", "blueprint_path": "blueprint"}  # the users' words for fields of a Spec
_UNSAID = frozenset({"document", "within", "seeded", "profiled", "file_digest", "blueprint"})


def asked(spec: Spec | None, wish: Mapping[str, Any]) -> dict[str, Any]:
    """The request in the words of users: what differs from the defaults, without secrets. A schema is told by its file, or by its digest."""
    return bounded(_asked(spec, wish), LARGEST_REQUEST)


def digest_or_none(document: Any) -> str:
    """What tells a schema; "" for one that has no JSON."""
    with suppress(ValueError, RecursionError):
        return digest_of(document)
    return ""


def _asked(spec: Spec | None, wish: Mapping[str, Any]) -> dict[str, Any]:
    schema = _schema(wish.get("schema"), spec.document if spec else None)
    if spec is None:
        return {name: value for name, value in wish.items() if name != "schema" and _given(value)} | schema
    told: dict[str, Any] = {"kind": spec.kind, "count": spec.count, "seed": spec.seed}
    for name, field in Spec.model_fields.items():
        value = getattr(spec, name)
        if name not in _UNSAID and value != field.get_default(call_default_factory=True):
            told[_SAID.get(name, name)] = format_usd(value) if name == "budget_micros" else value
    return told | schema


def _given(value: Any) -> bool:
    """It was asked for: flags of a command that weren't set aren't."""
    return value is not False and value not in (None, "", (), [], {})


def _schema(given: Any, document: Any) -> dict[str, Any]:
    if isinstance(given, str | os.PathLike):
        return {"schema": os.fspath(given)}
    if isinstance(given, type):
        return {"schema": given.__name__}
    found = given if document is None else document
    return {} if found is None else {"schema": f"inline {digest_or_none(found)}"}
