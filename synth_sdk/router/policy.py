"""What to do next for a record: pure decisions over (features, history, fleet, now).

The reaction to each outcome of a try:

| outcome                  | same arm again            | other arms                  | the arm in this run                     |
|--------------------------|---------------------------|-----------------------------|-----------------------------------------|
| rate limited             | when its delay is over    | at once                     | closed until then; limit halved         |
| quota used up            | no                        | yes                         | out                                     |
| unavailable              | once, after full jitter   | then                        | breaker; out after 3 failed probes      |
| timed out                | no                        | yes                         | breaker                                 |
| context too long         | no                        | those with a larger window  | -                                       |
| bad request              | no                        | each once                   | unfit for the task, unless it served it |
| refused                  | no                        | yes                         | out (401: all arms of its provider)     |
| content filtered         | no                        | one more                    | -                                       |
| schema broken, truncated | once, told what was wrong | then                        | -                                       |
| rejected, near-duplicate | no                        | yes                         | -                                       |
| over the budget          | no                        | cheaper ones                | -                                       |

A rate-limited call is no try of its arm, but every call counts towards `Limits.calls`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from synth_sdk.core.errors import Outcome, RequestError
from synth_sdk.core.models import ModelCard, Prices
from synth_sdk.core.money import MICROS_PER_USD, format_usd
from synth_sdk.router.bounds import worst_case
from synth_sdk.router.health import Fleet, Gate, State

_FREE_OF_CHARGE = {
    Outcome.RATE_LIMITED,
    Outcome.QUOTA,
    Outcome.UNAVAILABLE,
    Outcome.CONTEXT_TOO_LONG,
    Outcome.BAD_REQUEST,
    Outcome.REFUSED,
}
REASKED = {Outcome.BROKEN, Outcome.TRUNCATED}
_OUTPUT_USED = 0.5  # the share of `max_tokens` that replies use, for comparing expected prices


@dataclass(frozen=True, slots=True)
class Weights:
    """One objective, in US dollars for each accepted record; the arm with the least comes first:

    `E[$] / P(accepted) + time_value * E[s] + miss_value * P(not accepted) - quality_value * E[quality]`

    With the last three at 0 it is the cheapest-first cascade: by price while all arms are accepted alike, then by what an
    accepted record really costs. `patient`: wait for a better arm that is merely busy rather than take the next one.
    """

    time_value: float = 0.0
    miss_value: float = 0.0
    quality_value: float = 0.0
    patient: bool = True


WEIGHTS: Mapping[str, Weights] = {
    "cheapest": Weights(),
    "balanced": Weights(time_value=0.00002, miss_value=0.002, quality_value=0.01),
    "fastest": Weights(time_value=0.01, miss_value=0.002, patient=False),
    "best": Weights(miss_value=0.002, quality_value=10.0),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The one place where tries are capped, for each record.

    `calls` counts every call, `paid` those that may have cost money. `patience` is the longest stated delay that is waited for;
    `offline_patience` the same when the record can be made offline instead. Seconds.
    """

    calls: int = 12
    paid: int = 6
    patience: float = 900.0
    offline_patience: float = 20.0


@dataclass(frozen=True, slots=True)
class Constraints:
    """What an arm must fulfil to be asked at all. `usable` maps a provider to why it can't be used (None: it can)."""

    usable: Mapping[str, str | None]
    cap_micros: int
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    min_quality: float = 0.0
    max_record_micros: int | None = None


@dataclass(frozen=True, slots=True)
class Features:
    """What a decision needs to know of a record. Tokens are upper bounds; `pinned` arms are taken in their order."""

    task: str
    input_tokens: int
    output_tokens: int
    pinned: tuple[str, ...] = ()
    avoid: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try in a record's history. `previous` is what failed; `retry_at` when an unavailable arm may be tried again."""

    arm: str
    outcome: Outcome
    reason: str
    previous: str = ""
    retry_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Try:
    card: ModelCard
    reask: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """For so many seconds, or until something changes, whichever comes first. None: until something changes."""

    seconds: float | None


@dataclass(frozen=True, slots=True)
class GiveUp:
    reasons: Mapping[str, str]
    hint: str = ""


Decision = Try | Wait | GiveUp


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
    return rules.usable.get(card.provider, f"provider {card.provider!r} is not installed")


def _explained(way_out: str, cards: Sequence[ModelCard], rules: Constraints) -> str:
    if not cards:
        return "the catalogue is empty"
    return way_out.format(
        why="; ".join(dict.fromkeys(_why_unusable(card, rules) or "" for card in cards)),
        best=max(card.quality for card in cards),
        context=max(card.context_tokens for card in cards),
        output=max(card.max_output_tokens for card in cards),
    )


def expected_usd(prices: Prices, features: Features) -> float:
    """What one try of one record costs on average, in US dollars: 4 bytes a token of input, half of the output bound."""
    if prices.free:
        return 0.0
    into, out = float(prices.input_per_m or Decimal(0)), float(prices.output_per_m or Decimal(0))
    return (0.75 * features.input_tokens * into + _OUTPUT_USED * features.output_tokens * out) / MICROS_PER_USD


def ranked(cards: Sequence[ModelCard], features: Features, fleet: Fleet, weights: Weights) -> list[ModelCard]:
    """`cards`, best first: in the order in which they were pinned, else by the objective; ties by quality, then id."""
    if features.pinned:
        return sorted(cards, key=lambda card: features.pinned.index(card.id))

    def objective(card: ModelCard) -> tuple[float, float, str]:
        health = fleet[card.id]
        chance = health.acceptance
        loss = weights.time_value * health.seconds + weights.miss_value * (1 - chance) - weights.quality_value * card.quality
        return expected_usd(card.prices, features) / chance + loss, -card.quality, card.id

    return sorted(cards, key=objective)


def choose(
    features: Features,
    history: Sequence[Attempt],
    fleet: Fleet,
    now: float,
    *,
    cards: Sequence[ModelCard],
    weights: Weights,
    limits: Limits,
    offline_ready: bool = False,
) -> Decision:
    """The next step for a record that `cards` (those admitted) may make and that has `history` behind it."""
    reasons = reasons_of(history)
    if spent := _spent(history, limits):
        return GiveUp(reasons, spent)
    order = _going_on(ranked(_unavoided(cards, features.avoid), features, fleet, weights), history)
    too_small = _largest_too_small(history, fleet)
    gates: list[Gate] = []
    for card in order:
        step = _step(card, history)
        if step is None or card.context_tokens <= too_small:
            continue
        gate = fleet[card.id].gate(features.task, now)
        if gate.state is State.OPEN and step.not_before > now:
            return Wait(step.not_before - now)
        if gate.state is State.OPEN:
            return Try(card, step.reask)
        if gate.state is State.FULL and weights.patient:
            return Wait(None)
        if gate.state is State.GONE:
            reasons[card.id] = gate.why
        else:
            reasons.setdefault(card.id, f"{gate.state.value}{': ' + gate.why if gate.why else ''}")
            gates.append(gate)
    return _wait_or_not(gates, reasons, now, limits, offline_ready)


def reasons_of(history: Sequence[Attempt]) -> dict[str, str]:
    """The last thing that went wrong with each arm, without the arm's name where its provider put that first."""
    return {each.arm: f"{each.outcome.value}: {each.reason.removeprefix(each.arm + ': ')}" for each in history}


@dataclass(frozen=True, slots=True)
class _Step:
    reask: bool
    not_before: float


def _spent(history: Sequence[Attempt], limits: Limits) -> str:
    """Why a record with this history is not tried again on any arm; "" if it may be."""
    calls = [attempt.outcome for attempt in history if attempt.outcome is not Outcome.UNAFFORDABLE]
    if len(calls) >= limits.calls:
        return f"the record has had its {limits.calls} calls"
    if sum(outcome not in _FREE_OF_CHARGE for outcome in calls) >= limits.paid:
        return f"the record has had its {limits.paid} paid tries"
    if calls.count(Outcome.FILTERED) >= 2:
        return "two arms filtered it"
    return ""


def _unavoided(cards: Sequence[ModelCard], avoid: frozenset[str]) -> Sequence[ModelCard]:
    """Without the arms that made this record in vain; an only arm gets one more chance (whoever asks again counts those)."""
    return cards if len(cards) == 1 else [card for card in cards if card.id not in avoid]


def _going_on(order: list[ModelCard], history: Sequence[Attempt]) -> list[ModelCard]:
    """A re-ask or a retry goes to the arm that was asked last, whatever has become of the ranking since."""
    last = history[-1].arm if history else None
    return sorted(order, key=lambda card: card.id != last)


def _step(card: ModelCard, history: Sequence[Attempt]) -> _Step | None:
    """How `card` may be tried for a record with this history; None: not any more."""
    mine = [attempt for attempt in history if attempt.arm == card.id and attempt.outcome is not Outcome.RATE_LIMITED]
    down = [attempt.retry_at for attempt in mine if attempt.outcome is Outcome.UNAVAILABLE]
    read = [attempt.outcome for attempt in mine if attempt.outcome is not Outcome.UNAVAILABLE]
    if len(down) > 1 or len(read) > 1 or (read and read[0] not in REASKED):
        return None
    return _Step(reask=bool(read), not_before=down[0] if down else 0.0)


def _largest_too_small(history: Sequence[Attempt], fleet: Fleet) -> int:
    """The largest window of an arm that called the prompt too long; 0 if none did."""
    arms = (attempt.arm for attempt in history if attempt.outcome is Outcome.CONTEXT_TOO_LONG)
    return max((fleet[arm].card.context_tokens for arm in arms if arm in fleet.arms), default=0)


def _wait_or_not(gates: list[Gate], reasons: Mapping[str, str], now: float, limits: Limits, offline_ready: bool) -> Decision:
    """No arm takes the record now: wait for the first to open, unless none will in time.

    What can be made offline doesn't sit out a breaker, nor a long delay.
    """
    if not gates:
        return GiveUp(reasons)
    if offline_ready:
        gates = [gate for gate in gates if gate.state is not State.TRIPPED]
    longest = limits.offline_patience if offline_ready else limits.patience
    soon = [gate for gate in gates if gate.until is None or gate.until - now <= longest]
    if not soon:
        return GiveUp(reasons, f"every arm is down or closed for more than {longest:g} s")
    times = [gate.until - now for gate in soon if gate.until is not None]
    return Wait(min(times) if times else None)
