"""Whatever can be wrong with a batch is found here: every job's Spec is made and its Run built, before anything is spent or written."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth_sdk.client.batch.jobs import Column, Job, expand
from synth_sdk.client.batch.order import in_order
from synth_sdk.client.batch.places import FILES, check_apart, check_writable, places, relative
from synth_sdk.client.batch.reading import BatchFile
from synth_sdk.client.batch.result import JobReport
from synth_sdk.client.batch.values import FORMATS, check_source, check_targets
from synth_sdk.client.folder import names_folder
from synth_sdk.client.result import shape_for
from synth_sdk.client.run import Run
from synth_sdk.client.streaming.targets import open_publisher
from synth_sdk.client.tables import TablesRun, holds_tables
from synth_sdk.core import plugins
from synth_sdk.core.errors import OutputError, RequestError
from synth_sdk.core.models import Json
from synth_sdk.core.money import format_usd, parse_budget
from synth_sdk.core.spec import Spec
from synth_sdk.planner.plan import Plan
from synth_sdk.sinks import format_for

if TYPE_CHECKING:
    from synth_sdk.client.synth import Synth

# What doesn't change the bytes of a job's output, or is told in another way.
_NOT_ITS = {
    "output", "report", "provenance", "rejects", "workers", "concurrency", "records_per_call", "timeout", "account", "within",
    "cache", "budget_micros", "blueprint_path",
}  # fmt: skip
_LARGEST_DRAWN = 2**31
_NAMED = 3  # further jobs that an error names


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A job that is fit to run. `files` are its paths by option, `cap` what it may spend (micro-dollars, None: nothing).

    `plan` is None where it depends on another job's output. `record_schema` is what is known of its records.
    """

    job: Job
    kind: str
    spec: Spec
    files: Mapping[str, str]
    fingerprint: str
    cap: int | None
    plan: Plan | None
    record_schema: Json = True

    @property
    def output(self) -> str:
        return self.files["output"]

    @property
    def spends(self) -> bool:
        return self.spec.spends


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Checked jobs in the order of the file; `order` has each behind those that it needs. `budget` is shared by all (micro-dollars)."""

    file: BatchFile
    folder: Path
    jobs: Mapping[str, Prepared]
    order: list[str]
    budget: int | None

    @property
    def fingerprint(self) -> str:
        """What is asked for, as 16 hex digits."""
        return _digest({name: prepared.fingerprint for name, prepared in self.jobs.items()})


def check(synth: "Synth", file: BatchFile, folder: Path, budget: Any, before: Mapping[str, JobReport]) -> Batch:
    """The batch, ready to run into `folder`. RequestError names the job and what is wrong with it, and how many more are."""
    check_writable(folder)
    shared = next((one for one in (budget, file.budget, synth._defaults.get("budget")) if one is not None), None)
    total = None if shared is None else parse_budget(shared)
    jobs = expand(file)
    order = in_order(file, jobs)
    checker, wrong = _Checker(synth, file, folder, total, before), dict[str, RequestError]()
    for name in order:
        try:
            checker.prepare(jobs[name])
        except RequestError as error:
            wrong[name] = error
    if wrong:
        raise _told(file, wrong)
    prepared = {name: checker.ready[name] for name in jobs}
    try:
        check_apart({name: one.files for name, one in prepared.items()}, folder)
    except RequestError as error:
        raise file.refuse(error.message) from None
    return Batch(file=file, folder=folder, jobs=prepared, order=order, budget=total)


def _told(file: BatchFile, wrong: Mapping[str, RequestError]) -> RequestError:
    name, *others = wrong
    more = f" ({len(others)} more wrong: {', '.join(others[:_NAMED])}{'...' if len(others) > _NAMED else ''})" if others else ""
    return file.refuse(f"{wrong[name].message}{more}", name)


@dataclass(frozen=True, slots=True)
class _Checker:
    """Prepares jobs, those that others need first. `total` is the shared budget, `before` what an earlier run left."""

    synth: "Synth"
    file: BatchFile
    folder: Path
    total: int | None
    before: Mapping[str, JobReport]
    ready: dict[str, Prepared] = field(default_factory=dict)

    def prepare(self, job: Job) -> None:
        kind = _kind(job)
        job = replace(job, told=_located(job.told, self.file.folder))
        own = parse_budget(job.told["budget"]) if "budget" in job.told else None
        cap = min((one for one in (own, self.total) if one is not None), default=None)
        before = self.before.get(job.name)
        wish = wish_of(job.settled, cap, _seed(job, before))
        spec = self.synth._spec(kind, wish)
        files = places(job, self.folder, _default_output(job, spec))
        _check_free(files, before, self.folder)
        run = None if job.paths else self.synth._run(kind, {**wish, **files})
        if run is not None:
            spec = run.spec
            _check_delivery(run, files["output"])
            if isinstance(run, Run) and (target := self.synth._target(run)):
                open_publisher(target.url)  # which finds what is wrong with the URL, and doesn't connect yet
        prepared = Prepared(
            job=job,
            kind=kind,
            spec=spec,
            files=files,
            fingerprint=_fingerprint(job, spec, files, self.folder, own),
            cap=cap,
            plan=run.plan if run else None,
            record_schema=run.record_schema if isinstance(run, Run) and spec.dialect is None else True,
        )
        if job.columns:
            _check_columns(prepared, self.ready)
        self.ready[job.name] = prepared


def wish_of(told: Mapping[str, Any], cap: int | None, seed: int | None) -> dict[str, Any]:
    """What the client is asked for, but for its files and accounts."""
    wish = {name: value for name, value in told.items() if name not in ("kind", "auto_route", *FILES)}
    if isinstance(wish.get("rules"), str):
        wish["rules"] = [wish["rules"]]
    if cap is not None:
        wish["budget"] = format_usd(cap)
    if seed is not None:
        wish["seed"] = seed
    return wish


def _kind(job: Job) -> str:
    kind = str(job.told.get("kind") or "")
    if not kind:
        raise RequestError("no kind given: add one, for example kind: conversation")
    if plugins.at_run_time("generators", kind):
        raise RequestError(f"kind {kind!r} is known to this process only, and jobs run in others: install it as a plugin")
    return kind


def _seed(job: Job, before: JobReport | None) -> int | None:
    """The seed that was drawn for it, the same when the batch goes on; None when none is to be drawn."""
    if job.told.get("seed") != "random":
        return None
    return secrets.randbelow(_LARGEST_DRAWN) if before is None or before.seed is None else before.seed


def _default_output(job: Job, spec: Spec) -> str:
    if holds_tables(spec) and spec.format not in ("json", "sql"):
        return f"{job.name}/"
    return f"{job.name}{next(iter(format_for(None, spec.format).suffixes), '')}"


def _check_free(files: Mapping[str, str], before: JobReport | None, folder: Path) -> None:
    """A folder of parts needs an empty place, or one that this batch filled."""
    output = files["output"]
    filled = names_folder(output) and Path(output).is_dir() and any(Path(output).iterdir())
    if filled and (before is None or before.output != relative(output, folder)):
        raise OutputError(f"output {output!r}: the folder is not empty; choose another name, or empty it")


def _check_delivery(run: Run | TablesRun, output: str) -> None:
    """RequestError if the records can't be written as the job wants them."""
    spec = run.spec
    if names_folder(output):
        format_for(None, spec.format)
        if isinstance(run, Run) and run.buys:
            raise OutputError(
                f"output {output!r}: a folder of parts holds offline records only; name a file, or add mode: offline"
            )
    elif isinstance(run, Run):
        format_for(output, spec.format).encoder(shape_for(spec, run.record_schema, output))


def _check_columns(prepared: Prepared, ready: Mapping[str, Prepared]) -> None:
    job, spec = prepared.job, prepared.spec
    if "schema" not in job.paths and not any(name == "schema" for name in job.told):
        raise RequestError("values_from needs a schema: add one with the properties that take the values")
    if holds_tables(spec):
        raise RequestError("values_from is for one table; a set of tables has foreign keys of its own")
    if spec.document is not None:
        check_targets(spec.document, job.columns)
    for column in job.columns:
        if column.job in ready:  # else it is wrong itself
            _check_readable(ready[column.job])
            check_source(ready[column.job].record_schema, column)


def _check_readable(source: Prepared) -> None:
    found = format_for(source.output, source.spec.format).name
    if names_folder(source.output) or found not in FORMATS or format_for(source.output).name != found:
        raise RequestError(
            f"values_from: the output of {source.job.name!r} is {source.output!r}; values are read from one file of {', '.join(FORMATS)}"
        )


def _located(told: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """`told` with its files looked up from the folder of the batch file."""
    found = dict(told)
    for name in ("schema", "blueprint"):
        if isinstance(value := found.get(name), str) and not value.startswith("ref:"):
            if value == "-":
                raise RequestError(f"{name} '-': a batch reads no standard input; name a file, or write it in place")
            found[name] = str(folder / value)
    if isinstance(pack := found.get("pack"), str) and pack not in plugins.names("packs") and (folder / pack).exists():
        found["pack"] = str(folder / pack)
    constraints = found.get("constraints")
    if isinstance(constraints, Mapping) and (folder / str(constraints.get("tools", ""))).is_file():
        found["constraints"] = {**constraints, "tools": str(folder / str(constraints["tools"]))}
    return found


def _fingerprint(job: Job, spec: Spec, files: Mapping[str, str], folder: Path, own: int | None) -> str:
    """What the job asks for, wherever the batch lies: the contents of its files count, not their paths. Raising the shared budget
    alone makes nothing anew."""
    wish = spec.model_dump(mode="json", exclude=_NOT_ITS)
    if spec.file_digest:
        wish["pack"] = wish["pack"] and Path(wish["pack"]).name
        wish["constraints"].pop("tools", None)
    if job.told.get("seed") == "random":
        wish["seed"] = "random"
    wish["files"] = {option: relative(path, folder) for option, path in files.items()}
    wish["money"] = [spec.spends, own]
    wish["references"] = sorted(job.paths)
    wish["columns"] = [_plain(column) for column in job.columns]
    return _digest(wish)


def _plain(column: Column) -> list[str]:
    return [column.target, column.job, column.source]


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
