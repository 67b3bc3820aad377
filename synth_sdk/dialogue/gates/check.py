"""The gates every conversation must pass, whoever wrote it: structure, calls, sources, leaks, cleanliness. Deterministic and free."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from synth_sdk.core.errors import Rejected
from synth_sdk.dialogue.gates.entities import Known
from synth_sdk.dialogue.writing.cleaning import sanitise
from synth_sdk.dialogue.writing.prompts import Leaks

Record = dict[str, Any]

_LONGEST_TURN = 4000
_ROLES = ("system", "user", "assistant", "tool")


def check(record: Record, leaks: Leaks | None = None) -> Record:
    """`record` with its spoken turns sanitised, or Rejected with the reason. Checking a checked record changes nothing.

    `leaks`: what a model was told and must not repeat; an offline record was told nothing.
    """
    messages = record.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Rejected("the conversation has no messages")
    cleaned = [_clean(message, i) for i, message in enumerate(messages)]
    _structure(cleaned)
    _calls(cleaned, record.get("tools") or [])
    if leaks:
        _leaks(cleaned, leaks)
    _sources(cleaned)
    return {**record, "messages": cleaned}


def _clean(given: Any, i: int) -> dict[str, Any]:
    if not isinstance(given, Mapping) or given.get("role") not in _ROLES:
        raise Rejected(f"message {i}: the role must be one of {', '.join(_ROLES)}")
    message: dict[str, Any] = dict(given)
    content = message.get("content")
    if content is not None and not isinstance(content, str):
        raise Rejected(f"message {i}: the content must be text")
    if message["role"] in ("user", "assistant") and content is not None:
        if len(content) > _LONGEST_TURN:
            raise Rejected(f"message {i}: longer than {_LONGEST_TURN} characters")
        try:
            message["content"] = sanitise(content)
        except Rejected as reason:
            raise Rejected(f"message {i}: {reason.message}") from None
    return message


def _structure(messages: Sequence[Mapping[str, Any]]) -> None:
    """Roles alternate from the customer on; calls are answered before anything else is said; the assistant speaks last."""
    spoke, pending, seen = "assistant", set[str](), set[str]()
    for i, message in enumerate(messages):
        role = message["role"]
        if role == "tool":
            if message.get("tool_call_id") not in pending:
                raise Rejected(f"message {i}: a tool result without its call")
            if not isinstance(message.get("content"), str):
                raise Rejected(f"message {i}: a tool result without content")
            pending.remove(message["tool_call_id"])
            continue
        if pending:
            raise Rejected(f"message {i}: the call {min(pending)} was not answered before it")
        if role == "system":
            if i:
                raise Rejected(f"message {i}: the system message must come first")
        elif calls := message.get("tool_calls"):
            if role != "assistant" or spoke != "user":
                raise Rejected(f"message {i}: a tool call must follow a customer's turn")
            pending = _call_ids(calls, i, seen)
            if message.get("content"):
                spoke = "assistant calling"
        else:
            spoke = _speaks(message, spoke, i)
    if pending:
        raise Rejected("the last call is not answered")
    if messages[-1]["role"] != "assistant" or spoke != "assistant":
        raise Rejected("the conversation must end with the assistant")


def _speaks(message: Mapping[str, Any], spoke: str, i: int) -> str:
    role = str(message["role"])
    if not message.get("content"):
        raise Rejected(f"message {i}: an empty turn")
    if role == spoke or (role == "user" and spoke != "assistant"):
        raise Rejected(f"message {i}: two turns of the {role} in a row" if i else "the customer must speak first")
    return role


def _call_ids(calls: Any, i: int, seen: set[str]) -> set[str]:
    ids: set[str] = set()
    for call in calls:
        name = call.get("id") if isinstance(call, Mapping) else None
        if not isinstance(name, str) or not name:
            raise Rejected(f"message {i}: a tool call without an id")
        if name in seen:
            raise Rejected(f"message {i}: the call id {name} stands twice")
        seen.add(name)
        ids.add(name)
    return ids


def _calls(messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]) -> None:
    """Calls name declared tools, with arguments that are JSON text under the declared schema."""
    schemas = {tool["function"]["name"]: tool["function"].get("parameters") or {} for tool in tools}
    for i, message in enumerate(messages):
        for call in message.get("tool_calls") or ():
            function = call.get("function") or {}
            name, text = function.get("name"), str(function.get("arguments"))
            if name not in schemas:
                raise Rejected(f"message {i}: the tool {name!r} is not declared")
            try:
                arguments = json.loads(text)
            except ValueError:
                raise Rejected(f"message {i}: the arguments of {name} are not JSON text") from None
            flaw = _flaw(json.dumps(schemas[name], sort_keys=True), arguments)
            if flaw:
                raise Rejected(f"message {i}: the arguments of {name} break its schema: {flaw}")


@lru_cache(maxsize=256)
def _validator(schema: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(schema))


def _flaw(schema: str, arguments: Any) -> str:
    error = next(iter(_validator(schema).iter_errors(arguments)), None)
    return str(error.message) if error else ""


def _sources(messages: Sequence[Mapping[str, Any]]) -> None:
    """E-mails, amounts, dates and ids in an assistant's turn were given before: by the customer, the system message, a tool or a call."""
    known = Known()
    for i, message in enumerate(messages):
        content = message.get("content") or ""
        if message["role"] == "assistant":
            missing = known.missing(content)
            if missing:
                raise Rejected(f"message {i}: the assistant mentions the {missing[0]} {missing[1]}, which nobody has given")
            for call in message.get("tool_calls") or ():
                known.hear(call["function"]["arguments"])
        else:
            known.hear(content)


def _leaks(messages: Sequence[Mapping[str, Any]], leaks: Leaks) -> None:
    for i, message in enumerate(messages):
        if message["role"] in ("user", "assistant") and message.get("content"):
            leak = leaks.found(message["content"])
            if leak:
                raise Rejected(f"message {i}: {leak}")
