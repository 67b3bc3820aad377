"""Taking out of a value what its flaws point at, so that one bad text among twenty costs no second call."""

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

from synth_sdk.core.errors import Outcome, Rejected
from synth_sdk.core.models import Json

Flaws = Callable[[Json], Sequence[str]]
SHARE = 0.5  # of the texts that must be left
_NAMES = ("name", "parameter")  # keys that tell the entries of a list apart
_ROUNDS = 4
_MOST_TOLD = 4
_POINTER = re.compile(r"at (/\S*?):? ")


def pruned(value: Json, flaws: Flaws) -> Json:
    """`value` without the elements of lists that `flaws` complain of ("at /themes/0/closings/2: ...").

    Rejected with the flaws when they are not about elements, or when too little would be left.
    """
    left = deepcopy(value)
    wanted = leaves(value)
    told: list[str] = []
    for _ in range(_ROUNDS):
        found = list(flaws(left))
        if not found:
            break
        told = told or found
        if not _remove(left, found):
            raise _broken(told)
    else:
        raise _broken(told)
    if leaves(left) < SHARE * wanted:
        raise _broken(told)
    return left


def leaves(value: Json) -> int:
    """How many scalars a value holds."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    return sum(map(leaves, value)) if isinstance(value, list) else 1


def merged(one: Json, other: Json) -> Json:
    """Mappings key by key, lists one behind the other without repeats, mappings of one name in them as one; of anything else the first."""
    if isinstance(one, dict) and isinstance(other, dict):
        both = {key: merged(value, other[key]) if key in other else value for key, value in one.items()}
        return both | {key: value for key, value in other.items() if key not in one}
    if not (isinstance(one, list) and isinstance(other, list)):
        return one
    result = list(one)
    for item in other:
        place = _namesake(item, result)
        if place is not None:
            result[place] = merged(result[place], item)
        elif item not in result:
            result.append(item)
    return result


def _namesake(item: Json, others: Sequence[Json]) -> int | None:
    """Where in `others` the mapping of the same name is."""
    key = next((key for key in _NAMES if isinstance(item, dict) and key in item), None)
    if key is None:
        return None
    return next((place for place, other in enumerate(others) if isinstance(other, dict) and other.get(key) == item[key]), None)


def _remove(value: Json, found: Sequence[str]) -> bool:
    """Delete the list elements that the flaws lead to, the last ones first; False when one leads nowhere near a list."""
    places: set[tuple[str, ...]] = set()
    for flaw in found:
        place = _element(value, flaw)
        if place is None:
            return False
        places.add(place)
    for place in sorted(places, key=lambda place: (place[:-1], int(place[-1])), reverse=True):
        holder: Any = value
        for step in place[:-1]:
            holder = holder[int(step)] if isinstance(holder, list) else holder[step]
        if int(place[-1]) < len(holder):
            del holder[int(place[-1])]
    return True


def _element(value: Json, flaw: str) -> tuple[str, ...] | None:
    """The path of the innermost list element on the way to where a flaw is; None if there is none below the outermost list."""
    match = _POINTER.match(flaw)
    steps = [step.replace("~1", "/").replace("~0", "~") for step in match.group(1).split("/")[1:]] if match else []
    best: tuple[str, ...] | None = None
    node: Any = value
    for depth, step in enumerate(steps):
        if isinstance(node, list) and step.isdigit() and int(step) < len(node):
            best, node = tuple(steps[: depth + 1]), node[int(step)]
        elif isinstance(node, dict) and step in node:
            node = node[step]
        else:
            break
    return best


def _broken(found: Sequence[str]) -> Rejected:
    more = f" (and {len(found) - _MOST_TOLD} more)" if len(found) > _MOST_TOLD else ""
    return Rejected(f"{'; '.join(found[:_MOST_TOLD])}{more}", Outcome.BROKEN)
