"""One entry of a catalogue file as a card, on top of what was known of the arm. RequestError names the file, the arm and the rule."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from synth_sdk.core.errors import RequestError, nearest
from synth_sdk.core.models import ModelCard, Prices
from synth_sdk.core.spec import OFFLINE_NAMES
from synth_sdk.router.catalogue.families import family_of

Entry = Mapping[str, Any]

ABILITIES = ("reasoning", "tools", "prompt_cache")
STRUCTURED = ("json_schema", "tool", "prompt")
_RESERVED = OFFLINE_NAMES | {"none"}
_TOKEN_PRICES = ("input_per_m", "output_per_m", "cache_read_per_m", "cache_write_per_m", "reasoning_per_m")
_MONEY = (*_TOKEN_PRICES, "per_call")
_DEAREST = Decimal(1_000_000)
_COUNTS = ("context_tokens", "max_output_tokens")
_NEEDED = ("provider", "model", *_COUNTS)
_UNKNOWN = Prices(input_per_m=None, output_per_m=None)


def read_entry(entry: Entry, known: Mapping[str, ModelCard], file: str, as_of: str = "") -> ModelCard:
    """The card that `entry` describes, on top of the known one with its id if there is one. `as_of` dates what has no date of its own."""
    where = f"catalogue {file!r}, arm {entry['id']!r}"
    _check_names(entry, ("id", "prices", *_RULES), where)
    base = known.get(entry["id"])
    if base is None:
        if lacking := [name for name in _NEEDED if name not in entry]:
            raise RequestError(f"{where}: a new arm needs {', '.join(lacking)}")
        base = _blank(entry["id"])
    changes = {name: _RULES[name](value, f"{where}, {name}") for name, value in entry.items() if name in _RULES}
    if "prices" in entry:
        changes["prices"] = _prices(entry["prices"], base.prices, f"{where}, prices")
    if as_of:
        changes.setdefault("as_of", as_of)
    card = replace(base, **changes)
    return card if card.family else replace(card, family=family_of(card.model))


def text_of(value: Any) -> str:
    """YAML reads an unquoted date as a date: its ISO form is what was written."""
    return value if isinstance(value, str) else "" if value is None else str(value)


def _blank(arm_id: str) -> ModelCard:
    return ModelCard(
        id=arm_id,
        provider="",
        model="",
        prices=_UNKNOWN,
        context_tokens=0,
        max_output_tokens=0,
        quality=0.5,
        quality_sd=0.3,
        source="your catalogue file",
        quality_source="guess",
        as_of="",
    )


def _check_names(entry: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for name in entry:
        if name not in known:
            near = nearest(str(name), known)
            way_out = f"did you mean {' or '.join(near)}?" if near else f"choose {', '.join(known)}"
            raise RequestError(f"{where}: unknown field {name!r}: {way_out}")


def _prices(value: Any, base: Prices, where: str) -> Prices:
    if not isinstance(value, dict):
        raise RequestError(f"{where}: must be a mapping of {', '.join(_MONEY)}, tiers and free")
    _check_names(value, (*_MONEY, "tiers", "free"), where)
    free = value.get("free", base.free and not any(name in value for name in _MONEY))
    if not isinstance(free, bool):
        raise RequestError(f"{where}, free: {free!r} must be true or false")
    stated = _thoughts(replace(base, free=free, **_amounts(value, _MONEY, where)))
    return replace(stated, tiers=_tiers(value["tiers"], stated, f"{where}, tiers")) if "tiers" in value else stated


def _tiers(value: Any, base: Prices, where: str) -> tuple[tuple[int, Prices], ...]:
    """What a tier doesn't state costs what it costs in short calls; caches have no price there that isn't stated."""
    if not isinstance(value, list) or not all(isinstance(tier, dict) for tier in value):
        raise RequestError(f"{where}: must be a list of mappings of above_tokens and prices")
    plain = Prices(input_per_m=base.input_per_m, output_per_m=base.output_per_m)
    tiers = []
    for tier in value:
        _check_names(tier, ("above_tokens", *_TOKEN_PRICES), where)
        above = _count(tier.get("above_tokens"), f"{where}, above_tokens")
        tiers.append((above, _thoughts(replace(plain, **_amounts(tier, _TOKEN_PRICES, where)))))
    if len({above for above, _ in tiers}) < len(tiers):
        raise RequestError(f"{where}: two tiers begin at the same above_tokens; keep one")
    return tuple(sorted(tiers, key=lambda tier: tier[0]))


def _thoughts(prices: Prices) -> Prices:
    """Thoughts have no price of their own where it is that of other output."""
    return replace(prices, reasoning_per_m=None) if prices.reasoning_per_m == prices.output_per_m else prices


def _amounts(value: Mapping[str, Any], names: tuple[str, ...], where: str) -> dict[str, Any]:
    return {name: _price(value[name], f"{where}, {name}") for name in names if name in value}


def _price(value: Any, where: str) -> Decimal | None:
    """A price; 0 counts as unknown, since tables write 0 for what they don't know."""
    if value is None:
        return None
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        amount = Decimal(str(value))
    except InvalidOperation:
        raise RequestError(f"{where}: {value!r} must be US dollars per million tokens, such as 0.25") from None
    if not (amount.is_finite() and 0 <= amount <= _DEAREST):
        raise RequestError(f"{where}: {value!r} must lie between 0 and {_DEAREST} US dollars per million tokens")
    return amount or None


def _text(value: Any, where: str) -> str:
    return text_of(value)


def _name(value: Any, where: str) -> str:
    text = text_of(value)
    if not text.strip():
        raise RequestError(f"{where}: must not be empty")
    return text


def _count(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise RequestError(f"{where}: {value!r} must be a whole number of tokens, at least 1")
    return value


def _share(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise RequestError(f"{where}: {value!r} must be a number between 0 and 1")
    return float(value)


def _day(value: Any, where: str) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise RequestError(f"{where}: {value!r} must be a date such as 2027-05-07") from None


def _structured(value: Any, where: str) -> Any:
    if value not in STRUCTURED:
        raise RequestError(f"{where}: {value!r} must be one of {', '.join(STRUCTURED)}")
    return value


def _abilities(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(ability in ABILITIES for ability in value):
        raise RequestError(f"{where}: must be a list of {', '.join(ABILITIES)}")
    return tuple(ability for ability in ABILITIES if ability in value)


def _aliases(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(alias, str) and alias.strip() for alias in value):
        raise RequestError(f"{where}: must be a list of names")
    for alias in value:
        if alias.casefold() in _RESERVED or "," in alias:
            raise RequestError(f"{where}: {alias!r} has a meaning of its own in --fallback; choose another name")
    return tuple(value)


_RULES: Mapping[str, Callable[[Any, str], Any]] = {
    "aliases": _aliases,
    **dict.fromkeys(("provider", "model"), _name),
    **dict.fromkeys(("family", "region", "effort"), _text),
    **dict.fromkeys(_COUNTS, _count),
    "structured": _structured,
    "abilities": _abilities,
    **dict.fromkeys(("quality", "quality_sd"), _share),
    "retires_on": _day,
    **dict.fromkeys(("source", "quality_source", "as_of"), _text),
}
