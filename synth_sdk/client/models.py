"""The catalogue for people and programs to read: facts, prices, what is usable here, and what was learned."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from synth_sdk.client.learned import learned_by_arm
from synth_sdk.client.prices import prices_file
from synth_sdk.client.providers import make_providers
from synth_sdk.client.settings import Settings
from synth_sdk.core.clock import today
from synth_sdk.core.models import ModelCard, Prices, lacking
from synth_sdk.router.catalogue import load_catalogue, named, retired

_STALE = 90  # days after which a price is worth refreshing
_TOKEN_PRICES = ("input_per_m", "output_per_m", "cache_read_per_m", "cache_write_per_m", "reasoning_per_m")


def read_catalogue(settings: Settings, names: Iterable[str] = ()) -> tuple[list[ModelCard], list[str]]:
    """Every arm - shipped, refreshed, local, the user's, and those that only `names` bring in - and the arm ids that `names` mean."""
    cards = load_catalogue(settings.catalogue_file, settings.env, prices_file(settings))
    return named(names, cards, prices_file(settings))


def list_models(settings: Settings, on: date | None = None) -> list[dict[str, Any]]:
    """One dict for each arm, cheapest first (by input plus output price; unknown prices last). No network."""
    cards, _ = read_catalogue(settings)
    providers = make_providers(settings.env)
    missing, alone = {name: provider.missing() for name, provider in providers.items()}, lacking(cards, providers)
    learned = learned_by_arm(settings)
    return [
        _row(card, _why_not(card, missing, on or today()) or alone.get(card.id), learned.get(card.id))
        for card in sorted(cards, key=lambda card: (_order(card.prices), card.id))
    ]


def check_models(settings: Settings, on: date | None = None) -> list[dict[str, Any]]:
    """For each arm whether it is usable here, why not, and what will need attention: `notes` on old prices and coming retirement."""
    day = on or today()
    return [
        {
            "id": row["id"],
            "aliases": row["aliases"],
            "usable": row["usable"],
            "why_not": row["why_not"],
            "notes": _notes(row, day),
        }
        for row in list_models(settings, day)
    ]


def _why_not(card: ModelCard, missing: Mapping[str, str | None], day: date) -> str | None:
    if retired(card, day):
        return f"retired on {card.retires_on}"
    if card.provider not in missing:
        return f"provider {card.provider!r} is not installed"
    return missing[card.provider] or (None if card.prices.known else "its price is unknown: state it in your catalogue file")


def _notes(row: Mapping[str, Any], day: date) -> list[str]:
    notes = []
    if row["retires_on"] and (days := (date.fromisoformat(row["retires_on"]) - day).days) in range(_STALE):
        notes.append(f"retires in {days} days, after {row['retires_on']}")
    if not row["prices"]["free"] and (age := _age(row["as_of"], day)) is not None and age > _STALE:
        notes.append(f"price of {row['as_of']}, {age} days old: run 'synth models refresh'")
    return notes


def _age(as_of: str, day: date) -> int | None:
    try:
        return (day - date.fromisoformat(as_of)).days
    except ValueError:
        return None


def _row(card: ModelCard, why_not: str | None, learned: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "id": card.id,
        "aliases": list(card.aliases),
        "provider": card.provider,
        "model": card.model,
        "family": card.family,
        "prices": _prices(card.prices),
        "context": card.context_tokens,
        "abilities": {
            "structured_output": card.structured,
            "max_output_tokens": card.max_output_tokens,
            **{ability: ability in card.abilities for ability in ("reasoning", "tools", "prompt_cache")},
        },
        "region": card.region,
        "effort": card.effort,
        "quality": card.quality,
        "quality_sd": card.quality_sd,
        "source": card.source,
        "quality_source": card.quality_source,
        "as_of": card.as_of,
        "retires_on": card.retires_on.isoformat() if card.retires_on else None,
        "learned": learned,
        "usable": why_not is None,
        "why_not": why_not,
    }


def _prices(prices: Prices) -> dict[str, Any]:
    return {
        **_token_prices(prices),
        "per_call": _number(prices.per_call),
        "tiers": [{"above_tokens": above, **_token_prices(tier)} for above, tier in prices.tiers],
        "free": prices.free,
    }


def _token_prices(prices: Prices) -> dict[str, float | None]:
    numbers = {name: _number(getattr(prices, name)) for name in _TOKEN_PRICES}
    return {**numbers, "input_per_m": 0.0, "output_per_m": 0.0} if prices.free else numbers


def _order(prices: Prices) -> float:
    if prices.free:
        return 0.0
    if prices.input_per_m is None or prices.output_per_m is None:
        return float("inf")
    return float(prices.input_per_m + prices.output_per_m)


def _number(price: Any) -> float | None:
    return None if price is None else float(price)
