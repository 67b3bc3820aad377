"""`conversation`: a scenario pack played offline; its outline dictated to a model that writes the spoken turns; or those turns reworded by one."""

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from synth_sdk import dialogue
from synth_sdk.core.batches import Batch, Records
from synth_sdk.core.errors import Rejected, RequestError
from synth_sdk.core.models import Json, Request
from synth_sdk.core.spec import DEFAULT_PACK, Spec
from synth_sdk.dialogue import dialects
from synth_sdk.generators.constraints import Convert, check_keys
from synth_sdk.generators.conversation_schema import RECORD_SCHEMA

if TYPE_CHECKING:
    from synth_sdk.dialogue import Leaks

TOKENS_PER_CONVERSATION = 1200  # a ceiling: the longest band is 12 exchanges of about 60 tokens, plus JSON

_TOKENS_AROUND_A_TURN = 24  # its number and the JSON, and room for a short line to grow


class ConversationGenerator:
    """Records `{id, messages, tools, meta}` of one pack."""

    kind = "conversation"
    profiled_by_features = True
    constraint_keys = frozenset({"template"})
    record_schema: Json = RECORD_SCHEMA
    convert: Convert | None = None
    rows_per_batch = 4096

    def __init__(self, spec: Spec) -> None:
        check_keys(self.kind, spec.constraints, self.constraint_keys)
        template = spec.constraints.get("template")
        if template and spec.pack and template != spec.pack:
            raise RequestError(f"pack {spec.pack!r} and constraint template={template!r} differ: give one of them")
        if spec.document is not None:
            raise RequestError("a schema doesn't fit kind 'conversation': leave --schema out, or choose kind json")
        self.pack = dialogue.load_pack(spec.pack or template or DEFAULT_PACK, spec.locale)
        self._spec = spec
        if spec.dialect is not None:
            self.convert, self.record_schema = dialects.converter(spec.dialect), dialects.record_schema(spec.dialect)

    # What only models are told: an offline run doesn't look for the worked examples.

    @cached_property
    def _instructions(self) -> str:
        return dialogue.instructions(self.pack)

    @cached_property
    def _leaks(self) -> "Leaks":
        return dialogue.leaks(self.pack)

    @cached_property
    def _rewrite_instructions(self) -> str:
        return dialogue.rewrite_instructions(self.pack)

    @cached_property
    def _rewrite_leaks(self) -> "Leaks":
        return dialogue.rewrite_leaks(self.pack)

    def batch(self, rows: range) -> Batch:
        return dialogue.batch(self.pack, self._spec.seed, rows, self._spec.start) if rows else Records(())

    def request(self, index: int, retry: int) -> Request:
        slot = f"{self._spec.seed}/{index}/{retry}"
        return self._reworded(index, slot) if self._spec.mode == "rewrite" else self._written(index, slot)

    def _written(self, index: int, slot: str) -> Request:
        """All spoken turns from the outline."""
        outline = dialogue.outline(self.pack, self._spec.seed, index, self._spec.start)

        def check(value: Json) -> Json:
            return dialogue.check(outline.assemble(_listed(value, "exchanges")), self._leaks)

        return Request(
            task=f"{self.kind}:{self.pack.name}",
            instructions=self._instructions,
            brief=outline.brief,
            schema=dialogue.EXCHANGES_SCHEMA,
            check=check,
            output_tokens=TOKENS_PER_CONVERSATION,
            slot=slot,
            difficulty=outline.difficulty,
        )

    def _reworded(self, index: int, slot: str) -> Request:
        """The offline turns in other words."""
        plan = dialogue.rewriting(self.pack, self._spec.seed, index, self._spec.start)

        def check(value: Json) -> Json:
            return plan.rewritten(_listed(value, "turns"), self._rewrite_leaks)

        said = sum(len(line.text.encode()) for line in plan.lines)
        return Request(
            task=f"{self.kind}:rewrite:{self.pack.name}",
            instructions=self._rewrite_instructions,
            brief=dialogue.rewrite_brief(plan),
            schema=dialogue.TURNS_SCHEMA,
            check=check,
            output_tokens=said * 2 // 3 + _TOKENS_AROUND_A_TURN * len(plan.lines),
            slot=slot,
            difficulty=plan.difficulty,
        )

    def said(self, record: Json) -> str:
        return dialogue.spoken(record)

    def features(self, record: Json) -> Mapping[str, str | float | bool | None]:
        roles = Counter(message["role"] for message in record["messages"])
        meta = record["meta"]
        return {
            "goal": meta["goal"],
            "persona": meta["persona"],
            "success": meta["success"],
            "faults": ",".join(meta["faults"]) or "none",
            "messages": len(record["messages"]),
            "tool_results": roles["tool"],
        }


def _listed(value: Json, name: str) -> list[Json]:
    if not isinstance(value, dict) or not isinstance(value.get(name), list):
        raise Rejected(f'the record is not an object with a list "{name}"')
    listed: list[Json] = value[name]
    return listed
