"""The file that a report goes to: opened, and so found writable, before the run; written once, whatever becomes of the run."""

from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from synth_sdk.core.batches import Records
from synth_sdk.core.errors import WriteError
from synth_sdk.pipeline.report import Report
from synth_sdk.sinks import TextFormat, open_sink


class ReportFile:
    """Rendered as its suffix says (.json, .md, .html). Without a `path`, nowhere. OutputError if it can't be written."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._sink = open_sink(path, TextFormat()) if path else None
        self._tried = False

    def write(self, report: Report) -> None:
        """Write it, under its name at once. The time that rendering takes is the report's last stage. WriteError for a disk that is full,
        which says where the records are by then.
        """
        if self._sink is None or self._path is None or self._tried:
            return
        with report.stages.timed("report"):
            text = report.render(Path(self._path).suffix)
        self._tried = True
        try:
            self._sink.take(Records([text]))
            self._sink.commit()
        except WriteError as error:
            there = (
                f"; the records are in {report.output_location!r}" if report.records_generated and report.output_location else ""
            )
            raise WriteError(f"report: {error.message}{there}") from None

    def write_failed(self, report: Report) -> None:
        """Write what tells of an error that is under way: that one matters more than this file, and may have been this file's own."""
        with suppress(WriteError):
            self.write(report)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._sink:
            self._sink.abort()
