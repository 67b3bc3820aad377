"""`Synth`: the public face of the package."""

import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from synth_sdk.client.delivery import Delivery
from synth_sdk.client.result import Result, kept
from synth_sdk.client.run import Run
from synth_sdk.client.settings import Settings, read_settings
from synth_sdk.client.tables import TablesRun, holds_tables
from synth_sdk.core import plugins
from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import NoRoute, RequestError, UnknownName
from synth_sdk.core.money import parse_budget
from synth_sdk.core.spec import Spec, make_spec
from synth_sdk.pipeline.blocks import Block
from synth_sdk.pipeline.offline import Make
from synth_sdk.pipeline.report import Report
from synth_sdk.planner.plan import Plan

if TYPE_CHECKING:
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
        line with underscores: count, seed, schema, pack, constraints, locale, start, mode, budget, policy, model, fallback, cache,
        concurrency, records_per_call, account, timeout, workers, sql_dialect, table. Raises RequestError when the request is wrong; when models or money
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
        _raise_if_nothing(run)

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
        _raise_if_nothing(run)

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
        return report

    def plan(self, kind: Any = "conversation", **wish: Any) -> Plan:
        """What would be made how, by which models, at what cost. Spends nothing and needs no network."""
        return self._run(kind, wish).plan

    def models(self) -> list[dict[str, Any]]:
        """The catalogue, cheapest first: facts about each arm, and whether it is usable with the keys at hand (`why_not`)."""
        from synth_sdk.client.listing import list_models

        return list_models(self._settings)

    def templates(self, category: str | None = None) -> list[str]:
        """The names of the built-in and installed packs. The only category with templates so far is "conversation"."""
        return plugins.names("packs") if category in (None, "conversation") else []

    def lint_pack(self, name: str) -> "list[Finding]":
        """What is wrong, or thin, in the pack called `name` or in the file of that name: errors first, with file, line and rule."""
        from synth_sdk.dialogue import lint, load_pack

        return lint(load_pack(name))

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
        return make_spec(kind=kind, **_parsed(told))


def _parsed(told: dict[str, Any]) -> dict[str, Any]:
    """Options as users write them, as the Spec holds them."""
    told = dict(told)
    if "budget" in told:
        told["budget_micros"] = parse_budget(told.pop("budget"))
    if "fallback" in told:
        told["fallback"] = _parse_fallback(told["fallback"])
    if told.get("records_per_call") == "auto":
        del told["records_per_call"]
    if told.get("seed") == "random":
        told["seed"] = secrets.randbelow(2**31)
    if "start" in told:
        told["start"] = _parse_start(told["start"])
    if "schema" in told:
        told["document"] = _parse_document(told.pop("schema"))
    if "pack" in told:
        told |= _parse_pack(told["pack"])
    if "constraints" in told:
        told["constraints"] = {str(key): str(value) for key, value in told["constraints"].items()}
    return told


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


def _parse_pack(value: str | os.PathLike[str]) -> dict[str, Any]:
    """A pack's name as it is; a file also by its content, so that an edited pack is another wish."""
    name = os.fspath(value)
    path = Path(name)
    if name in plugins.names("packs") or not path.is_file():
        return {"pack": name}
    import hashlib

    return {"pack": name, "pack_digest": hashlib.sha256(path.read_bytes()).hexdigest()}


def _maker(kind: Any) -> Callable[[Any], Any]:
    validate = getattr(kind, "model_validate", None)
    return validate if callable(validate) else lambda record: record


def _records(block: Block) -> Sequence[Any]:
    return cast(Batch, block.content).records()


def _result(run: Run, blocks: list[Block], make: Callable[[Any], Any]) -> Result:
    return Result(run.spec, run.record_schema, blocks, run.report("memory"), make)


def _raise_if_nothing(run: Run) -> None:
    report = run.report("memory")
    if not report.records_generated:
        raise NoRoute({"run": "; ".join(report.errors)})
