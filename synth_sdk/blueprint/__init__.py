"""Blueprints: what a model writes once - wordings of a pack, `x-synth` annotations, vocabularies - and the offline engine expands for ever."""

from typing import TYPE_CHECKING

from synth_sdk.core.lazy import lazily

if TYPE_CHECKING:
    from synth_sdk.blueprint.authors import apply, author_for
    from synth_sdk.blueprint.model import Author, Blueprint
    from synth_sdk.blueprint.pack.author import PackAuthor

_HOMES = {
    "Author": "model",
    "Blueprint": "model",
    "PackAuthor": "pack.author",
    "apply": "authors",
    "author_for": "authors",
}
__all__ = ["Author", "Blueprint", "PackAuthor", "apply", "author_for"]

__getattr__ = lazily(__name__, _HOMES)
