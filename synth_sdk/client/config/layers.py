"""One wish out of its layers: what the configuration says of every wish, beneath what it says of the kind, beneath what was asked for."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from synth_sdk.client.config.kinds import BY_CONSTRAINT, EVENT_RATE

if TYPE_CHECKING:
    from synth_sdk.client.settings import Settings

Wish = Mapping[str, Any]

_NO_OPTIONS = frozenset({"catalogue", "history"})  # keys that say something of the house, not of a wish


def layered(kind: str, given: Wish, settings: "Settings") -> dict[str, Any]:
    """`given` over what `settings` has for records of `kind`. With `auto_route` no model that only `settings` names is preferred."""
    wish = {**_of_all(given, settings.defaults), **_of_kind(kind, given, settings), **given, **_options(kind, given, settings)}
    if wish.pop("auto_route", False) and "model" not in given:
        wish.pop("model", None)
    return wish


def _of_all(given: Wish, defaults: Wish) -> dict[str, Any]:
    """The defaults, without those that give way: a format to the suffix of an output, a pack to a template."""
    left_out = set(_NO_OPTIONS)
    output = str(given.get("output") or "-").removesuffix(".gz").removesuffix(".zst")
    if PurePath(output).suffix and not output.endswith("/"):
        left_out.add("format")
    if "template" in (given.get("constraints") or {}):
        left_out.add("pack")
    return {name: value for name, value in defaults.items() if name not in left_out}


def _of_kind(kind: str, given: Wish, settings: "Settings") -> dict[str, Any]:
    """The kind's own model - unless the chain of models was asked for, or a model for all - and the seed and rate among its options."""
    found: dict[str, Any] = {}
    if kind in settings.models and "fallback" not in given and "model" not in settings.defaults:
        found["model"] = settings.models[kind]
    options = given.get("options") or settings.kinds.get(kind, {})
    if isinstance(options, Mapping):
        found |= {"seed": options.get("random_seed"), "rate": options.get("rate") if (kind, "rate") == EVENT_RATE else None}
    return {name: value for name, value in found.items() if value is not None}


def _options(kind: str, given: Wish, settings: "Settings") -> dict[str, Any]:
    """The kind's options as it takes them: constraints beneath those asked for, or whole."""
    configured = settings.kinds.get(kind)
    if given.get("options") is not None or not configured:
        return {}
    if kind in BY_CONSTRAINT:
        return {"constraints": {**configured, **(given.get("constraints") or {})}}
    left = {name: value for name, value in configured.items() if (kind, name) != EVENT_RATE}
    return {"options": left} if left else {}
