"""Accepted values by key: memory in front of one SQLite file, shared by all processes that use the folder."""

import os
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from synth_sdk.cache import transfer
from synth_sdk.cache.lease import Claims
from synth_sdk.cache.memory import Memory
from synth_sdk.cache.rows import Asked, Entry, brief_key, brief_row, read_brief, read_value, value_of, value_row
from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import WriteError
from synth_sdk.core.models import Json
from synth_sdk.core.money import format_usd

T = TypeVar("T")
Outcome = Literal["hits", "misses", "shared"]

DEFAULT_SIZE_LIMIT = 2**30  # bytes on disk
DEFAULT_TTL = 180 * 86_400.0  # seconds
_VALUE, _BRIEF = "value", "brief"  # tags of rows
_GENERATION = "generation"  # the row that names what the folder holds: another one after `clear`, or in another folder
_CULLED_AFTER = 100  # so many parts of the size limit may be written before the disk is looked over for what has to go
_COUNTERS = ("hits", "misses", "shared", "saved_micros")
_MOST_BRIEFS = 10_000  # of one family
_NO_ROWS: list[tuple[str, bytes]] = []


class Store:
    """Values in `folder`, which is made when first used.

    When the file has `size_limit` bytes the oldest values go (least recently stored: keeping track of reads on disk costs ten
    times a read); after `ttl` seconds (None: never) each goes. A failing disk never fails a run: a read is then a miss, a write
    is left out, a claim is granted. Only a folder that can't be opened at all is an error (OutputError). `close` it in the
    thread that used it. Of a `read_only` one nothing on disk changes, counts included; what is put stays in memory.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        size_limit: int = DEFAULT_SIZE_LIMIT,
        ttl: float | None = DEFAULT_TTL,
        *,
        memory: Memory | None = None,
        clock: Clock = Clock(),  # noqa: B008 - a frozen value
        read_only: bool = False,
    ) -> None:
        self.folder = Path(folder).expanduser().absolute()
        self._size_limit, self._ttl, self._clock, self._read_only = size_limit, ttl, clock, read_only
        self._shelf = memory or Memory()
        self._claims = Claims(self.folder)
        self._pending: dict[str, bytes] = {}  # rows that aren't on disk yet
        self._written = 0
        self._counts = dict.fromkeys(_COUNTERS, 0)

    def get(self, key: str, since: float = 0.0) -> Entry | None:
        """The value of `key`, unless it was stored before `since`, has expired or its row is damaged. Counts as hit or miss."""
        entry = self.peek(key, since)
        self.count("misses" if entry is None else "hits", entry)
        return entry

    def peek(self, key: str, since: float = 0.0) -> Entry | None:
        """As `get`, without counting."""
        if self._ttl is not None:
            since = max(since, self._clock.wall() - self._ttl)
        remembered = self._memory.get(key) or self._pending.get(key)
        if remembered is not None and (entry := read_value(key, remembered, since)):
            return entry
        row = self._try(lambda rows: rows.get(key), None)
        entry = read_value(key, row, since)
        if entry is not None:
            self._memory.put(key, row)
        return entry

    def count(self, outcome: Outcome, entry: Entry | None = None) -> None:
        """Book a look-up, and what `entry` saved."""
        self._counts[outcome] += 1
        self._counts["saved_micros"] += entry.cost_micros if entry else 0

    def put(
        self,
        key: str,
        value: Json,
        *,
        model: str,
        cost_micros: int,
        at_once: bool = True,
        asked: Asked | None = None,
        source: str = "",
    ) -> bool:
        """Keep `value`; False if the disk would not take it or it isn't JSON.

        If not `at_once` it is on disk after the next `flush`: writing many rows together costs a fraction of writing each. With
        `asked` requests like that one may find it (`briefs`).
        """
        now, words = self._clock.wall(), asked.words if asked else ""
        entry = Entry(value=value, model=model, cost_micros=cost_micros, stored_at=now, words=words, source=source)
        try:
            rows = {key: value_row(key, entry)}
            if asked is not None:
                place = brief_key(asked.family, key)
                rows[place] = brief_row(place, asked.brief, now)
        except (TypeError, ValueError, RecursionError):
            return False
        self._memory.put(key, rows[key])
        if self._read_only:
            return False
        self._pending |= rows
        return self.flush() if at_once else True

    def briefs(self, family: str, before: float) -> list[tuple[str, str]]:
        """(key, brief) of the values on disk that were bought for requests of `family` before that moment; at most the last 10,000."""
        from synth_sdk.cache.disk import beginning_with

        found = self._try(lambda _: beginning_with(self.folder, brief_key(family, ""), _MOST_BRIEFS), _NO_ROWS)
        told = ((value_of(place), read_brief(place, row)) for place, row in found)
        return [(key, brief[0]) for key, brief in told if key and brief and brief[1] < before]

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
        if self._read_only:
            return True
        _ = self._rows  # makes the folder
        return self._claims.take(key)

    def release(self, key: str) -> None:
        """Give `key` up, if it is ours."""
        self._claims.release(key)

    def stats(self) -> dict[str, Any]:
        """`entries`, their `bytes`, `folder`, `size_limit`, `ttl` (seconds), `oldest` (ISO time or None); of all runs so far `hits`,
        `misses`, `shared` (answered by the value of a request that is nearly the same), `hit_rate` (0-1, None before the first) and
        `saved_usd`; `memory`, what this process holds and may hold.
        """
        from synth_sdk.cache.disk import census

        self.flush()
        nothing: tuple[int, int, float | None] = (0, 0, None)
        entries, size, oldest = self._try(lambda _: census(self.folder, _VALUE, self._clock.wall()), nothing)
        self._flush_counts()
        counts = {name: self._try(partial(_total, name), 0) for name in _COUNTERS}
        memory = self._memory.stats()
        self._rows.close()
        when = datetime.fromtimestamp(oldest, UTC).isoformat(timespec="seconds") if oldest is not None else None
        place = {"folder": str(self.folder), "size_limit": self._size_limit, "ttl": self._ttl}
        return {"entries": entries, "bytes": size, "oldest": when} | place | _summed(counts) | {"memory": memory}

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
        self._memory.generation = self._name_generation()
        self._rows.close()
        return removed

    def persist(self, path: str | os.PathLike[str]) -> int:
        """Write the values that were stored last, as many as memory may hold, to the file `path`; returns how many.

        The file appears when it is whole, and is for its owner alone. OutputError if it can't be written, or holds something else.
        """
        from synth_sdk.cache.disk import newest

        self.flush()
        now, most = self._clock.wall(), self._memory.most_entries
        values = self._try(lambda _: newest(self.folder, _VALUE, now, most), _NO_ROWS)
        keys = {key for key, _ in values}
        briefs = self._try(lambda _: newest(self.folder, _BRIEF, now, most), _NO_ROWS)
        self._rows.close()
        transfer.write(path, [*values, *(row for row in briefs if value_of(row[0]) in keys)], len(values))
        return len(values)

    def restore(self, path: str | os.PathLike[str]) -> int:
        """Take in the values of a file that `persist` wrote, unless their keys have one already or they have expired; returns how many
        were taken. What is damaged is left out. OutputError if the file is none of ours or can't be read.
        """
        since = 0.0 if self._ttl is None else self._clock.wall() - self._ttl
        taken = 0
        for key, row in transfer.read(path):
            if value_of(key) is not None:
                good = read_brief(key, row) is not None
            elif good := self.peek(key) is None and read_value(key, row, since) is not None:
                self._memory.put(key, row)
                taken += 1
            if good and not self._read_only:
                self._pending[key] = row
        self.flush()
        return taken

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
        from synth_sdk.cache.disk import Reader, open_cache

        if self._read_only:
            return Reader(self.folder)
        return open_cache(self.folder, eviction_policy="least-recently-stored", size_limit=self._size_limit, cull_limit=0)

    @cached_property
    def _memory(self) -> Memory:
        """What the shelf holds of this folder as it is now: nothing, if the values on disk are others than those it was filled from."""
        generation = self._generation() or self._name_generation()
        if self._shelf.generation != generation:
            self._shelf.clear()
            self._shelf.generation = generation
        return self._shelf

    def _name_generation(self) -> str | None:
        """A new name for what the folder holds, or the one that another process was quicker to give; None if the disk won't take it."""
        if self._read_only:
            return None
        self._try(lambda rows: rows.add(_GENERATION, uuid.uuid4().hex), False)
        return self._generation()

    def _generation(self) -> str | None:
        name = self._try(lambda rows: rows.get(_GENERATION), None)
        return name if isinstance(name, str) else None

    def _write(self, pending: dict[str, bytes], rows: Any) -> bool:
        with rows.transact():
            for key, row in pending.items():
                rows.set(key, row, expire=self._ttl, tag=_VALUE if value_of(key) is None else _BRIEF)
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
        if not self._read_only:
            for name, count in self._counts.items():
                if count:
                    self._try(partial(_add, name, count), None)
        self._counts = dict.fromkeys(_COUNTERS, 0)


def _total(counter: str, rows: Any) -> int:
    total = rows.get(counter)
    return total if isinstance(total, int) else 0


def _add(counter: str, more: int, rows: Any) -> None:
    rows.incr(counter, more)


def _summed(counts: dict[str, int]) -> dict[str, Any]:
    """The counters, and what follows from them."""
    saved = counts.pop("saved_micros")
    found = counts["hits"] + counts["shared"]
    asked = found + counts["misses"]
    return counts | {"hit_rate": round(found / asked, 4) if asked else None, "saved_usd": format_usd(saved)}
