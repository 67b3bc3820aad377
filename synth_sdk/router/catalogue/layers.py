"""The catalogue, layer by layer."""

from collections.abc import Iterable, Mapping
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import ModelCard, Prices
from synth_sdk.router.catalogue.entries import read_entry, text_of
from synth_sdk.router.catalogue.families import family_of
from synth_sdk.router.catalogue.files import entries_of, parse, read_documents, read_file

Cards = dict[str, ModelCard]

_SHIPPED, _REFRESHED = "arms.yaml", "prices.yaml"
_LOCAL_CONTEXT, _LOCAL_OUTPUT = 32_768, 8_192  # assumed: the server doesn't say; a user's file overrides them


def load_catalogue(user_file: Path | None, env: Mapping[str, str], prices_file: Path | None = None) -> list[ModelCard]:
    """The arms that ship with the package at refreshed prices, the local one if `env` names a server, and the user's on top.

    RequestError names the file and the rule that it breaks.
    """
    cards = refreshed_layer(shipped(), prices_file)
    if local := local_card(env):
        cards[local.id] = local
    if user_file is not None:
        document = read_file(user_file)
        for entry in entries_of(document, str(user_file)):
            cards[entry["id"]] = read_entry(entry, cards, str(user_file), text_of(document.get("as_of")))
    _check_aliases(cards.values(), str(user_file or _SHIPPED))
    return list(cards.values())


def shipped() -> Cards:
    """The arms of the package, by id."""
    document = next(parse(files(__package__).joinpath(_SHIPPED).read_text("utf-8"), _SHIPPED))
    return {entry["id"]: read_entry(entry, {}, _SHIPPED, document["as_of"]) for entry in entries_of(document, _SHIPPED)}


def refreshed_layer(cards: Cards, prices_file: Path | None) -> Cards:
    """`cards` with what `synth models refresh` found.

    An arm that has left the catalogue since, and facts older than those that ship by now, are passed over.
    """
    found = dict(cards)
    for entry in _refreshed(prices_file, 0):
        if (old := cards.get(entry["id"])) and text_of(entry.get("as_of")) >= old.as_of:
            found[old.id] = read_entry(entry, cards, _REFRESHED)
    return found


def listed_elsewhere(arm_id: str, prices_file: Path | None) -> ModelCard | None:
    """The arm `arm_id`, not in the catalogue, as OpenRouter listed it at the last refresh."""
    entries = (entry for entry in _refreshed(prices_file, 1) if entry["id"].casefold() == arm_id.casefold())
    return next((read_entry(entry, {}, _REFRESHED) for entry in entries), None)


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
        family=family_of(model),
        prices=Prices(input_per_m=None, output_per_m=None, free=True),
        context_tokens=_LOCAL_CONTEXT,
        max_output_tokens=_LOCAL_OUTPUT,
        quality=0.3,
        quality_sd=0.3,
        source="declared free: your own server",
        quality_source="guess",
        as_of="",
    )


def _refreshed(prices_file: Path | None, part: int) -> list[dict[str, Any]]:
    """The entries of one of its documents: 0 the catalogue's arms, 1 OpenRouter's other models. None without a file."""
    if prices_file is None or not prices_file.is_file():
        return []
    try:
        document: dict[str, Any] = next(islice(read_documents(prices_file), part, None), {"arms": []})
        return entries_of(document, str(prices_file))
    except RequestError as error:
        raise RequestError(f"{error.message}; 'synth models refresh' writes it anew") from None


def _check_aliases(cards: Iterable[ModelCard], file: str) -> None:
    owner: dict[str, str] = {}
    for card in cards:
        for alias in card.aliases:
            first = owner.setdefault(alias.casefold(), card.id)
            if first != card.id:
                raise RequestError(f"catalogue {file!r}: alias {alias!r} names both {first!r} and {card.id!r}; keep one")
