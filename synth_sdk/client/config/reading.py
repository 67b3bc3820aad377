"""A document of keys - a file's, or the arguments of `Synth` - read along the one tree of keys into values by their place."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from synth_sdk.client.config.keys import SCHEMA, ForEach, Key, Node, Path, Section, find, paths
from synth_sdk.client.config.kinds import EVENT_RATE, KIND_ALIASES, WITHOUT_OPTIONS
from synth_sdk.client.config.rules import rate, shown
from synth_sdk.client.config.variables import NotSet, filled_in
from synth_sdk.core.errors import RequestError, nearest

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Told:
    """A value, and where it comes from: a file and its key, or an argument."""

    value: Any = field(repr=False)  # it may be a key
    source: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands. `origin` is what messages call the document, `env` fills in its variables (None: it has none)."""

    origin: str
    source: str
    env: Mapping[str, str] | None
    written: Path = ()

    def under(self, key: object) -> "Place":
        return replace(self, written=(*self.written, str(key)))

    @property
    def dotted(self) -> str:
        return ".".join(self.written)

    def told(self, value: Any) -> Told:
        return Told(value, f"{self.source}{self.dotted}")

    def flaw(self, rule: str) -> RequestError:
        return RequestError(f"{self.origin}: {' '.join(self.dotted.split())}{rule}")


def in_file(file: PurePath, env: Mapping[str, str]) -> Place:
    """The top of a file."""
    return Place(f"config {file}", f"{file.name}:", env)


ARGUMENTS = Place("Synth", "argument ", None)


def read(document: Mapping[Any, Any], place: Place) -> dict[Path, Told]:
    """The values of `document` by where they go. RequestError names the key, with its path, the rule and the way out."""
    found: dict[Path, Told] = {}
    for path, told in _section(document, SCHEMA, place, ()):
        if path in found:
            raise RequestError(
                f"{place.origin}: {_key(place, told)} says the same as {_key(place, found[path])}: keep one of them"
            )
        found[path] = told
    return found


def snake(name: object) -> str:
    """`maxSize` as `max_size`."""
    return _HUMP.sub("_", str(name)).lower()


def _key(place: Place, told: Told) -> str:
    return told.source.removeprefix(place.source)


def _section(value: Any, section: Section, place: Place, path: Path) -> Iterator[tuple[Path, Told]]:
    for written, item in _mapping(value, place).items():
        node = find(snake(written), section)
        if node is None:
            raise _unknown(str(written), [node.name for node in section.keys], place, path)
        yield from _node(item, node, place.under(written), (*path, node.name))


def _node(value: Any, node: Node, place: Place, path: Path) -> Iterator[tuple[Path, Told]]:
    """Nothing for a key without a value: it isn't given."""
    if value is None:
        return
    if isinstance(node, Section) and node.word and not isinstance(value, Mapping):
        node = node.word
    if isinstance(node, Section):
        yield from _section(value, node, place, path)
    elif isinstance(node, ForEach):
        yield from _each(value, node, place, path)
    elif (told := _checked(value, node, place)) is not None:
        yield node.to or path, place.told(told)


def _each(value: Any, section: ForEach, place: Place, path: Path) -> Iterator[tuple[Path, Told]]:
    known = section.known()
    for written, item in _mapping(value, place).items():
        name = snake(written) if snake(written) in known else str(written)
        if name not in known:
            raise _unknown(str(written), list(known), place, path)
        under, below = place.under(written), (*path, KIND_ALIASES.get(name, name))
        if section.each is not None:
            yield from _node(item, section.each, under, below)
        elif item is not None:
            yield from _options(item, under, below)


def _options(value: Any, place: Place, path: Path) -> Iterator[tuple[Path, Told]]:
    """The options of a kind, which it validates itself: `defaultDuration` is its `duration`."""
    for written, item in _mapping(value, place).items():
        if path[-1] in WITHOUT_OPTIONS:
            raise place.under(written).flaw(f": kind {path[-1]!r} takes no options; leave it out")
        name, under = snake(written).removeprefix("default_"), place.under(written)
        told = _filled(item, under)
        if told is not None:
            yield (
                (*path, name),
                under.told(rate(told, f"{under.origin}: {under.dotted}") if (path[-1], name) == EVENT_RATE else told),
            )


def _checked(value: Any, key: Key, place: Place) -> Any:
    """The value as the key's rule has it. A credential whose variable isn't set is no credential."""
    try:
        told = _filled(value, place)
    except RequestError:
        if key.secret and isinstance(value, str):
            return None
        raise
    try:
        return key.rule(told, place.dotted)
    except ValueError as error:
        raise place.flaw(f": {error}" if key.secret else f" {shown(told)}: {error}") from None
    except RequestError as error:
        raise RequestError(f"{place.origin}: {error.message}") from None


def _filled(value: Any, place: Place) -> Any:
    if place.env is None:
        return value
    try:
        return filled_in(value, place.env)
    except NotSet as error:
        name = error.args[0]
        raise place.flaw(f": ${{{name}}} is not set in the environment: set {name}, or write ${{{name}:-a default}}") from None


def _mapping(value: Any, place: Place) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise place.flaw(f": must be a mapping of keys, not {type(value).__name__}")
    return value


def _unknown(written: str, known: list[str], place: Place, path: Path) -> RequestError:
    """With the nearest key of its section, or the section in which there is one of that name."""
    near = [(*path, name) for name in nearest(snake(written), known)]
    near = near or [elsewhere for elsewhere in paths() if elsewhere[-1] == snake(written)]
    way_out = f"did you mean {' or '.join(map('.'.join, near))}?" if near else f"choose one of: {', '.join(known)}"
    return RequestError(f"{place.origin}: unknown key {shown(place.under(written).dotted)}: {way_out}")


def split(arguments: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Arguments of `Synth` as the sections among them, and the options. A `cache` that is a word is an option; `history` is none."""
    given = {name: value for name, value in arguments.items() if value is not None}
    sections = {"history", *(node.name for node in SCHEMA.keys if isinstance(node, Section | ForEach))}
    apart = {name for name in given if name in sections and (name != "cache" or isinstance(given[name], Mapping))}
    return {name: given[name] for name in apart}, {name: value for name, value in given.items() if name not in apart}
