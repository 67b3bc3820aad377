"""What a tool returns when nobody said what it does: by its declared result, else by the kind of thing that its name promises."""

from collections.abc import Mapping
from random import Random

from synth_sdk.core.models import Json
from synth_sdk.core.seeds import pick
from synth_sdk.core.spec import Spec
from synth_sdk.engine import Engine
from synth_sdk.generators.tool_call.ask import leaves
from synth_sdk.generators.tool_call.tools import Tool
from synth_sdk.generators.tool_call.vocabulary import values_for
from synth_sdk.generators.tool_call.wording import clause_of, label, shown

_MANY = frozenset({"search", "list", "find", "query", "filter", "scan", "look", "suggest", "recommend", "rank"})
_ONE = frozenset({"get", "fetch", "read", "retrieve", "show", "view", "check", "track", "describe", "load"})
_ROWS = 64


class Results:
    """Draws results. Those of tools with a declared schema satisfy it."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._engines: dict[str, Engine] = {}

    def draw(
        self, tool: Tool, arguments: Mapping[str, Json], rng: Random, give: Mapping[str, Json] | None = None
    ) -> tuple[Json, str]:
        """A result that holds the values of `give`, and the pointer of its most telling value ("" if it has none).

        A declared result holds what its schema says; `give` is then ignored.
        """
        if tool.result is not None:
            made = self._declared(tool).record(int(rng.random() * _ROWS))
            return made, next((pointer for pointer, value in leaves(made) if isinstance(value, str | int)), "")
        fields = dict(give or {}) or {"id": f"{rng.getrandbits(32):08x}"}
        link = next(iter(fields))
        verb = clause_of(tool).split()[0]
        if verb in _MANY:
            others = [{**fields, link: self._other(fields[link], rng), "name": _name(rng)} for _ in range(int(rng.random() * 3))]
            return {"results": [{**fields, "name": _name(rng)}, *others], "total": 1 + len(others)}, f"/results/0/{link}"
        if verb in _ONE:
            plain = {key: value for key, value in arguments.items() if not isinstance(value, dict | list)}
            return {"item": {**plain, **fields, "updated": f"{self._spec.start:%Y-%m-%d}"}}, f"/item/{link}"
        return {"status": "ok", **fields}, f"/{link}"

    def _declared(self, tool: Tool) -> Engine:
        if tool.name not in self._engines:
            assert tool.result is not None  # noqa: S101 - asked for by draw only
            self._engines[tool.name] = Engine(tool.result, self._spec.seed, self._spec.locale, self._spec.start)
        return self._engines[tool.name]

    @staticmethod
    def _other(value: Json, rng: Random) -> Json:
        """A value like the given one: other digits."""
        if isinstance(value, int) and not isinstance(value, bool):
            return value + 1 + int(rng.random() * 90)
        step = 1 + int(rng.random() * 8)
        return "".join(str((int(char) + step) % 10) if char in "0123456789" else char for char in str(value))


def outcome(result: Json, link: str, value: Json) -> str:
    """One sentence on a result."""
    if isinstance(result, Mapping) and isinstance(result.get("total"), int):
        count = result["total"]
        return f"there {'is one result' if count == 1 else f'are {count} results'}, {'' if count == 1 else 'the first '}with {label(link.rpartition('/')[2])} {shown(value)}."
    if link:
        return f"the {label(link.rpartition('/')[2])} is {shown(value)}."
    return "there is nothing to add."


def abilities(tools: list[Tool]) -> str:
    """What the assistant says it can do."""
    told = [clause_of(tool) for tool in tools[:3]]
    return f"I can {told[0]}." if len(told) == 1 else f"I can {', '.join(told[:-1])} and {told[-1]}."


def _name(rng: Random) -> str:
    return pick(rng, values_for("name", ""))
