"""What a draw may come to: a value for each of its options."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any


class Table:
    """A value for each option of a draw. Tables derived from it are made once, so that equal tables are the same object."""

    __slots__ = ("_codes", "_derived", "has_none", "values")

    def __init__(self, values: Sequence[Any]) -> None:
        self.values = tuple(values)
        self.has_none = any(value is None for value in self.values)
        self._codes: tuple[int, ...] = ()
        self._derived: dict[Hashable, Any] = {}

    @property
    def codes(self) -> tuple[int, ...]:
        """A number for each value: the same for values that are equal."""
        if not self._codes:
            seen: dict[Hashable, int] = {}
            self._codes = tuple(seen.setdefault(identity(value), len(seen)) for value in self.values)
        return self._codes

    @property
    def single(self) -> bool:
        return len(self.values) == 1 or (max(self.codes) == 0)

    def map(self, key: Hashable, function: Callable[[Any], Any]) -> "Table":
        """The table of `function(value)`; `key` names the function."""
        made: Table = self.once(key, lambda: Table([function(value) for value in self.values]))
        return made

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make()` gave the first time it was asked for under `key`."""
        if key not in self._derived:
            self._derived[key] = make()
        return self._derived[key]


def identity(value: Any) -> Hashable:
    """A key that equal JSON values share, and true and 1 don't."""
    return (type(value) is bool, value) if isinstance(value, Hashable) else repr(value)
