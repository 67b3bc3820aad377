"""The files of a pack: the main one, what it includes, and a language's files, read and merged into one mapping with places."""

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from synth_sdk.core.errors import PackError, nearest
from synth_sdk.dialogue.languages import code_of
from synth_sdk.dialogue.loading.reading import mapping, sequence, text_at
from synth_sdk.dialogue.loading.source import Map, Seq, fail, parse_yaml, read_text

SHARED = Path(__file__).parent.parent / "packs" / "shared"
MOST_FILES = 200
MOST_BYTES = 16 * 1024 * 1024
_ONLY_MAIN = ("pack", "version", "lang", "description", "clock", "include", "languages")
_NOT_TRANSLATED = ("pack", "version", "lang", "languages")
_CLOSED = ("world", "goals", "faults", "tools", "flow")  # a language file may change entries of these but adds none
_WHOLE = frozenset({"say", "default", "next"})  # mappings that a language file replaces instead of merging
_FIELD_VALUES = frozenset({"type", "pick", "range", "money", "pattern", "typo", "text", "date", "each"})


def read_pack(main: Path, above: Path | None, language: str | None) -> tuple[Map, str, tuple[str, ...]]:
    """The merged mapping of a pack, the digest of the bytes read, and the languages it speaks, its own first.

    Files are shown relative to `above`, or as they are. With a `language` other than the pack's own, that language's file is laid over;
    one that it does not speak changes nothing.
    """
    reader = Reader(above)
    whole = reader.whole(main)
    spoken = languages_of(whole)
    if language is not None and code_of(language) in spoken[1:]:
        _translate(reader, whole, main.parent, code_of(language))
    return whole, reader.digest.hexdigest(), spoken


def languages_of(whole: Map) -> tuple[str, ...]:
    """The codes of the languages that a pack speaks, its own first."""
    own, further = code_of(str(whole.get("lang", "en"))), mapping(whole, "languages")
    for code in further:
        if not (2 <= len(code) <= 3 and code.isascii() and code.isalpha() and code.islower()):
            raise fail(f"languages: {code!r} is not a language code such as es", further, code, "languages")
        if code == own:
            raise fail(f"languages: {code!r} is the pack's own language (lang)", further, code, "languages")
    return own, *further


def _translate(reader: "Reader", whole: Map, root: Path, code: str) -> None:
    """Lay the file of the language `code` over `whole`."""
    files = mapping(whole, "languages")
    path = reader.beneath(root, text_at(files, code), files, code)
    over = reader.whole(path, mapping(whole, "acts"), root)
    for key in _NOT_TRANSLATED:
        if key in over:
            raise fail(f"{key!r} may stand in pack.yaml only", over, key, "languages")
    if "say" not in over:
        raise fail(f"the language {code!r} has no say: write its wordings", files, code, "languages")
    for group in _CLOSED:
        _adds_nothing(mapping(whole, group), mapping(over, group), group)
    over.pop("include", None)
    lay_over(whole, over)
    whole["lang"] = code


def _adds_nothing(known: Map, over: Map, group: str) -> None:
    for name in over:
        if name not in known:
            near = nearest(name, known)
            hint = f": did you mean {' or '.join(near)}?" if near else ": a language file changes what is there"
            raise fail(f"{group}.{name} is not in the pack{hint}", over, name, "languages")


def lay_over(base: Map, over: Map) -> None:
    """Put `over` upon `base`: mappings merge deep; scalars, lists, field values and what is in `_WHOLE` are replaced."""
    for key, value in over.items():
        mine = base.get(key)
        merges = isinstance(value, Map) and isinstance(mine, Map) and key not in _WHOLE and not _FIELD_VALUES & value.keys()
        if merges and isinstance(value, Map) and isinstance(mine, Map):
            lay_over(mine, value)
        else:
            base[key], base.places[key] = value, over.places[key]


class Reader:
    """Reads files and what they include; keeps a digest of their bytes, and count of both within bounds."""

    def __init__(self, above: Path | None) -> None:
        self.above = above
        self.digest = hashlib.blake2b(digest_size=16)
        self.files = self.bytes = 0

    def whole(self, main: Path, declared: Mapping[str, object] | None = None, top: Path | None = None) -> Map:
        """`main` with its includes merged into it. Acts of shared banks count only if the pack (or `declared`) declares them.

        Includes are looked up beside `main`; none may lead out of `top` (by default `main`'s folder).
        """
        whole = self.parse(main)
        includes = sequence(whole, "include")
        banks: list[Map] = []
        for i, name in enumerate(includes):
            is_shared, paths = self._find(main.parent, top or main.parent, name, includes, i)
            for path in paths:
                part = self.parse(path)
                if is_shared:
                    banks.append(part)
                else:
                    _merge(whole, part)
        acts = {**(declared or {}), **mapping(whole, "acts")}
        for part in banks:
            _merge(whole, _only_say(part, acts))
        return whole

    def parse(self, path: Path) -> Map:
        shown = str(path.relative_to(self.above)) if self.above and path.is_relative_to(self.above) else str(path)
        if not path.is_file():
            raise PackError("there is no such file", file=shown, rule="file")
        text = read_text(path, shown)
        self.files, self.bytes = self.files + 1, self.bytes + len(text)
        if self.files > MOST_FILES:
            raise PackError(f"the pack has more than {MOST_FILES} files", file=shown, line=1, rule="size")
        if self.bytes > MOST_BYTES:
            raise PackError(f"the pack's files hold more than {MOST_BYTES} characters", file=shown, line=1, rule="size")
        self.digest.update(f"{len(text)} {path.name}\n{text}".encode())
        return parse_yaml(text, shown)

    def _find(self, folder: Path, top: Path, name: object, includes: Seq, i: int) -> tuple[bool, list[Path]]:
        if not isinstance(name, str):
            raise fail("include: write a list of file names", includes, i, "include")
        pure = PurePosixPath(name)
        if pure.parts[:1] != ("shared",):
            return False, self._matches(folder, top, name, includes, i)
        return True, self._matches(SHARED, SHARED, str(PurePosixPath(*pure.parts[1:])), includes, i)

    def _matches(self, folder: Path, top: Path, pattern: str, includes: Seq, i: int) -> list[Path]:
        *parents, last = PurePosixPath(pattern).parts or ("",)
        if any(mark in part for part in parents for mark in "*?[") or "**" in last:
            raise fail(f"include: {pattern!r}: only the file's name may hold a *", includes, i, "include")
        if not last or pattern.startswith("/") or ".." in (*parents, last):
            raise fail(f"include: {pattern!r} must be a file beneath the pack's folder", includes, i, "include")
        paths = sorted(folder.joinpath(*parents).glob(last))
        if not paths:
            raise fail(f"include: {pattern!r} matches no file", includes, i, "include")
        if not all(path.resolve().is_relative_to(top.resolve()) for path in paths):
            raise fail(f"include: {pattern!r} leads out of the pack's folder", includes, i, "include")
        return paths

    def beneath(self, root: Path, name: str, holder: Map, key: str) -> Path:
        """The file `name` beneath `root`."""
        path, pure = root / name, PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts or not path.resolve().is_relative_to(root.resolve()):
            raise fail(f"{key}: {name!r} must be a file beneath the pack's folder", holder, key, "include")
        if not path.is_file():
            raise fail(f"{key}: there is no file {name!r}", holder, key, "include")
        return path


def _merge(whole: Map, part: Map) -> None:
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
            raise fail(f"{key!r} can't be merged: it is a list in one file and something else in another", part, key, "include")


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
