"""jsonschema, imported cheaply."""

import importlib.util
import sys
from functools import cache
from types import ModuleType
from typing import Any

_IRI_GRAMMAR = "rfc3987_syntax"  # builds its parser when it is imported, which takes more than a second


@cache
def load_jsonschema() -> Any:
    """The module `jsonschema`, with the grammar of IRIs left aside until an IRI is checked."""
    aside = (
        _IRI_GRAMMAR not in sys.modules and "jsonschema" not in sys.modules and importlib.util.find_spec(_IRI_GRAMMAR) is not None
    )
    if not aside:
        import jsonschema

        return jsonschema
    stand_in = ModuleType(_IRI_GRAMMAR)
    stand_in.is_valid_syntax = _is_valid_syntax  # type: ignore[attr-defined]
    sys.modules[_IRI_GRAMMAR] = stand_in
    try:
        import jsonschema
    finally:
        del sys.modules[_IRI_GRAMMAR]
    return jsonschema


def _is_valid_syntax(rule: str, text: str) -> bool:
    """Stands in for the function of that name. An IRI in ASCII is a URI (RFC 3987, section 3.1); for others the grammar is loaded."""
    if text.isascii():
        from rfc3986_validator import validate_rfc3986  # type: ignore[import-untyped]

        return bool(validate_rfc3986(text, rule="URI_reference" if rule == "iri_reference" else "URI"))
    from rfc3987_syntax import is_valid_syntax  # type: ignore[import-untyped]

    return bool(is_valid_syntax(rule, text))
