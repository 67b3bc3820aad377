"""Prefect: records made by tasks of a flow. Needs the extra `prefect`.

A wish that is wrong fails its task at once, and so does a run that could deliver nothing. Models are already asked again, and other
models tried, within a run; retries of Prefect's are for what can fail around it.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from synth_sdk.client import Report, Synth
from synth_sdk.core.errors import RequestError, SynthError

try:
    _prefect: Any = import_module("prefect")
except ImportError as error:
    raise ImportError("synth_sdk.integrations.prefect needs Prefect: pip install 'synth-data-sdk[prefect]'") from error

Wish = Mapping[str, Any]


def _generate(kind: str = "conversation", *, config: str | None = None, **wish: Any) -> list[Any]:
    """The records of `kind`, in memory; options as in `Synth.generate`."""
    result = Synth(config=config).generate(kind, **wish)
    _check(result.report)
    return result.records


def _write(output: str, kind: str = "conversation", *, config: str | None = None, **wish: Any) -> dict[str, Any]:
    """Records of `kind` written to `output`, whole or not at all; returns the report. Options as in `Synth.write`."""
    return _check(Synth(config=config).write(output, kind, **wish))


generate_records = _prefect.task(_generate, name="generate records", tags={"synth"})
write_records = _prefect.task(_write, name="write records", tags={"synth"})


def make_flow(name: str, jobs: Mapping[str, Wish], *, config: str | None = None) -> Any:
    """A flow that writes one file for each of `jobs` (output -> wish with its `kind`), at the same time; it returns their reports."""
    for output, wish in jobs.items():
        if "kind" not in wish:
            raise RequestError(f"job {output!r}: its wish names no kind")

    def run_jobs() -> dict[str, dict[str, Any]]:
        runs = {output: write_records.submit(output, config=config, **wish) for output, wish in jobs.items()}
        return {output: run.result() for output, run in runs.items()}

    return _prefect.flow(run_jobs, name=name)


def _check(report: Report) -> dict[str, Any]:
    """The report of a run that delivered something, as a mapping; fewer records than wanted are logged."""
    reasons = "; ".join(report.errors)
    if report.status == "failed":
        raise SynthError(f"no record could be made: {reasons}")
    if report.status == "partial":
        log = _prefect.get_run_logger()
        log.warning("%d of %d records: %s", report.records_generated, report.records_wanted, reasons)
    return report.to_dict()
