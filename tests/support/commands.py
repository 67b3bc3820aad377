"""The command `synth` in processes of its own that start at once, can be killed at any moment, and are looked at from outside.

They are forked from a process that has imported everything, so that a killed run costs tenths of a second, not seconds.
"""

import os
import select
import signal
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from tests.support.warm import ask


@dataclass(slots=True)
class Running:
    """A command under way. What it says goes to the file `told`; `line` tells its exit code."""

    pid: int
    told: Path
    line: TextIO
    _code: int | None = None

    def kill(self) -> None:
        """As `kill -9` does: no handler, no clean-up."""
        if self.alive:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()

    @property
    def alive(self) -> bool:
        return self._ended(0.0) is None

    def wait(self, seconds: float = 60.0) -> int:
        """Its exit code (negative: the signal that killed it). TimeoutError (and the process is killed) when it hangs."""
        code = self._ended(seconds)
        if code is None:
            os.kill(self.pid, signal.SIGKILL)
            raise TimeoutError(f"no end within {seconds:g} s: {self.said}")
        return code

    def _ended(self, seconds: float) -> int | None:
        if self._code is None and select.select([self.line], [], [], seconds)[0]:
            self._code = int(self.line.readline())
        return self._code

    @property
    def said(self) -> str:
        """Its standard error so far."""
        return self.told.read_text()


@dataclass(frozen=True, slots=True)
class Place:
    """A folder to work in, with a SYNTH_HOME of its own and the variables that point to the providers."""

    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @contextmanager
    def running(self, *words: Any) -> Iterator[Running]:
        """`synth WORDS...`, killed at the end if it is still there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        told = self.folder / f"said-{time.monotonic_ns()}.txt"
        with Path(os.devnull).open() as nothing, told.open("w") as err, Path(f"{told}.out").open("w") as out:
            files = (nothing.fileno(), out.fileno(), err.fileno())
            line = ask([str(word) for word in words], folder=self.folder, env=self._env(), files=files)
        with line, line.makefile() as lines:
            running = Running(int(lines.readline()), told, lines)
            try:
                yield running
            finally:
                running.kill()

    def _env(self) -> dict[str, str]:
        """Only what is given, and what is needed to run at all."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {**kept, "COLUMNS": "110", **self.env, "SYNTH_HOME": str(self.home)}

    def run(self, *words: Any) -> tuple[int, str]:
        """`synth WORDS...` to its end: exit code and standard error."""
        with self.running(*words) as running:
            return running.wait(), running.said

    def unsettled(self) -> int:
        """Calls that were under way when their processes were killed: reserved, but neither settled nor given up."""
        return sum(row[0] for row in self._ask("SELECT count(*) FROM holds WHERE kept = 0"))

    def booked(self) -> tuple[int, int]:
        """(settled, held) of all accounts in all their epochs, in micro-dollars."""
        ((settled, held),) = self._ask("SELECT coalesce(sum(settled), 0), coalesce(sum(held), 0) FROM accounts")
        return settled, held

    def closed(self) -> bool:
        """Some account has been closed: its run says that it is over."""
        return bool(self._ask("SELECT 1 FROM accounts WHERE finished LIMIT 1"))

    def _ask(self, sql: str) -> list[Any]:
        path = self.home / "ledger.sqlite3"
        if not path.exists():
            return [(0,)] if "count" in sql else [(0, 0)] if "sum" in sql else []
        with closing(sqlite3.connect(path, timeout=10)) as ledger:
            return ledger.execute(sql).fetchall()
