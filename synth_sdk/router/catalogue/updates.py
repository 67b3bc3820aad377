"""What a refresh would change, and the file that keeps it: `prices.yaml`, the layer between the shipped arms and a user's own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import yaml

from synth_sdk.core.models import ModelCard, Prices
from synth_sdk.router.catalogue import bundled, openrouter
from synth_sdk.router.catalogue.entries import Entry, read_entry

_ASSUMED_OUTPUT = 4_096  # of a model whose limit isn't listed
_FLAGGED = 4  # a price that moves by more than this factor may be a slip of the list, or another model under an old name
_PRICES = ("input_per_m", "output_per_m", "cache_read_per_m", "cache_write_per_m", "reasoning_per_m", "per_call")
_UNSTATED: Mapping[str, Any] = {**dict.fromkeys(_PRICES), "tiers": []}
_FACTS = ("context_tokens", "max_output_tokens", "retires_on")
_HEAD = "# Written by 'synth models refresh'. Put your own figures into models.yaml: they win over these.\n"


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of one arm: what it was, what it is now (None: not stated), and who says so as of when. `flagged`: a price moved more than fourfold."""

    arm: str
    field: str
    old: Any
    new: Any
    source: str
    as_of: str
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """`arms` and `others` are entries of a catalogue file: the catalogue's own arms, and OpenRouter's other models.

    `gone` are the arms that their source no longer lists with a price; they stay as they were.
    """

    arms: tuple[Entry, ...]
    others: tuple[Entry, ...]
    changes: tuple[Change, ...]
    gone: tuple[str, ...]


def compare(
    cards: Mapping[str, ModelCard], rows: list[Mapping[str, Any]], table: Mapping[str, bundled.Row], today: date
) -> Update:
    """What OpenRouter's list (`rows`) and litellm's `table` say of `cards`, the catalogue as it stands, by arm id."""
    listed = openrouter.entries_of(rows, today)
    found = {card.id: _found(card, listed, table) for card in cards.values()}
    arms = [entry or _kept(cards[arm]) for arm, entry in found.items()]
    return Update(
        arms=tuple(arms),
        others=tuple(_bounded(entry, _ASSUMED_OUTPUT) for arm, entry in listed.items() if arm not in cards),
        changes=tuple(change for entry in arms for change in _changes(cards[entry["id"]], read_entry(entry, cards, "refresh"))),
        gone=tuple(arm for arm, entry in found.items() if entry is None),
    )


def document(update: Update, today: date) -> str:
    """The text of `prices.yaml`: the arms, and in a document of their own the others, which are seldom asked for."""
    parts = ({"as_of": today.isoformat(), "arms": _plain(update.arms)}, {"arms": _plain(update.others)})
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return _HEAD + str(
        yaml.dump_all(parts, Dumper=dumper, sort_keys=False, default_flow_style=None, allow_unicode=True, width=160)
    )


def _found(card: ModelCard, listed: Mapping[str, Entry], table: Mapping[str, bundled.Row]) -> Entry | None:
    """What `card`'s source says of it now: prices, sizes and dates. How it takes a schema was tried out and stays as it is."""
    if card.provider == "openrouter":
        entry = listed.get(card.id)
    else:
        row = bundled.find(card.id, table)
        entry = bundled.entry_of(card.id, row) if row is not None else None
    if entry is None:
        return None
    facts = {name: value for name, value in entry.items() if name not in ("provider", "model", "structured", "abilities")}
    return _bounded(facts, card.max_output_tokens) | {"prices": {**_UNSTATED, **facts["prices"]}}


def _bounded(entry: Entry, most: int) -> dict[str, Any]:
    """With a largest output, `most` where none is listed; never above the context."""
    return {"max_output_tokens": min(most, entry["context_tokens"]), **entry}


def _kept(card: ModelCard) -> Entry:
    tiers = [{"above_tokens": above, **_amounts(tier)} for above, tier in card.prices.tiers]
    prices = {**_amounts(card.prices), "free": card.prices.free, "tiers": tiers}
    return {"id": card.id, "prices": prices, **{name: getattr(card, name) for name in (*_FACTS, "source", "as_of")}}


def _amounts(prices: Prices) -> dict[str, Any]:
    return {name: amount for name in _PRICES if (amount := getattr(prices, name)) is not None}


def _changes(old: ModelCard, new: ModelCard) -> Iterator[Change]:
    for field in _PRICES:
        before, after = getattr(old.prices, field), getattr(new.prices, field)
        if before != after:
            yield Change(new.id, field, before, after, new.source, new.as_of, _far(before, after))
    if old.prices.tiers != new.prices.tiers:
        yield Change(new.id, "tiers", len(old.prices.tiers), len(new.prices.tiers), new.source, new.as_of)
    for field in _FACTS:
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield Change(new.id, field, before, after, new.source, new.as_of)


def _far(before: Decimal | None, after: Decimal | None) -> bool:
    return bool(before and after) and not before / _FLAGGED <= after <= before * _FLAGGED  # type: ignore[operator]


def _plain(value: Any) -> Any:
    """As YAML writes it: exact amounts as the shortest numbers that read back the same."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value
