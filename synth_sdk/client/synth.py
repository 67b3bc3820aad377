"""`Synth`: the public face of the package."""

import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from synth_sdk.client.background import wait_for
from synth_sdk.client.delivery import Delivery
from synth_sdk.client.result import Result, kept
from synth_sdk.client.run import Run
from synth_sdk.client.settings import Settings, read_settings
from synth_sdk.client.tables import TablesRun, holds_tables
from synth_sdk.core import plugins
from synth_sdk.core.batches import Batch
from synth_sdk.core.clock import today
from synth_sdk.core.errors import NoRoute, RequestError, UnknownName
from synth_sdk.core.money import parse_budget
from synth_sdk.core.spec import Spec, make_spec
from synth_sdk.pipeline.blocks import Block
from synth_sdk.pipeline.offline import Make
from synth_sdk.pipeline.report import Report
from synth_sdk.planner.plan import Plan

if TYPE_CHECKING:
    from synth_sdk.client.blueprints import WrittenPack
    from synth_sdk.client.evaluation import Evaluation, Source
    from synth_sdk.dialogue import Finding

_KIND_ALIASES = {"structured": "json"}
_UNMEASURED = Make(measured=False)  # a stream has no report


class Synth:
    """Makes synthetic records, offline or within a budget.

    Every argument is optional and is a default for the calls; each call may override it. Arguments win over the config file
    (`synth.yaml|json` in the working folder, or `config`), the config over the built-in defaults. API keys are read from `env`
    (default: the process environment) and never stored.
    """

    def __init__(
        self,
        *,
        budget: str | float | int | None = None,
        policy: str | None = None,
        model: str | None = None,
        fallback: str | list[str] | tuple[str, ...] | None = None,
        config: str | os.PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        self._settings: Settings = read_settings(os.environ if env is None else env, config)
        own = {"budget": budget, "policy": policy, "model": model, "fallback": fallback, **options}
        self._defaults = {key: value for key, value in self._settings.defaults.items() if key != "catalogue"}
        self._defaults |= {key: value for key, value in own.items() if value is not None}

    def generate(self, kind: Any = "conversation", **wish: Any) -> Result:
        """Make `count` records (default 10) and keep them in memory.

        `kind` is a kind's name or a pydantic model class (then records are instances of it). Options are those of the command
        line with underscores: count, seed, schema, pack, constraints, locale, start, mode, budget, policy, model, fallback, blueprint, judge,
        cache, concurrency, records_per_call, account, timeout, workers, sql_dialect, table. Raises RequestError when the request is wrong; when models or money
        ran out the result says so in `report.status`. For a relational set (docs/tables.md) the rows are in `result.tables`.
        """
        run = self._run(kind, wish)
        if isinstance(run, TablesRun):
            return run.keep()
        with closing(run.blocks()) as blocks:
            return _result(run, [kept(block) for block in blocks], _maker(kind))

    async def agenerate(self, kind: Any = "conversation", **wish: Any) -> Result:
        """The async twin of `generate`."""
        run = self._run(kind, wish)
        if isinstance(run, TablesRun):
            return await run.akeep()
        return _result(run, [kept(block) async for block in run.ablocks()], _maker(kind))

    def stream(self, kind: Any = "conversation", **wish: Any) -> Iterator[Any]:
        """Yield records one at a time in flat memory; of a relational set pairs of a table's name and a row.

        NoRoute at the end if not a single one could be made.
        """
        run, make = self._run(kind, wish), _maker(kind)
        if isinstance(run, TablesRun):
            yield from run.rows()
            return
        with closing(run.blocks(_UNMEASURED)) as blocks:
            for block in blocks:
                yield from map(make, _records(block))
        _end_of_stream(run)

    async def astream(self, kind: Any = "conversation", **wish: Any) -> AsyncIterator[Any]:
        """The async twin of `stream`."""
        run, make = self._run(kind, wish), _maker(kind)
        if isinstance(run, TablesRun):
            async for row in run.arows():
                yield row
            return
        async with aclosing(run.ablocks(_UNMEASURED)) as blocks:
            async for block in blocks:
                for record in _records(block):
                    yield make(record)
        _end_of_stream(run)

    def write(
        self, output: str, kind: Any = "conversation", *, watch: Callable[[Run | TablesRun], None] | None = None, **wish: Any
    ) -> Report:
        """Make records and write them to `output` ("-": standard output) in flat memory; whole or not at all.

        An `output` that ends in a slash is a folder of parts with a manifest. `watch` is called with the Run once before the first
        record and after each block. Options as in `generate`, and format, report, provenance, rejects, rows_per_shard.
        """
        run = self._run(kind, wish | {"output": output})
        if isinstance(run, TablesRun):
            return run.write(watch)
        with Delivery(run) as delivery:
            if watch:
                watch(run)
            with closing(run.blocks(delivery.work, delivery.rows_per_block)) as blocks:
                for block in blocks:
                    delivery.take(block)
                    if watch:
                        watch(run)
            report = run.report(delivery.location)
            delivery.commit(report)
        run.finish()
        return report

    def plan(self, kind: Any = "conversation", **wish: Any) -> Plan:
        """What would be made how, by which models, at what cost. Spends nothing and needs no network."""
        return self._run(kind, wish).plan

    def models(self) -> list[dict[str, Any]]:
        """The catalogue, cheapest first: facts about each arm, and whether it is usable with the keys at hand (`why_not`)."""
        from synth_sdk.client.models import list_models

        return list_models(self._settings)

    def templates(self, category: str | None = None) -> list[str]:
        """The names of the built-in and installed templates: "conversation" (scenario packs), "tool_call", or both."""
        from synth_sdk.generators.tool_call import templates

        by_category = {"conversation": plugins.names("packs"), "tool_call": templates.names()}
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

    def cache_stats(self) -> dict[str, Any]:
        """Entries, size and place of the prompt cache."""
        from synth_sdk.client.wiring import open_store

        return open_store(self._settings).stats()

    def clear_cache(self) -> int:
        """Forget all cached records; returns how many there were."""
        from synth_sdk.client.wiring import open_store

        return open_store(self._settings).clear()

    def _run(self, kind: Any, wish: dict[str, Any]) -> Run | TablesRun:
        spec = self._spec(kind, wish)
        return TablesRun(spec, self._settings) if holds_tables(spec) else Run(spec, self._settings)

    def _spec(self, kind: Any, wish: dict[str, Any]) -> Spec:
        told = self._defaults | {key: value for key, value in wish.items() if value is not None}
        if isinstance(kind, type):
            told["schema"], kind = kind, "json"
        kind = _KIND_ALIASES.get(kind, kind)
        known = plugins.names("generators")
        if kind not in known:
            raise UnknownName("kind", str(kind), known)
        return make_spec(kind=kind, **_parsed(self._with_options(kind, told)))

    def _with_options(self, kind: str, told: dict[str, Any]) -> dict[str, Any]:
        """`told` with the configuration's keys for this kind as `options`; a seed among them is a default for the seed."""
        options = told.get("options", self._settings.kinds.get(kind))
        if options is None:
            return told
        seed = options.get("random_seed") if isinstance(options, Mapping) else None
        return {"seed": seed, **told, "options": options} if seed is not None else {**told, "options": options}


def _parsed(told: dict[str, Any]) -> dict[str, Any]:
    """Options as users write them, as the Spec holds them."""
    told = dict(told)
    if "budget" in told:
        told["budget_micros"] = parse_budget(told.pop("budget"))
    if "fallback" in told:
        told["fallback"] = _parse_fallback(told["fallback"])
    if told.get("records_per_call") == "auto":
        del told["records_per_call"]
    told["seeded"] = told.get("seed") not in (None, "random")
    if told.get("seed") == "random":
        told["seed"] = secrets.randbelow(2**31)
    if "start" in told:
        told["start"] = _parse_start(told["start"])
    if "schema" in told:
        told["document"] = _parse_document(told.pop("schema"))
    if "pack" in told:
        told["pack"] = os.fspath(told["pack"])
    if isinstance(told.get("blueprint"), str | os.PathLike):
        told["blueprint_path"] = os.fspath(told.pop("blueprint"))
    if "constraints" in told:
        told["constraints"] = {str(key): str(value) for key, value in told["constraints"].items()}
    return told | _digest_of_file(told)


def _parse_fallback(value: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    names = [name.strip() for name in value.split(",")] if isinstance(value, str) else [str(name) for name in value]
    if names == ["none"]:
        return ()
    if not names or "" in names or "none" in names:
        raise RequestError(f"fallback {','.join(names)!r}: give model names, 'faker' last if at all, or 'none' alone")
    return tuple(names)


def _parse_start(value: str | datetime) -> datetime:
    if isinstance(value, datetime):
        moment = value
    elif value == "now":
        moment = datetime.now(UTC).replace(microsecond=0)
    else:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise RequestError(
                f"start {value!r} is not an ISO 8601 time: write for example 2025-01-01T00:00:00Z, or now"
            ) from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _parse_document(value: Any) -> Any:
    from synth_sdk.schema.documents import read_document
    from synth_sdk.schema.tables import parse_declared

    return parse_declared(read_document(os.fspath(value)) if isinstance(value, str | os.PathLike) else value)


def _digest_of_file(told: Mapping[str, Any]) -> dict[str, str]:
    """The digest of the file that a pack or a list of tools is read from, so that an edited file is another wish."""
    pack, tools = told.get("pack"), (told.get("constraints") or {}).get("tools")
    if pack and pack not in plugins.names("packs") and Path(pack).exists():
        from synth_sdk.dialogue.loading.loader import pack_digest

        return {"file_digest": pack_digest(pack, told.get("locale"))}
    if tools and Path(tools).is_file():
        import hashlib

        return {"file_digest": hashlib.sha256(Path(tools).read_bytes()).hexdigest()}
    return {}


def _maker(kind: Any) -> Callable[[Any], Any]:
    validate = getattr(kind, "model_validate", None)
    return validate if callable(validate) else lambda record: record


def _records(block: Block) -> Sequence[Any]:
    return cast(Batch, block.content).records()


def _result(run: Run, blocks: list[Block], make: Callable[[Any], Any]) -> Result:
    run.finish()
    return Result(run.spec, run.record_schema, blocks, run.report("memory"), make)


def _end_of_stream(run: Run) -> None:
    run.finish()
    report = run.report("memory")
    if not report.records_generated:
        raise NoRoute({"run": "; ".join(report.errors)})
