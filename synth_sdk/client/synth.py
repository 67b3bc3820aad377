"""`Synth`: the public face of the package."""

import os
import time
from asyncio import to_thread
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, closing, contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from synth_sdk.client.asked import asked
from synth_sdk.client.background import wait_for
from synth_sdk.client.config.kinds import KIND_ALIASES
from synth_sdk.client.config.layers import layered
from synth_sdk.client.config.reading import split
from synth_sdk.client.delivery import Delivery
from synth_sdk.client.history import run_statistics, runs, show_run
from synth_sdk.client.integrations import Integrations, enabled_stores, meant, meant_store, switched_on
from synth_sdk.client.remembering import Remembered, remembered
from synth_sdk.client.result import Result, kept
from synth_sdk.client.retired import retired_names
from synth_sdk.client.run import Run
from synth_sdk.client.settings import Settings, read_settings
from synth_sdk.client.streaming.pacing import pace_of
from synth_sdk.client.streaming.targets import Target, check_unpublished, check_whole, target_of
from synth_sdk.client.tables import TablesRun, holds_tables
from synth_sdk.client.vectors import DEFAULT_STORE, Place, check_one_kind, info, keeping_of, place_of, search
from synth_sdk.client.wish import parsed
from synth_sdk.core import plugins
from synth_sdk.core.batches import Batch
from synth_sdk.core.clock import today
from synth_sdk.core.errors import NoRoute, SynthError, UnknownName
from synth_sdk.core.spec import Spec, make_spec
from synth_sdk.pipeline.blocks import Block
from synth_sdk.pipeline.inspection import Inspection
from synth_sdk.pipeline.offline import Make
from synth_sdk.pipeline.report import Report
from synth_sdk.pipeline.rules import load_rules, named_rules
from synth_sdk.planner.plan import Plan

if TYPE_CHECKING:
    from synth_sdk.client.batch import BatchPlan, BatchResult, Moment
    from synth_sdk.client.blueprints import WrittenPack
    from synth_sdk.client.evaluation import Evaluation, Source
    from synth_sdk.client.history import Since
    from synth_sdk.core.vectors import Neighbour
    from synth_sdk.dialogue import Finding

_UNMEASURED = Make(Inspection(measured=False))  # a stream has no report


class Synth:
    """Makes synthetic records, offline or within a budget.

    Every argument is optional and is a default for the calls; each call may override it. Arguments win over the config file
    (`synth.yaml|json` or `.agentic-synth.json` in the working folder, or `config`), the config over the built-in defaults. Keys of
    models are read from `env` (default: the process environment and `.env`), or are `api_keys`; they are never stored. `api_keys`, `cache`,
    `models`, `integrations` and `generators` may be mappings, as the sections of a config file (docs/configuration.md).
    """

    def __init__(
        self,
        *,
        budget: str | float | int | None = None,
        policy: str | None = None,
        model: str | None = None,
        fallback: str | list[str] | tuple[str, ...] | None = None,
        api_keys: Mapping[str, str | None] | None = None,
        cache: str | Mapping[str, Any] | None = None,
        config: str | os.PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        own = {"budget": budget, "policy": policy, "model": model, "fallback": fallback, "api_keys": api_keys, "cache": cache}
        sections, self._own = split(own | options)
        self._settings: Settings = read_settings(os.environ if env is None else env, config, arguments=sections)
        self._defaults = {**self._settings.defaults, **self._own}

    def generate(self, kind: Any = "conversation", **wish: Any) -> Result:
        """Make `count` records (default 10) and keep them in memory.

        `kind` is a kind's name or a pydantic model class (then records are instances of it). Options are those of the command
        line with underscores: count, seed, schema, pack, constraints, locale, start, mode, budget, policy, model, fallback, blueprint, judge,
        cache, concurrency, records_per_call, account, timeout, workers, sql_dialect, table. Raises RequestError when the request is wrong; when models or money
        ran out the result says so in `report.status`. For a relational set (docs/tables.md) the rows are in `result.tables`.

        `stream_to` and `vectorize_with` publish the records, or keep them by meaning, as well; `stream=True` and `vectorize=True` mean the
        pipeline and the vector store that are enabled (docs/integrations.md).
        """
        with remembered(self._settings, kind, self._own | wish) as memory:
            return memory.kept(self._generate(kind, wish, memory))

    def _generate(self, kind: Any, wish: dict[str, Any], memory: Remembered) -> Result:
        run = memory.saw(self._run_in_memory(kind, wish))
        if isinstance(run, TablesRun):
            return run.keep()
        made: list[Block] = []
        with self._delivery(run) as delivery:
            with closing(delivery.blocks()) as blocks:
                for block in blocks:
                    delivery.take(block)
                    made.append(kept(block))
            return _delivered(run, delivery, made, _maker(kind))

    async def agenerate(self, kind: Any = "conversation", **wish: Any) -> Result:
        """The async twin of `generate`."""
        async with remembered(self._settings, kind, self._own | wish) as memory:
            return memory.kept(await self._agenerate(kind, wish, memory))

    async def _agenerate(self, kind: Any, wish: dict[str, Any], memory: Remembered) -> Result:
        run = memory.saw(self._run_in_memory(kind, wish))
        if isinstance(run, TablesRun):
            return await run.akeep()
        made: list[Block] = []
        with self._delivery(run) as delivery:
            async with aclosing(run.ablocks(delivery.work)) as blocks:
                async for block in blocks:
                    await delivery.atake(block)
                    made.append(kept(block))
            return await to_thread(_delivered, run, delivery, made, _maker(kind))

    def stream(self, kind: Any = "conversation", **wish: Any) -> Iterator[Any]:
        """Yield records one at a time in flat memory; of a relational set pairs of a table's name and a row. With `stream=True` each
        when it is due: `rate` a second.

        NoRoute at the end if not a single one could be made, SynthError if the rules left none.
        """
        with remembered(self._settings, kind, self._own | wish, streamed=True) as memory:
            run, make = memory.saw(self._run(kind, wish)), _maker(kind)
            check_unpublished(run.spec)
            if isinstance(run, TablesRun):
                check_whole(run.spec)
                yield from memory.counted(run.rows())
                memory.kept(run.report("memory"))
                return
            pace = pace_of(run.spec)
            with closing(run.blocks(_UNMEASURED, pace.rows_made if pace else None)) as blocks:
                for block in pace.paced(blocks) if pace else blocks:
                    yield from map(make, memory.counted(_records(block)))
            memory.kept(_end_of_stream(run))

    async def astream(self, kind: Any = "conversation", **wish: Any) -> AsyncIterator[Any]:
        """The async twin of `stream`."""
        async with remembered(self._settings, kind, self._own | wish, streamed=True) as memory:
            run, make = memory.saw(self._run(kind, wish)), _maker(kind)
            check_unpublished(run.spec)
            if isinstance(run, TablesRun):
                check_whole(run.spec)
                async with aclosing(run.arows()) as rows:
                    async for row in rows:
                        memory.read += 1
                        yield row
                memory.kept(run.report("memory"))
                return
            pace = pace_of(run.spec)
            async with aclosing(run.ablocks(_UNMEASURED, pace.rows_made if pace else None)) as blocks:
                async for block in pace.apaced(blocks) if pace else blocks:
                    for record in memory.counted(_records(block)):
                        yield make(record)
            memory.kept(_end_of_stream(run))

    def write(
        self, output: str, kind: Any = "conversation", *, watch: Callable[[Run | TablesRun], None] | None = None, **wish: Any
    ) -> Report:
        """Make records and write them to `output` ("-": standard output) in flat memory; whole or not at all.

        An `output` that ends in a slash is a folder of parts with a manifest. With `stream` records leave in real time, at `rate`; with
        `stream_to` they are published to a URL (docs/streaming.md), and "-" is then nowhere else. `watch` is called with the Run once before the first
        record and after each block. Options as in `generate`, and format, report, provenance, rejects, rows_per_shard.
        """
        with remembered(self._settings, kind, self._own | wish | {"output": output}) as memory:
            return memory.kept(self._write(output, kind, watch, wish, memory))

    def _write(
        self,
        output: str,
        kind: Any,
        watch: Callable[[Run | TablesRun], None] | None,
        wish: dict[str, Any],
        memory: Remembered,
    ) -> Report:
        wish, warnings = meant_store(wish, self.integrations)
        run = memory.saw(self._run(kind, wish | {"output": output}))
        run.warnings += warnings
        if isinstance(run, TablesRun):
            check_whole(run.spec)
            check_one_kind(run.spec)
            return run.write(watch)
        with self._delivery(run) as delivery:
            if watch:
                watch(run)
            with closing(delivery.blocks()) as blocks:
                for block in blocks:
                    delivery.take(block)
                    if watch:
                        watch(run)
            report = delivery.conclude()
        run.finish()
        return report

    def run(
        self,
        request: Mapping[str, Any] | str | os.PathLike[str],
        *,
        output: str | None = None,
        watch: Callable[[Run | TablesRun], None] | None = None,
        **options: Any,
    ) -> Report:
        """Carry out a request as a document (docs/requests.md): a mapping, or the file that holds it ("-": standard input).

        Records go where its `destination` says, or to `output`; `options`, those of `write`, win over what it says. Whatever is wrong with it, or fails,
        stands in the report, whose status is then "failed": nothing is raised, nothing half written.
        """
        from synth_sdk.client.requests import run_request

        return run_request(self, request, options, output=output, watch=watch)

    def plan(self, kind: Any = "conversation", **wish: Any) -> Plan:
        """What would be made how, by which models, at what cost. Spends nothing and needs no network."""
        return self._run(kind, wish).plan

    def batch(
        self,
        source: "str | os.PathLike[str] | Mapping[str, Any]",
        *,
        parallel: int = 4,
        output: str | os.PathLike[str] | None = None,
        budget: str | float | int | None = None,
        force: bool = False,
        watch: "Callable[[Moment], None] | None" = None,
    ) -> "BatchResult":
        """Run the jobs of a batch file (docs/batch.md), `parallel` at once in processes, into the folder `output`.

        `budget` is shared by all of them. Jobs that an earlier run completed are left as they are unless `force`. `watch` is told when a
        job begins, goes on and ends. RequestError for whatever is wrong with the file, before anything is spent or written.
        """
        from synth_sdk.client.batch import run_batch

        return run_batch(self, source, parallel=parallel, output=output, budget=budget, force=force, watch=watch)

    def plan_batch(
        self,
        source: "str | os.PathLike[str] | Mapping[str, Any]",
        *,
        output: str | os.PathLike[str] | None = None,
        budget: str | float | int | None = None,
        force: bool = False,
    ) -> "BatchPlan":
        """What `batch` would do, in which order, at what cost. Writes and spends nothing."""
        from synth_sdk.client.batch import plan_batch

        return plan_batch(self, source, output=output, budget=budget, force=force)

    def models(self) -> list[dict[str, Any]]:
        """The catalogue, cheapest first: facts about each arm, and whether it is usable with the keys at hand (`why_not`)."""
        from synth_sdk.client.models import list_models

        return list_models(self._settings)

    def configuration(self) -> dict[str, Any]:
        """What counts and where each value comes from, keys masked: file, settings, api_keys, providers, paths, warnings."""
        from synth_sdk.client.config.showing import show

        return show(self._settings, self._own)

    def templates(self, category: str | None = None) -> list[str]:
        """The names of the built-in and installed templates: "conversation" (scenario packs), "tool_call", "schema" (domain patterns), or all."""
        from synth_sdk.generators.tool_call import templates
        from synth_sdk.schema import patterns

        by_category = {"conversation": plugins.names("packs"), "tool_call": templates.names(), "schema": patterns.names()}
        if category is None:
            return [name for names in by_category.values() for name in names]
        if category not in by_category:
            raise UnknownName("category", category, by_category)
        return by_category[category]

    def packs(self) -> list[dict[str, Any]]:
        """One row for each built-in or installed pack: name, languages, goals (how many), description."""
        from synth_sdk.dialogue.overview import pack_rows

        return pack_rows()

    def show_pack(self, name: str) -> dict[str, Any]:
        """All about the pack called `name`, or the one in the file of that name: goals, personas, faults, tools, acts."""
        from synth_sdk.dialogue.overview import pack_page

        return pack_page(name)

    def lint_pack(self, name: str) -> "list[Finding]":
        """What is wrong, or thin, in the pack called `name` or in the file of that name: errors first, with file, line and rule."""
        from synth_sdk.dialogue.linting.linter import lint_named

        return lint_named(name)

    def new_pack(self, name: str, output: str | os.PathLike[str] | None = None) -> str:
        """Write a small pack, complete and commented, to `output` (NAME.yaml by default); returns its path. Never overwrites."""
        from synth_sdk.dialogue.overview import new_pack

        return new_pack(name, None if output is None else os.fspath(output))

    def write_pack(self, name: str, about: str, output: str | os.PathLike[str] | None = None, **wish: Any) -> "WrittenPack":
        """Have models write a pack for what `about` describes, to `output` (NAME.yaml by default). Never overwrites.

        `wish` as in `generate`: budget, policy, model, fallback, cache. NoRoute or BudgetExhausted when too little of it came.
        """
        from synth_sdk.client.blueprints import write_pack

        spec = self._spec("conversation", {**wish, "count": 1, "options": {"pack": name, "about": about}})
        return wait_for(write_pack(spec, self._settings, name, about, output, today()))

    def evaluate(self, source: "Source", like: "Source | None" = None, dialect: str = "auto") -> "Evaluation":
        """How good a file of conversations is, or records in memory (docs/eval.md); with `like`, how far from a sample of yours."""
        from synth_sdk.client.evaluation import evaluate

        return evaluate(source, like, dialect)

    @property
    def integrations(self) -> Integrations:
        """The optional parts that are configured or switched on, by name."""
        return self._settings.integrations

    def enable(self, integration: str, **options: Any) -> None:
        """Switch on an integration for the calls of this object, as `integrations` of a configuration does (docs/integrations.md)."""
        self._settings = replace(self._settings, integrations=switched_on(self.integrations, integration, options))

    def search(
        self, query: str, store: str | None = None, path: str | os.PathLike[str] | None = None, limit: int = 5
    ) -> "list[Neighbour]":
        """The `limit` records nearest to `query`, nearest first, of those that `vectorize_with` kept in a vector store (default: the one
        that is enabled, else lancedb).
        """
        return search(query, self._place(store, path), limit)

    def store_info(self, store: str | None = None, path: str | os.PathLike[str] | None = None) -> dict[str, Any]:
        """How many records a vector store has, where, and what its vectors are."""
        return info(self._place(store, path))

    def _place(self, store: str | None, path: str | os.PathLike[str] | None) -> Place:
        name = store or next(iter(enabled_stores(self.integrations)), DEFAULT_STORE)
        return place_of(name, self.integrations, None if path is None else os.fspath(path))

    def runs(
        self, *, kind: str | None = None, status: str | None = None, since: "Since" = None, limit: int | None = 50
    ) -> list[dict[str, Any]]:
        """The newest runs that are remembered (docs/history.md), newest first; `since` is a time, or how long ago ("7d")."""
        return runs(self._settings, kind=kind, status=status, since=since, limit=limit)

    def show_run(self, id: str) -> dict[str, Any]:
        """All that is remembered of the run whose id begins so, or of the "last" one: request, report, schema. UnknownName for none."""
        return show_run(self._settings, id)

    def run_statistics(self, *, kind: str | None = None, since: "Since" = None) -> dict[str, Any]:
        """How many runs succeeded, how fast they were, how good and for how much: of all, `by_kind` and `by_day`."""
        return run_statistics(self._settings, kind=kind, since=since)

    def cache_stats(self) -> dict[str, Any]:
        """The prompt cache (docs/cache.md): `entries`, `bytes`, `folder`; of all runs so far `hits`, `misses`, `shared`, `hit_rate` and
        `saved_usd`; `memory`, what this process holds of it.
        """
        from synth_sdk.client.wiring import open_store

        return open_store(self._settings).stats()

    def clear_cache(self) -> int:
        """Forget all cached records; returns how many there were."""
        from synth_sdk.client.wiring import open_store

        return open_store(self._settings).clear()

    def persist_cache(self, path: str | os.PathLike[str]) -> int:
        """Write the cached records that were stored last (`cache.max_size` of them) to the file `path`; returns how many."""
        from synth_sdk.client.wiring import open_store

        with open_store(self._settings) as store:
            return store.persist(path)

    def restore_cache(self, path: str | os.PathLike[str]) -> int:
        """Take in the cached records of a file that `persist_cache` wrote; returns how many weren't there yet."""
        from synth_sdk.client.wiring import open_store

        with open_store(self._settings) as store:
            return store.restore(path)

    def _run(self, kind: Any, wish: dict[str, Any]) -> Run | TablesRun:
        began = time.perf_counter()
        names, own = named_rules(self._defaults.get("rules") if wish.get("rules") is None else wish["rules"])
        spec = self._spec(kind, wish | {"rules": names})
        parsed_in = time.perf_counter() - began
        run = TablesRun(spec, self._settings) if holds_tables(spec) else Run(spec, self._settings, load_rules(spec.rules, own))
        run.warnings += [*self._settings.warnings, *retired_names(spec, self._settings)]
        run.asked = asked(spec, wish)
        run.stages.add("parse", parsed_in)
        run.stages.told["parse"] = f"{spec.count:,} records of kind {spec.kind}, seed {spec.seed}, fingerprint {spec.fingerprint}"
        return run

    def _run_in_memory(self, kind: Any, wish: dict[str, Any]) -> Run | TablesRun:
        wish, warnings = meant(wish, self.integrations)
        run = self._run(kind, wish | {"output": None})
        run.warnings += warnings
        if isinstance(run, TablesRun):
            check_whole(run.spec)
            check_one_kind(run.spec)
        return run

    @contextmanager
    def _delivery(self, run: Run) -> Iterator[Delivery]:
        """Where the run's records go, opened: what can't be written is found here, before anything is spent."""
        keeping, why_not = keeping_of(run.spec, self.integrations)
        run.warnings += [why_not] if why_not else []
        with keeping or nullcontext(), Delivery(run, self._target(run), keeping) as delivery:
            yield delivery

    def _target(self, run: Run) -> Target | None:
        """Where the records are published to. A pipeline that isn't configured is no target, but a warning."""
        if run.spec.stream_to is None:
            return None
        target, why_not = target_of(run.spec.stream_to, self._settings.integrations)
        run.warnings += [why_not] if why_not else []
        return target

    def _spec(self, kind: Any, wish: dict[str, Any]) -> Spec:
        given = self._own | {key: value for key, value in wish.items() if value is not None}
        if isinstance(kind, type):
            given["schema"], kind = kind, "json"
        kind = KIND_ALIASES.get(kind, kind)
        known = plugins.names("generators")
        if kind not in known:
            raise UnknownName("kind", str(kind), known)
        return make_spec(kind=kind, **parsed(kind, layered(kind, given, self._settings)))


def _maker(kind: Any) -> Callable[[Any], Any]:
    validate = getattr(kind, "model_validate", None)
    return validate if callable(validate) else lambda record: record


def _records(block: Block) -> Sequence[Any]:
    return cast(Batch, block.content).records()


def _delivered(run: Run, delivery: Delivery, blocks: list[Block], make: Callable[[Any], Any]) -> Result:
    """The result of a run all of whose blocks were taken."""
    report = delivery.conclude()
    run.finish()
    return Result(run.spec, run.record_schema, blocks, report, make)


def _end_of_stream(run: Run) -> Report:
    run.check()
    run.finish()
    report = run.report("memory")
    if not report.records_generated:
        if not run.asks:
            raise SynthError(f"no record was delivered: {'; '.join(report.errors)}")
        raise NoRoute({"run": "; ".join(report.errors)})
    return report
