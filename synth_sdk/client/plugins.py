"""The parts that are installed, for people and programs to read; and which of them other processes don't know."""

from collections.abc import Iterator
from typing import Any

from synth_sdk.core import plugins
from synth_sdk.core.errors import RequestError, SynthError
from synth_sdk.core.spec import Spec
from synth_sdk.sinks.destinations import scheme_of

# What a class must have to be a part of its group (see the Protocols in `core` and in `sinks.formats`).
_MEMBERS = {
    "destinations": ("open", "commit", "__enter__", "__exit__"),
    "generators": ("kind", "batch", "request", "said", "features"),
    "providers": ("missing", "ask", "aclose"),
    "rules": ("__call__",),
    "sinks": ("name", "suffixes", "encoder"),
    "streams": ("open", "publish", "close"),
    "vectors": ("add", "commit", "search", "close"),
}

_IN_WORKERS = ("generators", "rules", "sinks")  # what other processes work with


def list_plugins(group: str | None = None, *, check: bool = False) -> list[dict[str, Any]]:
    """One dict for each part: group, name, distribution, version, target, builtin, used (False: another distribution's part has the
    name). With `check` each is loaded, and `why_not` says in a line why it can't be used (None: it can). UnknownName for a group.
    """
    return [_row(part, check=check) for one in ((group,) if group else plugins.GROUPS) for part in plugins.parts(one)]


def _row(part: plugins.Part, *, check: bool) -> dict[str, Any]:
    told = {name: getattr(part, name) for name in ("group", "name", "distribution", "version", "target", "builtin", "used")}
    return told | ({"why_not": _why_not(part)} if check else {})


def _why_not(part: plugins.Part) -> str | None:
    if not part.used:
        return "another distribution's part has this name"
    try:
        loaded = plugins.load(part.group, part.name)
        return _pack_flaw(part.name) if part.group == "packs" else _flaw(part.group, loaded)
    except SynthError as error:
        return error.message


def _flaw(group: str, loaded: Any) -> str | None:
    """What a loaded part lacks; of a function that builds parts nothing is known before it is called."""
    if not callable(loaded):
        return f"it is a {type(loaded).__name__}, not a class or a function"
    lacking = [name for name in _MEMBERS[group] if not hasattr(loaded, name)] if isinstance(loaded, type) else []
    return f"it lacks {', '.join(lacking)}" if lacking else None


def _pack_flaw(name: str) -> str | None:
    from synth_sdk.dialogue.loading.loader import main_file

    main_file(name)
    return None


def used_by(spec: Spec) -> Iterator[tuple[str, str]]:
    """(group, name) of the parts that `spec` asks for by name."""
    yield "generators", spec.kind
    yield from (("rules", name) for name in spec.rules)
    target, place = (scheme_of(url) for url in (spec.stream_to, spec.output))
    named = {"packs": spec.pack, "sinks": spec.format, "streams": target, "destinations": place, "vectors": spec.vectorize_with}
    for group, name in named.items():
        if name:
            yield group, name


def rivals(spec: Spec) -> list[str]:
    """A warning for each part of another distribution that claims a name which `spec` asks for."""
    return [line for group, name in used_by(spec) for line in plugins.rivals(group, name)]


def only_here(spec: Spec) -> list[str]:
    """The parts behind `spec` that only this process knows: they were registered at run time."""
    found = [name for group, name in used_by(spec) if group in _IN_WORKERS and plugins.at_run_time(group, name)]
    return found + ([] if spec.format else _suffix_only_here(spec.output))


def _suffix_only_here(output: str | None) -> list[str]:
    from synth_sdk.sinks import format_for

    if not any(plugins.at_run_time("sinks", name) for name in plugins.names("sinks")):
        return []
    try:
        name = format_for(output).name
    except RequestError:
        return []  # told in its place
    return [name] if plugins.at_run_time("sinks", name) else []
