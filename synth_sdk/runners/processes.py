"""Blocks made in several processes, in order and with few under way, so that memory stays flat."""

import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from types import ModuleType

from synth_sdk.core.errors import RequestError, SynthError
from synth_sdk.core.spec import Spec
from synth_sdk.pipeline.blocks import Block
from synth_sdk.pipeline.offline import Work
from synth_sdk.runners import worker

_AHEAD = 2  # blocks under way for each worker: one that it makes, one that waits for it


def run_in_processes(spec: Spec, work: Work, ranges: Iterable[range], workers: int) -> Generator[Block, None, None]:
    """The block of each range, in order, made by up to `workers` processes (spawned, so that no lock or thread is inherited).

    Leaving early, by an error or an interrupt too, ends the processes at once. SynthError when one of them dies.
    """
    context = multiprocessing.get_context("spawn")
    theirs, ours = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(workers, context, worker.start, (spec, work, theirs))
    under_way: deque[Future[Block | worker.Failure]] = deque()
    coming = iter(ranges)
    try:
        for rows in coming:
            with quiet_spawning():
                under_way.append(pool.submit(worker.make, rows))
            if len(under_way) >= workers * _AHEAD:
                yield _block(under_way.popleft())
        while under_way:
            yield _block(under_way.popleft())
    except BrokenProcessPool as error:
        raise SynthError(
            f"a worker process died (killed, or out of memory?): try again with fewer than {workers} workers"
        ) from error
    else:
        pool.shutdown()
    finally:
        ours.close()  # the processes end when they see it
        theirs.close()
        pool.shutdown(wait=True, cancel_futures=True)


def _block(future: "Future[Block | worker.Failure]") -> Block:
    result = future.result()
    if isinstance(result, worker.Failure):
        raise (RequestError if result.exit_code == RequestError.exit_code else SynthError)(result.message)
    return result


@contextmanager
def quiet_spawning() -> Iterator[None]:
    """While processes may be spawned: they inherit a blocked interrupt, and are not told to run the user's script again.

    They import what they need by name. Running the script, as `spawn` does with `__main__`, would start the work anew in a script
    without a guard, and fails for one that came from standard input.
    """
    script = sys.modules["__main__"]
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if hasattr(signal, "pthread_sigmask") else None
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script
        if blocked is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
