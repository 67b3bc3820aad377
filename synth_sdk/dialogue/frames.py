"""Frames: whole turns with slots, `(a|b)` and `[optional]`. Parsed once, rendered to pieces that tell wording from slot values."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

OPTIONAL_RATE = 0.5
_MARK = re.compile(r"[\\{}()\[\]|]")
_LONGEST, _DEEPEST = 2000, 8


@dataclass(frozen=True, slots=True)
class Slot:
    """`{name|form}`; form "" leaves the choice to the slot's defaults."""

    name: str
    form: str


@dataclass(frozen=True, slots=True)
class Choice:
    """`(a|b)`, or `[a|b]` when `rate` is less than 1: one of them or nothing."""

    options: tuple["Parts", ...]
    rate: float


Part = str | Slot | Choice
Parts = tuple[Part, ...]
Piece = tuple[str, bool]


class BadFrame(ValueError):
    """The text isn't a frame; the loader adds file and line."""


def parse_frame(text: str) -> Parts:
    """The parts of a frame. BadFrame says what is wrong."""
    if not text.strip():
        raise BadFrame("a frame is empty")
    if "\n" in text or len(text) > _LONGEST:
        raise BadFrame(f"a frame is one line of at most {_LONGEST} characters")
    reader = _Reader(text)
    parts = reader.parts("")
    if reader.at < len(text):
        raise BadFrame(f"{text[reader.at]!r} closes nothing in {text!r}")
    return parts


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0

    def parts(self, stop: str) -> Parts:
        """Parts up to one of the characters in `stop` (or the end)."""
        found: list[Part] = []
        words: list[str] = []

        def flush() -> None:
            text = "".join(words)
            words.clear()
            if text:
                found.append(text)

        while mark := _MARK.search(self.text, self.at):
            if mark.start() > self.at:
                words.append(self.text[self.at : mark.start()])
                self.at = mark.start()
            char = mark.group()
            if char in ")]}" or (char == "|" and "|" in stop):
                break
            self.at += 1
            if char == "\\" and self.at < len(self.text):
                words.append(self.text[self.at])
                self.at += 1
            elif char == "{":
                flush()
                found.append(self._slot())
            elif char == "(":
                flush()
                self._deeper()
                found.append(Choice(self._options(")"), 1.0))
                self.depth -= 1
            elif char == "[":
                flush()
                self._deeper()
                found.append(Choice(self._options("]"), OPTIONAL_RATE))
                self.depth -= 1
            else:
                words.append(char)
        else:
            words.append(self.text[self.at :])
            self.at = len(self.text)
        flush()
        return tuple(found)

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise BadFrame(f"brackets are nested more than {_DEEPEST} deep in {self.text!r}")

    def _slot(self) -> Slot:
        end = self.text.find("}", self.at)
        if end < 0:
            raise BadFrame(f"a {{ is not closed in {self.text!r}")
        name, _, form = self.text[self.at : end].partition("|")
        if not name.isidentifier() or (form and not form.isidentifier()):
            raise BadFrame(f"{{{self.text[self.at : end]}}} is not a slot: write {{name}} or {{name|form}}")
        self.at = end + 1
        return Slot(name, form)

    def _options(self, stop: str) -> tuple[Parts, ...]:
        options = [self.parts("|" + stop)]
        while self.at < len(self.text) and self.text[self.at] == "|":
            self.at += 1
            options.append(self.parts("|" + stop))
        self._close(stop)
        return tuple(options)

    def _close(self, bracket: str) -> None:
        if self.at >= len(self.text) or self.text[self.at] != bracket:
            raise BadFrame(f"a {bracket!r} is missing in {self.text!r}")
        self.at += 1


def slots_of(parts: Parts) -> frozenset[Slot]:
    """Every slot that a rendering may need."""
    found: set[Slot] = set()
    for part in parts:
        if isinstance(part, Slot):
            found.add(part)
        elif isinstance(part, Choice):
            for option in part.options:
                found |= slots_of(option)
    return frozenset(found)


def always(parts: Parts) -> frozenset[str]:
    """The names of the slots that every rendering shows."""
    found: set[str] = set()
    for part in parts:
        if isinstance(part, Slot):
            found.add(part.name)
        elif isinstance(part, Choice) and part.rate == 1:
            found |= frozenset.intersection(*(always(option) for option in part.options))
    return frozenset(found)


def word_count(parts: Parts) -> float:
    """About how many words a rendering has; a slot counts as two."""
    total = 0.0
    for part in parts:
        if isinstance(part, str):
            total += len(part.split())
        elif isinstance(part, Slot):
            total += 2
        else:
            total += part.rate * sum(word_count(option) for option in part.options) / len(part.options)
    return total


def first_words(parts: Parts) -> str:
    """The wording before the first slot, along the first alternatives, lower case."""
    text = ""
    for part in parts:
        if isinstance(part, Slot):
            break
        text += part if isinstance(part, str) else first_words(part.options[0]) if part.rate == 1 else ""
    return text.strip().lower()


def render(parts: Parts, rng: Random, show: Callable[[Slot], str]) -> list[Piece]:
    """One rendering as pieces (text, is slot value)."""
    pieces: list[Piece] = []
    for part in parts:
        if isinstance(part, str):
            pieces.append((part, False))
        elif isinstance(part, Slot):
            pieces.append((show(part), True))
        elif part.rate == 1 or rng.random() < part.rate:
            option = part.options[int(rng.random() * len(part.options))]
            pieces.extend(render(option, rng, show))
    return pieces
