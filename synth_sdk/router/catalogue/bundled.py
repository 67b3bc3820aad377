"""The price table that comes with litellm, read as a file: importing litellm would take seconds and touch the network.

Format and meaning of its fields as in litellm 1.106.2 (`model_prices_and_context_window_backup.json`): US dollars per token; a
field that ends in `_above_200k_tokens` prices the whole call once its input exceeds 200,000 tokens, `tiered_pricing` likewise.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]

_FILE = "model_prices_and_context_window_backup.json"
DATED = {
    "1.106.2": "2026-11-21"
}  # when the table of a version was compared with the providers' own pages; it states no date itself
_OURS = ("gemini", "openrouter", "bedrock", "local")
_FIELDS = {
    "input_cost_per_token": "input_per_m",
    "output_cost_per_token": "output_per_m",
    "cache_read_input_token_cost": "cache_read_per_m",
    "cache_creation_input_token_cost": "cache_write_per_m",
    "output_cost_per_reasoning_token": "reasoning_per_m",
}
_ABOVE = re.compile(r"(\w+?)_above_(\d+)k_tokens")
_ABILITIES = {"reasoning": "supports_reasoning", "tools": "supports_function_calling", "prompt_cache": "supports_prompt_caching"}
_ASSUMED_OUTPUT = 4_096


def table() -> dict[str, Row]:
    """The rows by litellm's name of a model; empty if litellm has none that can be read."""
    try:
        rows = json.loads(_file().read_bytes())
    except (OSError, ValueError):
        return {}
    return {name: row for name, row in rows.items() if isinstance(row, dict) and name != "sample_spec"}


def find(name: str, rows: Mapping[str, Row]) -> Row | None:
    """The row of `provider/model`: rows of some providers, such as openai and bedrock, bear the model's name alone."""
    provider, _, model = name.partition("/")
    if name in rows:
        return rows[name]
    row = rows.get(model)
    owner = "" if row is None else str(row.get("litellm_provider"))
    return row if owner == provider or owner.startswith(f"{provider}_") else None


def entry_of(name: str, row: Row) -> dict[str, Any] | None:
    """`row` as an entry of a catalogue file under the id `name`; None if it states no price or no context."""
    prices = _prices(row)
    context = _tokens(row.get("max_input_tokens")) or _tokens(row.get("max_tokens"))
    if context is None or "input_per_m" not in prices or "output_per_m" not in prices:
        return None
    provider, model = provider_and_model(name)
    entry = {
        "id": name,
        "provider": provider,
        "model": model,
        "prices": prices,
        "context_tokens": context,
        "max_output_tokens": min(_tokens(row.get("max_output_tokens")) or _ASSUMED_OUTPUT, context),
        "structured": _structured(name, row),
        "abilities": [ability for ability, field in _ABILITIES.items() if row.get(field) is True],
        "source": source(),
        "as_of": DATED.get(installed()) or _installed_on(),
    }
    return entry | {"retires_on": retires_on} if (retires_on := day(row.get("deprecation_date"))) else entry


def provider_and_model(name: str) -> tuple[str, str]:
    """Who serves `provider/model`, and under which id: one of our providers, else litellm under the whole name."""
    provider, _, model = name.partition("/")
    return (provider, model) if provider in _OURS else ("litellm", name)


@cache
def installed() -> str:
    """The version of litellm."""
    try:
        return version("litellm")
    except PackageNotFoundError:
        return "?"


def source() -> str:
    return f"litellm {installed()} bundled price table"


def per_million(usd_per_token: object) -> Decimal | None:
    """A price per token as one per million; None where a table has no usable figure (0 and -1 stand for unknown ones)."""
    if isinstance(usd_per_token, bool) or not isinstance(usd_per_token, int | float | str):
        return None
    try:
        amount = Decimal(str(usd_per_token)) * 1_000_000
    except ArithmeticError:
        return None
    return amount.normalize() if amount.is_finite() and 0 < amount <= 1_000_000 else None


def day(text: object) -> date | None:
    """The date that `text` begins with in ISO form, if it does."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _prices(row: Row) -> dict[str, Any]:
    tiers = dict(_tiers(row))
    prices = tiers.pop(0, {}) | _amounts(row)
    fee = per_million(row.get("input_cost_per_request"))
    return (
        prices
        | ({"per_call": fee / 1_000_000} if fee else {})
        | ({"tiers": [{"above_tokens": above, **tiers[above]} for above in sorted(tiers)]} if tiers else {})
    )


def _tiers(row: Row) -> Iterator[tuple[int, dict[str, Decimal]]]:
    """Pairs of a length in tokens and the prices above it; 0: from the first token."""
    for tier in row.get("tiered_pricing") or ():
        if isinstance(tier, dict) and isinstance(tier.get("range"), list) and tier["range"]:
            yield int(tier["range"][0]), _amounts(tier)
    above: dict[int, dict[str, object]] = {}
    for field, value in row.items():
        if (match := _ABOVE.fullmatch(field)) and match[1] in _FIELDS:
            above.setdefault(int(match[2]) * 1000, {})[match[1]] = value
    for length, fields in above.items():
        yield length, _amounts(fields)


def _amounts(fields: Mapping[str, object]) -> dict[str, Decimal]:
    priced = ((ours, per_million(fields.get(theirs))) for theirs, ours in _FIELDS.items())
    return {name: price for name, price in priced if price is not None}


def _structured(name: str, row: Row) -> str:
    """On Bedrock only Claude takes a schema of its own accord."""
    if row.get("supports_response_schema") is True and (not name.startswith("bedrock/") or "claude" in name):
        return "json_schema"
    return "tool" if row.get("supports_function_calling") is True else "prompt"


def _file() -> Path:
    """Where the table lies. FileNotFoundError without litellm."""
    found = find_spec("litellm")
    if found is None or found.origin is None:
        raise FileNotFoundError(_FILE)
    return Path(found.origin).with_name(_FILE)


def _installed_on() -> str:
    """The day on which the table was installed, the latest that it can be of."""
    return datetime.fromtimestamp(_file().stat().st_mtime, UTC).date().isoformat()


def _tokens(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 1 else None
