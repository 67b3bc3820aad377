"""Where records and the files beside them go: output, provenance, rejects, report."""

from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from synth_sdk.client.folder import PartsFolder, names_folder
from synth_sdk.client.result import provenance_row, shape_for
from synth_sdk.client.run import Run
from synth_sdk.core.batches import Records
from synth_sdk.core.errors import OutputError
from synth_sdk.core.spec import Spec
from synth_sdk.pipeline.blocks import Block, Encoded, Part
from synth_sdk.pipeline.offline import Encode, Make, Work
from synth_sdk.pipeline.report import Report
from synth_sdk.pipeline.shards import WritePart
from synth_sdk.sinks import Shape, Sink, TextFormat, format_for, open_sink

_ROWS_AT_ONCE = 4096
_BESIDE = Shape()  # of the files beside the records: JSON Lines and text need to know nothing


class Delivery:
    """The files of one run. All are opened, and so found writable, before anything is spent; each appears under its name only when whole."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._spec = spec = run.spec
        check_different(spec)
        self._shape = shape_for(spec, run.record_schema, spec.output)
        with ExitStack() as files:
            self._folder = files.enter_context(self._open_folder(spec.output)) if names_folder(spec.output) else None
            self._output = files.enter_context(self._open_output(spec)) if spec.output and not self._folder else None
            self._provenance = files.enter_context(_open_rows(spec.provenance)) if spec.provenance else None
            self._rejects = files.enter_context(_open_rows(spec.rejects)) if spec.rejects else None
            self._report = files.enter_context(open_sink(spec.report, TextFormat(), _BESIDE)) if spec.report else None
            self._files = files.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._files.__exit__(kind, error, trace)

    @property
    def location(self) -> str:
        return self._spec.output or "memory"

    @property
    def work(self) -> Work:
        """What is to be done with offline rows so that `take` can deliver them: as little as possible is left to this process."""
        if self._folder:
            wanted = format_for(None, self._spec.format)
            suffix = next(iter(wanted.suffixes), "")
            return WritePart(str(self._folder.path), wanted.name, suffix, self._shape, self._spec.rows_per_shard)
        if self._output and self._run.workers > 1:
            return Encode(self._output.encoder)
        return Make()

    @property
    def rows_per_block(self) -> int | None:
        """How many rows `work` is to be given at once; None: as many as suit the kind."""
        return self._spec.rows_per_shard if self._folder else None

    def take(self, block: Block) -> None:
        """Write one block's records, their provenance, and the reasons of those that are missing."""
        match block.content:
            case Part():
                pass
            case Encoded(data):
                if self._output:
                    self._output.write(data, block.count)
            case batch:
                if self._output:
                    self._output.take(batch)
        if self._provenance:
            sources = iter(block.sources())
            while rows := [provenance_row(source) for source in islice(sources, _ROWS_AT_ONCE)]:
                self._provenance.take(Records(rows))
        if self._rejects and block.missing:
            self._rejects.take(Records([{"index": index, "reason": reason} for index, reason in block.missing]))

    def commit(self, report: Report) -> None:
        """Give the files their names. A run without a single record leaves no output."""
        if self._folder and report.records_generated:
            self._folder.commit(report.manifest)
        if self._output and (report.records_generated or self._output.location == "-"):
            self._output.commit()
        for sink in (self._provenance, self._rejects):
            if sink:
                sink.commit()
        if self._report:
            self._report.take(Records([report.render(Path(self._spec.report or "").suffix)]))
            self._report.commit()

    def _open_output(self, spec: Spec) -> Sink:
        return open_sink(spec.output or "", format_for(spec.output, spec.format), self._shape)

    def _open_folder(self, output: str | None) -> PartsFolder:
        if self._run.buys:
            raise OutputError(
                f"output {output!r}: a folder of parts holds offline records only; name a file, or add --mode offline"
            )
        format_for(None, self._spec.format)
        return PartsFolder(output or "")


def _open_rows(path: str) -> Sink:
    return open_sink(path, format_for(path, "jsonl"), _BESIDE)


def check_different(spec: Spec) -> None:
    """OutputError if two files of one run have the same name."""
    named = [path for path in (spec.output, spec.report, spec.provenance, spec.rejects) if path and path != "-"]
    if len({Path(path).absolute() for path in named}) < len(named):
        raise OutputError(
            f"two of output, report, provenance and rejects name the same file ({', '.join(named)}): give each its own"
        )
