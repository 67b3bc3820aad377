"""A conversation without its words, for a model to write: the same goal, persona, tool traffic and labels as the offline record of that index."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from synth_sdk.core.errors import Rejected
from synth_sdk.core.seeds import rng as seeded
from synth_sdk.dialogue.columns.spacing import one_spaced
from synth_sdk.dialogue.frames import Parts, Piece, Slot, render
from synth_sdk.dialogue.gates.entities import is_name, leaves, squash
from synth_sdk.dialogue.model import Pack
from synth_sdk.dialogue.playing.player import Record, name_of, play, tool_messages, traced
from synth_sdk.dialogue.playing.trace import ToolUse, Trace, Turn

_FIRST_WORDS = 3
_PHRASE = 40  # letters and digits, about eight words
_MARKED = 0.35


@dataclass(frozen=True, slots=True)
class Exchange:
    """The customer's act, what the tools did then, and the agent's act."""

    customer: Turn
    traffic: tuple[ToolUse, ...]
    agent: Turn


@dataclass(frozen=True, slots=True)
class Outline:
    """What is dictated about one conversation. `brief` is its part of the prompt; `assemble` makes the record from the words."""

    pack: Pack
    seed: int
    trace: Trace
    offline: Record
    exchanges: tuple[Exchange, ...]
    brief: str

    @property
    def plain(self) -> bool:
        """Tools are used, nothing goes wrong, and the customer gets what they want."""
        return any(exchange.traffic for exchange in self.exchanges) and not self.trace.faults and self.trace.success

    @property
    def difficulty(self) -> float:
        uses = [use for exchange in self.exchanges for use in exchange.traffic]
        facts = sum(1 for use in uses for data in (use.args, use.result) for _ in leaves(data))
        return difficulty(len(self.exchanges), len(self.trace.faults), facts)

    def assemble(self, exchanges: Sequence[Mapping[str, str]]) -> Record:
        """The record with these words and the dictated tool traffic.

        Traffic of exchanges that were not written goes into the last one; further exchanges are kept. An id or an address that a call
        uses although the customer's words don't give it is told by the system message, as entered in the chat form: a paid
        conversation isn't thrown away for it, and nothing is used that nobody has given. Rejected when words are missing.
        """
        pairs = [_words(exchange, i) for i, exchange in enumerate(exchanges)]
        if not pairs:
            raise Rejected("no exchanges were written")
        _goes_on(pairs)
        traffic = [list(exchange.traffic) for exchange in self.exchanges]
        traffic += [[] for _ in range(len(pairs) - len(traffic))]
        late = [use for uses in traffic[len(pairs) :] for use in uses]
        messages: list[dict[str, Any]] = []
        heard, entered, calls = "", list[str](), 0
        for (customer, agent), uses in zip(pairs, [*traffic[: len(pairs) - 1], traffic[len(pairs) - 1] + late], strict=True):
            messages.append({"role": "user", "content": customer})
            heard += squash(customer) + " "
            for use in uses:
                for name, value in _unheard(use, heard):
                    entered.append(f"{name} {value}")
                    heard += squash(value) + " "
                calls += 1
                messages.extend(tool_messages(use, f"call_{name_of(self.pack, self.seed, self.trace.index, calls)}"))
                heard += squash(" ".join(leaves(use.result))) + " "
            messages.append({"role": "assistant", "content": agent})
        form = f"Entered by the customer in the chat form: {', then '.join(entered)}." if entered else ""
        return self._around(messages, form)

    def _around(self, messages: list[dict[str, Any]], form: str) -> Record:
        """The offline record with other messages, and `form` at the end of the system message."""
        first = self.offline["messages"][0]
        system = " ".join(part for part in (first["content"] if first["role"] == "system" else "", form) if part)
        opening = [{"role": "system", "content": system}] if system else []
        return {**self.offline, "messages": opening + messages}


def difficulty(exchanges: int, faults: int, facts: int) -> float:
    """How hard a conversation is to write, 0-1: the share of what the longest and fullest ask for. A guess that the router learns to trust."""
    return round(0.45 * min(1, exchanges / 12) + 0.2 * min(1, faults / 2) + 0.35 * min(1, facts / 36), 3)


def outline(pack: Pack, seed: int, index: int, start: datetime) -> Outline:
    """The outline of record `index`: the same course as `play` gives it."""
    found, record = traced(pack, seed, index, start)[0], play(pack, seed, index, start)
    opening = next(message["content"] for message in record["messages"] if message["role"] == "user")
    exchanges = tuple(_exchanges(found))
    return Outline(pack, seed, found, record, exchanges, _brief(pack, seed, found, exchanges, opening))


def _exchanges(found: Trace) -> list[Exchange]:
    exchanges: list[Exchange] = []
    customer: Turn | None = None
    traffic: list[ToolUse] = []
    for event in found.events:
        if isinstance(event, ToolUse):
            traffic.append(event)
        elif event.act.role == "user":
            customer = event
        elif customer:
            exchanges.append(Exchange(customer, tuple(traffic), event))
            customer, traffic = None, []
    return exchanges


def _words(exchange: Any, i: int) -> tuple[str, str]:
    if not isinstance(exchange, Mapping):
        raise Rejected(f"exchange {i + 1} is not an object")
    texts = [exchange.get(role) for role in ("customer", "agent")]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise Rejected(f"exchange {i + 1} lacks the words of the customer or the agent")
    return str(texts[0]).strip(), str(texts[1]).strip()


def _goes_on(pairs: Sequence[tuple[str, str]]) -> None:
    """Rejected when the agent says the same twice, word for word: small models fall into circles. Short phrases may come again."""
    said: dict[str, int] = {}
    for i, (_, agent) in enumerate(pairs):
        words = squash(agent)
        if len(words) >= _PHRASE and words in said:
            raise Rejected(f"exchange {i + 1}: the agent says again what exchange {said[words] + 1} said")
        said.setdefault(words, i)


def _unheard(use: ToolUse, heard: str) -> list[tuple[str, str]]:
    """Arguments that are ids or addresses and were not mentioned; amounts and free text may be the agent's own."""
    return [
        (name, value)
        for name, given in use.args.items()
        for value in leaves(given)
        if is_name(value) and squash(value) not in heard
    ]


def _brief(pack: Pack, seed: int, found: Trace, exchanges: Sequence[Exchange], opening: str) -> str:
    rng = seeded(seed, pack.name, "brief", found.index)
    who = found.cast
    first = " ".join(opening.split()[:_FIRST_WORDS])
    lines = [
        f"Customer: {character(who.persona.name, who.persona.traits)}. Wants: {who.goal.wants}. Agent: {who.agent.name}. Date: {found.now}.",
        f'First words: "{first}"',
        *(f"{i + 1}. {_told(pack, exchange, found.now, rng)}" for i, exchange in enumerate(exchanges)),
    ]
    return "\n".join(lines)


def _told(pack: Pack, exchange: Exchange, now: str, rng: Random) -> str:
    parts = [f"Customer: {_about(pack, exchange.customer, now, rng)}."]
    for use in exchange.traffic:
        parts.append(f"Tool {use.tool}({_compact(use.args)}) returned {_compact(use.result)}.")
    parts.append(f"Agent: {_about(pack, exchange.agent, now, rng)}.")
    return " ".join(parts)


def _about(pack: Pack, turn: Turn, now: str, rng: Random) -> str:
    """What the act means, with its values; a slot that is undefined here is named."""

    def show(slot: Slot) -> str:
        if slot.name not in turn.values:
            return slot.name.replace("_", " ")
        forms = pack.slots[slot.name].forms
        return forms.text(turn.values[slot.name], slot.form or forms.default[0], now, rng)

    parts: Parts = turn.act.about
    return _joined(render(parts, rng, show)).rstrip(".")


def _joined(pieces: list[Piece]) -> str:
    """One line of text: single spaces, none before punctuation."""
    return one_spaced("".join(text for text, _ in pieces)).strip()


def _compact(data: Any) -> str:
    kept = {key: value for key, value in data.items() if value is not None} if isinstance(data, Mapping) else data
    return json.dumps(kept, ensure_ascii=False)


def character(name: str, traits: Mapping[str, float]) -> str:
    """The persona in words: its name and what is marked about it, with the band of words per turn."""
    low, high = 3 + round(4 * traits["verbosity"]), 8 + round(16 * traits["verbosity"])
    marks = [f"{low} to {high} words a turn"]
    if traits["patience"] < _MARKED:
        marks.append("impatient")
    if traits["formality"] < _MARKED:
        marks.append("casual")
    elif traits["formality"] > 1 - _MARKED:
        marks.append("polite and correct")
    if traits["lower"] > _MARKED:
        marks.append("mostly lower case")
    if traits["typo"] > 0.003:
        marks.append("makes typing slips")
    return f"{name}, {', '.join(marks)}"
