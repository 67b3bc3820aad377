"""What one exchange teaches: its outcome in the words of the beliefs."""

from collections.abc import Sequence

from synth_sdk.core.errors import Outcome
from synth_sdk.core.money import MICROS_PER_USD
from synth_sdk.router.beliefs import Seen
from synth_sdk.router.exchange import Exchange
from synth_sdk.router.features import Features
from synth_sdk.router.policy import REASKED, TELLING, Attempt
from synth_sdk.router.pricing import usage_usd

_SILENT = {Outcome.TIMEOUT, Outcome.UNAVAILABLE}  # failures after which the money may be gone all the same


def lesson_of(
    exchange: Exchange, features: Features, before: Sequence[Attempt], reask: bool, left: Sequence[Attempt]
) -> Seen | None:
    """What to learn from `exchange`, whose records had the tries `before` and failed as `left` says; None if nothing."""
    call, failure = exchange.call, exchange.failure
    if failure is not None and not exchange.reading.answered:
        return _lost(exchange, features) if failure.outcome in _SILENT else None
    if any(attempt.outcome is Outcome.UNAVAILABLE for attempt in left):
        return None
    usage = exchange.reply.usage if exchange.reply else None
    listed = usage_usd(call.card.prices, usage) if usage and call.card.prices.known else 0.0
    good = call.count - len(left)
    return Seen(
        arm=call.card.id,
        task=features.task,
        size=call.count,
        tried=0 if reask else call.count,
        accepted=0 if reask else good,
        broken=sum(attempt.outcome in REASKED for attempt in left),
        mended=good if reask else None,
        failed=tuple(dict.fromkeys(each.arm for each in before if each.outcome in TELLING and each.arm != call.card.id)),
        signals=features.signals,
        seconds=exchange.seconds,
        bound_input=features.input_of(call.count) * call.count,
        bound_output=features.output_tokens * call.count,
        input_tokens=usage.input_tokens if usage else None,
        output_tokens=usage.output_tokens if usage else None,
        cached_tokens=usage.cache_read_tokens if usage else 0,
        paid_usd=exchange.cost / MICROS_PER_USD if listed else None,
        listed_usd=listed or None,
    )


def _lost(exchange: Exchange, features: Features) -> Seen:
    """No answer, and perhaps a bill: as much as an answer's, for want of better knowledge."""
    kept = exchange.failure is not None and (exchange.failure.may_be_billed or exchange.failure.outcome is Outcome.TIMEOUT)
    return Seen(arm=exchange.call.card.id, task=features.task, size=exchange.call.count, lost=1.0 if kept else 0.0)
