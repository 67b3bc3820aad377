"""A wish as users write it, in the terms of a Spec."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from synth_sdk.core import plugins
from synth_sdk.core.errors import RequestError
from synth_sdk.core.money import parse_budget
from synth_sdk.core.quantities import parse_rate

_FILES = ("tools", "scenario")  # constraints that may name one


def parsed(kind: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a wish for `kind` as users write them, as the Spec holds them. RequestError names the value, the rule and the way out."""
    told = _counted(kind, told)
    if "budget" in told:
        told["budget_micros"] = parse_budget(told.pop("budget"))
    if "rate" in told:
        told["rate"] = parse_rate(told["rate"])
    if "fallback" in told:
        told["fallback"] = _parse_fallback(told["fallback"])
    if told.get("records_per_call") == "auto":
        del told["records_per_call"]
    told["seeded"] = told.get("seed") not in (None, "random")
    if told.get("seed") == "random":
        told["seed"] = secrets.randbelow(2**31)
    if "start" in told:
        told["start"] = _parse_start(told["start"])
    if "schema" in told:
        told["document"] = parse_document(told.pop("schema"))
    if "like" in told:
        told |= _likened(kind, told)
    if "pack" in told:
        told["pack"] = os.fspath(told["pack"])
    if isinstance(told.get("blueprint"), str | os.PathLike):
        told["blueprint_path"] = os.fspath(told.pop("blueprint"))
    if "constraints" in told:
        told["constraints"] = {str(key): str(value) for key, value in told["constraints"].items()}
    if "partition_by" in told:
        told["partition_by"] = _names(told["partition_by"])
    if "compliance" in told:
        from synth_sdk.compliance.frameworks import frameworks

        told["compliance"] = frameworks(_names(told["compliance"]))
    return told | _digest_of_file(told)


def _counted(kind: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """`told` with the count that follows from its other options, for a kind that can tell: ten minutes at one a second are 600."""
    follows = getattr(plugins.load("generators", kind), "count_of", None) if told.get("count") is None else None
    count = follows(told) if follows else None
    return dict(told) if count is None else {**told, "count": count}


def _likened(kind: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """The path of the sample, and its schema where none was given."""
    from synth_sdk.generators.json import JsonGenerator

    path = os.fspath(told["like"])
    part = plugins.load("generators", kind)
    if not (isinstance(part, type) and issubclass(part, JsonGenerator)):
        raise RequestError(
            f"like {path!r}: records of kind {kind!r} have no columns to be compared; for conversations see 'synth eval --like'"
        )
    if "document" in told:
        return {"like": path}
    from synth_sdk.schema.infer import infer_schema

    return {"like": path, "document": infer_schema(path)}


def _names(value: str | Iterable[str]) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else tuple(value)


def _parse_fallback(value: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    names = [name.strip() for name in value.split(",")] if isinstance(value, str) else [str(name) for name in value]
    if names == ["none"]:
        return ()
    if not names or "" in names or "none" in names:
        raise RequestError(f"fallback {','.join(names)!r}: give model names, 'faker' last if at all, or 'none' alone")
    return tuple(names)


def _parse_start(value: str | datetime) -> datetime:
    if isinstance(value, datetime):
        moment = value
    elif value == "now":
        moment = datetime.now(UTC).replace(microsecond=0)
    else:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise RequestError(
                f"start {value!r} is not an ISO 8601 time: write for example 2025-01-01T00:00:00Z, or now"
            ) from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_document(value: Any) -> Any:
    from synth_sdk.schema.patterns import find_document
    from synth_sdk.schema.tables import parse_declared

    return parse_declared(find_document(os.fspath(value)) if isinstance(value, str | os.PathLike) else value)


def _digest_of_file(told: Mapping[str, Any]) -> dict[str, str]:
    """The digest of the file that a pack, a list of tools or a scenario is read from, so that an edited file is another wish."""
    pack = told.get("pack")
    if pack and pack not in plugins.names("packs") and Path(pack).exists():
        from synth_sdk.dialogue.loading.loader import pack_digest

        return {"file_digest": pack_digest(pack, told.get("locale"))}
    constraints = told.get("constraints") or {}
    named = [*(constraints.get(key) for key in _FILES), told.get("like")]
    files = [Path(path) for path in named if path and Path(path).is_file()]
    return {"file_digest": hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()} if files else {}
