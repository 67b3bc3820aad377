"""The kind `agent_trace`."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.core.spec import Spec
from synth_sdk.generators.agent_trace import bank, writing
from synth_sdk.generators.agent_trace.bank import with_blueprint
from synth_sdk.generators.agent_trace.courses import LONGEST, Course, course, models
from synth_sdk.generators.agent_trace.spans import DIALECTS
from synth_sdk.generators.constraints import dialect_of
from synth_sdk.generators.tool_call.authors import authors, declared_tools
from synth_sdk.generators.tool_call.kind import ToolsGenerator
from synth_sdk.generators.tool_call.templates import names

_SPAN_SECONDS = 30 * 86400  # traces begin within so many seconds after the start
_PAUSE = (100, 2000)  # milliseconds from one step to the next

_TEXT: Json = {"type": "string"}
_STEP: Json = {
    "type": "object",
    "properties": {
        "step": {"type": "integer", "minimum": 1, "maximum": LONGEST},
        "type": {"enum": ["thought", "tool_call", "observation"]},
        "timestamp": {"type": "string", "format": "date-time"},
        "content": _TEXT,
        "tool": _TEXT,
        "arguments": {"type": "object"},
    },
    "required": ["step", "type", "timestamp"],
    "additionalProperties": False,
}
RECORD_SCHEMA: Json = {
    "type": "object",
    "properties": {
        "trace_id": _TEXT,
        "steps": {"type": "array", "items": _STEP, "minItems": 2, "maxItems": LONGEST},
        "success": {"type": "boolean"},
        "meta": {
            "type": "object",
            "properties": {
                "task": _TEXT,
                "pattern": _TEXT,
                "tools": {"type": "array", "items": _TEXT},
                "error": {"type": ["string", "null"]},
                "provider": _TEXT,
                "model": _TEXT,
                "seed": {"type": "integer"},
                "index": {"type": "integer"},
            },
            "required": ["task", "pattern", "tools", "error", "provider", "model", "seed", "index"],
            "additionalProperties": False,
        },
    },
    "required": ["trace_id", "steps", "success", "meta"],
    "additionalProperties": False,
}


class AgentTraceGenerator(ToolsGenerator[Course]):
    """Records `{trace_id, steps, success, meta}`. `--constraint tool=NAME` or `tools=FILE` as of kind tool_call; else all templates."""

    kind = "agent_trace"
    constraint_keys = frozenset({"tool", "tools"})
    record_schema: Json = RECORD_SCHEMA
    writing_schema = writing.WORDS
    writing_rules = writing.RULES
    blueprint_schema = bank.BLUEPRINT_SCHEMA
    writing, bank = writing, bank

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self.tools = declared_tools(spec, default=names())
        written = self._blueprint()
        self._authors = authors(spec, default=names(), banks=written)
        self._banks = with_blueprint(written)
        if spec.dialect is not None:
            self.convert, self.record_schema = dialect_of(spec.dialect, DIALECTS), True

    def features(self, record: Json) -> Mapping[str, str | float | bool | None]:
        meta = record["meta"]
        return {
            "steps": len(record["steps"]),
            "success": record["success"],
            "pattern": meta["pattern"],
            "tool": meta["tools"][0],
            "error": meta["error"] or "none",
        }

    def said(self, record: Json) -> str:
        thoughts = [step["content"] for step in record["steps"] if step["type"] == "thought"]
        return "\n".join([record["meta"]["task"], *thoughts])

    def example(self, source: Random) -> Course:
        author = self._authors[int(source.random() * len(self._authors))]
        return course(author, source, self._banks)

    def difficulty(self, example: Course) -> float:
        return min(1.0, 0.1 * len(example.steps) + 0.2 * (len(example.asks) - 1))

    def recorded(self, row: int, example: Course, source: Random) -> Json:
        model = models()[int(source.random() * len(models()))]
        begin = self._spec.start + timedelta(milliseconds=int(source.random() * _SPAN_SECONDS) * 1000)
        return {
            "trace_id": hashlib.blake2b(f"{self._spec.seed}/{self.kind}/{row}".encode(), digest_size=16).hexdigest(),
            "steps": _steps(example, begin),
            "success": not example.error,
            "meta": {
                "task": example.task,
                "pattern": example.pattern,
                "tools": list(dict.fromkeys(example.tools)),
                "error": example.error or None,
                "provider": model["provider"],
                "model": model["model"],
                "seed": self._spec.seed,
                "index": row,
            },
        }


def _steps(made: Course, begin: datetime) -> list[dict[str, Any]]:
    steps = []
    for number, (type_, content) in enumerate(made.steps, 1):
        if number > 1:
            low, high = _PAUSE
            begin += timedelta(milliseconds=low + int(made.rng.random() * (high - low + 1)))
        stamp = begin.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        told = {"step": number, "type": type_, "timestamp": stamp}
        steps.append(told | ({"tool": content[0], "arguments": content[1]} if type_ == "tool_call" else {"content": content}))
    return steps
