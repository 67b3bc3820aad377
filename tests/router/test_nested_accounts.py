"""An account within another one: neither cap is passed, under any interleaving and whoever is killed, and both know what was spent."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import BudgetExhausted
from synth_sdk.router import Account, Ledger
from tests.router.fakes import run_virtual


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger(tmp_path / "ledger.db")
    yield opened
    opened.close()


def nested(ledger: Ledger, outer_cap: int, **caps: int) -> tuple[Account, list[Account]]:
    outer = ledger.open_account("batch", outer_cap, fresh_when_finished=True)
    return outer, [ledger.open_account(name, cap, fresh_when_finished=False, within=outer) for name, cap in caps.items()]


async def test_a_hold_lies_in_both_and_so_does_what_it_cost(ledger):
    outer, (job,) = nested(ledger, 1000, job=500)
    hold = await job.reserve(400, deadline_s=10, arm="x")
    assert (job.held_micros, outer.held_micros, job.left_micros) == (400, 400, 100)
    assert job.settle(hold, 150)
    assert not job.settle(hold, 150)
    for account in (job, outer):
        assert (account.spent_micros, account.held_micros, account.spent_by_arm) == (150, 0, {"x": 150})
    assert job.left_micros == 350


async def test_each_cap_refuses_and_says_which(ledger):
    outer, (small, large) = nested(ledger, 1000, small=300, large=5000)
    with pytest.raises(BudgetExhausted, match=r"budget of \$0\.0003 can't hold a call of up to \$0\.000301"):
        await small.reserve(301, deadline_s=10)
    large.settle(await large.reserve(900, deadline_s=10), 900)
    assert (small.left_micros, large.left_micros) == (100, 100)
    with pytest.raises(BudgetExhausted, match=r"budget of \$0\.001 that this run shares can't hold a call of up to \$0\.0002"):
        await small.reserve(200, deadline_s=10)
    assert (outer.held_micros, small.held_micros) == (0, 0)  # what doesn't fit in one is in neither


async def test_a_hold_may_be_closed_by_whoever_opens_its_account_again(ledger, tmp_path):
    outer, (job,) = nested(ledger, 1000, job=500)
    hold = await job.reserve(400, deadline_s=10)
    other = Ledger(tmp_path / "ledger.db")
    again = other.open_account("job", 500, fresh_when_finished=False)  # it wasn't told of the outer one
    assert again.release(hold)
    other.close()
    assert (job.held_micros, outer.held_micros) == (0, 0)


def test_who_waits_for_the_outer_account_goes_on_when_a_neighbour_makes_room(ledger):
    async def main(clock: Clock) -> float:
        ledger.clock = clock
        _, (one, two) = nested(ledger, 1000, one=1000, two=1000)
        hold = await one.reserve(900, deadline_s=60)
        asyncio.get_running_loop().call_later(7, one.settle, hold, 100)
        await two.reserve(900, deadline_s=60)
        return clock.now() - 1000

    assert run_virtual(main) == pytest.approx(7, abs=0.01)


def test_another_process_that_makes_room_in_the_outer_account_is_noticed_soon(ledger, tmp_path):
    async def main(clock: Clock) -> float:
        other = Ledger(tmp_path / "ledger.db", clock)
        ledger.clock = clock
        _, (one,) = nested(ledger, 1000, one=1000)
        _, (two,) = nested(other, 1000, two=1000)
        hold = await one.reserve(900, deadline_s=60)
        asyncio.get_running_loop().call_later(3, one.settle, hold, 100)
        await two.reserve(900, deadline_s=60)
        other.close()
        return clock.now() - 1000

    assert run_virtual(main) == pytest.approx(3, abs=0.06)


def test_accounts_nest_one_deep(ledger):
    _, (job,) = nested(ledger, 1000, job=500)
    with pytest.raises(ValueError, match="nest one deep"):
        ledger.open_account("part", 100, fresh_when_finished=False, within=job)


async def test_a_ledger_from_before_accounts_could_be_nested_is_taken_over(tmp_path):
    old = sqlite3.connect(tmp_path / "old.db")
    old.executescript(
        "CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT NOT NULL, epoch INTEGER NOT NULL, finished INTEGER NOT NULL DEFAULT 0,"
        " settled INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0, UNIQUE (name, epoch));"
        "CREATE TABLE holds (id INTEGER PRIMARY KEY, account INTEGER NOT NULL, arm TEXT NOT NULL, bound INTEGER NOT NULL,"
        " owner TEXT NOT NULL, expires_at REAL NOT NULL, kept INTEGER NOT NULL DEFAULT 0);"
        "INSERT INTO accounts VALUES (1, 'a', 1, 0, 100, 50); INSERT INTO holds VALUES (1, 1, 'x', 50, 'host:1:a', 0, 0);"
    )
    old.close()
    ledger = Ledger(tmp_path / "old.db")
    outer = ledger.open_account("batch", 1000, fresh_when_finished=True)
    account = ledger.open_account("a", 1000, fresh_when_finished=True, within=outer)
    assert (account.spent_micros, account.held_micros, account.epoch) == (100, 50, 1)
    account.settle(await account.reserve(200, deadline_s=1), 200)
    assert (account.spent_micros, outer.spent_micros) == (300, 200)
    ledger.close()


class NestedLaws(RuleBasedStateMachine):
    """Two processes' worth of handles on two jobs' accounts within one, in any order, with crashes."""

    holds = Bundle("holds")

    @initialize(outer=st.integers(0, 5000), caps=st.tuples(st.integers(0, 4000), st.integers(0, 4000)))
    def start(self, outer: int, caps: tuple[int, int]) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.outer, self.caps = outer, caps
        self.spent, self.held = [0, 0], [0, 0]
        self.processes = [self.opened() for _ in range(2)]

    def opened(self) -> tuple[Ledger, Account, list[Account]]:
        ledger = Ledger(Path(self.folder.name) / "ledger.db", Clock(wall=lambda: 0.0))
        return ledger, *nested(ledger, self.outer, **{f"job {n}": cap for n, cap in enumerate(self.caps)})

    @rule(target=holds, which=st.integers(0, 1), job=st.integers(0, 1), bound=st.integers(0, 2000))
    def reserve(self, which, job, bound):
        booked = sum(self.spent) + sum(self.held)
        fits = booked + bound <= self.outer and self.spent[job] + self.held[job] + bound <= self.caps[job]
        hold = self.processes[which][2][job]._take(bound, 10.0, "arm")
        assert (hold is not None) == (fits or bound == 0)
        if hold is None:
            return multiple()
        self.held[job] += bound
        return (job, hold)

    @rule(held=consumes(holds), which=st.integers(0, 1), share=st.floats(0, 1))
    def settle(self, held, which, share):
        job, hold = held
        cost = int(hold.bound_micros * share)
        assert self.processes[which][2][job].settle(hold, cost)
        self.held[job] -= hold.bound_micros
        self.spent[job] += cost

    @rule(held=consumes(holds), which=st.integers(0, 1))
    def release(self, held, which):
        job, hold = held
        assert self.processes[which][2][job].release(hold)
        self.held[job] -= hold.bound_micros

    @rule(held=holds, which=st.integers(0, 1))
    def keep(self, held, which):
        self.processes[which][2][held[0]].keep(held[1])

    @rule(which=st.integers(0, 1))
    def crash_and_reopen(self, which):
        self.processes[which][0].close()
        self.processes[which] = self.opened()

    @invariant()
    def never_over_and_nothing_forgotten(self) -> None:
        for _, outer, jobs in self.processes:
            assert (outer.spent_micros, outer.held_micros) == (sum(self.spent), sum(self.held))
            assert outer.spent_micros + outer.held_micros <= self.outer
            for job, cap, spent, held in zip(jobs, self.caps, self.spent, self.held, strict=True):
                assert (job.spent_micros, job.held_micros) == (spent, held)
                assert spent + held <= cap
                assert sum(job.spent_by_arm.values()) == spent
                assert job.left_micros == min(cap - spent - held, self.outer - sum(self.spent) - sum(self.held))

    def teardown(self) -> None:
        if hasattr(self, "processes"):
            for ledger, *_ in self.processes:
                ledger.close()
            self.folder.cleanup()


TestNestedLaws = NestedLaws.TestCase
TestNestedLaws.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)


WORKER = textwrap.dedent(
    """
    import asyncio, random, sys
    from synth_sdk.core.errors import BudgetExhausted
    from synth_sdk.router import Ledger

    async def worker(money, source, bills):
        while True:
            try:
                hold = await money.reserve(source.randint(500, 1000), deadline_s=3)
            except BudgetExhausted:
                return
            cost = source.randint(100, hold.bound_micros)
            bills.write(f"{cost}\\n"); bills.flush()      # the provider has done the work: it will send this bill
            await asyncio.sleep(source.uniform(0, 0.01))
            money.settle(hold, cost)

    async def main(path, log, job, cap):
        ledger = Ledger(path)
        batch = ledger.open_account("batch", 400_000, fresh_when_finished=True)
        money = ledger.open_account(job, int(cap), fresh_when_finished=False, within=batch)
        with open(log, "w") as bills:
            print("ready", flush=True)
            sys.stdin.readline()
            await asyncio.gather(*(worker(money, random.Random(f"{job}-{n}"), bills) for n in range(6)))

    asyncio.run(main(*sys.argv[1:]))
    """
)


def test_jobs_in_three_processes_and_a_kill_pass_neither_cap_and_forget_nothing(tmp_path):
    path, caps = tmp_path / "ledger.db", {"a": 300_000, "b": 60_000, "c": 300_000}

    def spawn(job: str) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-c", WORKER, str(path), str(tmp_path / f"bills-{job}"), job, str(caps[job])]
        return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    processes = {job: spawn(job) for job in caps}
    for process in processes.values():
        process.stdout.readline()
    for process in processes.values():
        process.stdin.write(b"go\n")
        process.stdin.flush()
    time.sleep(0.15)
    os.kill(processes["a"].pid, signal.SIGKILL)
    for process in processes.values():
        process.communicate(timeout=40)
    assert [process.returncode for process in processes.values()] == [-9, 0, 0]

    ledger = Ledger(path)
    batch, jobs = nested(ledger, 400_000, **caps)
    billed = {job: sum(map(int, (tmp_path / f"bills-{job}").read_text().split())) for job in caps}
    for job in jobs:
        assert billed[job.name] <= job.spent_micros + job.held_micros <= caps[job.name]
    booked = batch.spent_micros + batch.held_micros
    assert booked == sum(job.spent_micros + job.held_micros for job in jobs)
    assert 0.9 * 400_000 <= booked <= 400_000
    ledger.close()
