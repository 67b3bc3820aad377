"""A batch file as it was written: YAML or JSON, `${VAR}` filled in, its top level checked."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth_sdk.client.config.documents import read_document
from synth_sdk.client.config.variables import NotSet, filled_in
from synth_sdk.core.errors import RequestError, UnknownName

_LARGEST = 16 << 20  # bytes: schemas may stand in it
_KEYS = ("budget", "defaults", "jobs")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}")


@dataclass(frozen=True, slots=True)
class BatchFile:
    """`name` is what errors call it, `folder` what its paths are relative to; jobs by name, as they were written."""

    name: str
    folder: Path
    budget: Any
    defaults: Mapping[str, Any]
    jobs: Mapping[str, Mapping[str, Any]]

    def refuse(self, told: str, job: str = "") -> RequestError:
        """The error that says what is wrong with the file, or with one of its jobs."""
        return RequestError(f"{self.name}{f', job {job!r}' if job else ''}: {told}")


def read_batch(source: str | os.PathLike[str] | Mapping[str, Any], env: Mapping[str, str]) -> BatchFile:
    """The batch in a file, or in a mapping of the same shape. RequestError names the file and what is wrong with it."""
    if isinstance(source, Mapping):
        return _checked("batch", Path(), _filled(dict(source), env, "batch"))
    path = Path(source)
    return _checked(str(path), path.parent, _filled(read_document(path, f"batch file {path}", _LARGEST), env, str(path)))


def _filled(told: Any, env: Mapping[str, str], name: str) -> Any:
    try:
        return filled_in(told, env)
    except NotSet as error:
        raise RequestError(
            f"{name}: ${{{error.args[0]}}} is not set in the environment; set it, or write ${{{error.args[0]}:-default}}"
        ) from None


def _checked(name: str, folder: Path, told: Any) -> BatchFile:
    if not isinstance(told, Mapping):
        raise RequestError(f"{name}: must be a mapping with jobs, not {type(told).__name__}")
    for key in told:
        if key not in _KEYS:
            raise UnknownName(f"key in {name}:", str(key), _KEYS)
    defaults = told.get("defaults") or {}
    if not isinstance(defaults, Mapping):
        raise RequestError(f"{name}: defaults must be a mapping of options, not {type(defaults).__name__}")
    jobs = _named(name, told.get("jobs"))
    for job, options in jobs.items():
        if not _NAME.fullmatch(job):
            raise RequestError(f"{name}: job name {job!r}: use letters, digits, - and _ (at most 100)")
        if not isinstance(options, Mapping):
            raise RequestError(f"{name}, job {job!r}: must be a mapping of options, not {type(options).__name__}")
    return BatchFile(name, folder, told.get("budget"), defaults, jobs)


def _named(name: str, jobs: Any) -> dict[str, Any]:
    """The jobs by their names, also where they were written as a list."""
    if not jobs:
        raise RequestError(f"{name}: no jobs; write jobs: {{users: {{kind: user_profile}}}}")
    if isinstance(jobs, Mapping):
        return {str(job): {} if options is None else options for job, options in jobs.items()}
    if not isinstance(jobs, list):
        raise RequestError(f"{name}: jobs must be a mapping or a list, not {type(jobs).__name__}")
    found: dict[str, Any] = {}
    for position, options in enumerate(jobs, 1):
        if not isinstance(options, Mapping) or "name" not in options:
            raise RequestError(f"{name}: job {position} of the list has no name; add one")
        if (job := str(options["name"])) in found:
            raise RequestError(f"{name}: two jobs are called {job!r}; give each its own name")
        found[job] = {key: value for key, value in options.items() if key != "name"}
    return found
