"""Money is a whole number of micro-dollars (millionths of a US dollar). Costs round up, caps round down."""

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation

from synth_sdk.core.errors import RequestError

MICROS_PER_USD = 1_000_000
_AMOUNT = re.compile(r"\$?\d+(\.\d*)?|\$?\.\d+")
_LARGEST = Decimal(10) ** 9


def parse_budget(value: object) -> int:
    """A budget as users write it ("0.50", "$2", 1.5) in micro-dollars, rounded down. RequestError if it isn't an amount of at least 0."""
    text = str(value).strip()
    try:
        if isinstance(value, bool) or not _AMOUNT.fullmatch(text):
            raise InvalidOperation
        amount = Decimal(text.lstrip("$"))
    except InvalidOperation:
        raise RequestError(f"budget {text!r} is not an amount of at least 0: write US dollars such as 0.50") from None
    if amount > _LARGEST:
        raise RequestError(f"budget {text!r} is above the largest one, {_LARGEST:,} US dollars: write a smaller amount")
    return int((amount * MICROS_PER_USD).to_integral_value(ROUND_FLOOR))


def micros_up(usd: Decimal | float | int | str) -> int:
    """US dollars as micro-dollars, rounded up. Floats are taken at their shortest decimal form."""
    return int((Decimal(str(usd)) * MICROS_PER_USD).to_integral_value(ROUND_CEILING))


def token_cost(tokens: int, usd_per_million: Decimal) -> Decimal:
    """The exact price in micro-dollars: a dollar per million tokens is a micro-dollar per token."""
    return tokens * usd_per_million


def format_usd(micros: int) -> str:
    """Micro-dollars as a decimal string of US dollars, at least two decimals where there are any: 31200 -> "0.0312", 500000 -> "0.50", 0 -> "0"."""
    if micros == 0:
        return "0"
    sign, micros = ("-", -micros) if micros < 0 else ("", micros)
    whole, part = divmod(micros, MICROS_PER_USD)
    if part == 0:
        return f"{sign}{whole}.00"
    return f"{sign}{whole}." + f"{part:06d}".rstrip("0").ljust(2, "0")
