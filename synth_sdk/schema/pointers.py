"""JSON pointers (RFC 6901): how an error says where."""

from collections.abc import Iterable


def to_pointer(path: Iterable[str | int]) -> str:
    """`("properties", "a/b")` as `/properties/a~1b`; the whole document is the empty string."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
