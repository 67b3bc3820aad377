"""Reading a raw reply: the records in it, and what to hold against those that are missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from synth_sdk.core.envelope import unwrap, whole_items
from synth_sdk.core.errors import ModelError, Outcome
from synth_sdk.core.models import Reply

_LACKING = {
    "length": (Outcome.TRUNCATED, "the reply was cut off at max_tokens"),
    "filter": (Outcome.FILTERED, "the provider filtered the reply"),
    "error": (Outcome.UNAVAILABLE, "the provider broke the reply off"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """`values` in the order of the records; a record beyond them failed with `lacking`, because of `why`."""

    values: Sequence[Any]
    lacking: Outcome
    why: str
    text: str
    answered: bool


def read(reply: Reply, count: int) -> Reading:
    """What a journalled reply holds for a call of `count` records."""
    try:
        return received(unwrap(reply.text or ""), reply, count)
    except ModelError as error:
        return failed(error, reply)


def received(values: Sequence[Any], reply: Reply | None, count: int) -> Reading:
    """A reply that its provider could read."""
    fallback = (Outcome.BROKEN, f"the reply holds {len(values)} of {count} records")
    lacking, why = _LACKING.get(reply.finish, fallback) if reply else fallback
    return Reading(values, lacking, why, (reply and reply.text) or "", True)


def failed(error: ModelError, reply: Reply | None) -> Reading:
    """A call that failed: what can be saved of its reply are the records that were complete before the fault."""
    text = (reply and reply.text) or ""
    lacking, why = error.outcome, error.message
    if lacking is Outcome.BROKEN and reply and reply.finish in _LACKING:
        lacking, why = _LACKING[reply.finish]
    return Reading(whole_items(text), lacking, why, text, reply is not None)
