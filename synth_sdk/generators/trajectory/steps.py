"""The kinds of step that patterns are made of, each with what it says of the task."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from synth_sdk.core.seeds import pick, pick_weighted
from synth_sdk.generators.trajectory.banks import BANKS
from synth_sdk.generators.trajectory.draft import Draft, Node

_ORDINARY_FAILURES = 0.02  # tool calls that fail on ordinary days, in every pattern
_WORKER = {"research": "RESEARCHER", "analysis": "ANALYST", "planning": "SPECIALIST"}

# What an agent does next while it works, by the type of its last step.
_NEXT = {
    "PLANNING": {"TOOL_CALL": 5, "MEMORY_ACCESS": 2, "REASONING": 1},
    "TOOL_CALL": {"OBSERVATION": 1},
    "OBSERVATION": {"REASONING": 4, "TOOL_CALL": 4, "LLM_CALL": 2, "MEMORY_ACCESS": 1},
    "REASONING": {"TOOL_CALL": 5, "LLM_CALL": 3, "MEMORY_ACCESS": 1},
    "LLM_CALL": {"REASONING": 2, "TOOL_CALL": 3, "VALIDATION": 2},
    "MEMORY_ACCESS": {"TOOL_CALL": 4, "REASONING": 3},
    "VALIDATION": {"TOOL_CALL": 3, "REASONING": 2, "LLM_CALL": 2},
}
_FIRST = {"TOOL_CALL": 5, "MEMORY_ACCESS": 2, "REASONING": 2}


def worker(draft: Draft) -> str:
    """The agent that does this kind of task."""
    return _WORKER.get(draft.matter.category.name, "EXECUTOR")


def enquiry(draft: Draft) -> Node:
    return draft.add("USER_ENQUIRY", "PLANNER", description=draft.matter.task)


def planning(draft: Draft, after: Iterable[Node], agent: str = "PLANNER", again: bool = False) -> Node:
    kind = pick(draft.rng, list(BANKS["planning"]))
    text = BANKS["replanning"] if again else BANKS["planning"][kind]
    return draft.add("PLANNING", agent, after, draft.matter.say(draft.rng, text), planning_type=kind)


def tool_call(draft: Draft, agent: str, after: Iterable[Node], tool: str = "") -> Node:
    """A call of `tool`, or of the one that follows the last."""
    tool = tool or draft.next_tool()
    known = BANKS.tools.get(tool)
    text = known.does if known else f"Use {tool} for {{subject}}"
    call = draft.add("TOOL_CALL", agent, after, draft.matter.say(draft.rng, text), tool_type=tool)
    return fail(draft, call) if draft.rng.random() < _ORDINARY_FAILURES else call


def observation(draft: Draft, call: Node) -> Node:
    """What a call brought back: its source and text depend on the tool and on whether it failed."""
    known = BANKS.tools.get(call.attributes["tool_type"])
    seen = call.attributes.get("error_message") or draft.matter.say(
        draft.rng, known.saw if known else "{small} results came back"
    )
    return draft.add("OBSERVATION", call.agent, [call], seen, observation_source=known.source if known else "tool")


def reasoning(draft: Draft, agent: str, after: Iterable[Node], text: str = "", kind: str = "") -> Node:
    kind = kind or pick(draft.rng, list(BANKS["reasoning"]))
    return draft.add(
        "REASONING", agent, after, draft.matter.say(draft.rng, text or BANKS["reasoning"][kind]), reasoning_type=kind
    )


def llm_call(draft: Draft, agent: str, after: Iterable[Node]) -> Node:
    return draft.add("LLM_CALL", agent, after, draft.matter.say(draft.rng, pick(draft.rng, BANKS["llm"])))


def validation(draft: Draft, after: Iterable[Node], agent: str = "VALIDATOR") -> Node:
    criteria = pick(draft.rng, list(BANKS["validation"]))
    return draft.add(
        "VALIDATION", agent, after, draft.matter.say(draft.rng, BANKS["validation"][criteria]), validation_criteria=criteria
    )


def memory(draft: Draft, agent: str, after: Iterable[Node], operation: str = "") -> Node:
    knows = any(node.type == "OBSERVATION" for node in draft.nodes)
    operation = operation or pick(draft.rng, list(BANKS["memory"]) if knows else ["read", "search"])
    return draft.add(
        "MEMORY_ACCESS", agent, after, draft.matter.say(draft.rng, BANKS["memory"][operation]), memory_operation=operation
    )


def handoff(draft: Draft, sender: str, receiver: str, after: Iterable[Node]) -> Node:
    """The sender's last step; the receiver's first is linked to it by `receive`."""
    text = draft.matter.say(draft.rng, BANKS["handoff"], sender=sender.lower(), receiver=receiver.lower())
    return draft.add("HANDOFF", sender, after, text)


def receive(draft: Draft, given: Node, first: Node) -> Node:
    draft.link(given, first, "handoff", "delegates")
    return first


def action(draft: Draft, agent: str, after: Iterable[Node]) -> Node:
    return draft.add("ACTION", agent, after, draft.matter.say(draft.rng, pick(draft.rng, BANKS["action"])))


def fail(draft: Draft, call: Node) -> Node:
    """Let a tool call fail."""
    code = pick(draft.rng, list(BANKS["errors"]))
    call.status = "failed"
    call.attributes |= {"error_code": code, "error_message": draft.matter.say(draft.rng, BANKS["errors"][code])}
    return call


def work(draft: Draft, agent: str, after: Sequence[Node], count: int) -> Node:
    """`count` further steps of `agent`, one after the other; the last one. A tool call is followed by its observation if there is room."""
    last = after[0]
    for left in range(count, 0, -1):
        odds: dict[str, Any] = _NEXT.get(last.type, _FIRST)
        if left == 1 and last.type != "TOOL_CALL":
            odds = {"REASONING": 2, "LLM_CALL": 2, "MEMORY_ACCESS": 1}
        kind = pick_weighted(draft.rng, list(odds), list(odds.values()))
        last = _STEPS[kind](draft, agent, after if left == count else [last])
    return last


_STEPS: dict[str, Callable[[Draft, str, Sequence[Node]], Node]] = {
    "PLANNING": lambda draft, agent, after: planning(draft, after, agent, again=True),
    "TOOL_CALL": tool_call,
    "OBSERVATION": lambda draft, agent, after: observation(draft, after[0]),
    "REASONING": reasoning,
    "LLM_CALL": llm_call,
    "MEMORY_ACCESS": memory,
    "VALIDATION": lambda draft, agent, after: validation(draft, after, agent),
}
