"""The account's laws: never over the cap, nothing forgotten, little stranded."""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
import uuid
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import BudgetExhausted, OutputError, WriteError
from synth_sdk.router import Account, Ledger
from tests.router.conftest import OpenAccount
from tests.router.fakes import run_virtual


async def test_reserve_settle_and_release_move_money_between_free_held_and_spent(open_account: OpenAccount) -> None:
    money = open_account(1000)
    first = await money.reserve(400, deadline_s=10, arm="x")
    second = await money.reserve(600, deadline_s=10, arm="y")
    assert (money.spent_micros, money.held_micros) == (0, 1000)
    assert money.settle(first, 150)
    assert money.release(second)
    assert (money.spent_micros, money.held_micros, money.spent_by_arm) == (150, 0, {"x": 150})


async def test_a_hold_closes_once(open_account: OpenAccount) -> None:
    money = open_account(1000)
    hold = await money.reserve(400, deadline_s=10)
    assert money.settle(hold, 100)
    assert not money.settle(hold, 100)
    assert not money.release(hold)
    assert (money.spent_micros, money.held_micros) == (100, 0)


async def test_what_can_never_fit_is_refused_at_once_and_the_message_names_the_amounts(open_account: OpenAccount) -> None:
    money = open_account(1000)
    money.settle(await money.reserve(400, deadline_s=10), 300)
    money.keep(await money.reserve(200, deadline_s=10))
    live = await money.reserve(100, deadline_s=10)
    started = time.monotonic()
    with pytest.raises(BudgetExhausted, match=r"\$0\.001 .*\$0\.000501.*\$0\.0003 spent.*\$0\.0003 held"):
        await money.reserve(501, deadline_s=10)
    assert time.monotonic() - started < 1
    money.release(live)


def test_when_full_it_waits_for_a_settlement_before_it_refuses(open_account: OpenAccount) -> None:
    async def main(clock: Clock) -> float:
        money = open_account(1000, clock=clock)
        hold = await money.reserve(900, deadline_s=60)
        asyncio.get_running_loop().call_later(7, money.settle, hold, 100)
        await money.reserve(900, deadline_s=60)
        return clock.now() - 1000

    assert run_virtual(main) == pytest.approx(7, abs=0.01)


def test_it_refuses_when_the_settlement_leaves_too_little(open_account: OpenAccount) -> None:
    async def main(clock: Clock) -> float:
        money = open_account(1000, clock=clock)
        hold = await money.reserve(900, deadline_s=60)
        asyncio.get_running_loop().call_later(7, money.settle, hold, 800)
        with pytest.raises(BudgetExhausted):
            await money.reserve(201, deadline_s=60)
        return clock.now() - 1000

    assert run_virtual(main) == pytest.approx(7, abs=0.01)


def test_a_hold_that_expired_is_not_waited_for_but_stays_counted(open_account: OpenAccount) -> None:
    async def main(clock: Clock) -> tuple[float, int]:
        money = open_account(1000, clock=clock)
        await money.reserve(900, deadline_s=5)
        with pytest.raises(BudgetExhausted):
            await money.reserve(200, deadline_s=5)
        return clock.now() - 1000, money.held_micros

    waited, held = run_virtual(main)
    assert waited == pytest.approx(5, abs=0.1)
    assert held == 900


def test_another_processs_settlement_is_noticed_soon(open_account: OpenAccount) -> None:
    async def main(clock: Clock) -> float:
        mine, theirs = open_account(1000, clock=clock), open_account(1000, clock=clock)
        hold = await theirs.reserve(900, deadline_s=60)
        asyncio.get_running_loop().call_later(3, theirs.settle, hold, 100)
        await mine.reserve(900, deadline_s=60)
        return clock.now() - 1000

    assert run_virtual(main) == pytest.approx(3, abs=0.06)


def test_the_holds_of_a_process_that_is_gone_are_not_waited_for(open_account: OpenAccount, tmp_path: Path) -> None:
    lines = "import asyncio, sys; from synth_sdk.router import Ledger; money = Ledger(sys.argv[1]).open_account('a', 1000, "
    lines += "fresh_when_finished=True); asyncio.run(money.reserve(900, deadline_s=1000)); import os; os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", lines, str(tmp_path / "ledger.db")], check=False)

    async def main(clock: Clock) -> float:
        money = open_account(1000, clock=Clock(clock.now, time.time, clock.sleep))
        assert money.held_micros == 900
        with pytest.raises(BudgetExhausted):
            await money.reserve(200, deadline_s=5)
        return clock.now() - 1000

    assert run_virtual(main) < 1


def test_small_requests_do_not_overtake_a_big_one(open_account: OpenAccount) -> None:
    async def main(clock: Clock) -> list[str]:
        money = open_account(1000, clock=clock)
        holds = [await money.reserve(250, deadline_s=60) for _ in range(4)]
        served: list[str] = []

        async def want(name: str, bound: int) -> None:
            await money.reserve(bound, deadline_s=60)
            served.append(name)

        tasks = [asyncio.create_task(want("big", 500))]
        await clock.sleep(1)
        tasks += [asyncio.create_task(want(f"small{n}", 100)) for n in range(3)]
        for hold in holds:
            money.release(hold)
            tasks.append(asyncio.create_task(want("late", 50)))
            await clock.sleep(1)
        await asyncio.gather(*tasks)
        return served

    assert run_virtual(main)[:4] == ["big", "small0", "small1", "small2"]


def test_an_unfinished_run_goes_on_and_a_finished_one_starts_again(open_account: OpenAccount) -> None:
    async def main() -> None:
        first = open_account(1000)
        first.settle(await first.reserve(300, deadline_s=10), 200)
        await first.reserve(50, deadline_s=10)
        again = open_account(1000)
        assert (again.spent_micros, again.held_micros) == (200, 50)
        again.finish()
        fresh = open_account(1000)
        assert (fresh.spent_micros, fresh.held_micros, fresh.spent_by_arm) == (0, 0, {})

    asyncio.run(main())


async def test_a_named_account_never_restarts(open_account: OpenAccount) -> None:
    first = open_account(1000, "team", fresh=False)
    first.settle(await first.reserve(300, deadline_s=10), 200)
    first.finish()
    assert open_account(1000, "team", fresh=False).spent_micros == 200


async def test_a_bill_above_its_bound_is_booked_in_full_and_free_calls_still_go(open_account: OpenAccount) -> None:
    money = open_account(1000)
    money.settle(await money.reserve(900, deadline_s=10), 1200)
    assert money.spent_micros == 1200
    money.settle(await money.reserve(0, deadline_s=10), 0)
    with pytest.raises(BudgetExhausted):
        await money.reserve(1, deadline_s=10)


def test_a_ledger_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OutputError, match="SYNTH_HOME"):
        Ledger(tmp_path / "file" / "ledger.db")
    (tmp_path / "junk.db").write_text("this is no database " * 100)
    with pytest.raises(OutputError, match=r"junk\.db"):
        Ledger(tmp_path / "junk.db")


class LedgerLaws(RuleBasedStateMachine):
    """Two processes' worth of handles on one account, in any order, with crashes."""

    holds = Bundle("holds")

    @initialize(cap=st.integers(0, 5000))
    def start(self, cap: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.cap, self.spent, self.held = cap, 0, 0
        self.ledgers = [self.opened() for _ in range(2)]
        self.open: dict[int, int] = {}
        self.loop = asyncio.new_event_loop()

    def opened(self) -> tuple[Ledger, Account]:
        ledger = Ledger(Path(self.folder.name) / "ledger.db", Clock(wall=lambda: 0.0))
        return ledger, ledger.open_account("a", self.cap, fresh_when_finished=True)

    @rule(target=holds, which=st.integers(0, 1), bound=st.integers(0, 2000))
    def reserve(self, which: int, bound: int):  # type: ignore[no-untyped-def]
        fits = self.spent + self.held + bound <= self.cap
        hold = self.ledgers[which][1]._take(bound, 10.0, "arm")
        assert (hold is not None) == (fits or bound == 0)
        if hold is None:
            return multiple()
        self.held += bound
        return hold

    @rule(hold=consumes(holds), which=st.integers(0, 1), share=st.floats(0, 1))
    def settle(self, hold, which: int, share: float) -> None:  # type: ignore[no-untyped-def]
        cost = int(hold.bound_micros * share)
        assert self.ledgers[which][1].settle(hold, cost)
        self.held, self.spent = self.held - hold.bound_micros, self.spent + cost

    @rule(hold=consumes(holds), which=st.integers(0, 1))
    def release(self, hold, which: int) -> None:  # type: ignore[no-untyped-def]
        assert self.ledgers[which][1].release(hold)
        self.held -= hold.bound_micros

    @rule(hold=holds, which=st.integers(0, 1))
    def keep(self, hold, which: int) -> None:  # type: ignore[no-untyped-def]
        self.ledgers[which][1].keep(hold)

    @rule(which=st.integers(0, 1))
    def crash_and_reopen(self, which: int) -> None:
        self.ledgers[which][0].close()
        self.ledgers[which] = self.opened()

    @invariant()
    def never_over_and_nothing_forgotten(self) -> None:
        for _, handle in self.ledgers:
            assert (handle.spent_micros, handle.held_micros) == (self.spent, self.held)
            assert handle.spent_micros + handle.held_micros <= self.cap
            assert sum(handle.spent_by_arm.values()) == self.spent

    def teardown(self) -> None:
        if hasattr(self, "ledgers"):
            for ledger, _ in self.ledgers:
                ledger.close()
            self.loop.close()
            self.folder.cleanup()


TestLedgerLaws = LedgerLaws.TestCase
TestLedgerLaws.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10**6),
    tasks=st.sampled_from([1, 8, 64, 256]),
    times=st.integers(40, 400),
    kept=st.sampled_from([0.0, 0.02]),
)
def test_at_least_95_percent_of_the_cap_is_used_and_never_more(
    open_account: OpenAccount, seed: int, tasks: int, times: int, kept: float
) -> None:
    """Random bounds, bills and latencies; a worker stops when its smallest call is refused."""
    source, largest = random.Random(seed), 1000
    cap = largest * times

    async def main(clock: Clock) -> tuple[int, int, int]:
        money = open_account(cap, clock=clock, file=f"{uuid.uuid4()}.db")
        bill = peak = 0

        async def worker() -> None:
            nonlocal bill, peak
            while True:
                bound = source.randint(largest // 2, largest)
                try:
                    hold = await money.reserve(bound, deadline_s=100)
                except BudgetExhausted:
                    return
                cost = source.randint(bound // 10, bound)
                bill += cost
                await clock.sleep(source.expovariate(1))
                if source.random() < kept:
                    money.keep(hold)
                else:
                    money.settle(hold, cost)
                peak = max(peak, money.spent_micros + money.held_micros)

        await asyncio.gather(*(worker() for _ in range(tasks)))
        return bill, peak, money.spent_micros + money.held_micros

    bill, peak, used = run_virtual(main)
    assert bill <= used <= cap
    assert peak <= cap
    assert used >= 0.95 * cap


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

    async def main(path, log, seed):
        money = Ledger(path).open_account("shared", 1_500_000, fresh_when_finished=True)
        with open(log, "w") as bills:
            print("ready", flush=True)
            sys.stdin.readline()
            await asyncio.gather(*(worker(money, random.Random(f"{seed}-{n}"), bills) for n in range(8)))

    asyncio.run(main(*sys.argv[1:]))
    """
)


def test_three_processes_and_two_kills_never_pass_the_cap_and_forget_nothing(tmp_path: Path, open_account: OpenAccount) -> None:
    path = tmp_path / "ledger.db"

    def spawn(number: int) -> subprocess.Popen[bytes]:
        arguments = [sys.executable, "-c", WORKER, str(path), str(tmp_path / f"bills{number}"), str(number)]
        return subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def start(process: subprocess.Popen[bytes]) -> None:
        assert process.stdout
        assert process.stdin
        process.stdout.readline()
        process.stdin.write(b"go\n")
        process.stdin.flush()

    processes = [spawn(number) for number in range(4)]
    for process in processes[:3]:
        start(process)
    for process in processes[:2]:
        time.sleep(0.15)
        os.kill(process.pid, signal.SIGKILL)
    start(processes[3])
    for process in processes:
        process.communicate(timeout=40)
    assert [process.returncode for process in processes] == [-9, -9, 0, 0]
    billed = sum(int(line) for log in tmp_path.glob("bills*") for line in log.read_text().split())
    money = open_account(1_500_000, "shared")
    assert billed <= money.spent_micros + money.held_micros <= 1_500_000
    assert money.spent_micros + money.held_micros >= 0.95 * 1_500_000


async def test_a_ledger_that_fails_in_the_middle_says_so_and_admits_nothing(open_account: OpenAccount, tmp_path: Path) -> None:
    money = open_account(1000)
    other = sqlite3.connect(tmp_path / "ledger.db")
    other.execute("DROP TABLE holds")
    other.close()
    with pytest.raises(WriteError, match=r"ledger\.db"):
        await money.reserve(100, deadline_s=1)
    with pytest.raises(WriteError):
        _ = money.held_micros
    left = sqlite3.connect(tmp_path / "ledger.db")
    assert left.execute("SELECT held FROM accounts").fetchall() == [(0,)]
    left.close()
