"""The call that asks one arm for the records of a job."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from synth_sdk.core.errors import Outcome
from synth_sdk.core.models import Call, ModelCard
from synth_sdk.router import bounds
from synth_sdk.router.jobs import Job
from synth_sdk.router.prompts import correction_for, prompt_for
from synth_sdk.router.sizes import reply_bound
from synth_sdk.router.views import View

_schemas: dict[tuple[int, int], tuple[Mapping[str, Any], int]] = {}


def input_bound(call: Call) -> int:
    """`bounds.input_bound`, with the part of the schema remembered: writing it out for each call costs more than deciding on it."""
    if call.correction is not None:
        return bounds.input_bound(call)
    key = (id(call.schema), call.count)
    known = _schemas.get(key)
    if known is None or known[0] is not call.schema:
        if len(_schemas) > 1024:
            _schemas.clear()
        known = _schemas[key] = (call.schema, bounds.schema_tokens(call.schema, call.count) + bounds.FRAME_TOKENS)
    return known[1] + bounds.text_tokens(call.instructions) + bounds.text_tokens(call.prompt)


def call_for(job: Job, card: ModelCard, view: View, timeout: float, reask: bool = False) -> Call | None:
    """All records of `job` in one call; None when the arm can't take so many at once."""
    requests, first = job.requests, job.records[0].request
    faults = [record.fault(card.id) for record in job.records] if reask else []
    truncated = sum(attempt.outcome is Outcome.TRUNCATED for attempt in job.history)
    wanted = reply_bound(view, sum(request.output_tokens for request in requests), len(requests), truncated)
    call = Call(
        card=card,
        instructions=first.instructions,
        prompt=prompt_for([request.brief for request in requests]),
        schema=first.schema,
        count=len(requests),
        max_tokens=wanted,
        timeout=timeout,
        correction=correction_for([(fault.outcome, fault.reason, fault.previous) for fault in faults]) if faults else None,
    )
    room = min(card.max_output_tokens, card.context_tokens - input_bound(call))
    if wanted <= room:
        return call
    return None if len(requests) > 1 else replace(call, max_tokens=max(1, room))
