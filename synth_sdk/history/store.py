"""The History: what keeps runs, wherever that is."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from synth_sdk.core.errors import RequestError, SynthError, UnknownName
from synth_sdk.history.entries import RUNNING, Entry
from synth_sdk.history.places import OFF, table_of

MOST_RUNS = 10_000
LAST = "last"
_OFFERED = 5  # ids that a message about an unknown one names


class HistoryError(SynthError):
    """The history can't be read or written. A run that was to be remembered isn't touched by that."""


class History(Protocol):
    """Keeps Entries. Any method may raise HistoryError; leaving its `with` block closes it. `warnings` are told to the user."""

    warnings: list[str]

    def begin(self, entry: Entry) -> None:
        """Note a run that begins, which `add` completes. If its process goes without that, it was killed; `close` without it forgets it."""

    def add(self, entry: Entry) -> None:
        """Remember a run that is over."""

    def walk(self, *, kind: str | None = None, status: str | None = None, since: datetime | None = None) -> Iterator[Entry]:
        """The runs that began at or after `since`, newest first, read as they are asked for."""

    def starting_with(self, prefix: str) -> list[str]:
        """A few of the ids that begin so."""

    def of_id(self, id: str) -> Entry | None:
        """The run of that whole id."""

    def forget(self, ids: Iterable[str]) -> int:
        """Forget runs by their whole ids; how many there were."""

    def prune(self, newest: int = MOST_RUNS) -> int:
        """Keep the `newest` runs; how many went."""

    def close(self) -> None: ...

    def entries(
        self, *, kind: str | None = None, status: str | None = None, since: datetime | None = None, limit: int | None = 50
    ) -> list[Entry]:
        """The newest `limit` runs (None: all), newest first."""
        return list(islice(self.walk(kind=kind, status=status, since=since), limit))

    def get(self, id: str) -> Entry:
        """The run whose id begins so, or the "last" one that is over. UnknownName if there is none, RequestError if there are several."""
        over = (entry for entry in self.walk() if entry.status != RUNNING)
        found = next(over, None) if id == LAST else self.of_id(self._whole(id))
        if found is None:
            raise UnknownName("run", id, [entry.short_id for entry in self.entries(limit=_OFFERED)], "(see 'synth runs list')")
        return found

    def _whole(self, id: str) -> str:
        ids = self.starting_with(id) if id else []
        if len(ids) > 1 and id not in ids:
            raise RequestError(f"run {id!r}: {' and '.join(ids)} begin so; give more characters of the id")
        return ids[0] if len(ids) == 1 else id

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class Nowhere(History):
    """Remembers nothing."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def begin(self, entry: Entry) -> None:
        pass

    def add(self, entry: Entry) -> None:
        pass

    def walk(self, *, kind: str | None = None, status: str | None = None, since: datetime | None = None) -> Iterator[Entry]:
        return iter(())

    def starting_with(self, prefix: str) -> list[str]:
        return []

    def of_id(self, id: str) -> Entry | None:
        return None

    def forget(self, ids: Iterable[str]) -> int:
        return 0

    def prune(self, newest: int = MOST_RUNS) -> int:
        return 0

    def close(self) -> None:
        pass


def open_history(place: str | Path, env: Mapping[str, str] | None = None, home: Path | None = None) -> History:
    """The history at `place`: a path is a SQLite file, "dynamodb://TABLE?region=..." a table of DynamoDB, "off" remembers nothing.

    `env` has the credentials of AWS (None: those of the process), `home` is where the runs of this machine are noted that go on while they
    are to be remembered elsewhere. RequestError for a URL that can't be one. Nothing is opened or connected before it is needed.
    """
    if str(place) == OFF:
        return Nowhere()
    table = table_of(str(place)) if isinstance(place, str) else None
    if table is not None:
        from synth_sdk.history.dynamodb import DynamoHistory

        return DynamoHistory(table, env, home)
    from synth_sdk.history.sqlite import SqliteHistory

    return SqliteHistory(Path(place).expanduser())
