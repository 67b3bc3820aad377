"""Where records and the files beside them go: output, provenance, rejects, report."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from synth_sdk.client.result import plain, provenance_row
from synth_sdk.core.errors import OutputError
from synth_sdk.core.generators import Made
from synth_sdk.core.spec import Spec
from synth_sdk.pipeline.report import Report
from synth_sdk.sinks import Sink, TextFormat, format_for, open_sink


def open_output(output: str, format: str | None = None) -> Sink:
    """A sink for `output` ("-": standard output). RequestError when the format is unknown or the place can't be written."""
    return open_sink(output, format_for(output, format))


class Delivery:
    """The files of one run. All are opened, and so found writable, before anything is spent; each appears under its name only when whole."""

    def __init__(self, spec: Spec) -> None:
        named = [path for path in (spec.output, spec.report, spec.provenance, spec.rejects) if path and path != "-"]
        if len({Path(path).absolute() for path in named}) < len(named):
            raise OutputError(
                f"two of output, report, provenance and rejects name the same file ({', '.join(named)}): give each its own"
            )
        with ExitStack() as files:
            self._output = files.enter_context(open_output(spec.output, spec.format)) if spec.output else None
            self._provenance = files.enter_context(open_output(spec.provenance, "jsonl")) if spec.provenance else None
            self._rejects = files.enter_context(open_output(spec.rejects, "jsonl")) if spec.rejects else None
            self._report = files.enter_context(open_sink(spec.report, TextFormat())) if spec.report else None
            self._report_suffix = Path(spec.report or "").suffix
            self._files = files.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._files.__exit__(kind, error, trace)

    @property
    def location(self) -> str:
        return self._output.location if self._output else "memory"

    def take(self, block: Iterable[Made]) -> None:
        """Write one block's records, their provenance, and the reasons of those that are missing."""
        for made in block:
            if made.provenance is None:
                if self._rejects:
                    self._rejects.write({"index": made.index, "reason": made.reason})
                continue
            if self._output:
                self._output.write(plain(made.record))
            if self._provenance:
                self._provenance.write(provenance_row(made))

    def commit(self, report: Report) -> None:
        """Give the files their names. A run without a single record leaves no output file."""
        if self._output and (report.records_generated or self._output.location == "-"):
            self._output.commit()
        for sink in (self._provenance, self._rejects):
            if sink:
                sink.commit()
        if self._report:
            self._report.write(report.render(self._report_suffix))
            self._report.commit()
