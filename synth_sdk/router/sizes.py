"""How many records an arm is asked for in one call, and how long its reply may be."""

from synth_sdk.core.models import ModelCard
from synth_sdk.router.bounds import output_bound
from synth_sdk.router.features import Features
from synth_sdk.router.pricing import expected_usd
from synth_sdk.router.views import View

START_SIZE = 4
MOST_PER_CALL = 16
_SIZES = (1, 2, 3, 4, 6, 8, 12, 16)
_PROVEN = 30.0  # records of its own before an arm's size leaves START_SIZE
_GAIN = 0.02  # by which another size must be cheaper
_ROOM = 1.15  # above the longest reply seen


def best_size(card: ModelCard, view: View, features: Features, fixed: int | None, escalation: float = 0.0) -> int:
    """The records per call that make an accepted record cheapest: a longer call shares its prefix among more, and fails more.

    `escalation` is what a failed record costs elsewhere, in US dollars. The arm's size at most doubles beyond what was tried.
    `fixed` is what the user asked for.
    """
    room = max(1, card.max_output_tokens // max(1, features.output_tokens))
    most = min(features.records, room, fixed or MOST_PER_CALL)
    start = most if most <= START_SIZE * 1.5 else START_SIZE  # 5 or 6 aren't worth a second call
    if fixed is not None:
        return most
    if view.proof < _PROVEN or most == 1:
        return start

    def loss(size: int) -> float:
        chance = view.validity(size)
        usd = expected_usd(card.prices, view, features, size)
        return usd + (1 - chance) * max(escalation, usd / chance)

    tried = [size for size in _SIZES if size <= min(most, 2 * max(START_SIZE, view.largest))]
    winner = min(tried, key=loss)
    return winner if loss(winner) < loss(start) * (1 - _GAIN) else start


def reply_bound(view: View, output_tokens: int, size: int, truncated: int) -> int:
    """`max_tokens` of a call: the longest reply seen for each token wished, never above the wish itself - unless `truncated`.

    `output_tokens` is what the records may take together. Each truncation that these records met doubles it.
    """
    whole = output_bound(output_tokens, 1)
    if view.ceiling is None or truncated:
        return whole << min(truncated, 2)
    spread = 1 + 0.3 / size**0.5  # a call of few records varies more than the calls it was learned from
    return min(whole, int(whole * view.ceiling * _ROOM * spread) + 8)
