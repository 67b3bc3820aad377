"""What counts, and where each value comes from. Keys of models are masked, and no other secret is shown either."""

from collections.abc import Iterator, Mapping
from typing import Any

from synth_sdk.client.config.keys import API_KEYS, OPTIONS, SCHEMA, Section, find
from synth_sdk.client.prices import prices_file
from synth_sdk.client.providers import make_providers
from synth_sdk.client.settings import Settings
from synth_sdk.core.models import Json
from synth_sdk.core.redact import redact
from synth_sdk.providers.upstreams import UPSTREAMS

_SHORTEST_HINTED = 16  # characters: the last four of a shorter key would give too much of it away
_ALWAYS_SHOWN = ("gemini", "openrouter")
_DEFAULT = "default"

Row = tuple[str, Any, str]


def show(settings: Settings, own: Mapping[str, Any]) -> dict[str, Json]:
    """`file`, `settings` and `api_keys` (value and source by dotted key), `providers`, `paths` and `warnings`.

    `own` are the arguments of `Synth`, which win over `settings`. A source is default, FILE:KEY, environment:VARIABLE, .env:VARIABLE or argument.
    """
    providers = {
        name: provider.missing() or _keyless(name, settings.env) for name, provider in make_providers(settings.env).items()
    }
    return {
        "file": str(settings.file) if settings.file else None,
        "settings": _table([*_options(settings, own), *_cache(settings), *_by_name(settings)]),
        "api_keys": _table(_api_keys(settings)),
        "providers": {name: {"usable": not why_not, "why_not": why_not} for name, why_not in sorted(providers.items())},
        "paths": _paths(settings),
        "warnings": list(settings.warnings),
    }


def masked(key: str) -> str:
    """At most the last four characters."""
    return f"...{key[-4:]}" if len(key) >= _SHORTEST_HINTED else "****"


def _options(settings: Settings, own: Mapping[str, Any]) -> Iterator[Row]:
    for key in OPTIONS:
        yield key.name, *_value(key.name, settings, own, key.default)
    yield "cache", *_value("cache", settings, own, "on")


def _value(name: str, settings: Settings, own: Mapping[str, Any], default: Any) -> tuple[Any, str]:
    if name in own:
        return own[name], "argument"
    if name not in settings.defaults:
        return default, _DEFAULT
    switched_off = name == "cache" and settings.defaults[name] == "off" and ("cache", "enabled") in settings.told
    return settings.defaults[name], settings.told[("cache", "enabled") if switched_off else (name,)].source


def _cache(settings: Settings) -> Iterator[Row]:
    section = find("cache", SCHEMA)
    assert isinstance(section, Section)  # noqa: S101 - so it stands there
    for key in section.keys[2:]:
        told = settings.told.get(("cache", key.name))
        if told is None:
            yield f"cache.{key.name}", getattr(key, "default", None), _DEFAULT
        else:
            yield f"cache.{key.name}", f"{told.value:g}s" if key.name == "ttl" else told.value, told.source


def _by_name(settings: Settings) -> Iterator[Row]:
    for path, told in sorted(settings.told.items(), key=lambda item: item[0]):
        if path[0] in ("models", "integrations", "generators"):
            yield ".".join(path), told.value, told.source


def _api_keys(settings: Settings) -> Iterator[Row]:
    for name, variable in API_KEYS.items():
        told = settings.told.get(("api_keys", name))
        found = next((other for other in _variables(name, variable) if settings.env.get(other)), None)
        if told is not None:
            yield f"api_keys.{name}", masked(told.value), told.source
        elif found:
            yield f"api_keys.{name}", masked(settings.env[found]), _source(found, settings)
        elif name in _ALWAYS_SHOWN:
            yield f"api_keys.{name}", None, _DEFAULT


def _variables(name: str, variable: str) -> tuple[str, ...]:
    return (variable, "GOOGLE_API_KEY") if name == "gemini" else (variable,)


def _keyless(provider: str, env: Mapping[str, str]) -> str | None:
    """litellm itself lacks nothing: each of its arms needs the key of its own provider."""
    if provider != "litellm" or any(env.get(key) for upstream in UPSTREAMS.values() for key in upstream.keys):
        return None
    return "set the key of one of its providers, such as OPENAI_API_KEY"


def _source(variable: str, settings: Settings) -> str:
    return f"{'.env' if variable in settings.from_dotenv else 'environment'}:{variable}"


def _paths(settings: Settings) -> dict[str, Json]:
    home = _source("SYNTH_HOME", settings) if settings.env.get("SYNTH_HOME") else _DEFAULT
    prices = prices_file(settings)
    return {
        "home": {"value": str(settings.home), "source": home},
        "catalogue": {"value": str(settings.catalogue_file) if settings.catalogue_file else None, "source": None},
        "prices": {"value": str(prices) if prices.is_file() else None, "source": None},
    }


def _table(rows: Any) -> dict[str, Json]:
    return {key: {"value": _harmless(value), "source": source} for key, value, source in rows}


def _harmless(value: Any) -> Json:
    """As JSON has it, without credentials: any text may have been put together from variables."""
    if isinstance(value, Mapping):
        return {str(name): _harmless(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_harmless(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else redact(str(value))
