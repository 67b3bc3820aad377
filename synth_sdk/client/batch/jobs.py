"""The jobs of a batch: the matrix expanded, options checked by name, references between jobs resolved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from synth_sdk.client.batch.matrix import combinations
from synth_sdk.client.batch.reading import BatchFile
from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.spec import OPTIONS

_REF = "ref:"
_ALIASES = {"type": "kind", "constraint": "constraints", "rule": "rules", "cache_policy": "cache"}
_OF_JOBS = frozenset({"matrix", "needs", "values_from"})
_KNOWN = OPTIONS | {"kind"} | _ALIASES.keys()
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Column:
    """Values of the property `target` are those of the column `source` of another job's records; both are dotted paths."""

    target: str
    job: str
    source: str


@dataclass(frozen=True, slots=True)
class Job:
    """One run of the batch. `base` is its name in the file, `axes` what the matrix set; `told` its options, references still in them.

    `needs` are the jobs that come first, `paths` those whose outputs its options name: by what stands behind `ref:`.
    """

    name: str
    base: str
    told: Mapping[str, Any]
    axes: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    paths: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()

    def filled(self, outputs: Mapping[str, str]) -> dict[str, Any]:
        """The options with the paths of the outputs that they refer to."""
        return {
            name: _filled(value, {word: outputs[job] for word, job in self.paths.items()}) for name, value in self.told.items()
        }

    @property
    def settled(self) -> dict[str, Any]:
        """The options that refer to no output; of constraints those that don't."""
        told = {name: value for name, value in self.told.items() if name == "constraints" or not any(_references(value))}
        if any(_references(told.get("constraints"))):
            told["constraints"] = {key: value for key, value in told["constraints"].items() if not any(_references(value))}
        return told


def expand(file: BatchFile) -> dict[str, Job]:
    """All jobs by name, in the order of the file."""
    defaults = _options(file, "defaults", file.defaults, _KNOWN)
    jobs: dict[str, Job] = {}
    for base, written in file.jobs.items():
        for job in _of_matrix(file, base, defaults, _options(file, base, written, _KNOWN | _OF_JOBS)):
            if job.name in jobs:
                raise file.refuse(f"two jobs are called {job.name!r}; rename one, or change its matrix")
            jobs[job.name] = job
    if len(jobs) > MOST:
        raise file.refuse(f"{len(jobs):,} jobs: {MOST:,} are the most")
    return {name: _linked(file, job, jobs, file.jobs[job.base]) for name, job in jobs.items()}


def _of_matrix(file: BatchFile, base: str, defaults: Mapping[str, Any], told: dict[str, Any]) -> Iterator[Job]:
    own = {name: value for name, value in told.items() if name not in _OF_JOBS}
    if told.get("matrix") is None:
        yield Job(base, base, {**defaults, **own})
        return
    if not isinstance(told["matrix"], Mapping):
        raise file.refuse("matrix must be a mapping such as {locale: [en_US, de_DE]}", base)
    try:
        found = combinations(told["matrix"])
    except RequestError as error:
        raise file.refuse(error.message, base) from None
    for label, axes in found:
        axes = _options(file, base, axes, _KNOWN)
        yield Job(f"{base}-{label}", base, {**defaults, **own, **axes}, axes)


def _options(file: BatchFile, job: str, told: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """`told` under the options' own names; None is as good as not given."""
    found: dict[str, Any] = {}
    for key, value in told.items():
        if key not in known:
            where = "defaults" if told is file.defaults else f"job {job!r}"
            raise UnknownName(f"option in {file.name}, {where}:", str(key), known)
        if value is not None:
            found[_ALIASES.get(key, key)] = value
    if isinstance(pairs := found.get("constraints"), list):
        found["constraints"] = dict(_pair(file, job, pair) for pair in pairs)
    return found


def _pair(file: BatchFile, job: str, pair: Any) -> tuple[str, str]:
    key, equals, value = str(pair).partition("=")
    if not equals or not key:
        raise file.refuse(f"constraint {pair!r}: write KEY=VALUE", job)
    return key.strip(), value.strip()


def _linked(file: BatchFile, job: Job, jobs: Mapping[str, Job], written: Mapping[str, Any]) -> Job:
    """`job` with what it depends on."""
    paths = {word: _one(file, job, word, jobs) for value in job.told.values() for word in _references(value)}
    columns = tuple(_columns(file, job, jobs, written.get("values_from") or {}))
    needs = [name for word in _words(file, job, written.get("needs")) for name in _some(file, job, word, jobs)]
    order = dict.fromkeys([*needs, *paths.values(), *(column.job for column in columns)])
    return replace(job, needs=tuple(order), paths=paths, columns=columns)


def _words(file: BatchFile, job: Job, needs: Any) -> list[str]:
    told = [needs] if isinstance(needs, str) else needs or []
    if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
        raise file.refuse("needs must be a list of jobs such as [users]", job.name)
    return told


def _columns(file: BatchFile, job: Job, jobs: Mapping[str, Job], told: Any) -> Iterator[Column]:
    if not isinstance(told, Mapping):
        raise file.refuse("values_from must be a mapping such as {customer_id: ref:customers.id}", job.name)
    for target, value in told.items():
        name, dot, source = str(value).removeprefix(_REF).partition(".")
        if not str(value).startswith(_REF) or not (dot and source):
            raise file.refuse(f"values_from {value!r}: write ref:JOB.COLUMN, for example ref:customers.id", job.name)
        yield Column(str(target), _one(file, job, name, jobs), source)


def _some(file: BatchFile, job: Job, word: str, jobs: Mapping[str, Job]) -> list[str]:
    """The jobs that `word` names: itself one, or those of a matrix that agree with `job` where both were expanded."""
    if word in jobs:
        return [word]
    found = [other for other in jobs.values() if other.base == word]
    if not found:
        known = {*jobs, *(other.base for other in jobs.values())}
        raise UnknownName(f"job in {file.name}, job {job.name!r}:", word, known)
    agreeing = [other.name for other in found if all(job.axes.get(key, value) == value for key, value in other.axes.items())]
    return agreeing or [other.name for other in found]


def _one(file: BatchFile, job: Job, word: str, jobs: Mapping[str, Job]) -> str:
    found = _some(file, job, word, jobs)
    if len(found) > 1:
        raise file.refuse(f"ref:{word} is {len(found)} jobs ({', '.join(found[:3])}...): name one of them", job.name)
    return found[0]


def _references(value: Any) -> Iterator[str]:
    """What stands behind `ref:` in texts at any depth."""
    if isinstance(value, str) and value.startswith(_REF):
        yield value.removeprefix(_REF)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _filled(value: Any, paths: Mapping[str, str]) -> Any:
    if isinstance(value, str) and value.startswith(_REF):
        return paths[value.removeprefix(_REF)]
    if isinstance(value, Mapping):
        return {key: _filled(item, paths) for key, item in value.items()}
    return [_filled(item, paths) for item in value] if isinstance(value, list) else value
