"""`--constraint KEY=VALUE`: only keys that the kind knows, with readable errors."""

from collections.abc import Mapping

from synth_sdk.core.errors import RequestError, UnknownName


def check_keys(kind: str, constraints: Mapping[str, str], known: frozenset[str]) -> None:
    """UnknownName, with the nearest key, for a constraint that `kind` doesn't have."""
    for key in constraints:
        if key not in known:
            raise UnknownName(f"{kind} constraint", key, known)


def positive_int(constraints: Mapping[str, str], key: str, default: int) -> int:
    """The constraint `key` as a whole number of at least 1."""
    text = constraints.get(key)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise RequestError(f"constraint {key}={text!r}: must be a whole number of at least 1")
    return int(text)
