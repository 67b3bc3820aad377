"""Figures as a report shows them."""

import math


def tidy(value: float, digits: int = 6) -> float:
    """`value` to so many significant digits."""
    if not math.isfinite(value):
        return 0.0
    rounded = float(f"{value:.{digits}g}")
    return rounded if math.isfinite(rounded) else value  # the greatest doubles
