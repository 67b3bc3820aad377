"""What one try of each arm would cost, take and give for a record, by what is believed; and the best order of them."""

from collections.abc import Mapping, Sequence

from synth_sdk.core.models import ModelCard
from synth_sdk.router import difficulty
from synth_sdk.router.beliefs import PRIOR_VALIDITY, Beliefs
from synth_sdk.router.features import Features
from synth_sdk.router.lookahead import Path, Prospect, best, follow
from synth_sdk.router.pricing import expected_usd, listed_usd
from synth_sdk.router.sizes import best_size
from synth_sdk.router.views import View
from synth_sdk.router.weights import Weights

PROVEN = 12.0  # records of its own that let an arm overtake others
_CAUTION = 0.5  # standard deviations that an unproven arm is thought worse than it looks
_DOUBT = 0.7  # standard deviations by which an arm may be better or worse than believed when its place is at stake
_USUAL_SECONDS = 5.0
_MISS_FACTOR = 1.0  # a record accepted nowhere is at least as bad as so many tries of the dearest arm


def prospect(
    card: ModelCard, view: View, features: Features, size: int, harder: float, weights: Weights, money_price: float
) -> Prospect:
    """One try of `card` with `size` records in the call, re-ask included; `harder`: the record's difficulty in log-odds."""
    proven = view.proof >= PROVEN
    log_odds = view.log_odds(size) - harder - (0.0 if proven else _CAUTION * view.sd)
    doubt = _DOUBT * view.sd
    low, chance, high = (_chances(log_odds + move, view) for move in (-doubt, 0.0, doubt))
    usd = expected_usd(card.prices, view, features, size) * (1 + view.broken)
    seconds = view.latency(size) * (1 + view.broken)
    listed = listed_usd(card.prices, features) * money_price / PRIOR_VALIDITY
    order = listed + weights.time_value * _USUAL_SECONDS - weights.quality_value * card.quality
    return Prospect(
        arm=card.id,
        cost=usd * money_price + weights.time_value * seconds,
        usd=usd,
        seconds=seconds,
        reward=weights.quality_value * view.quality,
        chance=chance,
        low=low,
        high=high,
        base=(order, -card.quality, card.id),
        proven=proven,
    )


def _chances(log_odds: float, view: View) -> tuple[float, ...]:
    """At each node, with the re-ask of a broken reply."""
    again = view.broken * view.mended
    return tuple([each + (1 - each) * again for each in difficulty.chances(log_odds)])


def sizes_of(cards: Sequence[ModelCard], features: Features, beliefs: Beliefs, now: float, fixed: int | None) -> dict[str, int]:
    """Records per call for each arm. What fails at one arm is taken to go to the next dearer one."""
    listed = sorted(
        ((listed_usd(card.prices, features) / PRIOR_VALIDITY, card.id, card) for card in cards), key=lambda each: each[:2]
    )
    above = [usd for usd, _, _ in listed[1:]] + [0.0]
    return {
        arm: best_size(card, beliefs.view(arm, features.task, now), features, fixed, usd)
        for (_, arm, card), usd in zip(listed, above, strict=True)
    }


def chosen_path(
    cards: Sequence[ModelCard],
    features: Features,
    failed: Sequence[str],
    beliefs: Beliefs,
    weights: Weights,
    tries: int,
    now: float,
    *,
    sizes: Mapping[str, int],
    money_price: float = 1.0,
) -> Path:
    """The best order of `cards` for a record that the arms `failed` have failed already."""
    harder = difficulty.shift(beliefs.task(features.task), features.signals)
    views = [beliefs.view(card.id, features.task, now) for card in cards]
    prospects = [
        prospect(card, view, features, sizes[card.id], harder, weights, money_price)
        for card, view in zip(cards, views, strict=True)
    ]
    miss = miss_value(prospects, weights)
    state = beliefs.state(features.task, features.signals, failed, now)
    if features.pinned:
        return follow(sorted(prospects, key=lambda each: features.pinned.index(each.arm)), state, tries, miss)
    return best(prospects, state, tries, miss)


def miss_value(prospects: Sequence[Prospect], weights: Weights) -> float:
    """What a record that no arm makes counts as. Never nothing: giving up would be the cheapest way to no record."""
    return max(weights.miss_value, _MISS_FACTOR * max((each.cost for each in prospects), default=0.0))
