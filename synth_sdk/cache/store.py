"""Accepted values by key: memory in front of one SQLite file, shared by all processes that use the folder."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from synth_sdk.cache.lease import Claims
from synth_sdk.cache.memory import Memory
from synth_sdk.cache.seal import seal, unseal
from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import WriteError
from synth_sdk.core.models import Json

T = TypeVar("T")

DEFAULT_SIZE_LIMIT = 2**30  # bytes on disk
DEFAULT_TTL = 180 * 86_400.0  # seconds
_VALUE = "value"  # tag of rows
_CULLED_AFTER = 100  # so many parts of the size limit may be written before the disk is looked over for what has to go
_COUNTERS = ("hits", "misses")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An accepted value, the arm that wrote it, its share of that call in micro-dollars, and when it was stored (Unix time)."""

    value: Json
    model: str
    cost_micros: int
    stored_at: float


class Store:
    """Values in `folder`, which is made when first used.

    When the file has `size_limit` bytes the oldest values go (least recently stored: keeping track of reads on disk costs ten
    times a read); after `ttl` seconds (None: never) each goes. A failing disk never fails a run: a read is then a miss, a write
    is left out, a claim is granted. Only a folder that can't be opened at all is an error (OutputError). `close` it in the
    thread that used it.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        size_limit: int = DEFAULT_SIZE_LIMIT,
        ttl: float | None = DEFAULT_TTL,
        *,
        memory: Memory | None = None,
        clock: Clock = Clock(),  # noqa: B008 - a frozen value
    ) -> None:
        self.folder = Path(folder).expanduser().absolute()
        self._size_limit, self._ttl, self._clock = size_limit, ttl, clock
        self._memory = memory or Memory()
        self._claims = Claims(self.folder)
        self._pending: dict[str, bytes] = {}  # rows that aren't on disk yet
        self._written = 0
        self._counts = dict.fromkeys(_COUNTERS, 0)

    def get(self, key: str, since: float = 0.0) -> Entry | None:
        """The value of `key`, unless it was stored before `since`, has expired or its row is damaged. Counts as hit or miss."""
        entry = self.peek(key, since)
        self._counts["misses" if entry is None else "hits"] += 1
        return entry

    def peek(self, key: str, since: float = 0.0) -> Entry | None:
        """As `get`, without counting."""
        if self._ttl is not None:
            since = max(since, self._clock.wall() - self._ttl)
        remembered = self._memory.get(key) or self._pending.get(key)
        if remembered is not None and (entry := _read(key, remembered, since)):
            return entry
        row = self._try(lambda rows: rows.get(key), None)
        entry = _read(key, row, since)
        if entry is not None:
            self._memory.put(key, row)
        return entry

    def put(self, key: str, value: Json, *, model: str, cost_micros: int, at_once: bool = True) -> bool:
        """Keep `value`; False if the disk would not take it or it isn't JSON.

        If not `at_once` it is on disk after the next `flush`: writing many rows together costs a fraction of writing each.
        """
        told = {"value": value, "model": model, "cost_micros": cost_micros, "stored_at": self._clock.wall()}
        try:
            row = seal(key, told)
        except (TypeError, ValueError, RecursionError):
            return False
        self._memory.put(key, row)
        self._pending[key] = row
        return self.flush() if at_once else True

    def flush(self) -> bool:
        """Write what is pending, in one transaction; False if the disk would not take it."""
        pending, self._pending = self._pending, {}
        return not pending or self._try(partial(self._write, pending), False)

    def delete(self, key: str) -> None:
        """Forget one value."""
        self._memory.delete(key)
        self._pending.pop(key, None)
        self._try(lambda rows: rows.delete(key), False)

    def claim(self, key: str) -> bool:
        """Make this store the only one that asks for `key`. False while another one does, here or in a process that lives."""
        _ = self._rows  # makes the folder
        return self._claims.take(key)

    def release(self, key: str) -> None:
        """Give `key` up, if it is ours."""
        self._claims.release(key)

    def stats(self) -> dict[str, Any]:
        """`entries`, their `bytes`, `folder`, `size_limit`, `oldest` (ISO time or None), `hits` and `misses` of all runs so
        far.
        """
        from synth_sdk.cache.disk import census

        self.flush()
        nothing: tuple[int, int, float | None] = (0, 0, None)
        entries, size, oldest = self._try(lambda _: census(self.folder, _VALUE, self._clock.wall()), nothing)
        self._flush_counts()
        counts = {name: self._try(partial(_total, name), 0) for name in _COUNTERS}
        self._rows.close()
        when = datetime.fromtimestamp(oldest, UTC).isoformat(timespec="seconds") if oldest is not None else None
        place = {"folder": str(self.folder), "size_limit": self._size_limit}
        return {"entries": entries, "bytes": size, "oldest": when} | place | counts

    def clear(self) -> int:
        """Forget all values and counts; returns how many values there were."""
        from synth_sdk.cache.disk import FAILURES

        self._memory.clear()
        self._pending = {}
        self._counts = dict.fromkeys(_COUNTERS, 0)
        try:
            removed = int(self._rows.evict(_VALUE))
            self._rows.clear()
        except FAILURES as error:
            raise WriteError(f"cache folder {str(self.folder)!r} can't be cleared: {error}; delete the folder") from None
        self._rows.close()
        return removed

    def close(self) -> None:
        """Write what is pending, add this process's hits and misses to the totals, give up all claims, let go of the files. They
        open again when they are used again.
        """
        self._claims.close()
        self.flush()
        if "_rows" in self.__dict__:
            self._flush_counts()
            self._rows.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @cached_property
    def _rows(self) -> Any:
        from synth_sdk.cache.disk import open_cache

        return open_cache(self.folder, eviction_policy="least-recently-stored", size_limit=self._size_limit, cull_limit=0)

    def _write(self, pending: dict[str, bytes], rows: Any) -> bool:
        with rows.transact():
            for key, row in pending.items():
                rows.set(key, row, expire=self._ttl, tag=_VALUE)
        self._written += sum(map(len, pending.values()))
        if self._written * _CULLED_AFTER >= self._size_limit:
            self._written = 0
            rows.cull()
        return True

    def _try(self, ask: Callable[[Any], T], otherwise: T) -> T:
        rows = self._rows
        from synth_sdk.cache.disk import FAILURES

        try:
            return ask(rows)
        except FAILURES:
            return otherwise

    def _flush_counts(self) -> None:
        for name, count in self._counts.items():
            if count:
                self._try(partial(_add, name, count), None)
        self._counts = dict.fromkeys(_COUNTERS, 0)


def _total(counter: str, rows: Any) -> int:
    total = rows.get(counter)
    return total if isinstance(total, int) else 0


def _add(counter: str, more: int, rows: Any) -> None:
    rows.incr(counter, more)


def _read(key: str, row: object, since: float) -> Entry | None:
    """The entry in a row, if it is whole and was stored at `since` or later."""
    match unseal(key, row):
        case {"value": value, "model": str(model), "cost_micros": int(cost), "stored_at": float(stored_at)} if stored_at >= since:
            return Entry(value=value, model=model, cost_micros=cost, stored_at=stored_at)
    return None
