"""What to do next for a record: pure decisions over (features, history, fleet, now).

The reaction to each outcome of a try:

| outcome                  | same arm again            | other arms                  | the arm in this run                     |
|--------------------------|---------------------------|-----------------------------|-----------------------------------------|
| rate limited             | when its delay is over    | at once                     | closed until then; limit halved         |
| quota used up            | no                        | yes                         | out                                     |
| unavailable              | once, after full jitter   | then                        | breaker; out after 3 failed probes (*)  |
| timed out                | no                        | yes                         | breaker; limit halved                   |
| context too long         | no                        | those with a larger window  | -                                       |
| bad request              | no                        | each once                   | unfit for the task, unless it served it |
| refused                  | no                        | yes                         | out (401: all arms of its provider)     |
| content filtered         | no                        | one more                    | -                                       |
| schema broken, truncated | once, told what was wrong | then                        | -                                       |
| rejected, near-duplicate | no                        | yes                         | -                                       |
| over the budget          | no                        | cheaper ones                | -                                       |

A rate-limited call is no try of its arm, but every call counts towards `Limits.calls`. A 503 halves the limit as well. When no arm is
left, those that were unavailable or timed out get another turn, until the record has had its calls: that tells nothing of the record.
(*) After 6, if it has answered in this run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from synth_sdk.core.errors import Outcome
from synth_sdk.core.models import ModelCard
from synth_sdk.router.features import Features
from synth_sdk.router.health import Fleet, Gate, State
from synth_sdk.router.routes import Routes
from synth_sdk.router.weights import Limits

_UNPAID = {
    Outcome.RATE_LIMITED,
    Outcome.QUOTA,
    Outcome.UNAVAILABLE,
    Outcome.CONTEXT_TOO_LONG,
    Outcome.BAD_REQUEST,
    Outcome.REFUSED,
    Outcome.UNAFFORDABLE,
}
REASKED = {Outcome.BROKEN, Outcome.TRUNCATED}
_DOWN = {Outcome.UNAVAILABLE, Outcome.TIMEOUT}
TELLING = {Outcome.BROKEN, Outcome.REJECTED, Outcome.DUPLICATE, Outcome.FILTERED}  # of the record's difficulty
ANSWERED = REASKED | TELLING


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try in a record's history. `previous` is what failed; `retry_at` when an unavailable arm may be tried again;
    `cost_micros` is the record's share of the call's bill."""

    arm: str
    outcome: Outcome
    reason: str
    previous: str = ""
    retry_at: float = 0.0
    cost_micros: int = 0


@dataclass(frozen=True, slots=True)
class Try:
    """Ask `card`, with at most `size` records in the call. `worth` is the objective for each of them, `premium` what is added to
    it by exploring."""

    card: ModelCard
    reask: bool = False
    size: int = 1
    worth: float = field(default=0.0, compare=False)
    premium: float = field(default=0.0, compare=False)


ALONE = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """For so many seconds, or until something changes, whichever comes first. None: until something changes. `arm` is the one
    whose next free place is waited for; None: any that opens; ALONE: no place, only time."""

    seconds: float | None
    arm: str | None = None


@dataclass(frozen=True, slots=True)
class GiveUp:
    reasons: Mapping[str, str]
    hint: str = ""


Decision = Try | Wait | GiveUp


def choose(
    features: Features,
    history: Sequence[Attempt],
    fleet: Fleet,
    now: float,
    *,
    cards: Sequence[ModelCard],
    routes: Routes,
    offline_ready: bool = False,
    draw: float = 1.0,
    ahead: Callable[[str], int] = lambda arm: 0,
) -> Decision:
    """The next step for a record that `cards` (those admitted) may make and that has `history` behind it.

    `draw` in 0-1 decides whether this try explores; at 1 it doesn't. `ahead` tells how many stand in line for an arm before it.
    """
    limits, weights = routes.limits, routes.weights
    reasons = reasons_of(history)
    if spent := _spent(history, limits):
        return GiveUp(reasons, spent)
    wanted = _unavoided(cards, features.avoid)
    gone = [card for card in wanted if fleet[card.id].gone(features.task)]
    alive = [card for card in wanted if card not in gone] if gone else wanted
    route = routes.route(alive, features, _failed(history), _paid(history), now)
    order: Sequence[ModelCard] = [*route.order, *gone]
    explored, premium = None, 0.0
    if history:
        order = _going_on(order, history)
    elif found := routes.explored(route, features, now, draw):
        explored, premium = found
        order = [explored, *(card for card in order if card is not explored)]
    too_small = _largest_too_small(history, fleet)
    spare: Try | None = None  # an arm that is FULL of overdue calls, and no other is open
    tokens, gates = features.input_tokens + features.output_tokens, list[Gate]()
    steps = _steps([card for card in order if card.context_tokens > too_small], history)
    for card, step in steps:
        health = fleet[card.id]
        gate = health.gate(features.task, now, tokens)
        if gate.state is State.OPEN and step.not_before > now:
            return Wait(step.not_before - now, ALONE)
        if gate.state is State.OPEN:
            return Try(card, step.reask, route.sizes[card.id], route.value, premium if card is explored else 0.0)
        if gate.state is State.FULL and weights.patient and health.worth_waiting(gate, ahead(card.id), limits, now):
            return Wait(None if gate.until is None else gate.until - now, card.id)
        if gate.state is State.FULL and spare is None and step.not_before <= now and health.has_room(tokens, now):
            spare = Try(card, step.reask, route.sizes[card.id], route.value)
        if gate.state is State.GONE:
            reasons[card.id] = gate.why
        else:
            reasons.setdefault(card.id, f"{gate.state.value}{': ' + gate.why if gate.why else ''}")
            gates.append(gate)
    if spare is not None:
        return spare
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
    if _paid(history) >= limits.paid:
        return f"the record has had its {limits.paid} paid tries"
    if calls.count(Outcome.FILTERED) >= 2:
        return "two arms filtered it"
    return ""


def _paid(history: Sequence[Attempt]) -> int:
    return sum(attempt.outcome not in _UNPAID for attempt in history)


def _failed(history: Sequence[Attempt]) -> tuple[str, ...]:
    """The arms whose records were turned down, which tells that this one is difficult."""
    return tuple(dict.fromkeys(attempt.arm for attempt in history if attempt.outcome in TELLING))


def _unavoided(cards: Sequence[ModelCard], avoid: frozenset[str]) -> Sequence[ModelCard]:
    """Without the arms that made this record in vain; an only arm gets one more chance (whoever asks again counts those)."""
    return cards if len(cards) == 1 else [card for card in cards if card.id not in avoid]


def _going_on(order: Sequence[ModelCard], history: Sequence[Attempt]) -> list[ModelCard]:
    """A re-ask or a retry goes to the arm that was asked last, whatever has become of the ranking since."""
    last = history[-1].arm if history else None
    return sorted(order, key=lambda card: card.id != last)


def _steps(order: Sequence[ModelCard], history: Sequence[Attempt]) -> list[tuple[ModelCard, _Step]]:
    """The arms that may be tried for a record with this history, and how. When none is left, those that were merely down have another
    turn, and another: `Limits` ends that."""
    for more in range(len(history) + 1):
        steps = [(card, step) for card in order if (step := _step(card, history, more))]
        if steps:
            return steps
    return []


def _step(card: ModelCard, history: Sequence[Attempt], more: int = 0) -> _Step | None:
    """How `card` may be tried for a record with this history, with so many tries more than usual if it was down; None: not any more."""
    mine = [attempt for attempt in history if attempt.arm == card.id and attempt.outcome is not Outcome.RATE_LIMITED]
    down = [attempt for attempt in mine if attempt.outcome in _DOWN]
    read = [attempt.outcome for attempt in mine if attempt.outcome not in _DOWN]
    most = more + (1 if any(attempt.outcome is Outcome.TIMEOUT for attempt in down) else 2)
    if len(down) >= most or len(read) > 1 or (read and read[0] not in REASKED):
        return None
    return _Step(reask=bool(read), not_before=max([attempt.retry_at for attempt in down], default=0.0))


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
