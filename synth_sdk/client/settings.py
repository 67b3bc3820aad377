"""Where settings come from: arguments win over the configuration file, the file over the defaults; keys of models from the environment too."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synth_sdk.client.config import files
from synth_sdk.client.config.keys import API_KEYS
from synth_sdk.client.config.keys import Path as KeyPath
from synth_sdk.client.config.reading import ARGUMENTS, Place, Told, in_file, read
from synth_sdk.client.config.variables import Environment, environment

_HISTORY = "SYNTH_HISTORY"
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment, the folder for cache, ledger and journal, and what a configuration file sets.

    `defaults` are options of every wish, `kinds` those of single kinds, `models` the default model of a kind. `told` has each value by its
    place among the keys, with its source; `file` is the file that was read, `from_dotenv` names the variables that only `.env` has.
    """

    env: Mapping[str, str] = field(repr=False)
    home: Path
    defaults: Mapping[str, Any] = field(default_factory=dict)
    kinds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    cache: Mapping[str, Any] = field(default_factory=dict)  # max_entries, ttl (seconds), persist_path
    models: Mapping[str, str] = field(default_factory=dict)
    integrations: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict
    )  # enabled, default_pipeline, url, db_path, embedding
    file: Path | None = None
    warnings: tuple[str, ...] = ()
    told: Mapping[KeyPath, Told] = field(default_factory=dict, repr=False)
    from_dotenv: frozenset[str] = frozenset()

    @property
    def catalogue_file(self) -> Path | None:
        """The user's own catalogue: named in the config, else `models.yaml` in the home folder if there is one."""
        if "catalogue" in self.defaults:
            return Path(str(self.defaults["catalogue"])).expanduser()
        path = self.home / "models.yaml"
        return path if path.is_file() else None


def read_settings(
    env: Mapping[str, str],
    config: str | os.PathLike[str] | None = None,
    folder: Path | None = None,
    arguments: Mapping[str, Any] = _NOTHING,
) -> Settings:
    """Settings from `env` and from `config`, or else from the first configuration file in `folder` (default: the working folder).

    `arguments` are sections as a file has them (`api_keys`, `cache`, ...) and win over it. If `env` is the environment of this process,
    `.env` in `folder` adds what isn't set there. RequestError names the file, the key, the rule and the way out.
    """
    folder = folder or Path.cwd()
    around = environment(env, folder)
    found = [Path(config).expanduser()] if config is not None else files.find(folder)
    told = read(files.read_mapping(found[0]), in_file(found[0], around.values)) if found else {}
    told |= _of_variables(around)
    told |= read(arguments, ARGUMENTS)
    return _settled(told, around, found)


def _of_variables(around: Environment) -> dict[KeyPath, Told]:
    """What a variable sets, which wins over the file."""
    place = around.values.get(_HISTORY)
    if not place:
        return {}
    source = f"{'.env' if _HISTORY in around.from_dotenv else 'environment'}:{_HISTORY}"
    return {path: Told(told.value, source) for path, told in read({"history": place}, Place(_HISTORY, "", None)).items()}


def _settled(told: Mapping[KeyPath, Told], around: Environment, found: list[Path]) -> Settings:
    values = {path: item.value for path, item in told.items()}
    keys = {API_KEYS[path[1]]: value for path, value in values.items() if path[0] == "api_keys"}
    env = {**around.values, **keys}
    return Settings(
        env=env,
        home=_home(env),
        defaults=_defaults(values),
        kinds=_by_name(values, "generators"),
        cache=_cache(values),
        models=_by_name(values, "models").get("defaults", {}),
        integrations=_by_name(values, "integrations"),
        file=found[0] if found else None,
        warnings=(*_passed_over(found), *_refused(around)),
        told=told,
        from_dotenv=frozenset(around.from_dotenv - keys.keys()),
    )


def _defaults(values: Mapping[KeyPath, Any]) -> dict[str, Any]:
    flat = {path[0]: value for path, value in values.items() if len(path) == 1}
    return flat | {"cache": "off"} if values.get(("cache", "enabled")) is False else flat


def _cache(values: Mapping[KeyPath, Any]) -> dict[str, Any]:
    names = {"max_size": "max_entries", "ttl": "ttl", "persist_path": "persist_path"}
    return {names[path[1]]: value for path, value in values.items() if path[0] == "cache" and path[1:] and path[1] in names}


def _by_name(values: Mapping[KeyPath, Any], section: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path, value in values.items():
        if path[0] == section:
            found.setdefault(path[1], {})[path[2]] = value
    return found


def _passed_over(found: list[Path]) -> tuple[str, ...]:
    if len(found) < 2:
        return ()
    others = ", ".join(file.name for file in found[1:])
    return (f"{found[0].name} is read, {others} is not: keep one configuration file, or name it with --config",)


def _refused(around: Environment) -> tuple[str, ...]:
    names = ", ".join(sorted(around.refused))
    return (f"{names} in .env is passed over: keys go only where the environment says; set it there",) if names else ()


def _home(env: Mapping[str, str]) -> Path:
    if env.get("SYNTH_HOME"):
        return Path(env["SYNTH_HOME"]).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("synth", appauthor=False))
