"""From wordings to a pack: the whole original beside the new frames, linted and tried; frames that break it are taken out again."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from synth_sdk.blueprint.model import Files
from synth_sdk.blueprint.yamltext import to_yaml
from synth_sdk.core.errors import PackError, Rejected, RequestError, SynthError
from synth_sdk.dialogue import Pack, check, lint, load_pack, play
from synth_sdk.dialogue.linting.linter import Finding, lint_named
from synth_sdk.dialogue.loading.loader import whole_pack
from synth_sdk.dialogue.loading.reading import without_places
from synth_sdk.dialogue.loading.source import parse_yaml
from synth_sdk.dialogue.playing.player import traced

MAIN, ORIGINAL, WRITTEN = "pack.yaml", "original.yaml", "wordings.yaml"
Frames = dict[str, list[str]]
_ROUNDS = 4
_TRIED = 64
_SEED, _START = 1, datetime(2025, 1, 1, tzinfo=UTC)


def assemble(pack: Pack, frames: Mapping[str, Sequence[str]]) -> tuple[Files, int]:
    """The files of `pack` with further `frames` by act, and how many of these were taken out because the pack didn't lint with them.

    RequestError when it has errors that no frame is to blame for.
    """
    left: Frames = {act: list(texts) for act, texts in frames.items() if texts}
    wanted = _count(left)
    for _ in range(_ROUNDS):
        files = files_of(pack, left)
        guilty, others = _flaws(files, left)
        if not guilty:
            if others:
                raise RequestError(f"pack {pack.name!r} has errors of its own: {others[0]}; mend it first (synth pack lint)")
            return files, wanted - _count(left)
        left = {act: kept for act, texts in left.items() if (kept := [text for text in texts if (act, text) not in guilty])}
    raise RequestError(f"pack {pack.name!r}: the written wordings don't lint; the pack is played with its own")


def files_of(pack: Pack, frames: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The pack in its language as three files: what it is, its own wordings, the new ones."""
    whole: dict[str, Any] = without_places(whole_pack(pack.source, pack.lang))
    for gone in ("include", "languages"):
        whole.pop(gone, None)
    say = whole.pop("say")
    main = {"pack": whole.pop("pack"), "version": whole.pop("version"), "lang": pack.lang, **whole}
    wordings = {"say": {act: list(texts) for act, texts in frames.items()}}
    head = {name: main.pop(name) for name in ("pack", "version", "lang", "description")}
    return {
        MAIN: to_yaml({**head, "include": [ORIGINAL, WRITTEN], **main}),
        ORIGINAL: to_yaml({"say": say}),
        WRITTEN: to_yaml(wordings),
    }


@contextmanager
def unpacked(files: Files) -> Iterator[Path]:
    """A folder that holds `files` for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="synth-blueprint-"))
    try:
        for name, text in files.items():
            (folder / name).write_text(text, "utf-8", newline="\n")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def review(path: Path) -> list[str]:
    """The lint's errors about the pack at `path`, one line each; empty when it can be played."""
    return [str(found) for found in lint_named(str(path)) if found.level == "error"]


def _flaws(files: Files, frames: Frames) -> tuple[set[tuple[str, str]], list[str]]:
    """The (act, frame) pairs that errors point at, and the errors that point elsewhere."""
    with unpacked(files) as folder:
        try:
            pack = load_pack(folder / MAIN)
            found = [finding for finding in lint(pack) if finding.level == "error"]
        except PackError as error:
            return _at_line(str(error.file), error.line or 0, files, frames), [error.message]
        guilty, others = set[tuple[str, str]](), list[str]()
        for finding in found:
            blamed = _at_line(finding.file, finding.line, files, frames) or _in_play(finding, pack, frames)
            guilty |= blamed
            if not blamed:
                others.append(finding.message)
        return guilty, others


def _at_line(file: str, line: int, files: Files, frames: Frames) -> set[tuple[str, str]]:
    """The frame that stands in a line of the new wordings."""
    if Path(file).name != WRITTEN:
        return set()
    say = parse_yaml(files[WRITTEN], WRITTEN)["say"]
    return {
        (act, text)
        for act, texts in frames.items()
        for (_, start), text in zip(say[act].places, texts, strict=True)
        if start == line
    }


def _in_play(finding: Finding, pack: Pack, frames: Frames) -> set[tuple[str, str]]:
    """The new frames in the dialogues that break a gate."""
    if finding.rule != "gates":
        return set()
    for index in range(_TRIED):
        try:
            check(play(pack, _SEED, index, _START))
        except Rejected:
            _, used = traced(pack, _SEED, index, _START)
            return {
                (act, frame.text)
                for act, texts in frames.items()
                for frame in used
                if frame.text in texts and Path(frame.place.file).name == WRITTEN
            }
        except SynthError:
            return set()
    return set()


def _count(frames: Frames) -> int:
    return sum(map(len, frames.values()))
