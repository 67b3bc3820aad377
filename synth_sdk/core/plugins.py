"""Look-up of parts by name. Built-ins and strangers enter by the same door: entry points `synth_sdk.<group>`."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from synth_sdk.core.errors import RequestError, UnknownName


@cache
def _registered(group: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=f"synth_sdk.{group}")}


def names(group: str) -> list[str]:
    """The names registered in `group` ("providers", "generators", "sinks", "packs"), sorted. Loads none of them."""
    return sorted(_registered(group))


def load(group: str, name: str) -> Any:
    """The part called `name`. UnknownName offers the nearest ones; RequestError says what a part needs that can't be imported."""
    points = _registered(group)
    if name not in points:
        raise UnknownName(group.removesuffix("s"), name, points)
    try:
        return points[name].load()
    except ImportError as error:
        raise RequestError(f"{group.removesuffix('s')} {name!r} can't be loaded: {error}; install what it needs") from error
