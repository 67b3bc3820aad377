"""Who may judge whom: a model tends to prefer the words of its own family."""

from collections.abc import Sequence

from synth_sdk.core.models import ModelCard
from synth_sdk.router.catalogue.families import family_of

_MUCH_WORSE = 0.1  # of quality, below the best writer: a judge that understands less than what it judges is no help
_MOST = 3


def judge_arms(cards: Sequence[ModelCard], writers: Sequence[ModelCard]) -> list[ModelCard]:
    """The arms of `cards` that may judge what `writers` wrote, the cheapest first, at most three; empty when there is none.

    A judge is of another family than any writer and about as good as the best of them; when none is so good, the best there are.
    """
    families = {family(card) for card in writers}
    others = [card for card in cards if family(card) not in families and card.prices.known]
    wanted = max((card.quality for card in writers), default=0.0) - _MUCH_WORSE
    wanted = min(wanted, max((card.quality for card in others), default=0.0) - _MUCH_WORSE / 2)
    return sorted((card for card in others if card.quality >= wanted), key=_price)[:_MOST]


def family(card: ModelCard) -> str:
    """The line of models that an arm belongs to."""
    return card.family or family_of(card.model)


def family_named(arm: str, cards: Sequence[ModelCard]) -> str:
    """The family of an arm by its id, also of one that is in the catalogue no longer."""
    return next((family(card) for card in cards if card.id == arm), family_of(arm.partition("/")[2] or arm))


def _price(card: ModelCard) -> tuple[float, float, str]:
    """What counts for a judge is what reading costs; the better one where that is equal."""
    into = 0.0 if card.prices.free else float(card.prices.input_per_m or 0)
    return (into, -card.quality, card.id)
