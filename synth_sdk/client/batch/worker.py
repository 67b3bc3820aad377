"""One process of a batch: makes the jobs that it is given, one after the other, and tells how they go."""

import atexit
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from types import FrameType
from typing import TYPE_CHECKING, Any, Self

from synth_sdk.client.batch.jobs import Column
from synth_sdk.client.batch.places import measure, sweep
from synth_sdk.client.batch.values import with_values
from synth_sdk.core.errors import SynthError
from synth_sdk.core.redact import redact
from synth_sdk.pipeline.report import Report

if TYPE_CHECKING:
    from synth_sdk.client.run import Run
    from synth_sdk.client.synth import Synth
    from synth_sdk.client.tables import TablesRun

_SECONDS_BETWEEN_LOOKS = 0.2
GRACE_SECONDS = 10.0  # for connections to close and half a file to go, when it is told to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One job with everything settled. `outputs` are the paths of the jobs that `columns` name; `replaces`: what stands in the place of
    its output is an earlier one of its own."""

    name: str
    kind: str
    wish: Mapping[str, Any]
    output: str
    columns: tuple[Column, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """How far a job is; money in micro-dollars."""

    arrived: int
    wanted: int
    spent: int
    budget: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a job ended; `error` where there is no report."""

    report: Report | None = None
    bytes: int = 0
    sha256: str = ""
    seconds: float = 0.0
    error: str = ""


def work(synth: "Synth", parent: Connection) -> None:
    """The life of the process. It ends when told to, and by itself when the other end of `parent` is gone. An interrupt of the
    terminal is the parent's affair; to be terminated is to be interrupted, once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _interrupt)
    tasks: SimpleQueue[Task | None] = SimpleQueue()
    threading.Thread(target=_listen, args=(parent, tasks), daemon=True).start()
    with suppress(KeyboardInterrupt, BrokenPipeError):
        while (task := tasks.get()) is not None:
            parent.send(_made(synth, task, parent))
    _leave()


def _leave() -> None:
    """End as Python does, but for taking every module apart: with litellm that takes a second, and nothing is open any more."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def _listen(parent: Connection, tasks: "SimpleQueue[Task | None]") -> None:
    with suppress(EOFError, OSError):
        while True:
            tasks.put(parent.recv())
    os.kill(os.getpid(), signal.SIGTERM)  # the parent is gone: as if it had said so
    time.sleep(GRACE_SECONDS)
    os._exit(1)


def _made(synth: "Synth", task: Task, parent: Connection) -> Done:
    started = time.monotonic()
    try:
        report = _write(synth, task, parent)
    except SynthError as error:
        return Done(error=error.message, seconds=time.monotonic() - started)
    except Exception as error:
        told = " ".join(redact(str(error)).split())
        return Done(error=f"internal error: {type(error).__name__}: {told}", seconds=time.monotonic() - started)
    size, digest = (measure(task.output) if report.records_generated else None) or (0, "")
    return Done(report=report, bytes=size, sha256=digest, seconds=time.monotonic() - started)


def _write(synth: "Synth", task: Task, parent: Connection) -> Report:
    wish = dict(task.wish)
    if task.columns:
        from synth_sdk.client.wish import parse_document

        wish["schema"] = with_values(parse_document(wish["schema"]), task.columns, task.outputs)
    Path(task.output).parent.mkdir(parents=True, exist_ok=True)
    sweep(task.output)
    if task.replaces and Path(task.output).is_dir():
        shutil.rmtree(task.output)
    with _Watcher(parent) as watcher:
        return synth.write(task.output, task.kind, watch=watcher, **wish)


class _Watcher:
    """Told of a run, it tells the parent how far it is, from a thread, until closed."""

    def __init__(self, parent: Connection) -> None:
        self._parent = parent
        self._run: Run | TablesRun | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._look_until_closed, daemon=True)

    def __call__(self, run: "Run | TablesRun") -> None:
        self._run = run

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join()

    def _look_until_closed(self) -> None:
        while not self._closed.wait(_SECONDS_BETWEEN_LOOKS):
            if self._run is not None:
                with suppress(SynthError, OSError):  # the ledger may just have been closed; the parent may be gone
                    now = self._run.progress()
                    self._parent.send(Look(now.arrived, now.wanted, now.spent, now.budget))
