"""Relational sets: a run for each table, delivered together."""

import time
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from collections.abc import Generator as Yields
from contextlib import aclosing, closing
from copy import deepcopy
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, cast

from synth_sdk.client.complying import adjusted_tables
from synth_sdk.client.delivery import check_different, wanted_of
from synth_sdk.client.report_file import ReportFile
from synth_sdk.client.result import Result, kept
from synth_sdk.client.run import Progress, Run
from synth_sdk.client.settings import Settings
from synth_sdk.client.shelves import Shelf, open_shelf
from synth_sdk.client.tables_report import report_of
from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import RequestError, SynthError, UnknownName
from synth_sdk.core.spec import Spec
from synth_sdk.core.stages import Stages
from synth_sdk.pipeline.blocks import Block, Encoded
from synth_sdk.pipeline.inspection import Inspection, TableKeys
from synth_sdk.pipeline.offline import Encode, Make
from synth_sdk.pipeline.report import Cost, Report
from synth_sdk.planner.plan import Plan, offline_plan
from synth_sdk.sinks import Keys, Shape
from synth_sdk.sinks.destinations import RecordSink, Wanted

if TYPE_CHECKING:
    from synth_sdk.schema.tables import Tables

_OFFLINE = {"mode": "offline", "budget_micros": None, "model": None, "fallback": None}
_NOT_FOR_SETS = {
    "like": "a sample is of one table",
    "provenance": "every row of a set is made offline",
    "rejects": "no row of a set is turned down",
    "table": "the tables of a set have names of their own",
}


def holds_tables(spec: Spec) -> bool:
    """Is a relational set asked for?"""
    if not isinstance(spec.document, dict) or "tables" not in spec.document:
        return False
    from synth_sdk.schema.tables import is_table_set

    return is_table_set(spec.document)


class TablesRun:
    """The runs of a set's tables, parents first. Whatever can be wrong with the request is found here.

    To whoever watches it looks like one run: `spec`, `plan`, `warnings`, `notices`, `asks`, `progress`.
    """

    asks = False
    notices: Sequence[str] = ()

    def __init__(self, spec: Spec, settings: Settings) -> None:
        from synth_sdk.engine.tables import table_sizes
        from synth_sdk.schema.tables import parse_tables

        check_different(spec)
        _check_fits(spec)
        self._asked = spec
        self.asked: dict[str, Any] = {}
        self.id, self._created_at, self._started = str(uuid.uuid4()), datetime.now(UTC), time.monotonic()
        self._stages = Stages()
        with self._stages.timed("compliance"):
            document, self._found = adjusted_tables(spec.document, spec) if spec.compliance else (spec.document, [])
        self._tables: Tables = parse_tables(document).counting(spec.count)
        sizes = table_sizes(self._tables, spec.seed, spec.count)
        masks = _masks(spec, sizes)
        keys = {table.name: table.foreign_keys for table in self._tables}
        whole = self._tables.document()
        self.runs = {
            name: Run(
                spec.model_copy(
                    update={"document": {**whole, "table": name}, "count": size, "masks": masks[name], "report": None, **_OFFLINE}
                    | {"profiled": spec.profiled or spec.report is not None}
                ),
                settings,
                keys=TableKeys(name, keys),
            )
            for name, size in sizes.items()
        }
        self.spec = spec.model_copy(update={"count": sum(sizes.values())})
        self.warnings = _warnings(spec)

    @property
    def plan(self) -> Plan:
        """All rows, made offline."""
        return offline_plan(self._asked.model_copy(update={"mode": "offline"}), self.spec.count)

    def progress(self) -> Progress:
        """Over all tables."""
        told = [run.progress() for run in self.runs.values()]
        return Progress(arrived=sum(one.arrived for one in told), wanted=self.spec.count, spent=0, budget=None, cache_hits=0)

    def rows(self) -> Yields[tuple[str, Any], None, None]:
        """Each row with the name of its table."""
        for name, run in self.runs.items():
            with closing(run.blocks(Make(Inspection(measured=False)))) as blocks:
                for block in blocks:
                    yield from ((name, record) for record in _batch(block).records())
            run.check()

    async def arows(self) -> AsyncGenerator[tuple[str, Any], None]:
        """The async twin of `rows`."""
        for name, run in self.runs.items():
            async with aclosing(run.ablocks(Make(Inspection(measured=False)))) as blocks:
                async for block in blocks:
                    for record in _batch(block).records():
                        yield name, record
            run.check()

    def keep(self) -> "TablesResult":
        """All rows, in memory."""
        found: dict[str, list[Block]] = {}
        for name, run in self.runs.items():
            with closing(run.blocks()) as blocks:
                found[name] = [kept(block) for block in blocks]
        return self._result(found)

    async def akeep(self) -> "TablesResult":
        """The async twin of `keep`."""
        return self._result({name: [kept(block) async for block in run.ablocks()] for name, run in self.runs.items()})

    def _result(self, found: Mapping[str, Sequence[Block]]) -> "TablesResult":
        self.check()
        reports = self._reports("memory")
        results = {
            name: Result(run.spec, run.record_schema, found[name], reports[name], _as_it_is) for name, run in self.runs.items()
        }
        return TablesResult(
            self, self._over_all("memory", reports), results, [block for blocks in found.values() for block in blocks]
        )

    def write(self, watch: "Callable[[Any], None] | None") -> Report:
        """All rows to the output: a folder, or one document."""
        spec = self._asked
        with ReportFile(spec.report) as report_file:
            try:
                with open_shelf(spec.output or "-", wanted_of(spec)) as shelf:
                    report = self._shelve(shelf, watch)
            except SynthError as error:
                report_file.write_failed(self.report("").failed([error.message]))
                raise
            report_file.write(report)
        return report

    def _shelve(self, shelf: Shelf, watch: "Callable[[Any], None] | None") -> Report:
        if watch:
            watch(self)
        with self._stages.timed("write"):
            for name, run in self.runs.items():
                with shelf.open(name, self.shape(name)) as sink:
                    self._fill(sink, run, watch)
            self.check()
            location = getattr(shelf, "location", self._asked.output or "-")
            report = self.report(location)
            shelf.commit(report.manifest)
        report.stages.told |= {"write": location, "report": self._asked.report or "returned"}
        report.warnings.extend(getattr(shelf, "warnings", ()))
        return report

    @property
    def stages(self) -> Stages:
        """How long each stage took so far, those of the tables apart."""
        return self._stages

    def check(self) -> None:
        """SynthError for rows that may not be delivered."""
        for run in self.runs.values():
            run.check()

    def report(self, location: str) -> Report:
        """What happened so far, over all tables and for each."""
        return self._over_all(location, self._reports(location))

    def _reports(self, location: str) -> dict[str, Report]:
        return {name: run.report(location) for name, run in self.runs.items()}

    def _over_all(self, location: str, reports: Mapping[str, Report]) -> Report:
        spec = self._asked
        whole = Report(
            generation_id=self.id,
            kind=spec.kind,
            created_at=self._created_at,
            status="success",
            records_generated=0,
            records_wanted=self.spec.count,
            output_location=location,
            quality={},
            execution_time_ms=round((time.monotonic() - self._started) * 1000),
            errors=[],
            warnings=self.warnings,
            cost=Cost(),
            origins=Counter(),
            plan=self.plan.to_dict(),
            seed=spec.seed,
            fingerprint=spec.fingerprint,
            request=self.asked,
            stages=self._stages,
        )
        return report_of(spec, whole, reports, self._found, self._integrity())

    def _integrity(self) -> dict[str, Any]:
        """Whether the keys of the rows lead somewhere; empty where that wasn't asked for."""
        gathered = [known for run in self.runs.values() if (known := run.known.integrity)]
        if not gathered:
            return {}
        whole = deepcopy(gathered[0])
        for known in gathered[1:]:
            whole.merge(known)
        return whole.told()

    def _fill(self, sink: RecordSink, run: Run, watch: "Callable[[Any], None] | None") -> None:
        with closing(run.blocks(Encode(sink.encoder) if run.workers > 1 and sink.encoder else Make())) as blocks:
            for block in blocks:
                if isinstance(block.content, Encoded):
                    sink.write(block.content.data, block.count)
                else:
                    sink.take(_batch(block))
                if watch:
                    watch(self)
        sink.commit()

    def shape(self, name: str) -> Shape:
        """What formats need to know of a table."""
        run = self.runs[name]
        return Shape(schema=run.record_schema, name=name, dialect=self._asked.sql_dialect, keys=self._keys[name])

    @cached_property
    def _keys(self) -> dict[str, Keys]:
        from synth_sdk.engine.tables import TableEngine

        spec, found = self._asked, dict[str, Keys]()
        for table in self._tables:
            engine = TableEngine(self._tables, table.name, spec.seed, spec.locale, spec.start)
            primary = next((name for name in engine.unique if name == "id"), next(iter(engine.unique), ""))
            others = tuple(name for name in engine.unique if name != primary)
            unique = {name: {one.primary, *one.unique} for name, one in found.items()} | {table.name: set(engine.unique)}
            foreign = [
                (key.name, key.table, key.column)
                for key in table.foreign_keys
                if key.own and key.column in unique.get(key.table, ())
            ]
            found[table.name] = Keys(primary, others, tuple(foreign))
        return found


class TablesResult(Result):
    """The rows of a set, in memory: `tables` has those of each table by its name, `results` a Result for each."""

    def __init__(self, run: TablesRun, report: Report, results: Mapping[str, Result], blocks: Sequence[Block]) -> None:
        super().__init__(run.spec, True, blocks, report, _as_it_is)
        self.results = dict(results)
        self._run = run

    @cached_property
    def tables(self) -> dict[str, list[Any]]:
        """The rows by table, parents first."""
        return {name: result.records for name, result in self.results.items()}

    @property
    def batches(self) -> NoReturn:
        """RequestError, and so are `records`, `to_arrow` and the like: they are of one table."""
        name = next(iter(self.results))
        raise RequestError(f"a set has no single list of records: see result.tables[{name!r}], or result.results[{name!r}]")

    def save(self, path: str, format: str | None = None) -> str:  # the word that users know
        """Write all tables to `path`, as `Synth.write` does. Returns the path."""
        with open_shelf(path, Wanted(format=format, fingerprint=self._run.spec.fingerprint)) as shelf:
            for name, result in self.results.items():
                with shelf.open(name, self._run.shape(name)) as sink:
                    for batch in result.batches:
                        sink.take(batch)
                    sink.commit()
            shelf.commit(self.report.manifest)
        return path


def _as_it_is(record: Any) -> Any:
    return record


def _batch(block: Block) -> Batch:
    return cast(Batch, block.content)


def _check_fits(spec: Spec) -> None:
    for name, reason in _NOT_FOR_SETS.items():
        if getattr(spec, name) is not None:
            raise RequestError(f"{name} {getattr(spec, name)!r}: {reason}; leave it out")
    if spec.rules:
        raise RequestError(
            f"rule {spec.rules[0]!r}: the rows of a set refer to one another, so none may be left out; leave --rule out"
        )
    if spec.partition_by:
        raise RequestError(f"partition_by {spec.partition_by[0]!r}: each table of a set is one file; leave --partition-by out")
    if spec.mode not in ("auto", "offline"):
        raise RequestError(f"mode {spec.mode!r}: the rows of a set are always made offline; leave it out")


def _masks(spec: Spec, tables: Iterable[str]) -> dict[str, dict[str, str]]:
    """The masks of each table: fields of a set are called `table.field`."""
    masks: dict[str, dict[str, str]] = {name: {} for name in tables}
    for field, method in spec.masks.items():
        table, _, inner = field.partition(".")
        if table not in masks or not inner:
            raise UnknownName("field of a set, TABLE.FIELD:", field, [f"{name}.FIELD" for name in masks])
        masks[table][inner] = method
    return masks


def _warnings(spec: Spec) -> list[str]:
    if spec.spends:
        return ["a set of tables is always made offline: the budget is not touched"]
    return ["a set of tables is always made offline: no model is asked"] if spec.chain else []
