"""Where blueprints are kept: files that belong to the user. What is there is used as it is; what is not is bought once and written whole."""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from synth_sdk import __version__
from synth_sdk.blueprint import Author, Blueprint, PackAuthor
from synth_sdk.client.settings import Settings
from synth_sdk.core.errors import OutputError, RequestError
from synth_sdk.core.models import Model
from synth_sdk.core.observing import RunEnd, RunFacts
from synth_sdk.core.spec import Spec
from synth_sdk.dialogue.overview import check_name

_FOLDER = "blueprints"
_REVIEWED = ".reviewed"
_MOST_TOLD = 3
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Provided:
    """A blueprint on disk: its folder or only file, and how it came there (None: it was there already)."""

    path: Path
    bought: Blueprint | None


def place_for(author: Author, settings: Settings, wanted: str | os.PathLike[str] | None = None) -> Path:
    """The folder, or the only file, of `author`'s blueprint: as `wanted`, or beneath SYNTH_HOME under a name that tells the wish."""
    if wanted is not None:
        return Path(wanted).expanduser()
    plain = _NOT_PLAIN.sub("_", author.name).strip("._") or "blueprint"
    return settings.home / _FOLDER / f"{author.kind}-{plain[:40]}-{author.key}"


def is_there(author: Author, path: Path) -> bool:
    """Whether the blueprint can be used from `path` without buying anything.

    RequestError when it is there and can't be used: it names the flaws. OutputError when something else stands in its place.
    """
    main = path / author.main if path.is_dir() else path
    if main.is_file():
        if not _known(path):
            _refuse(author.review(main), main)
            _remember(path)
        return True
    if _names_a_file(path) and not path.is_dir() and not author.one_file:
        raise OutputError(f"blueprint {str(path)!r}: it is several files, so name a folder")
    if path.is_dir() and any(path.iterdir()):
        raise OutputError(f"blueprint {str(path)!r} is a folder without {author.main}: name another folder, or an empty one")
    return False


async def provide(author: Author, model: Model, path: Path, today: date) -> Provided:
    """The blueprint at `path`; if it isn't there it is written by `model` first, and then to disk, whole or not at all."""
    if is_there(author, path):
        return Provided(path, None)
    blueprint = await author.write(model)
    _put(headed(blueprint, today), path, author.main)
    return Provided(path, blueprint)


@dataclass(frozen=True, slots=True)
class WrittenPack:
    """A pack that was written from a description, and what its account has spent and holds, in micro-dollars."""

    path: Path
    blueprint: Blueprint
    spent_micros: int
    held_micros: int


async def write_pack(
    spec: Spec, settings: Settings, name: str, about: str, output: str | os.PathLike[str] | None, today: date
) -> WrittenPack:
    """A pack called `name` about `about`, written by models within the budget of `spec`, as `output` (NAME.yaml). Never overwrites.

    RequestError or OutputError before anything is spent; NoRoute or BudgetExhausted when too little of it came.
    """
    from synth_sdk.client.learned import learned_store
    from synth_sdk.client.models import read_catalogue
    from synth_sdk.client.telemetry import observer
    from synth_sdk.client.wiring import choose_arms, open_stack

    path = _free_place(name, output)
    author = PackAuthor(name, about)
    if not spec.spends:
        raise RequestError(
            "a pack from a description is written by models: add --budget USD (0 admits only free arms, such as a local server)"
        )
    cards, chain = read_catalogue(settings, spec.chain)
    beliefs = learned_store(settings).load(cards)
    arms, _ = choose_arms(spec, settings, author.first(), cards, chain, beliefs)
    if not arms:
        raise RequestError("a pack from a description needs a model, and none is usable: see synth models")
    facts = RunFacts(kind="pack", count=1, seed=spec.seed, mode="blueprint", fingerprint=spec.fingerprint)
    with observer().run(facts) as watch:
        async with open_stack(spec, settings, arms, beliefs, watch) as stack:
            blueprint = await author.write(stack.model)
            bill = stack.bill
        watch.ended(RunEnd(status="success", records=1, spent_micros=bill.spent, saved_micros=0))
    _write_new(path, headed(blueprint, today)[author.main])
    stack.finish()
    return WrittenPack(path, blueprint, bill.spent, bill.held)


def _free_place(name: str, output: str | os.PathLike[str] | None) -> Path:
    """Where the pack will stand; checked before anything is spent."""
    check_name(name)
    path = Path(output or f"{name}.yaml")
    if path.suffix not in (".yaml", ".yml"):
        raise OutputError(f"output {str(path)!r}: a pack is a .yaml file")
    if path.exists():
        raise OutputError(f"output {str(path)!r} exists: give another name with -o")
    if not path.parent.is_dir():
        raise OutputError(f"output {str(path)!r} can't be written: there is no folder {str(path.parent)!r}")
    return path


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        raise OutputError(
            f"output {str(path)!r} can't be written: {error.strerror or error}; the same command again is free"
        ) from None


def headed(blueprint: Blueprint, today: date) -> dict[str, str]:
    """The files with a note on top that says what they are, who wrote them and whose they are."""
    by = ", ".join(blueprint.models) or "a model"
    note = f"Blueprint: {blueprint.about}. Written by {by} on {today:%Y-%m-%d}. It is yours: edit it, and synth checks it again and uses it as it is."
    return {name: _with_note(name, text, note) for name, text in blueprint.files.items()}


def _with_note(name: str, text: str, note: str) -> str:
    if name.endswith(".json"):
        document = json.loads(text)
        told = f"{note} {document['$comment']}" if "$comment" in document else note
        return (
            json.dumps(
                {"$comment": told, **{key: value for key, value in document.items() if key != "$comment"}},
                indent=2,
                ensure_ascii=False,
            )
            + "\n"
        )
    return f"# {note}\n{text}"


def _known(path: Path) -> bool:
    """Whether these very files were reviewed before: judging a large pack takes seconds."""
    try:
        return (path / _REVIEWED).read_text("utf-8") == _digest(path)
    except OSError:
        return False


def _remember(path: Path) -> None:
    """Best effort: in a folder that can't be written the files are reviewed every time."""
    if path.is_dir():
        with suppress(OSError):
            (path / _REVIEWED).write_text(_digest(path), "utf-8")


def _digest(path: Path) -> str:
    """Of all files of a blueprint's folder, and of the version that judged them."""
    digest = hashlib.sha256(__version__.encode())
    for file in sorted(file for file in path.rglob("*") if file.is_file() and file.name != _REVIEWED):
        digest.update(f"{file.relative_to(path)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def _refuse(flaws: Sequence[str], main: Path) -> None:
    if flaws:
        more = f" (and {len(flaws) - _MOST_TOLD} more)" if len(flaws) > _MOST_TOLD else ""
        told = "; ".join(flaws[:_MOST_TOLD])
        raise RequestError(f"blueprint {str(main)!r} can't be used: {told}{more}; mend it, or remove it to have it written anew")


def _put(files: dict[str, str], path: Path, main: str) -> None:
    """Write `files` as the folder `path`, or the only one of them as the file `path`. Whoever else was first keeps the place."""
    one_file = _names_a_file(path) and not path.is_dir()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent, ignore_cleanup_errors=True) as made:
            whole = Path(made) / "whole"
            whole.mkdir()
            for name, text in files.items():
                (whole / name).write_text(text, "utf-8", newline="\n")
            _move(whole / main if one_file else whole, path)
    except OSError as error:
        raise OutputError(f"blueprint {str(path)!r} can't be written: {error.strerror or error}") from None


def _names_a_file(path: Path) -> bool:
    return path.suffix in (".yaml", ".yml", ".json")


def _move(made: Path, path: Path) -> None:
    if made.is_file():
        made.replace(path)
        return
    try:
        made.rename(path)  # also upon an empty folder
    except OSError:
        if path.is_dir() and not any(path.iterdir()):  # some systems don't
            path.rmdir()
            shutil.move(made, path)
        elif not path.is_dir():
            raise
