"""What the names in `--model` and `--fallback` mean."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from synth_sdk.core.errors import RequestError, UnknownName, nearest
from synth_sdk.core.models import ModelCard
from synth_sdk.router.catalogue import bundled
from synth_sdk.router.catalogue.entries import read_entry
from synth_sdk.router.catalogue.layers import listed_elsewhere
from synth_sdk.router.catalogue.successors import successors


def named(names: Iterable[str], cards: Sequence[ModelCard], prices_file: Path | None = None) -> tuple[list[ModelCard], list[str]]:
    """`cards` with the arms that only `names` brought in, and the arm ids that `names` mean, in their order."""
    chain = [resolve(name, cards, prices_file) for name in names]
    known = {card.id: card for card in (*cards, *chain)}
    return list(known.values()), [card.id for card in chain]


def resolve(name: str, cards: Sequence[ModelCard], prices_file: Path | None = None) -> ModelCard:
    """The arm that `name` means: an alias, else an exact id, else the only id that ends in it (at a `/`, `.`, `:` or `-`); else any
    `provider/model` whose price OpenRouter's list (as refreshed) or litellm's bundled table states; else what stands in for a retired model.

    RequestError lists the candidates of an ambiguous name, or says how to state the price of an unlisted model; UnknownName
    offers the nearest names.
    """
    folded = name.strip().casefold()
    found = _in_catalogue(folded, cards)
    if len(found) > 1:
        raise RequestError(f"model {name!r} is ambiguous: choose {' or '.join(sorted(card.id for card in found))}")
    if found:
        return found[0]
    known = {known for card in cards for known in (card.id, *card.aliases)}
    provider, slash, model = name.strip().partition("/")
    if not (slash and provider and model):
        if successor := _successor(name, cards, prices_file):
            return successor
        raise UnknownName("model", name, known)
    return listed_elsewhere(name.strip(), prices_file) or _bundled(name.strip(), known)


def stand_ins(names: Iterable[str], cards: Sequence[ModelCard], prices_file: Path | None = None) -> dict[str, ModelCard]:
    """Those of `names` that are retired models', with the arm that each means now."""
    old = [name for name in names if not _in_catalogue(name.strip().casefold(), cards)]
    found = {name: _successor(name, cards, prices_file) for name in old}
    return {name: card for name, card in found.items() if card is not None}


def _successor(name: str, cards: Sequence[ModelCard], prices_file: Path | None) -> ModelCard | None:
    for arm in successors(name):
        try:
            return resolve(arm, cards, prices_file)
        except RequestError:
            continue
    return None


def _in_catalogue(folded: str, cards: Sequence[ModelCard]) -> list[ModelCard]:
    suffix = re.compile(rf"(?:^|[/.:-]){re.escape(folded)}$")
    ways = (
        [card for card in cards if folded in (alias.casefold() for alias in card.aliases)],
        [card for card in cards if folded == card.id.casefold()],
        [card for card in cards if folded and suffix.search(card.id.casefold())],
    )
    return next((hits for hits in ways if hits), [])


def _bundled(name: str, known: Iterable[str]) -> ModelCard:
    table = bundled.table()
    row = bundled.find(name, table)
    if row is None:
        provider = name.partition("/")[0]
        near = nearest(name, {*known, *(other for other in table if other.startswith(f"{provider}/"))})
        meant = f"did you mean {' or '.join(near)}? Otherwise " if near else ""
        raise RequestError(
            f"unknown model {name!r}: {meant}state its own figures in models.yaml in SYNTH_HOME, as {_how_to_state(name)}{_hint(name)}"
        )
    if row.get("mode") != "chat":
        raise RequestError(f"model {name!r} is for {row.get('mode')}, not for chat; choose one that writes text")
    entry = bundled.entry_of(name, row)
    if entry is None:
        raise RequestError(
            f"model {name!r} has no price in litellm's bundled table: state its own figures in models.yaml in SYNTH_HOME, as {_how_to_state(name)}"
        )
    return read_entry(entry, {}, entry["source"])


def _how_to_state(name: str) -> str:
    """A catalogue file in one line: YAML takes it as it stands."""
    provider, model = bundled.provider_and_model(name)
    facts = "context_tokens: 128000, max_output_tokens: 8192, prices: {input_per_m: 0.50, output_per_m: 1.50}"
    return f'arms: [{{id: "{name}", provider: {provider}, model: "{model}", {facts}}}]'


def _hint(name: str) -> str:
    return "; or run 'synth models refresh', which reads OpenRouter's price list" if name.startswith("openrouter/") else ""
