"""The router over the real providers and a loopback server: what the server bills against what the ledger counts."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from synth_sdk.core import plugins
from synth_sdk.core.errors import BudgetExhausted, NoRoute, Rejected
from synth_sdk.core.models import Completion, Request
from synth_sdk.router import Account, Batched, Router, load_catalogue, resolve
from tests.router.conftest import OpenAccount
from tests.router.fakes import MemoryJournal, request
from tests.support.provider_server import Fault, ProviderServer

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
CHAIN = ("gemini-2.5-flash-lite", "deepseek-v4-flash", "nova-lite")


def wanted(number: int, check: Callable[[Any], Any] | None = None, **more: Any) -> Request:
    return request(f"Person {number}: invent a name and an age.", check, schema=SCHEMA, output_tokens=120, **more)


@asynccontextmanager
async def opened(
    server: ProviderServer, account: Account, names: tuple[str, ...] = CHAIN, **options: Any
) -> AsyncIterator[Router]:
    env = server.env()
    cards = load_catalogue(None, env)
    providers = {name: plugins.load("providers", name)(env) for name in ("gemini", "openrouter", "bedrock", "local")}
    try:
        yield Router(
            [resolve(name, cards) for name in names],
            providers,
            account,
            MemoryJournal(),
            key=lambda each: each.brief,
            rng=random.Random(1),
            **options,
        )
    finally:
        for provider in providers.values():
            await provider.aclose()


async def ask_many(router: Router, count: int, k: int, chain: tuple[str, ...] = CHAIN, **wish: Any) -> list[Any]:
    """`count` records, k in a call; each record starts with another arm of `chain`, so that all wire formats are used."""
    model = Batched(router, k)
    turned = [chain[turn:] + chain[:turn] for turn in range(len(chain))]
    wishes = [wanted(n, arms=turned[n % len(turned)], **wish) for n in range(count)]
    return await asyncio.gather(*(model.complete(each) for each in wishes), return_exceptions=True)


@pytest.fixture
def plain_check() -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, dict) or not isinstance(value.get("age"), int):
            raise Rejected("no age")
        return value

    return check


async def test_64_in_flight_without_faults_the_books_agree_to_the_micro_dollar_of_each_call(open_account: OpenAccount) -> None:
    account = open_account(5_000_000)
    with ProviderServer(latency=(0.5, 1.0)) as server:
        async with opened(server, account, concurrency=64) as router:
            done = await ask_many(router, 400, 2)
        assert {each.model.partition("/")[0] for each in done} == {"gemini", "openrouter", "bedrock"}
        assert server.max_in_flight >= 32
        calls = len(server.requests)
    assert server.bill_micros <= account.spent_micros <= server.bill_micros + calls
    assert account.held_micros == 0
    assert sum(each.cost_micros for each in done) == account.spent_micros


async def test_under_faults_nothing_billed_escapes_the_cap(open_account: OpenAccount, plain_check: Callable[[Any], Any]) -> None:
    account = open_account(60_000)
    faults = [
        Fault("rate_limit", probability=0.05, retry_after=0.3),
        Fault("unavailable", probability=0.04),
        Fault("disconnect", probability=0.03),
        Fault("cut", probability=0.02),
        Fault("garbage", probability=0.02),
        Fault("slow", probability=0.01, seconds=30),
        Fault("truncate", probability=0.03),
        Fault("broken", probability=0.03),
        Fault("fewer", probability=0.05),
        Fault("filter", probability=0.01),
        Fault("no_usage", probability=0.03),
    ]
    with ProviderServer(latency=(0.01, 0.1), faults=faults) as server:
        async with opened(server, account, concurrency=64, timeout=2.0) as router:
            done = await ask_many(router, 500, 2, check=plain_check)
        bill = server.bill_micros
    assert all(isinstance(each, Completion | NoRoute | BudgetExhausted) for each in done)
    assert bill <= account.spent_micros + account.held_micros <= 60_000
    assert sum(isinstance(each, Completion) for each in done) > 200


async def test_a_tight_cap_is_used_up_and_never_passed(open_account: OpenAccount) -> None:
    cap = 5_000
    account = open_account(cap)
    with ProviderServer(latency=(0.01, 0.05)) as server:
        async with opened(server, account, ("gemini-2.5-flash-lite",), concurrency=64) as router:
            done = await ask_many(router, 600, 4, chain=("gemini-2.5-flash-lite",))
        bill = server.bill_micros
    assert any(isinstance(each, BudgetExhausted) for each in done)
    assert bill <= account.spent_micros + account.held_micros <= cap
    assert account.spent_micros + account.held_micros >= 0.95 * cap


async def test_a_refused_key_costs_a_handful_and_the_next_provider_takes_over(open_account: OpenAccount) -> None:
    account = open_account(5_000_000)
    with ProviderServer(faults=[Fault("unauthorized", "gemini")]) as server:
        async with opened(server, account) as router:
            done = [await router.complete(wanted(0, arms=CHAIN[:2]))]
            done += await ask_many(router, 60, 1, chain=CHAIN[:2])
            told = router.errors()
        refused = sum(each.provider == "gemini" for each in server.requests)
    assert {each.model for each in done} == {"openrouter/deepseek/deepseek-v4-flash"}
    assert refused <= 5
    assert len(told) == 1
    assert "MARKER" not in "".join(told)
