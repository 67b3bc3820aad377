"""Look-up of parts by name. Built-ins and strangers enter by the same door: entry points `synth_sdk.<group>`, or `register` at run time.

Nothing is imported before a part is asked for by name, and then only that part. Where two distributions claim one name the built-in
part is the one that counts, else that of the distribution whose name comes first; `rivals` tells.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from synth_sdk.core.errors import RequestError, SynthError, UnknownName

GROUPS = ("destinations", "generators", "packs", "providers", "rules", "sinks", "streams", "vectors")
OURS = "synth-data-sdk"
HERE = "(registered in this process)"
_AT_RUN_TIME: dict[str, dict[str, Any]] = {group: {} for group in GROUPS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is known of a part without loading it. `used` is False where another distribution's part of that name counts."""

    group: str
    name: str
    distribution: str
    version: str = ""
    target: str = ""
    builtin: bool = False
    used: bool = True

    @property
    def owner(self) -> str:
        return f"{self.distribution} {self.version}".strip()


def register(group: str, name: str, part: Any) -> None:
    """Make `part` known as `name` in `group`, in this process; an earlier part of that name is replaced."""
    if not isinstance(name, str) or not name.strip():
        raise RequestError(f"name {name!r} of a part: must be a text")
    _AT_RUN_TIME[_known(group)][name] = part


def at_run_time(group: str, name: str) -> bool:
    """The part was registered in this process, and other processes don't know it.

    They do where its module, which a decorator runs in, is that of an installed part of this name.
    """
    module = getattr(_AT_RUN_TIME[group].get(name), "__module__", None)
    return name in _AT_RUN_TIME[group] and not any(point.module == module for point in _installed(group).get(name, ()))


def registered_as(group: str, part: Any) -> str | None:
    """The name under which `part` itself was registered in this process, if it was."""
    return next((name for name, known in _AT_RUN_TIME[group].items() if known is part), None)


def builtin(group: str, name: str) -> bool:
    """The part comes with this package."""
    return name in _installed(group) and _is_ours(_installed(group)[name][0])


def names(group: str) -> list[str]:
    """The names registered in `group` (see GROUPS), sorted. Loads none of them."""
    return sorted(_installed(group).keys() | _AT_RUN_TIME[group].keys())


def parts(group: str) -> list[Part]:
    """Every part of `group` by name, the one that counts before others that claim its name. Loads none of them."""
    found = []
    for name in names(_known(group)):
        here = at_run_time(group, name)
        if here:
            target = getattr(_AT_RUN_TIME[group][name], "__qualname__", "")
            found.append(Part(group=group, name=name, distribution=HERE, target=target))
        found += [_part(group, point, used=not (here or place)) for place, point in enumerate(_installed(group).get(name, ()))]
    return found


def rivals(group: str, name: str) -> list[str]:
    """A line for each distribution whose part of this name is not used, since another one's is."""
    points = _installed(group).get(name, [])
    if len(points) < 2 or at_run_time(group, name):
        return []
    claims = [_part(group, point, used=True) for point in points]
    first = "the built-in one" if claims[0].builtin else f"that of {claims[0].owner}"
    return [f"{_what(group)} {name!r} of {claim.owner} is not used: {first} has that name" for claim in claims[1:]]


def load(group: str, name: str) -> Any:
    """The part called `name`. UnknownName offers the nearest ones; RequestError says in a line why a part can't be imported."""
    if name in _AT_RUN_TIME[group]:
        return _AT_RUN_TIME[group][name]
    if name not in _installed(group):
        raise UnknownName(_what(group), name, names(group))
    point = _installed(group)[name][0]
    try:
        loaded = point.load()
        return _AT_RUN_TIME[group].get(
            name, loaded
        )  # a decorator in its module may have registered more than the module's name says
    except (Exception, SystemExit) as error:  # a module may do anything while it is imported
        raise RequestError(f"{_whose(group, point)} can't be loaded: {_why(error)}") from error


def make(group: str, name: str, *args: Any) -> Any:
    """The part called `name`, called with `args`. RequestError for whatever a stranger's part raises then; errors of built-in ones pass."""
    build: Callable[..., Any] = load(group, name)
    try:
        return build(*args)
    except SynthError:
        raise
    except Exception as error:
        if builtin(group, name) and not at_run_time(group, name):
            raise
        point = None if at_run_time(group, name) else _installed(group)[name][0]
        whose = _whose(group, point) if point else f"{_what(group)} {name!r}"
        raise RequestError(f"{whose} can't be made: {_why(error)}") from error


@cache
def _installed(group: str) -> dict[str, list[EntryPoint]]:
    """The entry points by name; of several the one that counts comes first."""
    found: dict[str, list[EntryPoint]] = {}
    for point in sorted(entry_points(group=f"synth_sdk.{group}"), key=lambda point: (not _is_ours(point), _distribution(point))):
        found.setdefault(point.name, []).append(point)
    return found


def _part(group: str, point: EntryPoint, *, used: bool) -> Part:
    return Part(
        group=group,
        name=point.name,
        distribution=_distribution(point),
        version=point.dist.version if point.dist else "",
        target=point.value,
        builtin=_is_ours(point),
        used=used,
    )


def _distribution(point: EntryPoint) -> str:
    return point.dist.name if point.dist else ""


def _is_ours(point: EntryPoint) -> bool:
    return _distribution(point).lower().replace("_", "-") == OURS


def _known(group: str) -> str:
    if group not in GROUPS:
        raise UnknownName("group of plugins", group, GROUPS)
    return group


def _what(group: str) -> str:
    return group.removesuffix("s")


def _whose(group: str, point: EntryPoint) -> str:
    part = _part(group, point, used=True)
    return f"{_what(group)} {part.name!r}{'' if part.builtin else f' of {part.owner}'}"


def _why(error: BaseException) -> str:
    """The words of a foreign error on one line, led by its type where that says more than the words."""
    told = " ".join(str(error).split())[:300]
    if isinstance(error, SynthError):
        return told
    if isinstance(error, ImportError):
        return f"{told or type(error).__name__}; install what it needs"
    return f"{type(error).__name__}: {told}" if told else type(error).__name__
