"""What the router believes of each arm at each task, and how it learns.

An arm-level parent takes a share of what is seen at each task, and each task's belief starts from it. The prior comes from the
card, wide where it is a guess, and weighs as much as some 30 records. Evidence fades: with each record (a memory of some hundreds),
with time, and at once when a change is detected. Time is handed in, in seconds.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from synth_sdk.core.models import ModelCard
from synth_sdk.router import difficulty
from synth_sdk.router.changes import Cusum, Watch
from synth_sdk.router.difficulty import Signals
from synth_sdk.router.evidence import ArmEvidence, TaskEvidence
from synth_sdk.router.views import View

PRIOR_VALIDITY = 0.8
_PRIOR_LEVEL = math.log(PRIOR_VALIDITY / (1 - PRIOR_VALIDITY))
_QUALITY_SLOPE, _USUAL_QUALITY = 2.0, 0.55  # log-odds for the whole range of quality, about the catalogue's middle
_PRIOR_VAR, _PRIOR_VAR_GUESS = 1.0, 1.7  # of the log-odds
_TASK_VAR = 0.5  # how far the log-odds of one arm lie apart at different tasks
_COMPANION_SLOPE, _COMPANION_VAR = -0.15, 0.03  # of the log-odds with each doubling of the records in a call
_SECONDS, _SECONDS_SLOPE = math.log(5.0), 0.5
_INPUT_SHARE, _OUTPUT_SHARE = 0.75, 0.5  # of the upper bounds, before anything was seen
_PARENT_SHARE = 0.3
_HALF_LIFE = 3600.0  # of evidence that nothing was added to
_MEMORY = 400.0  # records that validity remembers
_CALLS = 40.0  # calls that costs and times remember
_AFTER_CHANGE = 0.1  # of the evidence is left
_PARENT_AFTER_CHANGE, _PROOF_AFTER_CHANGE = 0.25, 0.3
WARM_SECONDS = 240.0  # how long a provider's prompt cache is taken to stay warm
_FRESH = 10.0  # seconds that a view may be old


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One call, as the beliefs see it. `tried` records had their first try of this arm in it (0: it was a re-ask).

    `failed` are the arms that had failed these records before. Tokens and dollars are None where the reply didn't tell.
    `lost_usd`: billed, as far as is known, for no answer.
    """

    arm: str
    task: str
    size: int
    tried: int = 0
    accepted: int = 0
    broken: int = 0
    mended: int | None = None
    failed: tuple[str, ...] = ()
    signals: Signals = (None, None, None)
    seconds: float | None = None
    bound_input: float = 0.0
    bound_output: float = 0.0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int = 0
    paid_usd: float | None = None
    listed_usd: float | None = None
    lost: float = 0.0


class Beliefs:
    """Beliefs about `cards`. What was noted since the last `take_fresh` is kept apart too, so that it can be added to a store."""

    def __init__(self, cards: Iterable[ModelCard]) -> None:
        self.cards = {card.id: card for card in cards}
        self.arms: dict[tuple[str, str], ArmEvidence] = {}
        self.tasks: dict[str, TaskEvidence] = {}
        self._fresh_arms: dict[tuple[str, str], ArmEvidence] = {}
        self._fresh_tasks: dict[str, TaskEvidence] = {}
        self._watches: dict[tuple[str, str], Watch] = {}
        self._last: dict[tuple[str, str], float] = {}
        self._warm: dict[tuple[str, str], float] = {}
        self._views: dict[tuple[str, str], tuple[float, View]] = {}
        self._news: dict[tuple[str, str], float] = {}  # records since the view was made
        self._blank_arm, self._blank_task = ArmEvidence(), TaskEvidence()
        self.versions: dict[str, int] = {}

    def task(self, task: str) -> TaskEvidence:
        return self.tasks.get(task, self._blank_task)

    def version(self, task: str) -> int:
        """Grows with each call that was learned from."""
        return self.versions.get(task, 0)

    def warm(self, arm: str, task: str, now: float) -> bool:
        """Whether the provider may still hold this task's prompt prefix in its cache."""
        return now - self._warm.get((arm, task), -math.inf) < WARM_SECONDS

    # Looking

    def view(self, arm: str, task: str, now: float) -> View:
        key = (arm, task)
        known = self._views.get(key)
        if known is not None and now - known[0] < _FRESH:
            return known[1]
        view = self._look(arm, task, now)
        self._views[key] = (now, view)
        self._news[key] = 0.0
        return view

    def _look(self, arm: str, task: str, now: float) -> View:
        card = self.cards[arm]
        key, parent_key = (arm, task), (arm, "")
        mine, parent = self.arms.get(key, self._blank_arm), self.arms.get(parent_key, self._blank_arm)
        fade, parent_fade = self._fade(key, now), self._fade(parent_key, now)
        wide = _PRIOR_VAR_GUESS if card.quality_sd >= 0.3 else _PRIOR_VAR
        guess = _PRIOR_LEVEL + _QUALITY_SLOPE * (card.quality - _USUAL_QUALITY)
        above = parent.validity.fit(guess, wide, _COMPANION_SLOPE, _COMPANION_VAR, parent_fade)
        var = min(wide, above.level_var + _TASK_VAR)
        fit = mine.validity.fit(above.level, var, above.slope, above.slope_var, fade)
        pace_above = parent.seconds.fit(_SECONDS, 1.0, _SECONDS_SLOPE, 0.3)
        pace = mine.seconds.fit(pace_above.level, pace_above.level_var + 0.5, pace_above.slope, 0.3)
        common = self.task(task)
        weight = 0.25 / max(0.01, card.quality_sd) ** 2
        return View(
            level=fit.level,
            slope=min(0.05, fit.slope),
            sd=math.sqrt(fit.variance(0.0)),
            proof=mine.sizes.weight * fade,
            price=parent.price.around(1.0, 1.0),
            input=mine.input.around(parent.input.around(common.input.around(_INPUT_SHARE, 2.0), 2.0), 2.0),
            output=mine.output.around(common.output.around(_OUTPUT_SHARE, 3.0), 4.0),
            ceiling=max(mine.shares.quantile(0.995), mine.shares.largest) if mine.shares.weight >= 30 else None,
            cached=mine.cached.around(0.0, 1.0) if self.warm(arm, task, now) else 0.0,
            seconds=pace.level,
            seconds_slope=pace.slope,
            seconds_sd=mine.seconds.deviation(pace.level, pace.slope, 0.4, 5.0),
            broken=mine.broken.around(parent.broken.around(0.03, 20.0), 20.0),
            mended=mine.mended.around(0.7, 5.0),
            lost=parent.lost.around(0.0, 5.0),
            quality=mine.quality.around(parent.quality.around(card.quality, weight), weight),
            quality_sd=0.5 / math.sqrt(weight + mine.quality.weight),
            largest=round(mine.sizes.largest) if mine.sizes.buckets else 0,
        )

    def _fade(self, key: tuple[str, str], now: float) -> float:
        return 0.5 ** (max(0.0, now - self._last[key]) / _HALF_LIFE) if key in self._last else 1.0

    # Learning

    def observe(self, seen: Seen, now: float) -> None:
        """Learn from one call."""
        key = (seen.arm, seen.task)
        if seen.tried:
            self._learn_validity(seen, now)
        for each in (key, (seen.arm, "")):
            for evidence in self._both(each):
                _learn_call(evidence, seen)
        for common in self._both_tasks(seen.task):
            if seen.input_tokens is not None and seen.bound_input:
                common.input.note(seen.input_tokens / seen.bound_input, keep=0.98)
            if seen.output_tokens is not None and seen.bound_output:
                common.output.note(seen.output_tokens / seen.bound_output, keep=0.98)
        self._last[key] = self._last[(seen.arm, "")] = now
        if seen.seconds is not None:
            self._warm[key] = now
        self._outdate(key, seen.size)
        self.versions[seen.task] = self.version(seen.task) + 1

    def _outdate(self, key: tuple[str, str], records: int) -> None:
        """Look anew when there is a hundredth more to see."""
        self._news[key] = news = self._news.get(key, 0.0) + records
        if news > 0.01 * self.arms[key].records:
            self._views.pop(key, None)

    def _learn_validity(self, seen: Seen, now: float) -> None:
        key, task = (seen.arm, seen.task), self.task(seen.task)
        state = self.state(seen.task, seen.signals, seen.failed, now)
        view = self.view(seen.arm, seen.task, now)
        log_odds = view.log_odds(seen.size)
        chance = difficulty.chances(log_odds - difficulty.shift(task, seen.signals))
        step = difficulty.lesson(state, chance, seen.tried, seen.accepted)
        x, keep = math.log2(seen.size), (1 - 1 / _MEMORY) ** seen.tried
        for evidence in self._both(key):
            evidence.validity.note(x, log_odds + step.slope / step.weight, step.weight, keep)
            evidence.sizes.note(seen.size, seen.tried)
            evidence.records += seen.tried
            evidence.accepted += seen.accepted
        for evidence in self._both((seen.arm, "")):
            evidence.validity.note(x, log_odds + step.slope / step.weight, step.weight * _PARENT_SHARE, keep)
        difficulty.learn_signals(*self._both_tasks(seen.task), seen.signals, step, seen.tried)
        if seen.failed:
            gains = difficulty.spread_gains(state, chance, seen.tried, seen.accepted)
            for common in self._both_tasks(seen.task):
                difficulty.learn_spread(common, gains)
        watch = self._watches.get(key)
        if watch is None:
            watch = self._watches[key] = Watch()
        if alarm := watch.note(step.chance, seen.tried, seen.accepted):
            self._forget(key, x, alarm)

    def _forget(self, key: tuple[str, str], x: float, alarm: Cusum) -> None:
        """The arm has changed: of its validity counts what was seen since, and little of what was before."""
        share = (alarm.accepted + 0.5) / (alarm.tried + 1)
        log_odds, weight = math.log(share / (1 - share)), alarm.tried * share * (1 - share)
        for each, left, part in ((key, _AFTER_CHANGE, 1.0), ((key[0], ""), _PARENT_AFTER_CHANGE, _PARENT_SHARE)):
            for evidence in self._both(each):
                evidence.validity.merge(type(evidence.validity)(), left)
                evidence.validity.note(x, log_odds, weight * part)
        for evidence in self._both(key):
            evidence.sizes.merge(type(evidence.sizes)(), _PROOF_AFTER_CHANGE)
        self._views.pop(key, None)

    def judged(self, arm: str, task: str, win_rate: float, pairs: int) -> None:
        """A judge preferred this arm's records in a share `win_rate` (0-1) of `pairs` comparisons: its quality moves towards that."""
        for key, share in (((arm, task), 1.0), ((arm, ""), _PARENT_SHARE)):
            for evidence in self._both(key):
                evidence.quality.note(win_rate, pairs * share, keep=0.99**pairs)
        self._views.pop((arm, task), None)
        self.versions[task] = self.version(task) + 1

    def state(self, task: str, signals: Signals, failed: Sequence[str], now: float) -> list[float]:
        """The weights of the difficulties of a record that `failed` (arms) have failed."""
        evidence = self.task(task)
        weights = difficulty.prior(evidence)
        if failed:
            harder = difficulty.shift(evidence, signals)
            for arm in failed:
                if arm in self.cards:
                    chance = difficulty.chances(self.view(arm, task, now).level - harder)
                    weights = difficulty.after_failure(weights, chance)
        return weights

    # Keeping

    def add(self, arm: str, task: str, evidence: ArmEvidence) -> None:
        """What a store knows already."""
        self.arms.setdefault((arm, task), ArmEvidence()).merge(evidence)

    def add_task(self, task: str, evidence: TaskEvidence) -> None:
        self.tasks.setdefault(task, TaskEvidence()).merge(evidence)

    def take_fresh(self) -> tuple[dict[tuple[str, str], ArmEvidence], dict[str, TaskEvidence]]:
        """What was noted since the last time, to be added to a store."""
        taken = self._fresh_arms, self._fresh_tasks
        self._fresh_arms, self._fresh_tasks = {}, {}
        return taken

    def _both(self, key: tuple[str, str]) -> tuple[ArmEvidence, ArmEvidence]:
        """All evidence, and that since the last `take_fresh`."""
        if key not in self._fresh_arms:
            self.arms.setdefault(key, ArmEvidence())
            self._fresh_arms[key] = ArmEvidence()
        return self.arms[key], self._fresh_arms[key]

    def _both_tasks(self, task: str) -> tuple[TaskEvidence, TaskEvidence]:
        if task not in self._fresh_tasks:
            self.tasks.setdefault(task, TaskEvidence())
            self._fresh_tasks[task] = TaskEvidence()
        return self.tasks[task], self._fresh_tasks[task]


def _learn_call(evidence: ArmEvidence, seen: Seen) -> None:
    """Costs, tokens, times, re-asks."""
    keep = 1 - 1 / _CALLS
    if seen.tried:
        evidence.broken.note(seen.broken / seen.tried, seen.tried, keep)
    if seen.mended is not None:
        evidence.mended.note(seen.mended / seen.size, seen.size, keep)
    evidence.lost.note(seen.lost, keep=keep)
    if seen.paid_usd is not None and seen.listed_usd:
        evidence.price.note(min(100.0, seen.paid_usd / seen.listed_usd), keep=0.8)
    if seen.input_tokens is not None and seen.bound_input:
        evidence.input.note(seen.input_tokens / seen.bound_input, keep=keep)
        evidence.cached.note(seen.cached_tokens / max(1, seen.input_tokens), keep=0.8)
    if seen.output_tokens is not None and seen.bound_output:
        evidence.output.note(seen.output_tokens / seen.bound_output, keep=keep)
        evidence.shares.note(seen.output_tokens / seen.bound_output)
    if seen.seconds is not None:
        evidence.seconds.note(math.log2(seen.size), math.log(max(1e-3, seen.seconds)), keep=keep)
