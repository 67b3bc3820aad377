"""The prompt cache as a run uses it: opened as the configuration says, taken from a file at the start and kept in it at the end."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from synth_sdk.cache import Memory, Store
from synth_sdk.cache.memory import MOST_ENTRIES
from synth_sdk.cache.store import DEFAULT_TTL
from synth_sdk.cache.transfer import is_kept
from synth_sdk.core.errors import SynthError
from synth_sdk.core.spec import CachePolicy

_READING: frozenset[CachePolicy] = frozenset({"on", "read-only", "aggressive"})
_WRITING: frozenset[CachePolicy] = frozenset({"on", "refresh", "aggressive"})


def store_in(home: Path, told: Mapping[str, Any], policy: CachePolicy = "on") -> Store:
    """The cache in `home`. `told` is `Settings.cache`. Runs of one process share what they hold in memory."""
    folder, most = home / "cache", int(told.get("max_entries", MOST_ENTRIES))
    ttl = told.get("ttl", DEFAULT_TTL)
    return Store(folder, ttl=None if ttl is None else float(ttl), memory=_memory(folder, most), read_only=policy == "read-only")


def fetch(store: Store, told: Mapping[str, Any], policy: CachePolicy) -> None:
    """Take in the file that the configuration names, if there is one. OutputError if something else stands under that name."""
    path = told.get("persist_path")
    if path and policy in _READING:
        try:
            if is_kept(path):
                store.restore(path)
        except SynthError:
            store.close()
            raise


def keep(store: Store, told: Mapping[str, Any], policy: CachePolicy) -> str:
    """Write the file that the configuration names; what went wrong, if anything: the records are there all the same."""
    path = told.get("persist_path")
    if not path or policy not in _WRITING:
        return ""
    try:
        store.persist(path)
    except SynthError as error:
        return error.message
    return ""


@lru_cache(maxsize=8)
def _memory(folder: Path, most: int) -> Memory:
    return Memory(most)
