"""The processes of a batch, seen from the one that started them."""

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING

from synth_sdk.client.batch import worker
from synth_sdk.client.batch.worker import Done, Look, Task
from synth_sdk.runners.processes import quiet_spawning

if TYPE_CHECKING:
    from synth_sdk.client.synth import Synth

_PATIENCE_SECONDS = worker.GRACE_SECONDS + 2


class Worker:
    """One process, spawned so that it inherits no lock or thread; `task` is what it is at."""

    def __init__(self, synth: "Synth") -> None:
        context = multiprocessing.get_context("spawn")
        self.line, theirs = context.Pipe()
        self.task: Task | None = None
        self._process = context.Process(target=worker.work, args=(synth, theirs), name="synth batch")
        with quiet_spawning():
            self._process.start()
        theirs.close()

    def give(self, task: Task) -> None:
        self.task = task
        with suppress(OSError):  # it has died: `hear` tells
            self.line.send(task)

    def hear(self) -> Look | Done:
        """What it says next. A process that died says so in a Done."""
        try:
            told: Look | Done = self.line.recv()
        except (EOFError, OSError):
            self._process.join()
            return Done(error=f"its process ended with {_named(self._process.exitcode)}")
        return told

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def dismiss(self) -> None:
        """It has nothing more to do."""
        with suppress(OSError):
            self.line.send(None)

    def interrupt(self) -> None:
        """It stops in order: nothing that was paid is lost."""
        self._process.terminate()

    def end(self, seconds: float) -> None:
        """Wait for its end; after `seconds` it is killed."""
        self._process.join(seconds)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self.line.close()
        self._process.close()


class Crew:
    """Up to `size` workers, started when there is something to do. Leaving its `with` block ends them all."""

    def __init__(self, synth: "Synth", size: int) -> None:
        self._synth, self._size = synth, size
        self._workers: list[Worker] = []

    @property
    def free(self) -> bool:
        """Somebody can take a job."""
        return len(self.busy) < self._size

    @property
    def busy(self) -> list[Worker]:
        return [one for one in self._workers if one.task is not None]

    def give(self, task: Task) -> None:
        self._workers = [one for one in self._workers if one.task is not None or one.alive]
        idle = next((one for one in self._workers if one.task is None), None)
        if idle is None:
            idle = Worker(self._synth)
            self._workers.append(idle)
        idle.give(task)

    def hear(self) -> Iterator[tuple[Task, Look | Done]]:
        """What the busy workers say next; waits until one of them says something."""
        lines: dict[Connection, Worker] = {one.line: one for one in self.busy}
        for line in wait(list(lines)):
            one = lines[line]  # type: ignore[index]  # a Connection, as they all are
            task, told = one.task, one.hear()
            if task is None:
                continue
            if isinstance(told, Done):
                one.task = None
            yield task, told

    def interrupt(self) -> list[tuple[Task, Done]]:
        """Stop everybody in order; what was finished meanwhile."""
        busy = self.busy
        for one in self._workers:
            one.interrupt()
        finished = [done for one in busy for done in _last_words(one)]
        self._end(_PATIENCE_SECONDS)
        return finished

    def close(self) -> None:
        for one in self._workers:
            one.dismiss()
        self._end(_PATIENCE_SECONDS)

    def _end(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        try:
            for one in self._workers:
                one.end(max(0.0, deadline - time.monotonic()))
        except BaseException:  # a second interrupt: at once
            for one in self._workers:
                with suppress(ValueError):  # ended already
                    one.end(0)
            raise
        finally:
            self._workers = []


def _last_words(one: Worker) -> Sequence[tuple[Task, Done]]:
    task, deadline = one.task, time.monotonic() + _PATIENCE_SECONDS
    with suppress(EOFError, OSError):
        while task is not None and one.line.poll(max(0.0, deadline - time.monotonic())):
            told = one.line.recv()
            if isinstance(told, Done):
                return [(task, told)]
    return []


def _named(code: int | None) -> str:
    return f"signal {-code} (killed, or out of memory?)" if code is not None and code < 0 else f"exit code {code}"
