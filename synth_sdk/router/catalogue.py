"""Facts about the arms: those that ship with the package, the local server's, and a user's own.

A catalogue file is YAML or JSON: `{as_of: DATE, arms: [ARM, ...]}`. An ARM is keyed by its `id` and has

* `aliases` (short names), `provider`, `model` (the provider's own id), `region`, `effort`;
* `prices`: `{input_per_m, output_per_m, cache_read_per_m, cache_write_per_m}` in US dollars per million tokens, and `free: true`
  for an arm that costs nothing. A price of 0 without `free` counts as unknown;
* `context_tokens`, `max_output_tokens`, `structured` (json_schema, tool or prompt);
* `quality` and `quality_sd` in 0-1, and where the figures come from: `source`, `quality_source`, `as_of`.

A user's entry with a known id replaces the fields it names; one with a new id needs provider, model, context_tokens and
max_output_tokens, and prices if it is to be used under a budget.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from synth_sdk.core.errors import RequestError, UnknownName, nearest
from synth_sdk.core.models import ModelCard, Prices
from synth_sdk.core.spec import OFFLINE_NAMES

_RESERVED = OFFLINE_NAMES | {"none"}
_STRUCTURED = ("json_schema", "tool", "prompt")
_MONEY = ("input_per_m", "output_per_m", "cache_read_per_m", "cache_write_per_m")
_TEXTS = ("provider", "model", "region", "effort", "source", "quality_source", "as_of")
_COUNTS = ("context_tokens", "max_output_tokens")
_SHARES = ("quality", "quality_sd")
_FIELDS = ("id", "aliases", "prices", "structured", *_TEXTS, *_COUNTS, *_SHARES)
_NEEDED = ("provider", "model", *_COUNTS)
_DEAREST = Decimal(1_000_000)
_LOCAL_CONTEXT, _LOCAL_OUTPUT = 32_768, 8_192  # assumed: the server doesn't say; a user's file overrides them


def load_catalogue(user_file: Path | None, env: Mapping[str, str]) -> list[ModelCard]:
    """The arms that ship with the package, the local one if `env` names a server, and the user's on top.

    RequestError names the file and the rule that it breaks.
    """
    cards = {card.id: card for card in _shipped()}
    if local := local_card(env):
        cards[local.id] = local
    if user_file is not None:
        document = _parse(_read(user_file), str(user_file))
        for entry in _entries(document, str(user_file)):
            card = _card(entry, cards, str(user_file), _text_of(document.get("as_of", "")))
            cards[card.id] = card
    _check_aliases(cards.values(), str(user_file or "catalogue.yaml"))
    return list(cards.values())


def local_card(env: Mapping[str, str]) -> ModelCard | None:
    """The arm of the OpenAI-compatible server that `SYNTH_LOCAL_API_BASE` and `SYNTH_LOCAL_MODEL` name; declared free."""
    model = env.get("SYNTH_LOCAL_MODEL", "").strip()
    if not model or not env.get("SYNTH_LOCAL_API_BASE", "").strip():
        return None
    return ModelCard(
        id=f"local/{model}",
        provider="local",
        model=model,
        aliases=("local",),
        prices=Prices(input_per_m=None, output_per_m=None, free=True),
        context_tokens=_LOCAL_CONTEXT,
        max_output_tokens=_LOCAL_OUTPUT,
        quality=0.3,
        quality_sd=0.3,
        source="declared free: your own server",
        quality_source="guess",
        as_of="",
    )


def resolve(name: str, cards: Sequence[ModelCard]) -> ModelCard:
    """The arm that `name` means: an alias, else an exact id, else the only id that ends in it (at a `/`, `.`, `:` or `-`).

    RequestError lists the candidates of an ambiguous name; UnknownName offers the nearest ones.
    """
    folded = name.strip().casefold()
    suffix = re.compile(rf"(?:^|[/.:-]){re.escape(folded)}$")
    ways = (
        [card for card in cards if folded in (alias.casefold() for alias in card.aliases)],
        [card for card in cards if folded == card.id.casefold()],
        [card for card in cards if folded and suffix.search(card.id.casefold())],
    )
    found = next((hits for hits in ways if hits), [])
    if len(found) > 1:
        raise RequestError(f"model {name!r} is ambiguous: choose {' or '.join(sorted(card.id for card in found))}")
    if not found:
        raise UnknownName("model", name, {known for card in cards for known in (card.id, *card.aliases)})
    return found[0]


def _shipped() -> list[ModelCard]:
    document = _parse(files(__package__).joinpath("catalogue.yaml").read_text("utf-8"), "catalogue.yaml")
    return [_card(entry, {}, "catalogue.yaml", document["as_of"]) for entry in _entries(document, "catalogue.yaml")]


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"catalogue {str(file)!r} can't be read: {error}; name a YAML or JSON file") from None


def _parse(text: str, file: str) -> dict[str, Any]:
    try:
        document = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as error:
        raise RequestError(f"catalogue {file!r} is neither YAML nor JSON: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict):
        raise RequestError(f'catalogue {file!r} must be a mapping with a list "arms"')
    return document


def _entries(document: Mapping[str, Any], file: str) -> list[dict[str, Any]]:
    arms = document.get("arms")
    if not isinstance(arms, list) or not all(isinstance(arm, dict) for arm in arms):
        raise RequestError(f'catalogue {file!r}: "arms" must be a list of mappings, one for each arm')
    ids = [arm.get("id") for arm in arms]
    for arm_id in ids:
        if not isinstance(arm_id, str) or not arm_id.strip():
            raise RequestError(f'catalogue {file!r}: every arm needs an "id", a text such as openrouter/vendor/model')
        if ids.count(arm_id) > 1:
            raise RequestError(f"catalogue {file!r}: arm {arm_id!r} stands there more than once; keep one")
    return arms


def _card(entry: Mapping[str, Any], known: Mapping[str, ModelCard], file: str, as_of: str) -> ModelCard:
    """The card that `entry` describes, on top of the known one with its id if there is one."""
    where = f"catalogue {file!r}, arm {entry['id']!r}"
    for name in entry:
        if name not in _FIELDS:
            near = " or ".join(nearest(str(name), _FIELDS)) or "one of " + ", ".join(_FIELDS)
            raise RequestError(f"{where}: unknown field {name!r}: did you mean {near}?")
    base = known.get(entry["id"])
    if base is None:
        if lacking := [name for name in _NEEDED if name not in entry]:
            raise RequestError(f"{where}: a new arm needs {', '.join(lacking)}")
        base = _blank(entry["id"])
    changes = {name: _FIELD_RULES[name](value, f"{where}, {name}") for name, value in entry.items() if name in _FIELD_RULES}
    if "prices" in entry:
        changes["prices"] = _prices(entry["prices"], base.prices, f"{where}, prices")
    if as_of:
        changes.setdefault("as_of", as_of)
    return replace(base, **changes)


def _blank(arm_id: str) -> ModelCard:
    return ModelCard(
        id=arm_id,
        provider="",
        model="",
        prices=Prices(input_per_m=None, output_per_m=None),
        context_tokens=0,
        max_output_tokens=0,
        quality=0.5,
        quality_sd=0.3,
        source="your catalogue file",
        quality_source="guess",
        as_of="",
    )


def _prices(value: Any, base: Prices, where: str) -> Prices:
    if not isinstance(value, dict):
        raise RequestError(f"{where}: must be a mapping of {', '.join(_MONEY)} and free")
    for name in value:
        if name not in (*_MONEY, "free"):
            raise RequestError(f"{where}: unknown field {name!r}: choose {', '.join(_MONEY)} or free")
    free = value.get("free", base.free and not any(name in value for name in _MONEY))
    if not isinstance(free, bool):
        raise RequestError(f"{where}, free: {free!r} must be true or false")
    amounts = {name: _price(value[name], f"{where}, {name}") for name in _MONEY if name in value}
    return replace(base, free=free, **amounts)


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
    text = _text_of(value)
    if not text.strip() and where.endswith(("provider", "model")):
        raise RequestError(f"{where}: must not be empty")
    return text


def _text_of(value: Any) -> str:
    """YAML reads an unquoted date as a date: its ISO form is what was written."""
    return value if isinstance(value, str) else "" if value is None else str(value)


def _count(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise RequestError(f"{where}: {value!r} must be a whole number of tokens, at least 1")
    return value


def _share(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise RequestError(f"{where}: {value!r} must be a number between 0 and 1")
    return float(value)


def _structured(value: Any, where: str) -> Any:
    if value not in _STRUCTURED:
        raise RequestError(f"{where}: {value!r} must be one of {', '.join(_STRUCTURED)}")
    return value


def _aliases(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(alias, str) and alias.strip() for alias in value):
        raise RequestError(f"{where}: must be a list of names")
    for alias in value:
        if alias.casefold() in _RESERVED or "," in alias:
            raise RequestError(f"{where}: {alias!r} has a meaning of its own in --fallback; choose another name")
    return tuple(value)


_FIELD_RULES: dict[str, Any] = {
    "aliases": _aliases,
    "structured": _structured,
    **dict.fromkeys(_TEXTS, _text),
    **dict.fromkeys(_COUNTS, _count),
    **dict.fromkeys(_SHARES, _share),
}


def _check_aliases(cards: Iterable[ModelCard], file: str) -> None:
    owner: dict[str, str] = {}
    for card in cards:
        for alias in card.aliases:
            first = owner.setdefault(alias.casefold(), card.id)
            if first != card.id:
                raise RequestError(f"catalogue {file!r}: alias {alias!r} names both {first!r} and {card.id!r}; keep one")
