"""Where settings come from: arguments win over the config file, the config over the defaults; keys come from the environment only."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synth_sdk.core.errors import RequestError, UnknownName

CONFIG_NAMES = ("synth.yaml", "synth.yml", "synth.json")
CONFIG_KEYS = frozenset(
    {
        "budget",
        "policy",
        "model",
        "fallback",
        "mode",
        "blueprint",
        "judge",
        "cache",
        "concurrency",
        "records_per_call",
        "account",
        "timeout",
        "locale",
        "seed",
        "catalogue",
    }
)
# Keys that belong to one kind of record: a trajectory's configuration may be a file of its own.
KIND_KEYS = dict.fromkeys(("random_seed", "data_generation", "task_templates", "tool_transitions"), "trajectory")
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_LARGEST_CONFIG = 1 << 20


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment, the folder for cache, ledger and journal, the defaults that a config file sets, and its keys for single kinds."""

    env: Mapping[str, str] = field(repr=False)
    home: Path
    defaults: Mapping[str, Any] = field(default_factory=dict)
    kinds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def catalogue_file(self) -> Path | None:
        """The user's own catalogue: named in the config, else `models.yaml` in the home folder if there is one."""
        if "catalogue" in self.defaults:
            return Path(str(self.defaults["catalogue"])).expanduser()
        path = self.home / "models.yaml"
        return path if path.is_file() else None


def read_settings(env: Mapping[str, str], config: str | os.PathLike[str] | None = None, folder: Path | None = None) -> Settings:
    """Settings from `env` and from `config`, or else from the first config file found in `folder` (default: the working folder)."""
    told = _config(env, config, folder or Path.cwd())
    kinds: dict[str, dict[str, Any]] = {}
    for key in KIND_KEYS.keys() & told.keys():
        kinds.setdefault(KIND_KEYS[key], {})[key] = told.pop(key)
    return Settings(env=dict(env), home=_home(env), defaults=told, kinds=kinds)


def _home(env: Mapping[str, str]) -> Path:
    if env.get("SYNTH_HOME"):
        return Path(env["SYNTH_HOME"]).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("synth", appauthor=False))


def _config(env: Mapping[str, str], config: str | os.PathLike[str] | None, folder: Path) -> dict[str, Any]:
    path = (
        Path(config) if config is not None else next((folder / name for name in CONFIG_NAMES if (folder / name).is_file()), None)
    )
    if path is None:
        return {}
    try:
        if path.stat().st_size > _LARGEST_CONFIG:
            raise RequestError(f"config {path}: larger than 1 MiB; is it the right file?")
        text = path.read_text("utf-8")
    except OSError as error:
        raise RequestError(f"config {path}: {error.strerror or error}; check the path") from None
    except UnicodeDecodeError:
        raise RequestError(f"config {path}: not UTF-8 text") from None
    told = _parse(path, text)
    if not isinstance(told, dict):
        raise RequestError(f"config {path}: must be a mapping of options, not {type(told).__name__}")
    for key in told:
        if key not in CONFIG_KEYS and key not in KIND_KEYS:
            raise UnknownName(f"option in {path}:", str(key), CONFIG_KEYS | KIND_KEYS.keys())
    return {key: _expand(value, env, path) for key, value in told.items()}


def _parse(path: Path, text: str) -> Any:
    if path.suffix == ".json":
        try:
            return json.loads(text)
        except ValueError as error:
            raise RequestError(f"config {path}: not valid JSON: {error}") from None
    import yaml

    try:
        return yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise RequestError(f"config {path}: not valid YAML: {' '.join(str(error).split())}") from None


def _expand(value: Any, env: Mapping[str, str], path: Path) -> Any:
    if isinstance(value, str):

        def replace(match: re.Match[str]) -> str:
            if match.group(1) not in env:
                raise RequestError(f"config {path}: ${{{match.group(1)}}} is not set in the environment")
            return env[match.group(1)]

        return _VARIABLE.sub(replace, value)
    if isinstance(value, list):
        return [_expand(item, env, path) for item in value]
    return value
