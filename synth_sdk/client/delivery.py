"""Where records and the files beside them go: output, target of a stream, provenance, rejects, report."""

import asyncio
from collections.abc import Generator as Yields
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from synth_sdk.client.folder import Parts, names_folder
from synth_sdk.client.report_file import ReportFile
from synth_sdk.client.result import provenance_row, shape_for
from synth_sdk.client.run import Run
from synth_sdk.client.streaming.messages import lines
from synth_sdk.client.streaming.outlet import Outlet
from synth_sdk.client.streaming.pacing import check_reader, pace_of
from synth_sdk.client.streaming.targets import Target
from synth_sdk.client.vectors import Keeping
from synth_sdk.core.batches import Records
from synth_sdk.core.errors import OutputError, RequestError, SynthError
from synth_sdk.core.spec import Spec
from synth_sdk.pipeline.blocks import Block, Encoded, Part
from synth_sdk.pipeline.offline import Encode, Make, Work
from synth_sdk.pipeline.report import Report
from synth_sdk.sinks import Shape, Sink, format_for, open_sink
from synth_sdk.sinks.destinations import Destination, RecordSink, Wanted, names_destination, open_destination

_ROWS_AT_ONCE = 4096
_BESIDE = Shape()  # of the files beside the records: JSON Lines and text need to know nothing


class Delivery:
    """The files of one run, and the target that it streams to. All are opened, and so found writable, before anything is spent; each file
    appears under its name only when whole.

    With a target, standard output stays empty: `-` is where records go that go nowhere else.
    """

    def __init__(self, run: Run, target: Target | None = None, keeping: Keeping | None = None) -> None:
        self._run, self._keeping = run, keeping
        self._spec = spec = run.spec
        check_different(spec)
        self._place = None if target and spec.output == "-" else spec.output
        self._shape = shape_for(spec, run.record_schema, self._place)
        self._pace = pace_of(spec, self._look)
        _check_format(spec, self._place)
        _check_partitions(spec, self._place)
        with ExitStack() as files:
            self._folder = files.enter_context(self._open_folder(self._place)) if names_folder(self._place) else None
            self._destination = self._open_destination(files)
            self._output = files.enter_context(self._open_output(self._place)) if self._place and not self._folder else None
            self._provenance = files.enter_context(_open_rows(spec.provenance)) if spec.provenance else None
            self._rejects = files.enter_context(_open_rows(spec.rejects)) if spec.rejects else None
            self._report = files.enter_context(ReportFile(spec.report))
            self._outlet = files.enter_context(Outlet(target, spec.fingerprint)) if target else None
            self._files = files.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """A failure is told in the report file too: it stands there whatever became of the records."""
        try:
            if isinstance(error, SynthError):
                self._report.write_failed(self._run.report("").failed([error.message]))
        finally:
            self._files.__exit__(kind, error, trace)

    @property
    def location(self) -> str:
        named = self._destination or self._folder
        own = named.location if named else self._place
        places = [own, *(beside.location for beside in (self._outlet, self._keeping) if beside)]
        return " and ".join(place for place in places if place) or "memory"

    def blocks(self) -> Yields[Block, None, None]:
        """The records of the run as `take` is to deliver them: at their pace, if they have one."""
        with closing(self._run.blocks(self.work, self.rows_per_block)) as blocks:
            yield from self._pace.paced(blocks) if self._pace else blocks

    @property
    def work(self) -> Work:
        """What is to be done with offline rows so that `take` can deliver them: as little as possible is left to this process."""
        if self._folder:
            return self._folder.work
        if self._run.workers > 1 and self._spec.output and not (self._output and self._outlet) and not self._keeping:
            encoder = self._output.encoder if self._output else lines()
            return Encode(encoder) if encoder else Make()
        return Make()

    @property
    def rows_per_block(self) -> int | None:
        """How many rows `work` is to be given at once; None: as many as suit the kind."""
        if self._folder:
            return self._spec.rows_per_shard
        if self._pace:
            return self._pace.rows_made if isinstance(self.work, Make) else self._pace.rows  # bytes can't be cut afterwards
        return None

    def take(self, block: Block) -> None:
        """Write one block's records, their provenance, and the reasons of those that are missing; publish the records."""
        with self._run.stages.timed("write"):
            self._take(block)

    def _take(self, block: Block) -> None:
        match block.content:
            case Part() as part:
                if self._folder:
                    self._folder.take(part)
            case Encoded(data):
                if self._output:
                    self._output.write(data, block.count)
            case batch:
                if self._output:
                    self._output.take(batch)
        if self._outlet:
            self._outlet.take(block)
        if self._keeping:
            self._keeping.take(block)
        if self._provenance:
            sources = iter(block.sources())
            while rows := [provenance_row(source) for source in islice(sources, _ROWS_AT_ONCE)]:
                self._provenance.take(Records(rows))
        if self._rejects and block.missing:
            self._rejects.take(Records([{"index": index, "reason": reason} for index, reason in block.missing]))

    async def atake(self, block: Block) -> None:
        """The async twin of `take`: what may have to wait does so in a thread."""
        if self._outlet or self._keeping:
            await asyncio.to_thread(self.take, block)
        else:
            self.take(block)

    def conclude(self) -> Report:
        """Wait until the target has every record, give the files their names, let the vector store show its records; say what happened.

        A run without a single record leaves no output. SynthError for records that may not be delivered, and for a place that failed.
        """
        if self._outlet:
            self._outlet.drain()
        self._run.check()
        report = self._run.report(self.location)
        with report.stages.timed("write"):
            self._commit(report)
        report.stages.told |= {"write": self.location, "report": self._spec.report or "returned"}
        self._report.write(report)
        return report

    def _commit(self, report: Report) -> None:
        if self._keeping:
            self._keeping.commit()
        if self._folder and report.records_generated:
            self._folder.commit(report.manifest)
            report.warnings.extend(self._folder.warnings)
        if self._output and (report.records_generated or self._output.location == "-"):
            self._output.commit()
            if self._destination:
                self._destination.commit(report.manifest)
                report.warnings.extend(self._destination.warnings)
        for sink in (self._provenance, self._rejects):
            if sink:
                sink.commit()

    def _look(self) -> None:
        """While nothing is due: is there still somebody to deliver to?"""
        if self._place == "-":
            check_reader()
        if self._outlet:
            self._outlet.check()

    def _open_destination(self, files: ExitStack) -> Destination | None:
        """The place that a URL names."""
        spec = self._spec
        if self._folder or not names_destination(self._place):
            return None
        return files.enter_context(open_destination(self._place or "", wanted_of(spec)))

    def _open_output(self, output: str) -> RecordSink:
        if self._destination:
            return self._destination.open(self._shape.name, self._shape)
        return open_sink(output, format_for(output, self._spec.format), self._shape)

    def _open_folder(self, output: str | None) -> Parts:
        if self._spec.stream or self._spec.stream_to:
            raise OutputError(f"output {output!r}: a folder of parts can't be streamed; name a file, or leave --stream out")
        if self._keeping:
            raise OutputError(
                f"output {output!r}: a folder of parts can't fill a vector store; name a file, or leave --vectorize-with out"
            )
        if self._run.buys:
            raise OutputError(
                f"output {output!r}: a folder of parts holds offline records only; name a file, or add --mode offline"
            )
        return Parts(output or "", self._spec, self._shape, wanted_of(self._spec))


def wanted_of(spec: Spec) -> Wanted:
    """What a destination must know of a run."""
    return Wanted(
        fingerprint=spec.fingerprint,
        format=spec.format,
        if_exists=spec.if_exists,
        partition_by=spec.partition_by,
        kind=spec.kind,
        seed=spec.seed,
    )


def _open_rows(path: str) -> Sink:
    return open_sink(path, format_for(path, "jsonl"), _BESIDE)


def _check_format(spec: Spec, place: str | None) -> None:
    if place is None and spec.output == "-" and spec.format not in (None, "jsonl"):
        raise RequestError(
            f"format {spec.format!r}: records are published as JSON; leave --format out, or name a file for them with --output"
        )


def _check_partitions(spec: Spec, place: str | None) -> None:
    if spec.partition_by and not names_folder(place):
        raise RequestError(
            f"partition-by {','.join(spec.partition_by)!r}: needs a folder of parts; end the output in / (-o out/ --format parquet)"
        )


def check_different(spec: Spec) -> None:
    """OutputError if two files of one run have the same name, or mix on standard output; nothing stands there that a target gets."""
    output = None if spec.stream_to and spec.output == "-" else spec.output
    named = [path for path in (output, spec.report, spec.provenance, spec.rejects) if path]
    if len({Path(path).absolute() for path in named}) < len(named):
        raise OutputError(
            f"two of output, report, provenance and rejects name the same file ({', '.join(named)}): give each its own"
        )
