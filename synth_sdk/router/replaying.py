"""What was paid for before: journalled replies are read before anything is asked, and each new reply is journalled."""

from collections.abc import Callable, Sequence

from synth_sdk.core.models import Journal, Reply, Request
from synth_sdk.router.jobs import Record, Result
from synth_sdk.router.policy import Attempt
from synth_sdk.router.purchase import share
from synth_sdk.router.replies import read


class Replays:
    """The journal as the router uses it; None: nothing is kept. `key` gives a request's cache key."""

    def __init__(self, journal: Journal | None, key: Callable[[Request], str]) -> None:
        self._journal, self._key = journal, key
        self._read: dict[str, int] = {}

    def read(self, record: Record, results: list[Result | None]) -> Record | None:
        """Read the replies that are journalled for `record`: None if one is accepted, else the record with them as its history.

        Each is read once in a run: when the caller asks for the same record again (a near-duplicate), the next one counts.
        """
        if self._journal is None:
            return record
        key = self._key(record.request)
        seen = self._read.get(key, 0)
        for number, entry in enumerate(self._journal.replies(key)[seen:], start=seen):
            self._read[key] = number + 1
            if number == 0 and entry.arm in record.request.avoid:
                continue  # it stands in the cache, and the caller has turned it down
            cost = share(entry.cost_micros, entry.count, entry.position)
            verdict = record.judged(entry.arm, read(entry.reply, entry.count), entry.position, cost_micros=cost)
            if not isinstance(verdict, Attempt):
                results[record.place] = record.completed(entry.arm, verdict[0], cost)
                return None
            record = record.after(verdict)
        return record

    def keep(self, requests: Sequence[Request], arm: str, reply: Reply, cost: int) -> None:
        """On disk before it is read."""
        if self._journal is None:
            return
        keys = [self._key(request) for request in requests]
        for key in keys:
            self._read[key] = self._read.get(key, 0) + 1
        self._journal.record(keys, arm, reply, cost)
