"""A request carried out. Whatever becomes of it, there is a report."""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth_sdk.client.remembering import remembered
from synth_sdk.client.report_file import ReportFile
from synth_sdk.client.requests.checking import flaws
from synth_sdk.client.requests.documents import read_request
from synth_sdk.client.requests.translating import translated
from synth_sdk.core.errors import RequestError, SynthError
from synth_sdk.core.redact import hide_password, redact
from synth_sdk.core.stages import Stages
from synth_sdk.history.bounds import LARGEST_REQUEST, bounded
from synth_sdk.pipeline.report import Cost, Report

if TYPE_CHECKING:
    from synth_sdk.client.run import Run
    from synth_sdk.client.synth import Synth
    from synth_sdk.client.tables import TablesRun

    Watch = Callable[[Run | TablesRun], None]


@dataclass(slots=True)
class _Seen:
    """The run, once there is one; its report says what the request said, and how long it took to read."""

    request: Mapping[str, Any]
    seconds: float
    watch: "Watch | None"
    run: "Run | TablesRun | None" = None

    def __call__(self, run: "Run | TablesRun") -> None:
        if self.run is None:
            run.asked = bounded(self.request, LARGEST_REQUEST)
            run.stages.add("parse", self.seconds)
            self.run = run
        if self.watch:
            self.watch(run)


def run_request(
    synth: "Synth",
    source: Mapping[str, Any] | str | PathLike[str],
    options: Mapping[str, Any],
    *,
    output: str | None = None,
    watch: "Watch | None" = None,
) -> Report:
    """Carry out the request in `source`. `options` and `output` win over what it says. Never raises for what is wrong with it, or for
    what fails: the report's status is "failed" then, its `errors` say why, and its `exit_code` is 2 where nothing was begun.
    """
    began, report_file, request = time.monotonic(), options.get("report"), dict[str, Any]()
    try:
        request = read_request(source)
        location = _location(request.get("destination"))
        report_file = report_file or request.get("report")
        wrong = [*_over_itself(source, (output or location, report_file)), *flaws(request)]
    except SynthError as error:
        wrong = [error.message]
    report_file = None if _same_file(source, report_file) else report_file
    if wrong:
        with remembered(synth._settings, request.get("data_type", "custom"), request) as memory:
            return memory.kept(_refused(request, wrong, began, report_file))
    kind, wish, place = translated(request)
    seen = _Seen(request, time.monotonic() - began, watch)
    wish |= {"profiled": True, **{name: value for name, value in options.items() if value is not None}}
    try:
        return synth.write(output or place, kind, watch=seen, **wish)
    except SynthError as error:
        if seen.run is None or isinstance(error, RequestError):
            return _refused(request, [error.message], began, report_file)
        return seen.run.report(seen.run.spec.output or "").failed([error.message])


def _location(destination: Any) -> Any:
    """Where the records go. A password in a place that may be written without a scheme is hidden, since the report repeats the request."""
    location = destination.get("location") if isinstance(destination, Mapping) else None
    if isinstance(location, str) and "://" not in location and destination.get("type") != "local":
        hide_password(location)
    return location


def _over_itself(source: Any, places: Iterable[Any]) -> Iterator[str]:
    """The places where the request itself stands, which would be gone."""
    return (
        f"output {str(place)!r}: the request itself stands there; name another place"
        for place in places
        if _same_file(source, place)
    )


def _same_file(source: Any, place: Any) -> bool:
    with suppress(OSError, TypeError, ValueError):  # one of them is no file
        return Path(source).samefile(place)
    return False


def _refused(request: Mapping[str, Any], reasons: Sequence[str], began: float, report_file: str | None) -> Report:
    """The report of a request that nothing was done about; written where a file was asked for."""
    volume = request.get("volume")
    stages = Stages()
    stages.add("parse", time.monotonic() - began)
    stages.told["parse"] = f"{len(reasons)} error{'' if len(reasons) == 1 else 's'} in the request"
    report = Report(
        generation_id=str(uuid.uuid4()),
        kind=str(request.get("data_type", "")),
        created_at=datetime.now(UTC),
        status="failed",
        refused=True,
        records_generated=0,
        records_wanted=volume if isinstance(volume, int) and volume > 0 else 0,
        output_location="",
        quality={"uniqueness_score": 0.0, "validity_score": 0.0, "distribution_analysis": {}},
        execution_time_ms=round((time.monotonic() - began) * 1000),
        errors=[redact(reason) for reason in reasons],
        warnings=[],
        cost=Cost(),
        origins=Counter(),
        plan={},
        seed=0,
        fingerprint="",
        request=bounded(request, LARGEST_REQUEST),
        stages=stages,
    )
    if isinstance(report_file, str):
        _write(report, report_file)
    return report


def _write(report: Report, path: str) -> None:
    try:
        with ReportFile(path) as file:
            file.write(report)
    except SynthError as error:
        report.errors.append(error.message)
