"""What a paid run can expect before it begins: which arms will be asked, and what a record - or a blueprint - costs on them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from synth_sdk.client.expanding import Expansion
from synth_sdk.client.learned import learned_store
from synth_sdk.client.models import read_catalogue
from synth_sdk.client.settings import Settings
from synth_sdk.client.wiring import choose_arms
from synth_sdk.core.errors import RequestError
from synth_sdk.core.generators import Generator
from synth_sdk.core.models import ModelCard, Request
from synth_sdk.core.spec import Spec
from synth_sdk.planner.outlook import Outlook
from synth_sdk.planner.plan import BlueprintCost
from synth_sdk.router import WEIGHTS, Beliefs, Features, Limits, expected, features_of

_SAMPLES = 5
_BYTES_PER_TOKEN = 4  # of English prose and JSON; the bound that is reserved uses 3
_USUAL_SHARE = 0.5  # of their bound, what replies are taken to need where nothing was rendered or learned
_RENDERED_RECORDS = 3.0  # as many learned replies count as much as the renderings


@dataclass(frozen=True, slots=True)
class Buying:
    """The arms in the order in which they will be asked, what is believed of them, and the outlook for a record.

    No arms: none can be used, and `warnings` say why. `judges` are all usable arms where a judge is wanted: it chooses among them.
    """

    arms: list[ModelCard]
    judges: list[ModelCard]
    beliefs: Beliefs
    outlook: Outlook
    warnings: list[str]

    @property
    def all_arms(self) -> list[ModelCard]:
        """Those that write and those that judge."""
        return [*self.arms, *(card for card in self.judges if card not in self.arms)]


def look_ahead(spec: Spec, settings: Settings, generator: Generator, first: Request) -> Buying:
    """What buying the records that `spec` wants comes to. RequestError when no arm is left and the wish doesn't end offline."""
    cards, chain = read_catalogue(settings, spec.chain)
    beliefs = learned_store(settings).load(cards)
    arms, warnings = choose_arms(spec, settings, first, cards, chain, beliefs)
    requests = [first] if spec.mode == "blueprint" else [first, *_further_requests(spec, generator)]
    features = features_of(requests, arms)
    features = replace(features, records=spec.count, pinned=tuple(card.id for card in arms) if spec.chain else ())
    if spec.mode != "blueprint":
        features = _as_rendered(features, beliefs, _rendered_tokens(spec, generator, requests))
    outlook = _outlook(spec, arms, beliefs, features) if arms else _no_outlook()
    return Buying(arms, _judges(spec, settings, first, cards, beliefs), beliefs, outlook, warnings)


def _judges(spec: Spec, settings: Settings, first: Request, cards: Sequence[ModelCard], beliefs: Beliefs) -> list[ModelCard]:
    """Every usable arm, whichever the user named for writing."""
    return choose_arms(spec.model_copy(update={"fallback": None}), settings, first, cards, (), beliefs)[0] if spec.judge else []


def blueprint_cost(expansion: Expansion, buying: Buying, spec: Spec) -> BlueprintCost:
    """What the typed calls of a blueprint come to, each taken to need half of its bound; nothing if its files are there."""
    requests = expansion.author.requests()
    if expansion.there:
        return BlueprintCost(0.0, len(requests))
    micros = (
        expected(buying.arms, features_of([request], buying.arms), buying.beliefs, WEIGHTS[spec.policy], Limits(), 1).micros
        for request in requests
    )
    return BlueprintCost(sum(micros), len(requests))


def _further_requests(spec: Spec, generator: Generator) -> list[Request]:
    asked = (generator.request(index, 0) for index in range(1, min(_SAMPLES, spec.count)))
    return [request for request in asked if request is not None]


def _outlook(spec: Spec, arms: Sequence[ModelCard], beliefs: Beliefs, features: Features) -> Outlook:
    told = expected(arms, features, beliefs, WEIGHTS[spec.policy], Limits(), spec.records_per_call)
    delivered = max(0.05, told.accepted)
    return Outlook(
        arms=tuple(card.id for card in arms),
        names=tuple(card.aliases[0] if card.aliases else card.id for card in arms),
        records_per_call=told.records_per_call,
        draws=tuple(sorted(draw / delivered for draw in told.draws)) or (told.micros / delivered,),
        seconds=told.seconds / told.records_per_call,
        call_seconds=told.seconds,
        tokens={"input": round(features.input_of(told.records_per_call) * 3 / 4), "output": round(told.output_tokens)},
    )


def _no_outlook() -> Outlook:
    return Outlook(arms=(), records_per_call=1, draws=(0.0,), seconds=0.0, call_seconds=0.0)


def _rendered_tokens(spec: Spec, generator: Generator, requests: Sequence[Request]) -> float:
    """The length of a written record, from its offline twins; half of its bound where only a model can make one."""
    try:
        sizes = [_spoken_bytes(record) for record in generator.batch(range(len(requests))).records()]
    except RequestError:
        return _USUAL_SHARE * sum(request.output_tokens for request in requests) / len(requests)
    return sum(sizes) / len(sizes) / _BYTES_PER_TOKEN


def _as_rendered(features: Features, beliefs: Beliefs, tokens: float) -> Features:
    """`features` with the output that was rendered in place of the usual share of the bound, as far as nothing was learned."""
    trust = _RENDERED_RECORDS / (_RENDERED_RECORDS + beliefs.task(features.task).output.weight)
    factor = tokens / (_USUAL_SHARE * features.output_tokens)
    return replace(features, output_tokens=max(1, round(features.output_tokens * (1 - trust + trust * factor))))


def _spoken_bytes(record: Any) -> int:
    """The size of what a model would write: the spoken turns of a conversation, all of any other record."""
    if isinstance(record, dict) and "messages" in record:
        spoken = [message["content"] or "" for message in record["messages"] if message["role"] in ("user", "assistant")]
        return sum(len(text.encode()) + 20 for text in spoken)
    return len(json.dumps(record, ensure_ascii=False, default=str).encode())
