"""Where blocks of offline records are made: here, or in processes. Both give the same blocks in the same order."""

from collections.abc import Generator as Yields
from collections.abc import Iterable

from synth_sdk.core.generators import Generator
from synth_sdk.core.spec import Spec
from synth_sdk.pipeline.blocks import Block
from synth_sdk.pipeline.offline import Work


def run(spec: Spec, generator: Generator, work: Work, ranges: Iterable[range], workers: int) -> Yields[Block, None, None]:
    """The block of each range, in order; a few are under way at once when there are `workers`, one is made at a time otherwise."""
    if workers > 1:
        from synth_sdk.runners.processes import run_in_processes

        return run_in_processes(spec, work, ranges, workers)
    return (work(generator, rows) for rows in ranges)


__all__ = ["run"]
