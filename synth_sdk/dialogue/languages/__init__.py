"""What the built-in forms need to know about a language: one `Language` value each, as data and pure functions."""

from collections.abc import Callable
from functools import cache
from importlib import import_module

from synth_sdk.dialogue.languages.base import Language

_HOMES = {"de": "german", "en": "english", "es": "spanish"}
KNOWN = tuple(sorted(_HOMES))


def code_of(tag: str) -> str:
    """The language of a tag or a locale: "es" for es, es_MX, es-MX."""
    return tag.replace("-", "_").split("_")[0].lower()


def language(tag: str) -> Language:
    """The language of `tag`. One that nothing is known about has plain forms only: dates and times as ISO 8601 writes them, bare amounts."""
    return _language(code_of(tag))


@cache
def _language(code: str) -> Language:
    module = import_module(f"synth_sdk.dialogue.languages.{_HOMES.get(code, 'neutral')}")
    make: Callable[[str], Language] = module.make
    return make(code)


__all__ = ["KNOWN", "Language", "code_of", "language"]
