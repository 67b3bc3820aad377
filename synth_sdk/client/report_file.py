"""The file that a report goes to: opened, and so found writable, before the run; written once, whatever becomes of the run."""

from pathlib import Path
from types import TracebackType
from typing import Self

from synth_sdk.core.batches import Records
from synth_sdk.pipeline.report import Report
from synth_sdk.sinks import TextFormat, open_sink


class ReportFile:
    """Rendered as its suffix says (.json, .md, .html). Without a `path`, nowhere. OutputError if it can't be written."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._sink = open_sink(path, TextFormat()) if path else None

    def write(self, report: Report) -> None:
        """Write it, under its name at once. The time that rendering takes is the report's last stage."""
        if self._sink is None or self._path is None:
            return
        with report.stages.timed("report"):
            text = report.render(Path(self._path).suffix)
        self._sink.take(Records([text]))
        self._sink.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._sink:
            self._sink.abort()
