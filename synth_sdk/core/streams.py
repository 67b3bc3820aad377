"""Where records go one by one while they are made: what a target of `--stream-to` must be able to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from synth_sdk.core.redact import redact_url

PARAMETERS = ("stream", "maxlen", "ack")  # of a URL, that are ours and hold no secret


@dataclass(frozen=True, slots=True)
class Message:
    """One record on its way out. `id` is the same whenever the same wish makes this record again; `body` is its compact JSON in UTF-8."""

    id: str
    body: bytes

    def envelope(self) -> bytes:
        """`{"id": ..., "record": ...}` on one line, for targets that have no place of their own for an id."""
        return b'{"id":"%s","record":%s}' % (self.id.encode("ascii"), self.body)


class TargetBusy(ConnectionError):
    """The target asks for a pause: nothing more in the next `retry_after` seconds (None: it didn't say how long)."""

    def __init__(self, told: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(told)


class Publisher(Protocol):
    """A connection to one target, registered by URL scheme under `synth_sdk.streams`. Built with the URL; opens nothing before `open`.

    RequestError from the constructor for a URL that can't be right, or with the install command for a missing client library. How
    often to try again, and how much at once, is not its business: libraries beneath run with their own retries off.
    """

    async def open(self) -> None:
        """Connect, also again after a failure. ConnectionError (or another OSError) when the target can't be reached; WriteError
        when it refuses us for good.
        """

    async def publish(self, messages: Sequence[Message]) -> None:
        """Hand over `messages` in order; returns when the target has acknowledged them all.

        ConnectionError (or another OSError) when the target went away: nobody knows then which of them arrived, and all are sent again
        after another `open`. TargetBusy when it asks for a pause first. WriteError when it refuses them for good. May be cancelled;
        then, too, `open` comes before the next.
        """

    async def close(self) -> None:
        """Let go of the connection, whatever its state. Never called twice without an `open` between."""


def shown(url: str) -> str:
    """The URL of a target as it may be shown: without user, password and tokens."""
    return redact_url(url, PARAMETERS)
