"""The words of a call: the briefs of its records, and what to say when some of the last reply was wrong."""

import json
from collections.abc import Sequence

from synth_sdk.core.errors import Outcome

_QUOTED = 6_000  # characters of a faulty reply that a re-ask quotes at most


def prompt_for(briefs: Sequence[str]) -> str:
    """One brief as it is; several numbered, in the order in which their records are wanted."""
    if len(briefs) == 1:
        return briefs[0]
    head = f"Write {len(briefs)} records, one for each brief, in this order. They have nothing to do with one another."
    return "\n\n".join([head, *(f"Brief {number}:\n{brief}" for number, brief in enumerate(briefs, start=1))])


def correction_for(faults: Sequence[tuple[Outcome, str, str]]) -> tuple[str, str] | None:
    """What a re-ask quotes: the faulty records of the last reply, and what was wrong with each of the records still wanted.

    `faults` holds (outcome, reason, text) for each of these, in order; the text is the record's JSON, or the whole reply if that
    couldn't be read. None when the reply was merely cut off: it is asked for again with more room.
    """
    if all(outcome is Outcome.TRUNCATED for outcome, _, _ in faults):
        return None
    texts = list(dict.fromkeys(text for _, _, text in faults))
    try:
        previous = json.dumps({"items": [json.loads(text) for text in texts]}, ensure_ascii=False)
    except ValueError:
        previous = texts[0]
    reasons = [reason for _, reason, _ in faults]
    if len(set(reasons)) == 1:
        wrong = f"That was not accepted: {reasons[0]}."
    else:
        wrong = "That was not accepted. " + " ".join(
            f"Record {number}: {reason}." for number, reason in enumerate(reasons, start=1)
        )
    return previous[
        :_QUOTED
    ], f"{wrong} Write {'the record' if len(faults) == 1 else f'these {len(faults)} records'} again, corrected."
