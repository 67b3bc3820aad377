"""In which order jobs run: those that others need come first."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from synth_sdk.client.batch.jobs import Job
from synth_sdk.client.batch.reading import BatchFile


def in_order(file: BatchFile, jobs: Mapping[str, Job]) -> list[str]:
    """The names of the jobs, each behind those that it needs. RequestError names a circle as a chain."""
    try:
        return list(sorter(jobs).static_order())
    except CycleError as error:
        chain = list(reversed(error.args[1]))[:-1]  # each needs the next one
        first = min(range(len(chain)), key=lambda position: list(jobs).index(chain[position]))
        circle = [*chain[first:], *chain[: first + 1]]
        raise file.refuse(f"jobs need each other in a circle: {' -> '.join(circle)}; leave one reference out") from None


def sorter(jobs: Mapping[str, Job]) -> TopologicalSorter[str]:
    """For whoever runs the jobs as they become ready."""
    return TopologicalSorter({name: job.needs for name, job in jobs.items()})
