"""The catalogue for people and programs to read."""

from typing import Any

from synth_sdk.client.settings import Settings
from synth_sdk.client.wiring import make_providers
from synth_sdk.core.models import ModelCard, Prices
from synth_sdk.router import load_catalogue


def list_models(settings: Settings) -> list[dict[str, Any]]:
    """One dict for each arm, cheapest first (by input plus output price; unknown prices last). No network."""
    missing = {name: provider.missing() for name, provider in make_providers(settings.env).items()}
    cards = sorted(load_catalogue(settings.catalogue_file, settings.env), key=lambda card: (_order(card.prices), card.id))
    return [_row(card, missing.get(card.provider, f"provider {card.provider!r} is not installed")) for card in cards]


def _row(card: ModelCard, why_not: str | None) -> dict[str, Any]:
    if why_not is None and not card.prices.known:
        why_not = "its price is unknown: state it in your catalogue file"
    prices = card.prices
    return {
        "id": card.id,
        "aliases": list(card.aliases),
        "provider": card.provider,
        "model": card.model,
        "prices": {
            "input_per_m": _number(prices.input_per_m, prices.free),
            "output_per_m": _number(prices.output_per_m, prices.free),
            "cache_read_per_m": _number(prices.cache_read_per_m),
            "cache_write_per_m": _number(prices.cache_write_per_m),
            "free": prices.free,
        },
        "context": card.context_tokens,
        "abilities": {"structured_output": card.structured, "max_output_tokens": card.max_output_tokens},
        "region": card.region,
        "effort": card.effort,
        "quality": card.quality,
        "quality_sd": card.quality_sd,
        "source": card.source,
        "quality_source": card.quality_source,
        "as_of": card.as_of,
        "usable": why_not is None,
        "why_not": why_not,
    }


def _order(prices: Prices) -> float:
    if prices.free:
        return 0.0
    if prices.input_per_m is None or prices.output_per_m is None:
        return float("inf")
    return float(prices.input_per_m + prices.output_per_m)


def _number(price: Any, free: bool = False) -> float | None:
    return 0.0 if free else None if price is None else float(price)
