"""From a name or a path to a Pack."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from synth_sdk.core import plugins
from synth_sdk.core.errors import PackError, RequestError, UnknownName
from synth_sdk.dialogue.languages import code_of
from synth_sdk.dialogue.loading.compiler import compile_pack
from synth_sdk.dialogue.loading.including import Reader, languages_of, read_pack
from synth_sdk.dialogue.loading.source import Map
from synth_sdk.dialogue.model import Pack


def builtin_packs() -> list[str]:
    """The names of the installed packs, sorted."""
    return plugins.names("packs")


def load_pack(name_or_path: str | Path, language: str | None = None) -> Pack:
    """The pack of that name, or the one in that YAML file (or folder with a `pack.yaml`), in its own language or in `language`.

    UnknownName for a name nobody registered; RequestError for a language it does not speak; PackError with file, line and rule for any flaw.
    """
    source, code = str(name_or_path), code_of(language) if language else None
    try:
        return _installed(source, code) if _is_installed(name_or_path) else _load(*find(name_or_path), source, code)
    except _NotSpoken as error:
        raise _not_spoken(source, str(language), error.spoken) from None


def find(name_or_path: str | Path) -> tuple[Path, Path | None]:
    """The main file of a pack, and the folder that its files are shown relative to (None: they are shown as they are)."""
    if _is_installed(name_or_path):
        folder = _folder(str(name_or_path))
        return folder / "pack.yaml", folder.parent
    path = Path(name_or_path)
    if isinstance(name_or_path, str) and not _has_path_form(name_or_path) and not (path / "pack.yaml").is_file():
        raise UnknownName("pack", name_or_path, plugins.names("packs"), "(or give the path of a .yaml file)")
    return (path / "pack.yaml" if path.is_dir() else path), None


def whole_pack(name_or_path: str | Path, language: str | None = None) -> Map:
    """All that the pack's files say, merged but not compiled."""
    return read_pack(*find(name_or_path), language)[0]


def main_file(name_or_path: str | Path) -> Map:
    """What the pack's main file says by itself, without its includes."""
    path, above = find(name_or_path)
    return Reader(above).parse(path)


def pack_digest(name_or_path: str | Path, language: str | None = None) -> str:
    """The digest that `load_pack` would give, without compiling the pack."""
    return read_pack(*find(name_or_path), language)[1]


def _is_installed(name: str | Path) -> bool:
    return isinstance(name, str) and not _has_path_form(name) and name in plugins.names("packs")


def _has_path_form(name: str) -> bool:
    return name.endswith((".yaml", ".yml")) or "/" in name or "\\" in name


def _folder(name: str) -> Path:
    package = plugins.load("packs", name)
    if not isinstance(package, ModuleType) or not getattr(package, "__path__", None):
        raise PackError(f"the entry point of pack {name!r} is not a package with a folder {name}/pack.yaml", rule="entry point")
    return Path(next(iter(package.__path__))) / name


@lru_cache(maxsize=16)
def _installed(name: str, code: str | None) -> Pack:
    return _load(*find(name), name, code)


def _load(main: Path, above: Path | None, source: str, code: str | None) -> Pack:
    with _uncollected():
        whole, digest, spoken = read_pack(main, above, code)
        if code is not None and code not in spoken:
            raise _NotSpoken(spoken)
        return compile_pack(whole, source, digest, spoken)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection: a pack is tens of thousands of objects that all stay, and looking for dead ones among them costs a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class _NotSpoken(Exception):
    """The pack speaks only the languages `spoken`."""

    def __init__(self, spoken: tuple[str, ...]) -> None:
        super().__init__()
        self.spoken = spoken


def _not_spoken(source: str, wanted: str, spoken: tuple[str, ...]) -> RequestError:
    others = [name for name in plugins.names("packs") if name != source and _speaks(name, code_of(wanted))]
    hint = f"; packs that speak {code_of(wanted)!r}: {', '.join(others)}" if others else ""
    return RequestError(f"pack {source!r} speaks {', '.join(spoken)}, not {wanted!r}: choose one of those with --locale{hint}")


def _speaks(name: str, code: str) -> bool:
    """Whether an installed pack speaks `code`; a broken one does not."""
    try:
        return code in languages_of(main_file(name))
    except RequestError:
        return False
