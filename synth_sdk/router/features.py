"""What a decision needs to know of the records that it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synth_sdk.core.models import ModelCard, Request
from synth_sdk.router import bounds
from synth_sdk.router.catalogue import resolve
from synth_sdk.router.difficulty import Signals, signals


@dataclass(frozen=True, slots=True)
class Features:
    """What a decision needs to know of a record. Tokens are upper bounds; of the input, `shared_tokens` are the same for all
    records of a call. `pinned` arms are taken in their order; `signals` tell of its difficulty; `records` wait together."""

    task: str
    input_tokens: int
    output_tokens: int
    pinned: tuple[str, ...] = ()
    avoid: frozenset[str] = frozenset()
    shared_tokens: int = 0
    signals: Signals = (None, None, None)
    records: int = 1

    def input_of(self, size: int) -> float:
        """The bound on a record's share of the input of a call of `size` records."""
        return self.input_tokens - self.shared_tokens + self.shared_tokens / size


_shared: dict[tuple[str, int], tuple[Mapping[str, Any], int]] = {}


def features_of(requests: Sequence[Request], cards: Sequence[ModelCard]) -> Features:
    """What the most demanding of `requests` (of one family) needs in a call of its own. RequestError: unknown pinned arm."""
    first = requests[0]
    shared = _shared_tokens(first)
    briefs = [bounds.text_tokens(request.brief) for request in requests]
    return Features(
        task=first.task,
        input_tokens=shared + max(briefs),
        output_tokens=bounds.output_bound(max(request.output_tokens for request in requests), 1),
        pinned=tuple(dict.fromkeys(resolve(name, cards).id for name in first.arms)),
        avoid=first.avoid,
        shared_tokens=shared,
        signals=signals(requests, sum(briefs) / len(briefs)),
        records=len(requests),
    )


def _shared_tokens(request: Request) -> int:
    """Of the instructions and the schema; remembered for each schema object, since every record of a task has the same."""
    key = (request.instructions, id(request.schema))
    known = _shared.get(key)
    if known is None or known[0] is not request.schema:
        if len(_shared) > 256:
            _shared.clear()
        tokens = bounds.text_tokens(request.instructions) + bounds.schema_tokens(request.schema, 1) + bounds.FRAME_TOKENS
        known = _shared[key] = (request.schema, tokens)
    return known[1]
