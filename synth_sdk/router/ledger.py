"""The account that reserves before a call, settles after it, and never holds more than its cap.

`settled + held + bound(new) <= cap` is checked and booked in one SQLite transaction (`BEGIN IMMEDIATE`, one conditional UPDATE
and the hold's own row), so it is true for any number of tasks and processes on one file. A hold of a killed process stays
counted. When an account is full, `reserve` waits for open holds to settle for less than their bounds before it refuses:
refusing at once would strand most of a tight cap.

An account may lie within another one, as that of a job in its batch's. Then a hold is booked in both in the same transaction, or
in neither, and so is what it settles for: neither cap is passed, whoever else spends from the outer one.

Durability: WAL with synchronous=NORMAL. A commit then reaches the operating system before the call returns, which is all that a
killed process needs (kill -9 loses no hold and no settlement); only a power cut can lose the last moments. synchronous=FULL would
cover that too, but its fsync per commit blocks the event loop: 0.61 ms against 0.06 ms for a reserve/settle pair on a local disk,
and many times that on a network volume.
"""

import asyncio
import os
import socket
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import BudgetExhausted, OutputError, WriteError
from synth_sdk.core.money import format_usd
from synth_sdk.router.waiting import Changes, change_or_sleep

_POLL_SECONDS = 0.05  # how often another process's settlements are looked for
_BUSY_SECONDS = 30.0
_PAGE_BYTES = 1024  # a transaction writes whole pages to change a few numbers: small ones (of a file made from now on)
_CHECKPOINT_PAGES = 8192  # between checkpoints, which wait for the disk: the log is folded into the few pages that changed
_TABLES = """
CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, epoch INTEGER NOT NULL, finished INTEGER NOT NULL DEFAULT 0,
    settled INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0, UNIQUE (name, epoch));
CREATE TABLE IF NOT EXISTS holds (
    id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES accounts, arm TEXT NOT NULL, bound INTEGER NOT NULL,
    owner TEXT NOT NULL, expires_at REAL NOT NULL, kept INTEGER NOT NULL DEFAULT 0, parent INTEGER REFERENCES accounts);
CREATE INDEX IF NOT EXISTS holds_by_account ON holds (account);
CREATE TABLE IF NOT EXISTS spending (
    account INTEGER NOT NULL REFERENCES accounts, arm TEXT NOT NULL, micros INTEGER NOT NULL, PRIMARY KEY (account, arm))
    WITHOUT ROWID;
"""
_PARENT = "ALTER TABLE holds ADD COLUMN parent INTEGER REFERENCES accounts"  # of a file from before accounts could be nested
_BY_PARENT = "CREATE INDEX IF NOT EXISTS holds_by_parent ON holds (parent) WHERE parent IS NOT NULL"


class Hold(NamedTuple):
    """Money set aside for one call, in micro-dollars."""

    id: int
    bound_micros: int
    arm: str


class _Full(Exception):
    """An account can't hold one more call now; a signal that undoes the transaction."""


class _Balance(NamedTuple):
    """`live` of the held money may still come back; `foreign` of it by another process; the next hold expires at `expiry`."""

    settled: int
    held: int
    live: int
    foreign: int
    expiry: float


class Ledger:
    """All accounts in one SQLite file, shared by any number of processes of one machine.

    Use it from one thread at a time per transaction: a lock inside sees to that.
    """

    def __init__(self, path: Path | str, clock: Clock | None = None) -> None:
        self.path = Path(path)
        self.clock = clock or Clock()
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._lock = threading.Lock()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._db = self._connect()
        except (OSError, sqlite3.Error) as error:
            raise OutputError(
                f"the ledger {str(self.path)!r} can't be opened: {error}; set SYNTH_HOME to a writable folder"
            ) from None

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            db.execute(f"PRAGMA page_size={_PAGE_BYTES}")
            with suppress(sqlite3.OperationalError):  # another process may be switching the same new file at this moment
                db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
            db.execute("BEGIN IMMEDIATE")
            for statement in filter(str.strip, _TABLES.split(";")):
                db.execute(statement)
            if "parent" not in {name for _, name, *_ in db.execute("PRAGMA table_info(holds)")}:
                db.execute(_PARENT)
            db.execute(_BY_PARENT)
            db.execute("COMMIT")
        except BaseException:
            db.close()
            raise
        return db

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, and nobody else writes meanwhile. WriteError if the file can't be written."""
        with self._lock, self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # SQLite may have rolled back already (disk full)
                    self._db.execute("ROLLBACK")
                raise

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock, self._told():
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise WriteError(
                f"the ledger {str(self.path)!r} failed: {error}; nothing more is spent until it can be written"
            ) from error

    def open_account(
        self, name: str, cap_micros: int, *, fresh_when_finished: bool, within: "Account | None" = None
    ) -> "Account":
        """The account `name`, with `cap_micros` as what this command may see spent in it.

        With `fresh_when_finished` (accounts named by a command's fingerprint) an epoch that was finished is over and a new one
        starts at 0; one that was not (a killed run) goes on with everything it settled and held. Without it the account is
        shared and never restarts. What is reserved here is reserved in `within` too, an account that lies in no other.
        """
        if cap_micros < 0:
            raise ValueError(f"cap {cap_micros} must be at least 0")
        if within is not None and within.outer is not None:
            raise ValueError(f"account {within.name!r} lies within {within.outer.name!r}: nest one deep")
        with self.transaction() as db:
            row = db.execute(
                "SELECT id, epoch, finished FROM accounts WHERE name=? ORDER BY epoch DESC LIMIT 1", (name,)
            ).fetchone()
            if row is None or row[2]:  # a shared account is never finished
                epoch = row[1] + 1 if row else 1
                account_id = db.execute("INSERT INTO accounts (name, epoch) VALUES (?, ?)", (name, epoch)).lastrowid
            else:
                account_id, epoch = row[0], row[1]
        return Account(self, int(account_id or 0), name, epoch, cap_micros, fresh_when_finished, within)

    def close(self) -> None:
        self._db.close()


class Account:
    """One cap; `outer`: the account in which it lies, with a cap of its own. Amounts are micro-dollars.

    `epoch` counts from 1 how often the account of this name was begun.
    """

    def __init__(
        self, ledger: Ledger, account_id: int, name: str, epoch: int, cap_micros: int, restarts: bool, outer: "Account | None"
    ) -> None:
        self._ledger, self._id, self._restarts = ledger, account_id, restarts
        self.name, self.epoch, self.cap_micros, self.outer = name, epoch, cap_micros, outer
        self._turn = asyncio.Lock()  # first come, first served: small requests don't overtake a big one for ever
        self._queued = 0
        self._changes: Changes = outer._changes if outer else Changes()  # who lies beside it may make room

    async def reserve(self, bound_micros: int, *, deadline_s: float, arm: str = "") -> Hold:
        """Set `bound_micros` aside for a call that is over within `deadline_s` seconds.

        Waits while the account is full but open holds may still leave enough. BudgetExhausted when they can't.
        """
        if self._queued == 0 or bound_micros == 0:
            hold = self._take(bound_micros, deadline_s, arm)
            if hold is not None:
                return hold
        self._obstacles(bound_micros)
        self._queued += 1
        try:
            async with self._turn:
                return await self._wait_and_take(bound_micros, deadline_s, arm)
        finally:
            self._queued -= 1

    async def _wait_and_take(self, bound: int, deadline_s: float, arm: str) -> Hold:
        while True:
            change = self._changes.next()
            hold = self._take(bound, deadline_s, arm)
            if hold is not None:
                return hold
            full = self._obstacles(bound)
            now = self._ledger.clock.wall()
            until_expiry = max(0.0, min((balance.expiry for balance in full), default=now) - now) + 0.001
            patience = min(_POLL_SECONDS, until_expiry) if any(balance.foreign for balance in full) else until_expiry
            await change_or_sleep(change, patience, self._ledger.clock)

    def _take(self, bound: int, deadline_s: float, arm: str) -> Hold | None:
        """A hold if it fits now, here and in the outer account."""
        with suppress(_Full), self._ledger.transaction() as db:
            for account in self._nest:
                account._book(db, bound)
            expires_at = self._ledger.clock.wall() + deadline_s
            row = db.execute(
                "INSERT INTO holds (account, arm, bound, owner, expires_at, parent) VALUES (?, ?, ?, ?, ?, ?)",
                (self._id, arm, bound, self._ledger.owner, expires_at, self.outer and self.outer._id),
            )
            return Hold(int(row.lastrowid or 0), bound, arm)
        return None

    def _book(self, db: sqlite3.Connection, bound: int) -> None:
        """Free calls always fit, even when a bill above its bound has passed the cap."""
        booked = db.execute(
            "UPDATE accounts SET held = held + ? WHERE id = ? AND (? = 0 OR settled + held + ? <= ?)",
            (bound, self._id, bound, bound, self.cap_micros),
        )
        if not booked.rowcount:
            raise _Full

    def _obstacles(self, bound: int) -> list[_Balance]:
        """The balances that can't take `bound` now. BudgetExhausted when one couldn't even if every live hold came back in full."""
        found = []
        for account in self._nest:
            balance = account._balance()
            if balance.settled + balance.held + bound > account.cap_micros:
                found.append(balance)
                account._refuse_hopeless(balance, bound, "that this run shares " if account is self.outer else "")
        return found

    def _refuse_hopeless(self, balance: _Balance, bound: int, which: str) -> None:
        if balance.settled + balance.held - balance.live + bound <= self.cap_micros:
            return
        raise BudgetExhausted(
            f"the budget of ${format_usd(self.cap_micros)} {which}can't hold a call of up to ${format_usd(bound)}: "
            f"${format_usd(balance.settled)} spent, ${format_usd(balance.held)} held; raise --budget or ask for less"
        )

    @property
    def _nest(self) -> "tuple[Account, ...]":
        return (self, self.outer) if self.outer else (self,)

    def settle(self, hold: Hold, cost_micros: int) -> bool:
        """Book what the call cost and give the rest of the hold back. False if the hold was closed before."""
        if cost_micros < 0:
            raise ValueError(f"cost {cost_micros} must be at least 0")
        return self._close(hold, cost_micros)

    def release(self, hold: Hold) -> bool:
        """Nothing was sent or nothing is billed: give the whole hold back."""
        return self._close(hold, None)

    def _close(self, hold: Hold, cost: int | None) -> bool:
        with self._ledger.transaction() as db:
            row = db.execute("SELECT parent FROM holds WHERE id = ? AND account = ?", (hold.id, self._id)).fetchone()
            if row is None:
                return False
            db.execute("DELETE FROM holds WHERE id = ?", (hold.id,))
            for account in (self._id, *(outer for outer in row if outer is not None)):
                _give_back(db, account, hold, cost or 0)
        self._changes.tell()
        return True

    def keep(self, hold: Hold) -> None:
        """The bill is unknown (timeout, disconnect): the hold stays counted, and nobody waits for it."""
        with self._ledger.transaction() as db:
            db.execute("UPDATE holds SET kept = 1 WHERE id = ? AND account = ?", (hold.id, self._id))
        self._changes.tell()

    @property
    def left_micros(self) -> int:
        """What may still be spent: here, and in the outer account."""
        balances = [(account.cap_micros, account._balance()) for account in self._nest]
        return max(0, min(cap - balance.settled - balance.held for cap, balance in balances))

    @property
    def spent_micros(self) -> int:
        return self._balance().settled

    @property
    def held_micros(self) -> int:
        return self._balance().held

    @property
    def spent_by_arm(self) -> dict[str, int]:
        rows = self._ledger.query("SELECT arm, micros FROM spending WHERE account = ? ORDER BY arm", self._id)
        return {str(arm): micros for arm, micros in rows}

    def finish(self) -> None:
        """The run is complete: the same command starts a new epoch next time. Shared accounts go on."""
        if self._restarts:
            with self._ledger.transaction() as db:
                db.execute("UPDATE accounts SET finished = 1 WHERE id = ?", (self._id,))

    def _balance(self) -> _Balance:
        now = self._ledger.clock.wall()
        rows = self._ledger.query(
            "SELECT settled, held, owner, sum(bound), min(expires_at) FROM accounts"
            " LEFT JOIN holds ON (account = accounts.id OR parent = accounts.id) AND kept = 0 AND expires_at > ?"
            " WHERE accounts.id = ? GROUP BY owner",
            now,
            self._id,
        )
        live = [(owner, bound, expiry) for _, _, owner, bound, expiry in rows if owner is not None and _may_live(owner)]
        return _Balance(
            settled=rows[0][0],
            held=rows[0][1],
            live=sum(bound for _, bound, _ in live),
            foreign=sum(bound for owner, bound, _ in live if owner != self._ledger.owner),
            expiry=min((expiry for _, _, expiry in live), default=now),
        )


def _give_back(db: sqlite3.Connection, account: int, hold: Hold, cost: int) -> None:
    """End a hold in one account: `cost` of it is spent, the rest is free again."""
    db.execute("UPDATE accounts SET held = held - ?, settled = settled + ? WHERE id = ?", (hold.bound_micros, cost, account))
    if cost:
        db.execute(
            "INSERT INTO spending VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET micros = micros + excluded.micros",
            (account, hold.arm, cost),
        )


def _may_live(owner: str) -> bool:
    """False if the process that placed a hold is known to be gone: nobody waits for its holds then, however fresh they are."""
    host, pid, _ = owner.rsplit(":", 2)
    if os.name != "posix" or host != socket.gethostname():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
