"""Conversations from scenario packs: load, lint, play; outlines for models that write the words; the gates every conversation must pass."""

from typing import TYPE_CHECKING

from synth_sdk.core.lazy import lazily

if TYPE_CHECKING:
    from synth_sdk.dialogue.gates.check import check
    from synth_sdk.dialogue.gates.similar import spoken
    from synth_sdk.dialogue.linting.linter import Finding, lint
    from synth_sdk.dialogue.loading.loader import builtin_packs, load_pack
    from synth_sdk.dialogue.model import Pack
    from synth_sdk.dialogue.playing.player import batch, play
    from synth_sdk.dialogue.writing.cleaning import sanitise
    from synth_sdk.dialogue.writing.outlines import Outline, outline
    from synth_sdk.dialogue.writing.prompts import EXCHANGES_SCHEMA, Leaks, instructions, leaks
    from synth_sdk.dialogue.writing.rewrite_prompts import TURNS_SCHEMA, rewrite_brief, rewrite_instructions, rewrite_leaks
    from synth_sdk.dialogue.writing.rewriting import Rewriting, rewriting

_HOMES = {
    "EXCHANGES_SCHEMA": "writing.prompts",
    "Finding": "linting.linter",
    "Leaks": "writing.prompts",
    "Outline": "writing.outlines",
    "Pack": "model",
    "Rewriting": "writing.rewriting",
    "TURNS_SCHEMA": "writing.rewrite_prompts",
    "batch": "playing.player",
    "builtin_packs": "loading.loader",
    "check": "gates.check",
    "instructions": "writing.prompts",
    "leaks": "writing.prompts",
    "lint": "linting.linter",
    "load_pack": "loading.loader",
    "outline": "writing.outlines",
    "play": "playing.player",
    "rewrite_brief": "writing.rewrite_prompts",
    "rewrite_instructions": "writing.rewrite_prompts",
    "rewrite_leaks": "writing.rewrite_prompts",
    "rewriting": "writing.rewriting",
    "sanitise": "writing.cleaning",
    "spoken": "gates.similar",
}
__all__ = [
    "EXCHANGES_SCHEMA",
    "TURNS_SCHEMA",
    "Finding",
    "Leaks",
    "Outline",
    "Pack",
    "Rewriting",
    "batch",
    "builtin_packs",
    "check",
    "instructions",
    "leaks",
    "lint",
    "load_pack",
    "outline",
    "play",
    "rewrite_brief",
    "rewrite_instructions",
    "rewrite_leaks",
    "rewriting",
    "sanitise",
    "spoken",
]

__getattr__ = lazily(__name__, _HOMES)
