"""Reading scenarios: from the package, a file, or a mapping. Whatever is wrong is told with its place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from synth_sdk.core.errors import RequestError, SchemaError, UnknownName, nearest
from synth_sdk.core.models import Json
from synth_sdk.core.quantities import parse_duration
from synth_sdk.generators.events.linting import graph_flaws, payload_flaws
from synth_sdk.generators.events.scenario import CONTEXTS, END, Field, Node, Scenario

DEFAULT = "web_shop"
_FOLDER = Path(__file__).with_name("scenarios")
_KEYS = ("name", "description", "gap", "lifetime", "prefix", "start", "first", *CONTEXTS, "states")
_STATE_KEYS = ("type", "next", "payload", "subject")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:\-]{0,63}")
_REFERENCE = re.compile(rf"({'|'.join(CONTEXTS)})\.(\w+)")
_DEFAULTS = {"gap": "10s", "lifetime": "30d", "prefix": "usr"}
_MOST_STATES = 200


def built_in() -> list[str]:
    """The names of the scenarios that come with the package."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def load_scenario(told: str | Mapping[str, Any]) -> Scenario:
    """A built-in scenario by its name, one in a file, or a mapping. RequestError with the first flaw, UnknownName for a name nobody knows."""
    if isinstance(told, Mapping):
        return checked(told, str(told.get("name", "of the options")))
    if told in built_in():
        return _built_in(told)
    if Path(told).suffix in (".yaml", ".yml", ".json") or Path(told).is_file():
        return checked(_document(Path(told)), repr(told))
    raise UnknownName("scenario", told, built_in(), "or the name of a YAML file")


@cache
def _built_in(name: str) -> Scenario:
    return checked(_document(_FOLDER / f"{name}.yaml"), name)


def _document(path: Path) -> Json:
    from synth_sdk.schema.documents import read_document

    try:
        return read_document(path)
    except RequestError as error:
        raise RequestError(error.message.replace("schema file", "scenario file", 1)) from None


def checked(document: Json, name: str) -> Scenario:
    """The scenario of a document. RequestError with its first flaw."""
    scenario, flaws = read_scenario(document, name)
    if scenario is None or flaws:
        more = f" (and {len(flaws) - 1} more)" if len(flaws) > 1 else ""
        raise RequestError(f"scenario {name}: {flaws[0]}{more}")
    return scenario


def read_scenario(document: Json, name: str = "") -> tuple[Scenario | None, list[str]]:
    """The scenario of a document, and its flaws, one line each, led by the JSON pointer of their place. None if it can't be read."""
    if not isinstance(document, Mapping) or not isinstance(document.get("states"), Mapping) or not document["states"]:
        return None, ["at /states: a scenario is a mapping with 'states', each with what comes 'next'"]
    reader = _Reader(document)
    scenario = reader.read(name)
    flaws = reader.flaws
    if not flaws:
        flaws = [*graph_flaws(scenario), *payload_flaws(scenario)]
    return scenario, flaws


@dataclass(slots=True)
class _Reader:
    document: Mapping[str, Any]
    flaws: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def read(self, name: str) -> Scenario:
        states = self.document["states"]
        self.names = [str(state) for state in states]
        self._known(self.document, _KEYS, "")
        if len(self.names) > _MOST_STATES:
            self._flaw("/states", f"at most {_MOST_STATES} states")
        contexts = {about: self._properties(about) for about in CONTEXTS if about in self.document}
        nodes = [self._node(str(state), told, contexts) for state, told in states.items()]
        first = self.document.get("first")
        return Scenario(
            name=str(self.document.get("name", name)),
            description=str(self.document.get("description", "")),
            gap=self._duration("gap"),
            lifetime=self._duration("lifetime"),
            prefix=self._prefix(),
            nodes=tuple(nodes),
            start=self._weights(self.document.get("start", {self.names[0]: 1}), "/start", end=False),
            first=None if first is None else self._target(first, "/first"),
            contexts=(contexts,),
        )

    def _node(self, name: str, told: Json, contexts: Mapping[str, Mapping[str, Any]]) -> Node:
        at = f"/states/{name}"
        if not _NAME.fullmatch(name) or name == "end":
            self._flaw(at, f"{name!r} can't be the name of a state: letters, digits and _ . : -, and not 'end'")
        if told is None:
            told = {}
        if not isinstance(told, Mapping):
            self._flaw(at, "a state is a mapping with 'next' and 'payload'")
            told = {}
        self._known(told, _STATE_KEYS, at)
        type_ = told.get("type", name)
        if not isinstance(type_, str) or not _NAME.fullmatch(type_):
            self._flaw(f"{at}/type", f"{type_!r} can't be an event type: letters, digits and _ . : -")
        payload = told.get("payload") or {}
        if not isinstance(payload, Mapping):
            self._flaw(f"{at}/payload", "a payload is a mapping of names to types")
            payload = {}
        if told.get("subject", "new") != "new":
            self._flaw(f"{at}/subject", f"{told['subject']!r}: write new, or leave it out")
        return Node(
            name=name,
            type=str(type_),
            moves=self._weights(told.get("next", {"end": 1}), f"{at}/next", end=True),
            payload=tuple(self._field(str(key), value, f"{at}/payload/{key}", contexts) for key, value in payload.items()),
            opens=told.get("subject") == "new",
        )

    def _field(self, name: str, told: Json, at: str, contexts: Mapping[str, Mapping[str, Any]]) -> Field:
        match = _REFERENCE.fullmatch(told) if isinstance(told, str) else None
        if match:
            about, source = match[1], match[2]
            known = contexts.get(about, {})
            if source not in known:
                self._flaw(at, f"unknown property {told!r}{_offer(source, known)}")
            return Field(name, about, known.get(source, {}), (source,))  # type: ignore[arg-type]
        if isinstance(told, Mapping) and len(told) == 1:
            (key, value), number = next(iter(told.items())), {"type": "number"}
            if key == "sum" and isinstance(value, str) and "." in value:
                return Field(name, "sum", number, tuple(value.rsplit(".", 1)))
            if key == "count" and isinstance(value, str):
                return Field(name, "count", {"type": "integer", "minimum": 0}, (value,))
            if key == "product" and isinstance(value, list) and len(value) == 2:
                return Field(name, "product", number, tuple(map(str, value)))
        return Field(name, "own", self._schema(name, told, at))

    def _properties(self, about: str) -> dict[str, Any]:
        told = self.document[about]
        if not isinstance(told, Mapping):
            self._flaw(f"/{about}", "must be a mapping of names to types")
            return {}
        return {str(name): self._schema(str(name), value, f"/{about}/{name}") for name, value in told.items()}

    def _schema(self, name: str, told: Json, at: str) -> dict[str, Any]:
        """The JSON Schema of one property: a type word, JSON Schema, or an object in the shorthand."""
        from synth_sdk.schema.fields import from_shorthand

        if isinstance(told, Mapping) and "type" not in told and told.keys() & {"enum", "const", "anyOf", "oneOf", "$ref"}:
            return dict(told)
        try:
            found: dict[str, Any] = from_shorthand({name: told})["properties"][name]
        except SchemaError as error:
            self._flaw(at, error.message.removeprefix("schema: "))
            return {}
        return found

    def _weights(self, told: Json, at: str, *, end: bool) -> tuple[tuple[int, float], ...]:
        if isinstance(told, str):
            told = {told: 1}
        if isinstance(told, list):
            told = dict.fromkeys(map(str, told), 1)
        if not isinstance(told, Mapping) or not told:
            self._flaw(at, "must be a mapping of states to weights")
            return ()
        found = []
        for name, weight in told.items():
            place = f"{at}/{name}"
            if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < 1e9:
                self._flaw(place, f"the weight {weight!r} must be a number above 0")
                weight = 1
            found.append((END if end and name == "end" else self._target(name, place), float(weight)))
        return tuple(found)

    def _target(self, name: Json, at: str) -> int:
        if name in self.names:
            return self.names.index(str(name))
        self._flaw(at, f"unknown state {str(name)!r}{_offer(str(name), self.names)}")
        return 0

    def _duration(self, key: str) -> int:
        try:
            return parse_duration(self.document.get(key, _DEFAULTS[key]), key)
        except RequestError as error:
            self._flaw(f"/{key}", error.message)
            return 1_000_000

    def _prefix(self) -> str:
        told = self.document.get("prefix", _DEFAULTS["prefix"])
        if not isinstance(told, str) or not re.fullmatch(r"[A-Za-z0-9]{1,16}", told):
            self._flaw("/prefix", f"{told!r} must be 1 to 16 letters or digits")
        return str(told)

    def _known(self, told: Mapping[str, Any], known: tuple[str, ...], at: str) -> None:
        for key in told:
            if key not in known:
                self._flaw(f"{at}/{key}", f"unknown key {str(key)!r}{_offer(str(key), known)}")

    def _flaw(self, at: str, told: str) -> None:
        self.flaws.append(f"at {at}: {told}")


def _offer(name: str, known: Any) -> str:
    near = nearest(name, list(known))
    return f": did you mean {near[0]}?" if near else f": choose one of {', '.join(known) or 'none'}"
