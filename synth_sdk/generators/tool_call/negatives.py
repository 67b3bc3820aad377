"""Wrong calls for a right request: each differs from the right one in one place, and says how."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.generators.tool_call.ask import Ask, leaves, value_at
from synth_sdk.schema.names import snake


@dataclass(frozen=True, slots=True)
class Wrong:
    """Arguments with one mistake at `pointer`. `valid`: the schema allows them, only the request contradicts them."""

    kind: str
    pointer: str
    arguments: dict[str, Json]
    valid: bool


def wrong(rng: Random, ask: Ask) -> Wrong | None:
    """One of the mistakes that can be made here; None for a call without arguments that allows any."""
    candidates: dict[str, list[Wrong]] = {}
    for kind, pointer, arguments in _mistakes(rng, ask):
        valid = ask.tool.schema.accepts(arguments)
        if valid == (kind == "wrong_value"):
            candidates.setdefault(kind, []).append(Wrong(kind, pointer, arguments, valid))
    if not candidates:
        return None
    kind = sorted(candidates)[int(rng.random() * len(candidates))]
    found = candidates[kind]
    return found[int(rng.random() * len(found))]


def _mistakes(rng: Random, ask: Ask) -> Iterator[tuple[str, str, dict[str, Json]]]:
    """(kind, pointer, arguments); whether the schema turns them down is for the caller to see."""
    right = ask.arguments
    for name in right:
        rest = {key: value for key, value in right.items() if key != name}
        yield "missing_required", f"/{name}", rest
        yield "unknown_parameter", f"/{_misnamed(name)}", {**rest, _misnamed(name): right[name]}
    for pointer, value in leaves(right):
        yield "wrong_type", pointer, _with(right, pointer, _of_other_type(value))
        if isinstance(value, str):
            yield "invalid_value", pointer, _with(right, pointer, f"{value}_x")
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield "out_of_range", pointer, _with(right, pointer, -abs(value) - 1_000_000)
        if other := _nearly(value, rng):
            yield "wrong_value", pointer, _with(right, pointer, other)


def _with(arguments: dict[str, Json], pointer: str, value: Json) -> dict[str, Json]:
    """The arguments with another value at `pointer`."""
    import copy

    changed = copy.deepcopy(arguments)
    outer, _, last = pointer.rpartition("/")
    holder: Any = value_at(changed, outer)
    key = last.replace("~1", "/").replace("~0", "~")
    holder[int(key) if isinstance(holder, list) else key] = value
    return changed


def _misnamed(name: str) -> str:
    """The parameter as a careless caller writes it: in the other case style, or with a plural."""
    words = snake(name).split("_")
    camel = words[0] + "".join(word.capitalize() for word in words[1:])
    return camel if camel != name else "_".join(words) if "_".join(words) != name else f"{name}s"


def _of_other_type(value: Json) -> Json:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value} or so"
    return [value] if value is not None else "none"


def _nearly(value: Json, rng: Random) -> Json:
    """Another value of the same type, one that is easily mistaken for it; None if there is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return value + 1 + int(rng.random() * 9)
    digits = [place for place, char in enumerate(value) if char in "0123456789"]
    if digits:
        place = digits[int(rng.random() * len(digits))]
        return f"{value[:place]}{(int(value[place]) + 1 + int(rng.random() * 8)) % 10}{value[place + 1 :]}"
    words = value.split()
    return " ".join(words[:-1]) if len(words) > 1 else None
