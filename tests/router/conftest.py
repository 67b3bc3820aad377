"""Every ledger that a test opens is closed after it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from synth_sdk.core.clock import Clock
from synth_sdk.router import Account, Ledger

OpenAccount = Callable[..., Account]


@pytest.fixture
def open_account(tmp_path: Path) -> Iterator[OpenAccount]:
    """`open_account(cap_micros, name="a", fresh=True, clock=None, file="ledger.db")`: each on a ledger handle of its own."""
    ledgers: list[Ledger] = []

    def open_one(
        cap: int, name: str = "a", *, fresh: bool = True, clock: Clock | None = None, file: str = "ledger.db"
    ) -> Account:
        ledgers.append(Ledger(tmp_path / file, clock))
        return ledgers[-1].open_account(name, cap, fresh_when_finished=fresh)

    yield open_one
    for ledger in ledgers:
        ledger.close()
