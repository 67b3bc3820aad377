"""Which arms may be asked at all: the hard constraints, one after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import ModelCard, Provider, Request, lacking
from synth_sdk.core.money import format_usd
from synth_sdk.router.beliefs import Beliefs
from synth_sdk.router.bounds import worst_case
from synth_sdk.router.catalogue import retired
from synth_sdk.router.features import Features, features_of
from synth_sdk.router.routes import Routes
from synth_sdk.router.weights import WEIGHTS, Limits


@dataclass(frozen=True, slots=True)
class Constraints:
    """What an arm must fulfil to be asked at all. `usable` maps a provider to why it can't be used (None: it can),
    `lacking` an arm to what it alone lacks. `today` None: no arm is taken to be retired."""

    usable: Mapping[str, str | None]
    cap_micros: int
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    min_quality: float = 0.0
    max_record_micros: int | None = None
    lacking: Mapping[str, str] = field(default_factory=dict)
    today: date | None = None


def admitted(cards: Sequence[ModelCard], features: Features, rules: Constraints) -> list[ModelCard]:
    """The arms that fulfil every hard constraint. RequestError names the one that left none, and what the last arms lacked."""

    def record_price(card: ModelCard) -> int:
        return worst_case(card.prices, features.input_tokens, features.output_tokens) if card.prices.known else 0

    wanted = features.pinned or rules.allow
    needed = features.input_tokens + features.output_tokens
    ceiling = rules.max_record_micros
    steps = (
        (
            "the arms named by --model and --fallback",
            lambda card: not wanted or card.id in wanted,
            "none of them is in the catalogue",
        ),
        ("the denied arms", lambda card: card.id not in rules.deny, "all are denied"),
        (
            "models that are not retired",
            lambda card: rules.today is None or not retired(card, rules.today),
            "the last one was served until {retired}; synth models check tells what is",
        ),
        (
            "a budget of $0",
            lambda card: rules.cap_micros > 0 or card.prices.free,
            "it admits only arms declared free, such as a local server (SYNTH_LOCAL_API_BASE and SYNTH_LOCAL_MODEL)",
        ),
        ("a usable provider", lambda card: _why_unusable(card, rules) is None, "{why}"),
        (
            f"region {' or '.join(rules.regions)}",
            lambda card: not rules.regions or card.region in rules.regions,
            "no arm is there",
        ),
        (f"quality of at least {rules.min_quality:g}", lambda card: card.quality >= rules.min_quality, "the best has {best:g}"),
        ("a known price", lambda card: card.prices.known, "state it in a catalogue file, or declare the arm free there"),
        (f"a context of {needed} tokens", lambda card: card.context_tokens >= needed, "the largest has {context}"),
        (
            f"{features.output_tokens} output tokens",
            lambda card: card.max_output_tokens >= features.output_tokens,
            "the largest gives {output}",
        ),
        (
            f"at most ${format_usd(ceiling or 0)} a record",
            lambda card: ceiling is None or record_price(card) <= ceiling,
            "all cost more",
        ),
    )
    for rule, fulfils, way_out in steps:
        rest = [card for card in cards if fulfils(card)]
        if not rest:
            raise RequestError(f"no model is left by the constraint {rule}: {_explained(way_out, cards, rules)}")
        cards = rest
    return list(cards)


def _why_unusable(card: ModelCard, rules: Constraints) -> str | None:
    return rules.usable.get(card.provider, f"provider {card.provider!r} is not installed") or rules.lacking.get(card.id)


def _explained(way_out: str, cards: Sequence[ModelCard], rules: Constraints) -> str:
    if not cards:
        return "the catalogue is empty"
    return way_out.format(
        why="; ".join(dict.fromkeys(_why_unusable(card, rules) or "" for card in cards)),
        retired=max((str(card.retires_on) for card in cards if card.retires_on), default=""),
        best=max(card.quality for card in cards),
        context=max(card.context_tokens for card in cards),
        output=max(card.max_output_tokens for card in cards),
    )


class Admission:
    """The arms that fulfil `rules`, remembered, since most records of a run ask for the same. What a provider lacks is asked once."""

    def __init__(
        self, cards: Sequence[ModelCard], providers: Mapping[str, Provider], cap_micros: int, rules: Constraints | None
    ) -> None:
        usable = {name: provider.missing() for name, provider in providers.items()}
        alone = lacking(cards, providers)
        self._cards = tuple(cards)
        self._rules = replace(rules or Constraints(usable, 0), usable=usable, lacking=alone, cap_micros=cap_micros)
        self._known: dict[tuple[object, ...], list[ModelCard]] = {}

    def of(self, features: Features) -> list[ModelCard]:
        """Those for records with these `features`. RequestError if there is none."""
        key = (features.input_tokens, features.output_tokens, features.pinned)
        cards = self._known.get(key)
        if cards is None:
            if len(self._known) > 4096:
                self._known.clear()
            cards = self._known[key] = admitted(self._cards, features, self._rules)
        return cards


def ranked(cards: Sequence[ModelCard], features: Features, routes: Routes, now: float = 0.0) -> list[ModelCard]:
    """`cards`, best first, for a record that was not tried yet: in the order in which they were pinned, else by the look-ahead."""
    return list(routes.route(cards, features, (), 0, now).order)


def ranking(
    cards: Sequence[ModelCard],
    request: Request,
    rules: Constraints,
    policy_name: str = "cheapest",
    beliefs: Beliefs | None = None,
) -> list[ModelCard]:
    """The arms that may make `request`, in the order in which a new run would try them. RequestError names what left none."""
    features = features_of([request], cards)
    routes = Routes(beliefs or Beliefs(cards), WEIGHTS[policy_name], Limits())
    return ranked(admitted(cards, features, rules), features, routes)
