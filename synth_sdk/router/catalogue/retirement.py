"""When an arm is no longer served."""

from datetime import date

from synth_sdk.core.models import ModelCard


def retired(card: ModelCard, today: date) -> bool:
    """`card` is past the last day on which its provider serves it."""
    return card.retires_on is not None and today > card.retires_on
