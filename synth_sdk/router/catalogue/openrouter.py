"""OpenRouter's public model list (`GET /models`, no key needed): https://openrouter.ai/docs/models.

Prices are texts in US dollars per token, `request` per call. "-1" is what its own routers cost (it depends), "0" what a model
costs that is given away (its id ends in `:free`) or whose price isn't known.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from synth_sdk.core.errors import RequestError
from synth_sdk.router.catalogue.bundled import day, per_million

SOURCE = "OpenRouter's public model list"
_PRICES = {
    "prompt": "input_per_m",
    "completion": "output_per_m",
    "input_cache_read": "cache_read_per_m",
    "input_cache_write": "cache_write_per_m",
    "internal_reasoning": "reasoning_per_m",
}
_ABILITIES = {"reasoning": "reasoning", "tools": "tools"}


def rows_of(page: object) -> list[Mapping[str, Any]]:
    """The models on a page of the list. RequestError if it isn't one."""
    rows = page.get("data") if isinstance(page, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows):
        raise RequestError('it is no list of models: {"data": [{"id": ...}, ...]} was expected')
    return rows


def entries_of(rows: Iterable[Mapping[str, Any]], today: date) -> dict[str, dict[str, Any]]:
    """An entry of a catalogue file for each model with a price and a context, by its id there, openrouter/vendor/model.

    Prices that the list doesn't state are null, so that an older figure doesn't pass for a new one; other facts are left out.
    """
    entries = (_entry(row, today) for row in rows)
    return {entry["id"]: entry for entry in entries if entry is not None}


def _entry(row: Mapping[str, Any], today: date) -> dict[str, Any] | None:
    prices, top = _prices(row), _mapping(row.get("top_provider"))
    contexts = [tokens for tokens in (_tokens(row.get("context_length")), _tokens(top.get("context_length"))) if tokens]
    if prices is None or not contexts:
        return None
    takes = row.get("supported_parameters")
    takes = takes if isinstance(takes, list) else []
    most = _tokens(top.get("max_completion_tokens"))
    entry = {
        "id": f"openrouter/{row['id']}",
        "provider": "openrouter",
        "model": row["id"],
        "prices": prices,
        "context_tokens": min(contexts),
        "structured": "json_schema" if "structured_outputs" in takes else "tool" if "tools" in takes else "prompt",
        "abilities": [ability for ability, parameter in _ABILITIES.items() if parameter in takes]
        + (["prompt_cache"] if prices.get("cache_read_per_m") else []),
        "source": SOURCE,
        "as_of": today.isoformat(),
    }
    stated = {"max_output_tokens": most and min(most, *contexts), "retires_on": day(row.get("expiration_date"))}
    return entry | {name: value for name, value in stated.items() if value}


def _prices(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """None: unknown."""
    listed = _mapping(row.get("pricing"))
    prices = {ours: per_million(listed.get(theirs)) for theirs, ours in _PRICES.items()}
    if prices["input_per_m"] is None or prices["output_per_m"] is None:
        given_away = row["id"].endswith(":free") and not any(prices.values())
        return {"free": True} if given_away else None
    fee = per_million(listed.get("request"))
    return {**prices, "per_call": fee / 1_000_000 if fee else None, "tiers": []}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _tokens(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 1 else None
