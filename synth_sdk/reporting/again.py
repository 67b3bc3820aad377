"""How to make the same records again: the command, as far as the report tells it."""

import shlex
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from synth_sdk.reporting.facts import Report, kind, origins, wanted
from synth_sdk.reporting.reading import mapping, text, whole

# What of a request changes which records are made, as the command calls it.
_FLAGS = {
    "pack": "--pack",
    "locale": "--locale",
    "start": "--start",
    "mode": "--mode",
    "budget": "--budget",
    "budget_usd": "--budget",
    "policy": "--policy",
    "model": "--model",
    "fallback": "--fallback",
    "rate": "--rate",
    "rules": "--rule",
    "constraints": "--constraint",
    "compliance": "--compliance",
    "strict": "--strict",
    "masks": "--mask",
    "like": "--like",
}
_REPEATED = frozenset({"rules", "constraints", "masks"})
_DEFAULTS = {"locale": "en_US", "mode": "auto", "policy": "cheapest"}


_OFFLINE = "The same command gives the same bytes, on any machine and on any day."
_BOUGHT = "What was made offline is the same bytes on any machine and any day; what models wrote is so where their replies are still in the cache."


class Again(NamedTuple):
    """A command line, what can be expected of it, and what it leaves unsaid."""

    command: str
    promise: str
    note: str = ""


def again(report: Report) -> Again:
    """The command that makes the records of the report."""
    request, seed = mapping(report.get("request")), whole(report.get("seed")) or 0
    bought = (
        any(one.key in ("llm", "cache") for one in origins(report)) or mapping(report.get("cost")).get("budget_usd") is not None
    )
    promise = _BOUGHT if bought else _OFFLINE
    if _whole_request(request):
        return Again(
            f"synth generate --request request.json --seed {seed}",
            promise,
            "request.json is what was asked, as this report has it.",
        )
    words = ["synth generate", *([shlex.quote(kind(report))] if kind(report) else [])]
    words += [f"-n {wanted(report)}"] if wanted(report) else []
    words += [f"--seed {seed}", *_flags(request)]
    return Again(" ".join(words), promise, "" if request else "Options that this report doesn't tell of are to be given again.")


def _whole_request(request: Mapping[str, Any]) -> bool:
    """The request is a document of its own, or has a schema in it: too long for a line."""
    return "data_type" in request or any(isinstance(request.get(name), Mapping | list) for name in ("schema", "document"))


def _flags(request: Mapping[str, Any]) -> Iterator[str]:
    if path := text(request.get("schema")):
        yield f"--schema {shlex.quote(path)}"
    for name, flag in _FLAGS.items():
        value = request.get(name)
        if value in (None, "", [], {}, False) or value == _DEFAULTS.get(name):
            continue
        yield from ([flag] if value is True else (f"{flag} {shlex.quote(one)}" for one in _values(name, value)))


def _values(name: str, value: Any) -> list[str]:
    """The words that follow the flag: one, unless the flag is repeated."""
    if isinstance(value, Mapping):
        value = [f"{key}={one}" for key, one in value.items()]
    if isinstance(value, list):
        return [str(one) for one in value] if name in _REPEATED else [",".join(map(str, value))]
    return [str(value)]
