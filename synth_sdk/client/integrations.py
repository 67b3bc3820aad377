"""Optional parts that a configuration, or `enable_...`, switches on: what `stream=True` and `vectorize=True` then mean."""

from collections.abc import Mapping
from typing import Any

from synth_sdk.client.config.reading import ARGUMENTS, read
from synth_sdk.core import plugins
from synth_sdk.core.errors import RequestError

Integrations = Mapping[str, Mapping[str, Any]]

PIPELINE = "midstreamer"


def switched_on(integrations: Integrations, name: str, options: Mapping[str, Any]) -> Integrations:
    """`integrations` with `name` enabled and its `options` set; RequestError for keys that a configuration couldn't have either."""
    told = {key: value for key, value in options.items() if value is not None} | {"enabled": True}
    read_ = {path[-1]: item.value for path, item in read({"integrations": {name: told}}, ARGUMENTS).items()}
    return {**integrations, name: {**integrations.get(name, {}), **read_}}


def enabled_stores(integrations: Integrations) -> list[str]:
    """The names of the vector stores that are switched on."""
    return [name for name in plugins.names("vectors") if integrations.get(name, {}).get("enabled")]


def meant(wish: Mapping[str, Any], integrations: Integrations) -> tuple[dict[str, Any], list[str]]:
    """`wish` with `stream=True` and `vectorize=True` as `stream_to` and `vectorize_with`, and warnings where nothing is switched on.

    What the wish names itself comes first.
    """
    told, warnings = dict(wish), list[str]()
    if told.pop("stream", None) and not told.get("stream_to"):
        if integrations.get(PIPELINE, {}).get("enabled"):
            told["stream_to"] = PIPELINE
        else:
            warnings.append(
                f"stream=True: no pipeline is enabled, so nothing is published; {_way_out(PIPELINE, 'stream_to=URL')}"
            )
    named, warning = meant_store(told, integrations)
    return named, [*warnings, *warning]


def meant_store(wish: Mapping[str, Any], integrations: Integrations) -> tuple[dict[str, Any], list[str]]:
    """`wish` with `vectorize=True` as `vectorize_with`."""
    told = dict(wish)
    if not told.pop("vectorize", None) or told.get("vectorize_with"):
        return told, []
    stores = enabled_stores(integrations)
    if len(stores) > 1:
        raise RequestError(
            f"vectorize=True: {' and '.join(stores)} are both enabled; say which with vectorize_with={stores[0]!r}"
        )
    if stores:
        return told | {"vectorize_with": stores[0]}, []
    return told, [f"vectorize=True: no vector store is enabled, so none is filled; {_way_out('ruvector', 'vectorize_with=NAME')}"]


def _way_out(name: str, option: str) -> str:
    return f"call synth_sdk.integrations.enable_{name}, or give {option}"
