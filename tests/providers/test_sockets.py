"""Real sockets on loopback: many at once, broken connections, timeouts, cancellation, one loop after another."""

import asyncio
import gc
import threading

import pytest

from synth_sdk.core.errors import ModelError, Outcome
from tests.providers.helpers import ENV, PROVIDERS, SCHEMA, call
from tests.support.provider_server import Fault

ARMS = list(PROVIDERS)


def asked(arm, **changes):
    return call(arm, **{"max_tokens": 4000, **changes})


@pytest.mark.parametrize("arm", ARMS)
async def test_64_in_flight(provider, server, arm):
    server.gate = 64
    one = provider(arm, server.env())
    bills = []
    replies = await asyncio.gather(*[one.ask(asked(arm, prompt=f"wish {n}"), bills.append) for n in range(64)])
    assert server.max_in_flight == 64
    assert len(server.requests) == len(bills) == 64
    assert all(len(records) == 2 for records in replies)
    assert sum(raw.usage.output_tokens for raw in bills) > 0
    texts = [str(records) for records in replies]
    assert len(set(texts)) == 64


async def test_the_count_that_comes_back_is_the_bill(provider, server):
    """Tokens as billed reach the caller for each provider; OpenRouter's own figure is the bill itself."""
    server.reasoning = 40
    for arm in ("gemini", "openrouter", "bedrock", "local"):
        seen = []
        await provider(arm, server.env()).ask(asked(arm), seen.append)
        request, usage = server.requests[-1], seen[0].usage
        assert usage.input_tokens == request.input_tokens
        assert server.billed_usd[request.model] == server.price(request.model, usage.input_tokens, usage.output_tokens)
        if arm == "openrouter":
            assert float(seen[0].cost_usd) == pytest.approx(float(server.billed_usd[request.model]))


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("kind", ["disconnect", "reset", "cut"])
async def test_a_connection_that_breaks_is_not_sent_again(provider, server, arm, kind):
    server.faults.append(Fault(kind))
    with pytest.raises(ModelError) as caught:
        await provider(arm, server.env()).ask(asked(arm), lambda _: None)
    assert (caught.value.outcome, caught.value.may_be_billed) == (Outcome.UNAVAILABLE, True)
    assert len(server.requests) == 1


@pytest.mark.parametrize("arm", ARMS)
async def test_a_kept_connection_that_breaks_is_not_sent_again(provider, server, arm):
    """The second request goes over a pooled connection: HTTP clients like to repeat those by themselves."""
    one = provider(arm, server.env())
    await one.ask(asked(arm), lambda _: None)
    server.faults.append(Fault("disconnect"))
    with pytest.raises(ModelError) as caught:
        await one.ask(asked(arm), lambda _: None)
    assert caught.value.may_be_billed
    assert len(server.requests) == 2


@pytest.mark.parametrize("arm", ARMS)
async def test_slow_is_a_timeout_within_its_time(provider, server, arm):
    server.faults.append(Fault("slow"))
    loop = asyncio.get_running_loop()
    start = loop.time()
    with pytest.raises(ModelError) as caught:
        await provider(arm, server.env()).ask(asked(arm, timeout=0.5), lambda _: None)
    assert (caught.value.outcome, caught.value.may_be_billed) == (Outcome.TIMEOUT, True)
    assert loop.time() - start < 3
    assert len(server.requests) == 1


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_nobody_listens_or_not_over_tls(provider, server, arm, scheme, unused_tcp_port_factory):
    base = f"http://127.0.0.1:{unused_tcp_port_factory()}" if scheme == "http" else server.url.replace("http", "https")
    variable = f"SYNTH_{'BEDROCK' if arm == 'nova' else arm.upper()}_API_BASE"
    with pytest.raises(ModelError) as caught:
        await provider(arm, {**ENV, variable: base}).ask(asked(arm), lambda _: None)
    assert (caught.value.outcome, caught.value.may_be_billed) == (Outcome.UNAVAILABLE, False)
    assert "no connection" in caught.value.message


@pytest.mark.parametrize("arm", ARMS)
async def test_cancellation_passes_through(provider, server, arm):
    server.faults.append(Fault("slow"))
    task = asyncio.create_task(provider(arm, server.env()).ask(asked(arm), lambda _: None))
    await asyncio.to_thread(server.arrived.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    server.faults.clear()


async def test_a_failing_call_does_not_disturb_its_neighbours(provider, server):
    server.latency = 0.2
    server.faults.append(Fault("disconnect", times=8, probability=0.5))
    one = provider("gemini", server.env())
    results = await asyncio.gather(
        *[one.ask(asked("gemini", prompt=str(n)), lambda _: None) for n in range(32)], return_exceptions=True
    )
    failures = [result for result in results if isinstance(result, Exception)]
    assert len(failures) == server.struck["disconnect"] == 8
    assert all(isinstance(failure, ModelError) for failure in failures)


def test_one_loop_after_another(server):
    """Sessions belong to a loop: a provider outlives it, and leaves nothing open behind (warnings are errors here)."""
    providers = {arm: PROVIDERS[arm](server.env()) for arm in ARMS}
    complaints = []

    async def run():
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        for arm, one in providers.items():
            assert len(await one.ask(asked(arm), lambda _: None)) == 2
        for one in providers.values():
            await one.aclose()
        return [task.get_coro().__qualname__ for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    for _ in range(3):
        assert asyncio.run(run()) == []
        gc.collect()
    assert complaints == []


def test_two_loops_at_once(server):
    """One provider used from two threads: neither may close the other's connections."""
    one, failures = PROVIDERS["gemini"](server.env()), []

    async def run(name):
        for n in range(15):
            await one.ask(asked("gemini", prompt=f"{name} {n}"), lambda _: None)
        await one.aclose()

    def thread(name):
        try:
            asyncio.run(run(name))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=thread, args=(name,)) for name in "ab"]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []
    assert len(server.requests) == 30


async def test_aclose_may_be_called_twice_and_before_any_call(provider, server):
    one = provider("gemini", server.env())
    await one.aclose()
    await one.ask(asked("gemini"), lambda _: None)
    await one.aclose()
    await one.aclose()
    assert len(await one.ask(asked("gemini"), lambda _: None)) == 2


async def test_a_recursive_schema_reaches_every_arm(provider, server):
    """litellm writes references out for tools, which a schema that contains itself doesn't allow."""
    tree = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "sub": {"type": "array", "maxItems": 0, "items": {"$ref": "#/$defs/Tree"}}},
    }
    schema = {"$ref": "#/$defs/Tree", "$defs": {"Tree": {**tree, "required": ["name"]}}}
    for arm in ARMS:
        records = await provider(arm, server.env()).ask(asked(arm, schema=schema), lambda _: None)
        assert len(records) == 2


async def test_the_server_saw_the_schema_of_each_arm(provider, server):
    """What the tests above rest on: the loopback server reads the schema in each format."""
    for arm in ARMS:
        await provider(arm, server.env()).ask(asked(arm, count=3), lambda _: None)
        assert server.requests[-1].count == 3
        turns = server.requests[-1].schema["properties"]["items"]["items"]["properties"]["turns"]
        assert turns["type"] == SCHEMA["properties"]["turns"]["type"]
