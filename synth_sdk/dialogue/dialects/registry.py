"""The dialects by name: convert, restore, validate, detect."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from typing import Any

from synth_sdk.core.errors import Rejected, UnknownName
from synth_sdk.core.models import Json
from synth_sdk.dialogue.dialects.course import flaws_of_course, flaws_of_tools
from synth_sdk.dialogue.dialects.events import Event, Record, Tool, messages_of
from synth_sdk.dialogue.dialects.findings import Finding, Flaw, pointer
from synth_sdk.dialogue.dialects.names import DIALECTS
from synth_sdk.dialogue.dialects.shapes import flaws_of_shape

_CHAT = ("synth", "openai", "trl", "anthropic")  # alike enough that single records may pass for another


def _no_rules(given: dict[str, Any]) -> Iterator[Flaw]:
    return iter(())


@dataclass(frozen=True, slots=True)
class Dialect:
    """One training format. `tools`, `events` and `rules` take records that have its shape."""

    name: str
    shape: Json
    write: Callable[[Record], Record]
    tools: Callable[[dict[str, Any]], Iterator[Tool]]
    events: Callable[[dict[str, Any]], Iterator[Event]]
    rules: Callable[[dict[str, Any]], Iterator[Flaw]] = _no_rules


@cache
def dialect(name: str) -> Dialect:
    """The dialect called `name`. UnknownName offers the nearest."""
    if name not in DIALECTS:
        raise UnknownName("dialect", name, DIALECTS)
    home: Any = import_module(f"synth_sdk.dialogue.dialects.{'openai' if name == 'synth' else name}")
    if name == "synth":
        return Dialect(name, home.SYNTH_SHAPE, home.keep, home.tools, home.events)
    return Dialect(name, home.SHAPE, home.write, home.tools, home.events, getattr(home, "rules", _no_rules))


def conversation_in(record: Json) -> Record | None:
    """The canonical conversation that `record` is, or that a tool call has among its labels; None if there is none."""
    match record:
        case {"messages": list()}:
            return dict(record)
        case {"function": _, "meta": {"messages": list(messages)} as meta}:
            labels = {key: value for key, value in meta.items() if key not in ("messages", "tools")}
            return {"id": record.get("id"), "messages": messages, "tools": meta.get("tools") or [], "meta": labels}
    return None


def convert(record: Record, name: str) -> Record:
    """A canonical record `{id, messages, tools, meta}`, or a tool call with such in its labels, in the dialect called `name`.

    Rejected if it holds no conversation, or what the dialect has no place for.
    """
    found, conversation = dialect(name), conversation_in(record)
    if conversation is None:
        raise Rejected(f"dialect {name!r}: the record holds no conversation, that is no list of messages")
    try:
        return found.write(conversation)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Rejected(f"dialect {name!r}: the record is not a sound conversation: {type(error).__name__} {error}") from None


def converter(name: str) -> Callable[[Record], Record]:
    """`convert` for one dialect, as a function that can be sent to other processes. UnknownName at once."""
    dialect(name)
    return partial(convert, name=name)


def restore(given: dict[str, Any], name: str) -> Record:
    """The canonical record of one in the dialect called `name`, with id and labels where that holds them.

    Rejected if it does not have the dialect's shape; that its course is sound is for `validate` to say.
    """
    flaw = next(flaws_of_shape(name, given), None)
    if flaw:
        raise Rejected(f"dialect {name!r}: {pointer(flaw.at) or '/'}: {flaw.message}")
    return _restored(given, dialect(name))


def validate(given: Json, name: str, number: int = 1) -> list[Finding]:
    """All broken rules of record `number` in the dialect called `name`; of a record without its shape, how the shape is missed."""
    return examine(given, name, number)[1]


def examine(given: Json, name: str, number: int = 1) -> tuple[Record | None, list[Finding]]:
    """As `validate`, with the canonical record; None if `given` does not have the dialect's shape."""
    found = dialect(name)
    shape = [flaw.within(number) for flaw in flaws_of_shape(name, given)]
    if shape:
        return None, shape
    tools = list(found.tools(given))
    flaws = [*found.rules(given), *flaws_of_tools(tools), *flaws_of_course(found.events(given), tools)]
    return _restored(given, found), [flaw.within(number) for flaw in flaws]


def _restored(given: dict[str, Any], found: Dialect) -> Record:
    tools = [tool.to_openai() for tool in found.tools(given)]
    return {
        **({"id": given["id"]} if "id" in given else {}),
        "messages": messages_of(found.events(given)),
        **({"tools": tools} if tools or (found.name == "synth" and "tools" in given) else {}),
        **({"meta": given["meta"]} if "meta" in given else {}),
    }


def detect(record: Json) -> str | None:
    """The dialect that `record` is written in, None if it is no conversation. What several would read alike is the plainest of them."""
    match record:
        case {"conversations": [{"from": _}, *_]}:
            return "sharegpt"
        case {"schemaVersion": str(version), "messages": list()} if version.startswith("bedrock"):
            return "bedrock"
        case {"messages": [dict(), *_]}:
            return _chat(record)
    return None


def _chat(record: dict[str, Any]) -> str:
    messages = [message for message in record["messages"] if isinstance(message, dict)]
    blocks = [block for message in messages if isinstance(message.get("content"), list) for block in message["content"]]
    kinds = {str(block.get("type", "")) for block in blocks if isinstance(block, dict)}
    if "toolConfig" in record or "" in kinds:
        return "bedrock"
    if "system" in record or kinds & {"tool_use", "tool_result"} or _has_input_schema(record.get("tools")):
        return "anthropic"
    if any(_has_object_arguments(message) for message in messages):
        return "trl"
    return "openai" if record.keys() <= {"messages", "tools", "parallel_tool_calls"} else "synth"


def _has_input_schema(tools: Json) -> bool:
    return isinstance(tools, list) and any(isinstance(tool, dict) and "input_schema" in tool for tool in tools)


def _has_object_arguments(message: dict[str, Any]) -> bool:
    match message:
        case {"tool_calls": [{"function": {"arguments": dict()}}, *_]} | {"role": "tool", "name": str()}:
            return True
    return False


def detect_all(records: Iterable[Json]) -> str | None:
    """The dialect of a file, by its first records: the commonest; of those that are alike, the one with the most particulars."""
    seen = Counter(name for name in map(detect, records) if name)
    if not seen:
        return None
    chats = sum(seen[name] for name in _CHAT)
    commonest, count = seen.most_common(1)[0]
    if commonest not in _CHAT and count >= chats:
        return commonest
    return next(name for name in ("anthropic", "trl", "synth", "openai") if seen[name])
