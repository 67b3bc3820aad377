"""The synchronous face of publishing: the records of blocks, sent from the background loop while the next ones are made."""

from types import TracebackType
from typing import Self

from synth_sdk.client.background import wait_for
from synth_sdk.client.streaming.messages import Numbering
from synth_sdk.client.streaming.publishing import Publishing
from synth_sdk.client.streaming.targets import Target
from synth_sdk.pipeline.blocks import Block


class Outlet:
    """Publishes blocks to `target`, between entering and leaving. The records' ids begin with `fingerprint`. Errors as of Publishing."""

    def __init__(self, target: Target, fingerprint: str) -> None:
        self.location = target.shown
        self._publishing = Publishing.to(target)
        self._numbering = Numbering(fingerprint)

    def take(self, block: Block) -> None:
        """Send the records of `block`; returns when few enough of all are unacknowledged."""
        wait_for(self._publishing.send(self._numbering.messages(block)))

    def drain(self) -> None:
        """Wait until every record is acknowledged."""
        wait_for(self._publishing.drain())

    def check(self) -> None:
        """WriteError if the target has been given up."""
        self._publishing.check()

    def __enter__(self) -> Self:
        wait_for(self._publishing.__aenter__())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        wait_for(self._publishing.__aexit__(kind, error, trace))
