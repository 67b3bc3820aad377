"""Raw replies of a run that isn't finished, on disk before they are read: a crash loses nothing that was paid for.

A reply is stored once, under a number of its own; each record that shared the call has a row that points to it. Its text is
kept exactly as it came, since it is the data that was paid for; keys are hashes, and headers and credentials never get here. A
row survives the death of the process as soon as `record` returns; a power cut may cost the last moments (SQLite's WAL,
synchronous NORMAL).
"""

import os
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from synth_sdk.cache.seal import seal, unseal
from synth_sdk.core.errors import WriteError
from synth_sdk.core.models import JournalEntry, Reply, Usage

# What reading members of another shape than ours may raise.
_NOT_OURS = (KeyError, TypeError, ValueError, ArithmeticError)
_KEPT_SECONDS = 30 * 86_400.0  # how long the replies of a run that nobody continues stay


class Journal:
    """The replies of `run` (a fingerprint) in `folder`, which runs and processes may share. Opened when first used.

    Implements `core.models.Journal`. Besides what the methods say, any of them raises OutputError if the folder can't be opened.
    """

    def __init__(self, folder: str | os.PathLike[str], run: str) -> None:
        self.folder = Path(folder).expanduser().absolute()
        self._run = run

    def record(self, keys: Sequence[str], arm: str, reply: Reply, cost_micros: int) -> None:
        """Keep `reply`, the answer to the records `keys` in that order: all or nothing. WriteError if the disk won't take it."""
        from synth_sdk.cache.disk import FAILURES

        number = uuid.uuid4().hex
        told = {"arm": arm, "reply": _plain(reply), "count": len(keys), "cost_micros": cost_micros}
        try:
            with self._rows.transact():
                self._set(self._reply_place(number), told)
                for position, key in enumerate(keys):
                    place = self._record_place(key)
                    self._set(place, {"replies": [*self._pointers(place), [number, position]]})
        except FAILURES as error:
            raise WriteError(
                f"journal in {str(self.folder)!r} can't be written: {error}; free some disk space and run the same command again"
            ) from None

    def replies(self, key: str) -> list[JournalEntry]:
        """Every reply that was asked for the record `key` in this run, oldest first. A damaged row is left out."""
        found = (self._entry(number, position) for number, position in self._pointers(self._record_place(key)))
        return [entry for entry in found if entry is not None]

    def clear(self) -> None:
        """The run is finished: forget its rows, and nobody else's."""
        from synth_sdk.cache.disk import FAILURES

        try:
            self._rows.evict(self._run)
        except FAILURES as error:
            raise WriteError(f"journal in {str(self.folder)!r} can't be cleared: {error}; delete the folder") from None

    def close(self) -> None:
        """Let go of the file, in the thread that used it. Rows stay."""
        if "_rows" in self.__dict__:
            self._rows.close()

    @cached_property
    def _rows(self) -> Any:
        """Opening drops what ran out; nothing else is ever evicted."""
        from synth_sdk.cache.disk import FAILURES, open_cache

        rows = open_cache(self.folder, eviction_policy="none", tag_index=1)
        with suppress(*FAILURES):  # if it can't be done now, the next run will
            rows.expire()
        return rows

    def _set(self, place: str, told: dict[str, Any]) -> None:
        self._rows.set(place, seal(place, told), expire=_KEPT_SECONDS, tag=self._run)

    def _get(self, place: str) -> dict[str, Any] | None:
        from synth_sdk.cache.disk import FAILURES

        try:
            return unseal(place, self._rows.get(place))
        except FAILURES:
            return None

    def _pointers(self, place: str) -> list[tuple[str, int]]:
        told = self._get(place) or {}
        try:
            return [(str(number), int(position)) for number, position in told["replies"]]
        except _NOT_OURS:
            return []

    def _entry(self, number: str, position: int) -> JournalEntry | None:
        told = self._get(self._reply_place(number)) or {}
        try:
            return JournalEntry(**told | {"reply": _reply(told["reply"]), "position": position})
        except _NOT_OURS:
            return None

    def _reply_place(self, number: str) -> str:
        return f"{self._run} reply {number}"

    def _record_place(self, key: str) -> str:
        return f"{self._run} record {key}"


def _plain(reply: Reply) -> dict[str, Any]:
    return asdict(reply) | {"cost_usd": None if reply.cost_usd is None else str(reply.cost_usd)}


def _reply(told: dict[str, Any]) -> Reply:
    usage, cost = told["usage"], told["cost_usd"]
    return Reply(
        **told | {"usage": None if usage is None else Usage(**usage), "cost_usd": None if cost is None else Decimal(cost)}
    )
