"""What is counted in every record, however large the file: is it sound, do its calls hold, does what is said have a source?

Tallies of parts of a file add up.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from synth_sdk.dialogue.dialects import Finding
from synth_sdk.dialogue.dialects.course import broken
from synth_sdk.dialogue.gates.entities import leaves, squash
from synth_sdk.evaluation.mentions import mentions

MOST_FINDINGS = 100  # kept to be shown; all are counted
_SHORTEST_RESULT = 3  # characters: shorter values are found in any reply
Message = dict[str, Any]


@dataclass(slots=True)
class Findings:
    """What the strict validator said: all counted by rule, the first ones kept."""

    first: list[Finding] = field(default_factory=list)
    by_rule: Counter[str] = field(default_factory=Counter)
    records: int = 0

    def add(self, found: Sequence[Finding]) -> None:
        """The findings of one record."""
        self.records += bool(found)
        self.by_rule.update(finding.rule for finding in found)
        self.first += found[: MOST_FINDINGS - len(self.first)]

    @property
    def total(self) -> int:
        return self.by_rule.total()


@dataclass(slots=True)
class Tally:
    """Counts over all readable records."""

    dialogues: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, messages: list[Message], tools: list[dict[str, Any]]) -> None:
        """Count one conversation, given in canonical form."""
        self.dialogues += 1
        self.counts["turn_taking"] += takes_turns(messages)
        self.counts["ends_with_assistant"] += bool(messages) and messages[-1]["role"] == "assistant"
        self.counts.update(tool_counts(messages, tools))
        self.counts.update(mention_counts(messages))


def takes_turns(messages: list[Message]) -> bool:
    """The system first, no speaker twice in a row, somebody asks, every call is answered before the next turn and every result asked for."""
    spoke, asked, pending = "", False, set[Any]()
    for i, message in enumerate(messages):
        role, calls = message["role"], message.get("tool_calls") or ()
        if role == "tool":
            if message.get("tool_call_id") not in pending:
                return False
            pending.remove(message["tool_call_id"])
            spoke = role
        elif role == "system":
            if i and messages[i - 1]["role"] != "system":
                return False
        else:
            silent = role == "assistant" and not calls and not (message.get("content") or "").strip()
            if pending or silent or (role == spoke and not calls):
                return False
            asked = asked or role == "user"
            pending = {call.get("id") for call in calls}
            if len(pending) < len(calls):
                return False
            spoke = "calling" if calls else role
    return asked and not pending


def tool_counts(messages: list[Message], tools: list[dict[str, Any]]) -> Counter[str]:
    """Calls and their faults; how many of their values were heard before; how many results the next reply uses."""
    declared = {tool["function"]["name"]: tool["function"].get("parameters") for tool in tools}
    counts: Counter[str] = Counter()
    heard, results = "", list[list[str]]()
    for message in messages:
        content = message.get("content") or ""
        for call in message.get("tool_calls") or ():
            arguments = _parsed(call["function"]["arguments"])
            counts.update(_faults(call["function"]["name"], arguments, declared))
            values = [value for value in map(squash, leaves(arguments)) if value]
            counts["argument_values"] += len(values)
            counts["argument_values_grounded"] += sum(value in heard for value in values)
        if message["role"] == "tool":
            results.append([value for value in map(squash, _values(content)) if len(value) >= _SHORTEST_RESULT])
        elif message["role"] == "assistant" and content:
            reply = squash(content)
            counts["results"] += len(results)
            counts["results_used"] += sum(any(value in reply for value in values) for values in results)
            results = []
        heard += squash(content) + " "
    return counts


def _faults(name: str, arguments: Any, declared: dict[str, Any]) -> Iterator[str]:
    yield "calls"
    if arguments is None:
        yield "arguments_not_json"
    if declared:
        yield "calls_with_tools"
        if name not in declared:
            yield "undeclared_tool"
        elif arguments is not None and declared[name] and next(broken(declared[name], arguments), None):
            yield "arguments_schema_invalid"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _values(content: str) -> list[str]:
    """The scalars of a result that is JSON, the words of any other."""
    try:
        return list(leaves(json.loads(content)))
    except (ValueError, RecursionError):
        return content.split()


def mention_counts(messages: list[Message]) -> Counter[str]:
    """What the assistant is the first to mention, how much of that nobody gave, and whether its e-mail addresses are the user's."""
    counts: Counter[str] = Counter()
    known, said = set[tuple[str, str]](), set[tuple[str, str]]()
    addresses, heard = set[str](), ""
    for message in messages:
        content = message.get("content") or ""
        found = mentions(content)
        if message["role"] != "assistant":
            known |= found
            heard += squash(content) + " "
            if message["role"] == "user":
                addresses |= {value for kind, value in found if kind == "email"}
            continue
        fresh, said = found - said, said | found
        counts["mentions"] += len(fresh)
        counts["mentions_unsourced"] += sum(one not in known and squash(one[1]) not in heard for one in fresh)
        mailed = {value for kind, value in fresh if kind == "email"} if addresses else set()
        counts["mailed"] += bool(mailed)
        counts["email_conflict"] += bool(mailed - addresses)
        for call in message.get("tool_calls") or ():
            known |= mentions(call["function"]["arguments"])
            heard += squash(call["function"]["arguments"])
    for flag in ("mailed", "email_conflict"):  # of dialogues, not of turns
        counts[flag] = min(counts[flag], 1)
    return counts
