"""A conversation whose course and tool traffic are fixed: its spoken turns, and what becomes of them when a model words them anew.

A turn is reworded only if the new line passes what can be checked for free: the values of the offline line stand in it as written,
nothing is told that was not told before, it asks if the line asks, its length and language are kept, and nothing of the prompt
leaks. Any other turn keeps its offline line.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from synth_sdk.core.errors import Rejected
from synth_sdk.dialogue.gates.check import check
from synth_sdk.dialogue.languages import language
from synth_sdk.dialogue.model import Pack
from synth_sdk.dialogue.playing.player import Record, play, traced
from synth_sdk.dialogue.playing.trace import Turn
from synth_sdk.dialogue.writing.cleaning import sanitise
from synth_sdk.dialogue.writing.facts import Told, holds, in_language, kept, on_matter, vocabulary
from synth_sdk.dialogue.writing.outlines import difficulty
from synth_sdk.dialogue.writing.prompts import Leaks

_SHORTEST, _LONGEST = 0.35, 2.5  # times the words of the offline line
_SLACK = 6  # words that a short line may gain


@dataclass(frozen=True, slots=True)
class Line:
    """A spoken turn: its number from 1, its place among the messages, and the values that must stay as they are written."""

    number: int
    place: int
    turn: Turn
    text: str
    kept: tuple[str, ...]

    @property
    def speaker(self) -> str:
        return "customer" if self.turn.act.role == "user" else "agent"


@dataclass(frozen=True)
class Rewriting:
    """The offline record `offline` and its `lines`."""

    pack: Pack
    offline: Record
    lines: tuple[Line, ...]
    persona: tuple[str, Mapping[str, float]]
    agent: str

    @property
    def difficulty(self) -> float:
        facts = sum(len(line.kept) for line in self.lines)
        return difficulty((len(self.lines) + 1) // 2, len(self.offline["meta"]["faults"]), facts)

    @cached_property
    def _told(self) -> list[Told]:
        """What has been told when each line is said, the line itself included."""
        told, found = Told(language(self.pack.lang)), []
        places = {line.place for line in self.lines}
        for place, message in enumerate(self.offline["messages"]):
            for text in _texts(message):
                told.hear(text)
            if place in places:
                found.append(told.copy())
        return found

    def worded(self, line: Line, given: Any, leaks: Leaks | None = None) -> str:
        """`given` as the words of `line`, cleaned. Rejected says what speaks against it."""
        if not isinstance(given, str):
            raise Rejected("it was not written")
        text = sanitise(given)
        if lost := next((value for value in line.kept if not holds(text, value)), None):
            raise Rejected(f"{lost!r} must stand in it as written")
        if news := self._told[line.number - 1].news(text):
            raise Rejected(f"{news!r} was not told before")
        if line.speaker == "agent" and ("?" in text) != ("?" in line.text):
            raise Rejected("it must ask" if "?" in line.text else "it must not ask anything")
        least, most = _band(line.text)
        if not least <= len(text.split()) <= most:
            raise Rejected(f"{len(text.split())} words, where {least} to {most} are wanted")
        if not in_language(text, vocabulary(self.pack), line.kept):
            raise Rejected(f"it is not in {language(self.pack.lang).name}")
        if not line.kept and text != line.text and not on_matter(text, self.pack, line.turn.act.name):
            raise Rejected("it speaks of something else")
        if leaks and (leak := leaks.found(text)) and not leaks.found(line.text):
            raise Rejected(leak)
        return text

    def rewritten(self, turns: Any, leaks: Leaks) -> Record:
        """The record with as many turns of a reply (`[{n, text}, ...]`) as can be used. Rejected when there is none."""
        given = _by_number(turns, len(self.lines))
        accepted: dict[int, str] = {}
        faults = []
        for line in self.lines:
            try:
                text = self.worded(line, given.get(line.number), leaks)
            except Rejected as reason:
                faults.append(f"turn {line.number}: {reason.message}")
                continue
            if _folded(text) != _folded(line.text):
                accepted[line.place] = text
        record, used = self._passing(accepted)
        if not used:
            raise Rejected("; ".join(faults[:3]) or "every turn came back as it was")
        return record

    def _passing(self, words: Mapping[int, str]) -> tuple[Record, int]:
        """The record with all of `words` if it passes the gates, else with those that it passes with, one after the other."""
        try:
            return check(self._with(words)), len(words)
        except Rejected:
            used: dict[int, str] = {}
        for place, text in words.items():
            try:
                check(self._with(used | {place: text}))
            except Rejected:
                continue
            used[place] = text
        return check(self._with(used)), len(used)

    def _with(self, words: Mapping[int, str]) -> Record:
        messages = [
            {**message, "content": words[place]} if place in words else message
            for place, message in enumerate(self.offline["messages"])
        ]
        return {**self.offline, "messages": messages}


def rewriting(pack: Pack, seed: int, index: int, start: datetime) -> Rewriting:
    """Record `index` as it is made offline, ready to be reworded."""
    found, frames = traced(pack, seed, index, start)
    record = play(pack, seed, index, start)
    turns = [event for event in found.events if isinstance(event, Turn)]
    lines = [
        Line(number, place, turn, text, kept(pack, turn, frame, found.now, text))
        for number, ((place, text), turn, frame) in enumerate(zip(_spoken(record), turns, frames, strict=True), start=1)
    ]
    who = found.cast
    return Rewriting(pack, record, tuple(lines), (who.persona.name, who.persona.traits), who.agent.name)


def _spoken(record: Record) -> list[tuple[int, str]]:
    messages = enumerate(record["messages"])
    return [(place, said["content"]) for place, said in messages if said["role"] in ("user", "assistant") and said["content"]]


def _texts(message: Mapping[str, Any]) -> Iterator[str]:
    if message.get("content"):
        yield message["content"]
    for call in message.get("tool_calls") or ():
        yield call["function"]["arguments"]


def _by_number(turns: Any, lines: int) -> dict[int, Any]:
    """The texts of a reply by turn: by their numbers where these can be turns' numbers, each once, else in their order."""
    if not isinstance(turns, Sequence) or isinstance(turns, str):
        raise Rejected('the record is not an object with a list "turns"')
    told: list[tuple[Any, Any]] = [(turn.get("n"), turn.get("text")) for turn in turns if isinstance(turn, Mapping)]
    numbers = [number for number, _ in told]
    if len(set(numbers)) == len(numbers) and all(isinstance(number, int) and 1 <= number <= lines for number in numbers):
        return dict(told)
    return dict(enumerate((text for _, text in told), 1))


def _band(text: str) -> tuple[int, int]:
    """The fewest and the most words of a rewording."""
    words = len(text.split())
    return int(_SHORTEST * words), max(words + _SLACK, round(_LONGEST * words))


def _folded(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())
