"""What was asked of a kind, checked: constraints whose keys it knows, a dialect that it speaks."""

from collections.abc import Callable, Mapping

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.models import Json

Convert = Callable[[Json], Json]


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


def dialect_of(name: str, known: Mapping[str, Convert]) -> Convert:
    """The function that puts a record into the dialect called `name`; UnknownName with the nearest ones."""
    if name not in known:
        raise UnknownName("dialect", name, known)
    return known[name]
