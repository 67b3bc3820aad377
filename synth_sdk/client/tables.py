"""Relational sets: a run for each table, delivered together."""

import time
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from collections.abc import Generator as Yields
from contextlib import aclosing, closing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

from synth_sdk.client.delivery import check_different
from synth_sdk.client.result import Result, kept
from synth_sdk.client.run import Progress, Run
from synth_sdk.client.settings import Settings
from synth_sdk.client.shelves import open_shelf
from synth_sdk.core.batches import Batch, Records
from synth_sdk.core.errors import RequestError
from synth_sdk.core.measures import Measures
from synth_sdk.core.spec import Spec
from synth_sdk.pipeline.blocks import Block, Encoded
from synth_sdk.pipeline.manifest import manifest
from synth_sdk.pipeline.offline import Encode, Make
from synth_sdk.pipeline.report import Cost, Report
from synth_sdk.planner.plan import Plan, offline_plan
from synth_sdk.sinks import Keys, Shape, Sink, TextFormat, open_sink

if TYPE_CHECKING:
    from synth_sdk.schema.tables import Tables

_OFFLINE = {"mode": "offline", "budget_micros": None, "model": None, "fallback": None}
_NOT_FOR_SETS = {
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
        self._tables: Tables = parse_tables(spec.document).counting(spec.count)
        sizes = table_sizes(self._tables, spec.seed, spec.count)
        document = self._tables.document()
        self.runs = {
            name: Run(spec.model_copy(update={"document": {**document, "table": name}, "count": size, **_OFFLINE}), settings)
            for name, size in sizes.items()
        }
        self.spec = spec.model_copy(update={"count": sum(sizes.values())})
        self.warnings = _warnings(spec)
        self._id = str(uuid.uuid4())
        self._started = time.monotonic()

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
            with closing(run.blocks(Make(measured=False))) as blocks:
                for block in blocks:
                    yield from ((name, record) for record in _batch(block).records())

    async def arows(self) -> AsyncGenerator[tuple[str, Any], None]:
        """The async twin of `rows`."""
        for name, run in self.runs.items():
            async with aclosing(run.ablocks(Make(measured=False))) as blocks:
                async for block in blocks:
                    for record in _batch(block).records():
                        yield name, record

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
        results = {
            name: Result(run.spec, run.record_schema, found[name], run.report("memory"), _as_it_is)
            for name, run in self.runs.items()
        }
        return TablesResult(self, results, [block for blocks in found.values() for block in blocks])

    def write(self, watch: "Callable[[Any], None] | None") -> Report:
        """All rows to the output: a folder, or one document."""
        spec = self._asked
        report_file = open_sink(spec.report, TextFormat()) if spec.report else None
        try:
            with open_shelf(spec.output or "-", spec.format) as shelf:
                if watch:
                    watch(self)
                for name, run in self.runs.items():
                    with shelf.open(name, self.shape(name)) as sink:
                        self._fill(sink, run, watch)
                report = self.report(spec.output or "-")
                shelf.commit(report.manifest)
            if report_file:
                report_file.take(_text(report, spec.report or ""))
                report_file.commit()
        finally:
            if report_file:
                report_file.abort()
        return report

    def report(self, location: str) -> Report:
        """What happened so far, over all tables and for each."""
        reports = {name: run.report(location) for name, run in self.runs.items()}
        delivered = sum(one.records_generated for one in reports.values())
        return Report(
            generation_id=self._id,
            status="success" if delivered == self.spec.count else "partial" if delivered else "failed",
            records_generated=delivered,
            records_wanted=self.spec.count,
            output_location=location,
            quality=_quality(reports),
            execution_time_ms=round((time.monotonic() - self._started) * 1000),
            errors=[f"{name}: {error}" for name, one in reports.items() for error in one.errors],
            warnings=self.warnings,
            cost=Cost(budget=self._asked.budget_micros),
            origins=Counter(offline=delivered),
            plan=self.plan.to_dict(),
            seed=self._asked.seed,
            fingerprint=self._asked.fingerprint,
            manifest=self._manifest(reports),
            tables={name: _row(one) for name, one in reports.items()},
        )

    def _fill(self, sink: Sink, run: Run, watch: "Callable[[Any], None] | None") -> None:
        with closing(run.blocks(Encode(sink.encoder) if run.workers > 1 else Make())) as blocks:
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

    def _manifest(self, reports: Mapping[str, Report]) -> dict[str, Any]:
        whole = manifest(self._asked, Measures())
        digest = sum(int(one.manifest["row_digest"], 16) for one in reports.values()) % 2**64
        tables = {name: {"rows": one.manifest["rows"], "row_digest": one.manifest["row_digest"]} for name, one in reports.items()}
        return whole | {"rows": self.spec.count, "row_digest": f"{digest:016x}", "tables": tables}


class TablesResult(Result):
    """The rows of a set, in memory: `tables` has those of each table by its name, `results` a Result for each."""

    def __init__(self, run: TablesRun, results: Mapping[str, Result], blocks: Sequence[Block]) -> None:
        super().__init__(run.spec, True, blocks, run.report("memory"), _as_it_is)
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
        with open_shelf(path, format) as shelf:
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


def _text(report: Report, path: str) -> Records:
    return Records([report.render(Path(path).suffix)])


def _check_fits(spec: Spec) -> None:
    for name, reason in _NOT_FOR_SETS.items():
        if getattr(spec, name) is not None:
            raise RequestError(f"{name} {getattr(spec, name)!r}: {reason}; leave it out")
    if spec.rules:
        raise RequestError(
            f"rule {spec.rules[0]!r}: the rows of a set refer to one another, so none may be left out; leave --rule out"
        )
    if spec.mode not in ("auto", "offline"):
        raise RequestError(f"mode {spec.mode!r}: the rows of a set are always made offline; leave it out")


def _warnings(spec: Spec) -> list[str]:
    if spec.spends:
        return ["a set of tables is always made offline: the budget is not touched"]
    return ["a set of tables is always made offline: no model is asked"] if spec.chain else []


def _row(report: Report) -> dict[str, Any]:
    return {
        "records_generated": report.records_generated,
        "row_digest": report.manifest["row_digest"],
        "data_quality_metrics": report.quality,
    }


def _quality(reports: Mapping[str, Report]) -> dict[str, Any]:
    """Means over all rows; fields are called `table.field`."""
    total = sum(one.records_generated for one in reports.values())

    def mean(score: str) -> float:
        return round(sum(one.quality[score] * one.records_generated for one in reports.values()) / total, 6) if total else 0.0

    fields = {
        f"{name}.{field}": told for name, one in reports.items() for field, told in one.quality["distribution_analysis"].items()
    }
    return {**{score: mean(score) for score in ("uniqueness_score", "validity_score")}, "distribution_analysis": fields}
