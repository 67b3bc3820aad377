"""From a name or a path to a Pack: find the files, merge what they include, hand the result to the compiler."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from types import ModuleType

from synth_sdk.core import plugins
from synth_sdk.core.errors import PackError, UnknownName
from synth_sdk.dialogue.compiler import compile_pack
from synth_sdk.dialogue.model import Pack
from synth_sdk.dialogue.source import Map, Seq, fail, parse_yaml, read_text

SHARED = Path(__file__).parent / "packs" / "shared"
_MOST_FILES = 200
_ONLY_MAIN = ("pack", "version", "lang", "description", "clock", "include")


def builtin_packs() -> list[str]:
    """The names of the installed packs, sorted."""
    return plugins.names("packs")


def load_pack(name_or_path: str | Path) -> Pack:
    """The pack of that name, or the one in that YAML file (or folder with a `pack.yaml`).

    UnknownName for a name nobody registered; PackError with file, line and rule for any flaw.
    """
    if isinstance(name_or_path, str) and not _has_path_form(name_or_path) and name_or_path in plugins.names("packs"):
        return _installed(name_or_path)
    path = Path(name_or_path)
    if isinstance(name_or_path, str) and not _has_path_form(name_or_path) and not (path / "pack.yaml").is_file():
        raise UnknownName("pack", name_or_path, plugins.names("packs"), "(or give the path of a .yaml file)")
    return _read(path / "pack.yaml" if path.is_dir() else path, None, str(name_or_path))


def _has_path_form(name: str) -> bool:
    return name.endswith((".yaml", ".yml")) or "/" in name or "\\" in name


@lru_cache(maxsize=16)
def _installed(name: str) -> Pack:
    package = plugins.load("packs", name)
    if not isinstance(package, ModuleType) or not package.__path__:
        raise PackError(f"the entry point of pack {name!r} is not a package with a folder {name}/pack.yaml", rule="entry point")
    folder = Path(next(iter(package.__path__))) / name
    return _read(folder / "pack.yaml", folder.parent, name)


def _read(main: Path, above: Path | None, source: str) -> Pack:
    """Parse `main` and its includes; files are shown relative to `above`, or as they are."""
    reader = _Reader(main.parent, above)
    whole = reader.main(main)
    return compile_pack(whole, source, reader.digest.hexdigest())


class _Reader:
    """Reads files beneath `root` (and the shared banks), merges them and keeps a digest of their bytes."""

    def __init__(self, root: Path, above: Path | None) -> None:
        self.root, self.above = root, above
        self.digest = hashlib.blake2b(digest_size=16)
        self.count = 0

    def main(self, path: Path) -> Map:
        whole = self._parse(path)
        includes = whole.get("include", Seq(whole.file, whole.line))
        if not isinstance(includes, Seq) or not all(isinstance(name, str) for name in includes):
            raise fail("include: write a list of file names", whole, "include")
        banks: list[Map] = []
        for i, name in enumerate(includes):
            is_shared, paths = self._find(name, includes, i)
            for included in paths:
                part = self._parse(included)
                if is_shared:
                    banks.append(part)
                else:
                    self._merge(whole, part)
        declared = whole.get("acts")
        for part in banks:
            self._merge(whole, _only_say(part, declared if isinstance(declared, Map) else {}))
        return whole

    def _parse(self, path: Path) -> Map:
        shown = str(path.relative_to(self.above)) if self.above and path.is_relative_to(self.above) else str(path)
        if not path.is_file():
            raise PackError("there is no such file", file=shown, rule="file")
        self.count += 1
        if self.count > _MOST_FILES:
            raise PackError(f"the pack has more than {_MOST_FILES} files", file=shown, rule="size")
        text = read_text(path, shown)
        self.digest.update(f"{len(text)} {shown}\n{text}".encode())
        return parse_yaml(text, shown)

    def _find(self, name: str, includes: Seq, i: int) -> tuple[bool, list[Path]]:
        pure = PurePosixPath(name)
        is_shared = pure.parts[:1] == ("shared",)
        root, pattern = (SHARED, str(PurePosixPath(*pure.parts[1:]))) if is_shared else (self.root, name)
        if pure.is_absolute() or ".." in pure.parts or pattern in ("", "."):
            raise fail(f"include: {name!r} must be a file beneath the pack's folder", includes, i, "include")
        paths = sorted(root.glob(pattern))
        if not paths:
            raise fail(f"include: {name!r} matches no file", includes, i, "include")
        if not all(path.resolve().is_relative_to(root.resolve()) for path in paths):
            raise fail(f"include: {name!r} leads out of the pack's folder", includes, i, "include")
        return is_shared, paths

    def _merge(self, whole: Map, part: Map) -> None:
        for key, value in part.items():
            if key in _ONLY_MAIN:
                raise fail(f"{key!r} may stand in pack.yaml only", part, key, "include")
            place = part.places[key]
            target = whole.setdefault(key, Seq(*place) if isinstance(value, Seq) else Map(*place))
            whole.places.setdefault(key, place)
            if isinstance(value, Seq) and isinstance(target, Seq):
                _extend(target, value)
            elif isinstance(value, Map) and isinstance(target, Map):
                for name in value:
                    _merge_entry(target, value, name, key)
            else:
                raise fail(
                    f"{key!r} can't be merged: it is a list in one file and something else in another", part, key, "include"
                )


def _merge_entry(target: Map, value: Map, name: str, key: str) -> None:
    """Frames of an act append; any other entry may be declared only once."""
    mine, entry = target.get(name), value[name]
    if key == "say" and isinstance(entry, Seq) and isinstance(mine, Seq):
        _extend(mine, entry)
    elif name in target:
        raise fail(f"{key}.{name} is declared twice", value, name, "declared twice")
    else:
        if isinstance(entry, Seq):
            fresh = Seq(entry.file, entry.line)
            _extend(fresh, entry)
            entry = fresh
        target[name], target.places[name] = entry, value.places[name]


def _extend(target: Seq, more: Seq) -> None:
    target.extend(more)
    target.places.extend(more.places)


def _only_say(part: Map, declared: Mapping[str, object]) -> Map:
    """A shared bank, without the acts that this pack does not have."""
    extra = next((key for key in part if key != "say"), None)
    if extra is not None:
        raise fail(f"a shared bank holds only say, not {extra!r}", part, extra, "include")
    result, say = Map(part.file, part.line), part.get("say")
    if isinstance(say, Map):
        kept = Map(say.file, say.line)
        for act in say:
            if act in declared:
                kept[act], kept.places[act] = say[act], say.places[act]
        result["say"], result.places["say"] = kept, part.places["say"]
    return result
