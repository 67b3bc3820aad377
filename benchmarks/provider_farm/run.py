"""One policy in one world: a whole run on the virtual clock, and its score."""

import asyncio
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.provider_farm.farm import HOUR_USD, Farm, make_farm
from benchmarks.provider_farm.oracle import HASTE, Oracle
from benchmarks.provider_farm.policies import (
    Cascade,
    Chain,
    CostBased,
    Single,
    Thompson,
    best_arm,
    cheapest_arm,
    three_arms,
)
from benchmarks.provider_farm.provider import FarmState
from benchmarks.provider_farm.records import request
from benchmarks.provider_farm.reference import Policy, Reference
from benchmarks.provider_farm.scenarios import Scenario, World
from benchmarks.provider_farm.stopwatch import Watch
from benchmarks.provider_farm.virtual_time import START, run_virtual
from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import NoRoute
from synth_sdk.core.models import BatchModel, Json, Model
from synth_sdk.core.seeds import derive
from synth_sdk.router import Account, Batched, Beliefs, LearnedStore, Ledger, Router
from synth_sdk.router import policy as router_policy

CONCURRENCY = 64
_TIMEOUT_S = 60.0
_CAP_MICROS = 10**12  # a million dollars: the budget is not what this is about
ORACLE, FREE_ORACLE, HASTY_ORACLE, ROUTER = "oracle", "oracle, may repeat", "oracle, in haste", "synth router"
CASCADE = "cascade"
POLICIES = (
    ORACLE,
    FREE_ORACLE,
    HASTY_ORACLE,
    ROUTER,
    CASCADE,
    "thompson",
    "litellm cost-based",
    "fixed chain",
    "single best",
    "single cheapest",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Dollars are those that the farm billed. `loss_usd` adds the charges for records that nobody made, and for time."""

    records: int
    accepted: int
    good: int
    usd: float
    loss_usd: float
    makespan_s: float
    calls: int
    violations: int
    booked_usd: float  # settled or held in the account: what the caller believes at most
    cpu_s: float
    decisions: int
    deciding_s: float

    @property
    def usd_per_accepted(self) -> float:
        return self.usd / max(1, self.accepted)


MakeModel = Callable[[FarmState, Account, Clock], BatchModel]


def play(policy: str, scenario: Scenario, world: World, records: int, concurrency: int = CONCURRENCY) -> Score:
    """The score of `policy`, one of POLICIES."""
    farm = make_farm(scenario, world, records, concurrency)
    if policy == ROUTER:
        return _play_router(farm, scenario, world, concurrency)
    watch = Watch()

    def reference(state: FarmState, account: Account, clock: Clock) -> BatchModel:
        chooser = _policy(policy, state, world)
        watch.attach(chooser, "choose")
        return Reference(
            farm.cards,
            state.providers(),
            account,
            chooser,
            clock,
            concurrency=concurrency,
            timeout=_TIMEOUT_S,
            draw=random.Random(derive(world.seed, "loop")),
        )

    return _run(farm, scenario, reference, watch, concurrency)


def _play_router(farm: Farm, scenario: Scenario, world: World, concurrency: int) -> Score:
    """The production router; in a warm scenario with what it kept of a run of other records in the same farm."""
    with tempfile.TemporaryDirectory() as folder:
        store = LearnedStore(Path(folder) / "learned.sqlite3", wall=lambda: START)
        if scenario.warm:
            earlier = replace(world, seed=derive(world.seed, "earlier"))
            beliefs = store.load(farm.cards)
            _run_router(make_farm(scenario, earlier, len(farm.records), concurrency), scenario, earlier, beliefs, concurrency)
            store.save(beliefs)
        return _run_router(farm, scenario, world, store.load(farm.cards), concurrency)


def _run_router(farm: Farm, scenario: Scenario, world: World, beliefs: Beliefs, concurrency: int) -> Score:
    def router(state: FarmState, account: Account, clock: Clock) -> BatchModel:
        return Router(
            farm.cards,
            state.providers(),
            account,
            key=lambda wanted: wanted.brief,
            concurrency=concurrency,
            timeout=_TIMEOUT_S,
            beliefs=beliefs,
            clock=clock,
            rng=random.Random(derive(world.seed, "router")),
        )

    watch = Watch()
    with watch.on(router_policy, "choose"):
        return _run(farm, scenario, router, watch, concurrency)


def _policy(name: str, state: FarmState, world: World) -> Policy:
    farm = state.farm
    makers: dict[str, Callable[[], Policy]] = {
        ORACLE: lambda: Oracle(state),
        HASTY_ORACLE: lambda: Oracle(state, time_value=HASTE),
        FREE_ORACLE: lambda: Oracle(state, free=True),
        CASCADE: lambda: Cascade(farm.cards),
        "thompson": lambda: Thompson(farm.cards, random.Random(derive(world.seed, "thompson"))),
        "litellm cost-based": lambda: CostBased(farm.cards),
        "fixed chain": lambda: Chain(three_arms(farm)),
        "single best": lambda: Single(best_arm(farm)),
        "single cheapest": lambda: Single(cheapest_arm(farm)),
    }
    return makers[name]()


def _run(farm: Farm, scenario: Scenario, make: MakeModel, watch: Watch, concurrency: int) -> Score:
    state = FarmState(farm)
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        delivery = run_virtual(lambda clock: _deliver(state, scenario, make, concurrency, clock, Path(folder)))
        cpu = time.process_time() - started
    accepted = [value for value in delivery.values if value is not None]
    usd = state.books.billed
    return Score(
        records=len(farm.records),
        accepted=len(accepted),
        good=sum(bool(value["good"]) for value in accepted),
        usd=usd,
        loss_usd=usd + farm.miss_usd * (len(farm.records) - len(accepted)) + HOUR_USD * delivery.seconds / 3600,
        makespan_s=delivery.seconds,
        calls=state.books.calls,
        violations=state.books.violations,
        booked_usd=delivery.booked_usd,
        cpu_s=cpu,
        decisions=watch.count,
        deciding_s=watch.seconds,
    )


@dataclass(frozen=True, slots=True)
class Delivery:
    """The accepted value of each record or None, the virtual seconds that it took, and what the account has settled and held."""

    values: list[Json | None]
    seconds: float
    booked_usd: float


async def _deliver(
    state: FarmState, scenario: Scenario, make: MakeModel, concurrency: int, clock: Clock, folder: Path
) -> Delivery:
    """All records, in order, with twice as many under way as there may be calls in flight."""
    ledger = Ledger(folder / "ledger.sqlite3", clock)
    try:
        account = ledger.open_account("farm", _CAP_MICROS, fresh_when_finished=True)
        model = Batched(make(state, account, clock), scenario.records_per_call)
        values = await _each(state, model, 2 * concurrency * scenario.records_per_call)
        return Delivery(values, clock.now() - START, (account.spent_micros + account.held_micros) / 1e6)
    finally:
        ledger.close()


async def _each(state: FarmState, model: Model, width: int) -> list[Json | None]:
    values: list[Json | None] = [None] * len(state.farm.records)
    waiting = iter(state.farm.records)

    async def worker() -> None:
        for record in waiting:
            with suppress(NoRoute):
                values[record.number] = (await model.complete(request(record, state.farm.noise.check))).value

    await asyncio.gather(*(worker() for _ in range(width)))
    return values
