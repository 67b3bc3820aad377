"""What was learned, kept between runs in SQLite.

Each process adds what it saw since it loaded, in one transaction, so that several merge instead of overwriting one another. A file
that can't be read is set aside with a warning: a run never fails because of what an earlier one left.
"""

import json
import logging
import math
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth_sdk.core.models import ModelCard
from synth_sdk.router.beliefs import Beliefs
from synth_sdk.router.evidence import ArmEvidence, TaskEvidence

_LOG = logging.getLogger(__name__)
_VERSION = 1
_BUSY_SECONDS = 10.0
_HALF_LIFE_S = 14 * 86_400.0  # of evidence between runs: models and prices change within weeks
_MEMORY = 2_000.0  # records after which earlier evidence has mostly gone
_TABLE = """CREATE TABLE IF NOT EXISTS learned (
    arm TEXT NOT NULL, task TEXT NOT NULL, evidence TEXT NOT NULL, updated REAL NOT NULL, PRIMARY KEY (arm, task)) WITHOUT ROWID"""
_EVERY_TASK, _NO_ARM = "", ""


@dataclass(frozen=True, slots=True)
class LearnedRow:
    """What is believed of one arm at one task, for display. `cost_factor`: its bills over the listed expectation; `tokens` of a
    reply over its bound; None where nothing was seen."""

    arm: str
    task: str
    records: int
    validity: float
    cost_factor: float | None
    seconds: float | None
    tokens: float | None


class LearnedStore:
    """The file at `path`; `wall` gives seconds since the epoch."""

    def __init__(self, path: Path | str, wall: Callable[[], float] = time.time) -> None:
        self.path, self._wall = Path(path), wall
        self._lock = threading.Lock()

    def load(self, cards: Sequence[ModelCard], now: float | None = None) -> Beliefs:
        """Beliefs about `cards` from what is kept, faded by its age at `now` (seconds since the epoch)."""
        beliefs, at = Beliefs(cards), self._wall() if now is None else now
        for arm, task, evidence, updated in self._read():
            left = 0.5 ** (max(0.0, at - updated) / _HALF_LIFE_S)
            if arm == _NO_ARM:
                beliefs.add_task(task, _faded(TaskEvidence(), evidence, left))
            elif arm in beliefs.cards:
                beliefs.add(arm, task, _faded(ArmEvidence(), evidence, left))
        return beliefs

    def save(self, beliefs: Beliefs) -> None:
        """Add what `beliefs` saw since they were loaded or last saved. Warns when it can't."""
        arms, tasks = beliefs.take_fresh()
        if not arms and not tasks:
            return
        fresh: dict[tuple[str, str], ArmEvidence | TaskEvidence] = {
            **arms,
            **{(_NO_ARM, task): seen for task, seen in tasks.items()},
        }
        try:
            with self._transaction() as db:
                for (arm, task), seen in fresh.items():
                    self._add(db, arm, task, seen)
        except (sqlite3.Error, OSError) as error:
            _LOG.warning("what the router learned can't be kept in %s: %s", self.path, error)

    def reset(self, arm: str | None = None) -> int:
        """Forget one arm, or all; how many rows went."""
        if not self.path.exists():
            return 0
        where, values = ("WHERE arm = ?", (arm,)) if arm is not None else ("", ())
        with self._transaction() as db:
            return int(db.execute(f"DELETE FROM learned {where}", values).rowcount)  # noqa: S608

    def rows(self, cards: Sequence[ModelCard] = ()) -> list[LearnedRow]:
        """One row for each arm and task that records were asked of, by arm, then task. Priors from `cards` where they are given."""
        by_id = {card.id: card for card in cards}
        told = []
        for arm, task, evidence, _ in self._read():
            if arm == _NO_ARM or task == _EVERY_TASK or not isinstance(evidence, ArmEvidence) or evidence.records < 0.5:
                continue
            told.append(_row(arm, task, evidence, by_id.get(arm)))
        return sorted(told, key=lambda row: (row.arm, row.task))

    def _add(self, db: sqlite3.Connection, arm: str, task: str, seen: ArmEvidence | TaskEvidence) -> None:
        row = db.execute("SELECT evidence, updated FROM learned WHERE arm = ? AND task = ?", (arm, task)).fetchone()
        kept = type(seen)()
        if row is not None and (old := _parsed(arm, row[0])) is not None:
            left = 0.5 ** (max(0.0, self._wall() - row[1]) / _HALF_LIFE_S)
            records = seen.records if isinstance(seen, ArmEvidence) else 0.0
            kept = _faded(type(seen)(), old, left * (1 - 1 / _MEMORY) ** records)
        kept.merge(seen)
        db.execute("INSERT OR REPLACE INTO learned VALUES (?, ?, ?, ?)", (arm, task, _dumped(kept), self._wall()))

    def _read(self) -> Iterator[tuple[str, str, ArmEvidence | TaskEvidence, float]]:
        if not self.path.exists():
            return
        try:
            with self._lock, closing(self._connect()) as db:
                rows = db.execute("SELECT arm, task, evidence, updated FROM learned").fetchall()
        except sqlite3.DatabaseError as error:
            self._set_aside(error)
            return
        for arm, task, text, updated in rows:
            evidence = _parsed(arm, text)
            if evidence is not None:
                yield arm, task, evidence, float(updated)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                db = self._connect()
            except sqlite3.DatabaseError as error:
                self._set_aside(error)
                db = self._connect()
            with closing(db):
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                except BaseException:
                    db.execute("ROLLBACK")
                    raise
                db.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute(_TABLE)
        except BaseException:
            db.close()
            raise
        return db

    def _set_aside(self, error: sqlite3.Error) -> None:
        """A file that isn't a database is renamed; one that is merely busy stays."""
        if isinstance(error, sqlite3.OperationalError):
            _LOG.warning("what the router learned can't be read from %s now: %s", self.path, error)
            return
        aside = self.path.with_name(f"{self.path.name}.broken-{int(self._wall())}")
        try:
            self.path.replace(aside)
        except OSError:
            aside = self.path
        _LOG.warning("what the router learned is unreadable (%s): set aside as %s; it starts anew", error, aside.name)


def _faded(blank: Any, evidence: Any, left: float) -> Any:
    evidence.merge(blank, left)
    return evidence


def _dumped(evidence: ArmEvidence | TaskEvidence) -> str:
    return json.dumps({"version": _VERSION, **evidence.dump()}, separators=(",", ":"))


def _parsed(arm: str, text: str) -> ArmEvidence | TaskEvidence | None:
    """None: another version's, or broken; it counts as not there."""
    try:
        parts = json.loads(text)
        if parts.pop("version") != _VERSION:
            return None
        return TaskEvidence.load(parts) if arm == _NO_ARM else ArmEvidence.load(parts)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _row(arm: str, task: str, evidence: ArmEvidence, card: ModelCard | None) -> LearnedRow:
    seen = evidence.seconds
    return LearnedRow(
        arm=arm,
        task=task,
        records=round(evidence.records),
        validity=evidence.accepted / evidence.records,
        cost_factor=evidence.price.total / evidence.price.weight if evidence.price.weight else None,
        seconds=math.exp(seen.wy / seen.w) if seen.w else None,
        tokens=evidence.output.total / evidence.output.weight if evidence.output.weight else None,
    )
