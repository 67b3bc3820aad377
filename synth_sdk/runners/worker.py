"""One worker process: builds the generator once, then makes the blocks it is asked for."""

import os
import signal
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection

from synth_sdk.core import plugins
from synth_sdk.core.errors import SynthError
from synth_sdk.core.generators import Generator
from synth_sdk.core.spec import Spec
from synth_sdk.pipeline.blocks import Block
from synth_sdk.pipeline.offline import Work


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of ours as it travels between processes."""

    message: str
    exit_code: int


@dataclass(slots=True)
class _Worker:
    spec: Spec
    work: Work
    generator: Generator | None = None

    def make(self, rows: range) -> Block:
        if self.generator is None:
            self.generator = plugins.load("generators", self.spec.kind)(self.spec)
        return self.work(self.generator, rows)


_workers: list[_Worker] = []  # one: what this process was started for


def start(spec: Spec, work: Work, parent: Connection) -> None:
    """Called once in a new process. An interrupt is the parent's affair; the process ends at once when the parent lets go of the
    other end of `parent`, or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _workers.append(_Worker(spec, work))


def make(rows: range) -> Block | Failure:
    """The block of `rows`, or why there is none."""
    try:
        return _workers[0].make(rows)
    except SynthError as error:
        return Failure(error.message, error.exit_code)


def _end_with(parent: Connection) -> None:
    try:
        parent.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)
