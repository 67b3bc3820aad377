"""A loop whose time is virtual, providers that follow a script, a journal in memory."""

import asyncio
import json
import selectors
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from synth_sdk.core.clock import Clock
from synth_sdk.core.envelope import unwrap
from synth_sdk.core.errors import ModelError, Outcome, Rejected
from synth_sdk.core.models import Call, JournalEntry, ModelCard, Prices, Reply, Request, Usage

T = TypeVar("T")
USAGE = Usage(input_tokens=10, output_tokens=10)
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


class _Skipping(selectors.DefaultSelector):
    """Doesn't sleep: moves the loop's clock."""

    moved = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout:
            self.moved += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        return 1000.0 + self._skipping.moved


def run_virtual(main: Callable[[Clock], Coroutine[Any, Any, T]]) -> T:
    """The result of `main(clock)` on a loop where waiting takes no time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        return runner.run(main(Clock(now=loop.time, wall=loop.time, sleep=asyncio.sleep)))


def card(name: str, into: str | None = "1", out: str | None = "1", **facts: Any) -> ModelCard:
    """An arm of provider `fake` with prices in US dollars per million tokens; `free=True` costs nothing."""
    prices = Prices(
        input_per_m=None if into is None else Decimal(into),
        output_per_m=None if out is None else Decimal(out),
        free=facts.pop("free", False),
    )
    defaults = {"context_tokens": 100_000, "max_output_tokens": 10_000, "quality": 0.5, "quality_sd": 0.2, "provider": "fake"}
    return ModelCard(id=name, model=name, prices=prices, source="test", quality_source="test", as_of="", **{**defaults, **facts})


def request(brief: str = "one", check: Callable[[Any], Any] | None = None, **wish: Any) -> Request:
    defaults: dict[str, Any] = {"task": "task", "instructions": "Write.", "schema": SCHEMA, "output_tokens": 100}
    return Request(brief=brief, check=check or (lambda value: value), **{**defaults, **wish})


def reject(reason: str = "no", outcome: Outcome = Outcome.REJECTED) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        raise Rejected(reason, outcome)

    return check


def error(outcome: Outcome, **facts: Any) -> ModelError:
    return ModelError(f"scripted {outcome.value}", outcome=outcome, **facts)


def reply(*values: Any, finish: str = "stop", usage: Usage | None = USAGE, **facts: Any) -> Reply:
    return Reply(text=json.dumps({"items": list(values)}), finish=finish, usage=usage, **facts)  # type: ignore[arg-type]


Step = Reply | BaseException | Callable[[Call], "Reply | Awaitable[Reply]"]


@dataclass
class FakeProvider:
    """Answers each arm from its script, then with `{"name": <arm>}` for each record. Notes (time, call) of every exchange."""

    scripts: dict[str, list[Step]] = field(default_factory=dict)
    seconds: float | Callable[[Call], float] = 0.1
    why_missing: str | None = None
    name: str = "fake"
    calls: list[tuple[float, Call]] = field(default_factory=list)
    in_flight: int = 0
    max_in_flight: int = 0

    def missing(self) -> str | None:
        return self.why_missing

    def arms(self) -> list[str]:
        return [call.card.id for _, call in self.calls]

    async def ask(self, call: Call, on_reply: Callable[[Reply], None]) -> list[Any]:
        self.calls.append((asyncio.get_running_loop().time(), call))
        script = self.scripts.get(call.card.id, [])
        step: Any = script.pop(0) if script else reply(*[{"name": call.card.id}] * call.count)
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.seconds(call) if callable(self.seconds) else self.seconds)
            if callable(step):
                step = step(call)
            if isinstance(step, Awaitable):
                step = await step
        finally:
            self.in_flight -= 1
        if isinstance(step, BaseException):
            raise step
        on_reply(step)
        if step.finish == "length":
            raise error(Outcome.TRUNCATED)
        if step.finish == "filter":
            raise error(Outcome.FILTERED)
        return unwrap(step.text or "")

    async def aclose(self) -> None:
        return None


@dataclass
class MemoryJournal:
    rows: dict[str, list[JournalEntry]] = field(default_factory=lambda: defaultdict(list))

    def record(self, keys: Sequence[str], arm: str, reply: Reply, cost_micros: int) -> None:
        for position, key in enumerate(keys):
            entry = JournalEntry(arm=arm, reply=reply, position=position, count=len(keys), cost_micros=cost_micros)
            self.rows[key].append(entry)

    def replies(self, key: str) -> list[JournalEntry]:
        return list(self.rows[key])

    def clear(self) -> None:
        self.rows.clear()
