"""Conversations from scenario packs: load, lint, play; outlines for models that write the words; the gates every conversation must pass."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synth_sdk.dialogue.cleaning import sanitise
    from synth_sdk.dialogue.gates import check
    from synth_sdk.dialogue.linter import Finding, lint
    from synth_sdk.dialogue.loader import builtin_packs, load_pack
    from synth_sdk.dialogue.model import Pack
    from synth_sdk.dialogue.outlines import Outline, outline
    from synth_sdk.dialogue.player import play
    from synth_sdk.dialogue.prompts import EXCHANGES_SCHEMA, Leaks, instructions, leaks
    from synth_sdk.dialogue.similar import near_duplicates

_HOMES = {
    "EXCHANGES_SCHEMA": "prompts",
    "Finding": "linter",
    "Leaks": "prompts",
    "Outline": "outlines",
    "Pack": "model",
    "builtin_packs": "loader",
    "check": "gates",
    "instructions": "prompts",
    "leaks": "prompts",
    "lint": "linter",
    "load_pack": "loader",
    "near_duplicates": "similar",
    "outline": "outlines",
    "play": "player",
    "sanitise": "cleaning",
}
__all__ = [
    "EXCHANGES_SCHEMA",
    "Finding",
    "Leaks",
    "Outline",
    "Pack",
    "builtin_packs",
    "check",
    "instructions",
    "leaks",
    "lint",
    "load_pack",
    "near_duplicates",
    "outline",
    "play",
    "sanitise",
]


def __getattr__(name: str) -> Any:
    """Load a public name when first asked for."""
    if name in _HOMES:
        value = getattr(import_module(f"synth_sdk.dialogue.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
