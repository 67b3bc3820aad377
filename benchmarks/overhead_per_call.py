"""CPU per model call and calls per second at 128 in flight: raw aiohttp, plain litellm, and synth's whole stack, in one run.

On each of three wires (Gemini, OpenRouter, Bedrock Converse) all three POST the same wish for one record to a loopback server in another process, which
answers after 50 ms. The stack is the one that the client wires: cache, lease, batcher, router, ledger, journal, provider, settlement, check of the record
against its schema; the requests are those of kind `json`. Importing and warming up count for none of them. Figures are medians over rounds in which the
three take turns; since the server and other work share the machine's cores, ratios within a round are what counts.

Usage: python benchmarks/overhead_per_call.py [CALLS [ROUNDS]]
"""

import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

IN_FLIGHT = 128
LATENCY = 0.05
RECORD = {
    "name": "Ada Lovelace",
    "city": "London",
    "visits": 12,
    "note": "prefers letters to phone calls, and tea to both of them",
}
SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 80},
        "city": {"type": "string"},
        "visits": {"type": "integer", "minimum": 0},
        "note": {"type": "string"},
    },
    "required": list(RECORD),
    "additionalProperties": False,
}
MODELS = {
    "gemini": "gemini-2.5-flash",
    "openrouter": "deepseek/deepseek-v4-flash",
    "bedrock": "us.anthropic.claude-haiku-4-5-20251001-v1:0",
}
KEYS = {
    "GEMINI_API_KEY": "bench-gemini",
    "OPENROUTER_API_KEY": "bench-openrouter",
    "AWS_ACCESS_KEY_ID": "AKIABENCH",
    "AWS_SECRET_ACCESS_KEY": "bench-secret",
    "AWS_REGION": "us-east-1",
}

# One reply for all, made once: the server is to cost as little as it can, for it shares the cores with what is measured.
SERVER = """
import asyncio, json, sys
latency, replies = float(sys.argv[1]), {name: body.encode() for name, body in json.loads(sys.argv[2]).items()}
heads = {name: b"HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: %d\\r\\n\\r\\n" % len(body) for name, body in replies.items()}

class Answer(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.data = transport, b""
    def data_received(self, data):
        self.data += data
        head, _, body = self.data.partition(b"\\r\\n\\r\\n")
        start = head.lower().find(b"content-length:")
        if start < 0 or len(body) < int(head[start + 15 :].split(b"\\r\\n", 1)[0]):
            return
        path = head.split(b" ", 2)[1]
        name = "gemini" if b"generateContent" in path else "bedrock" if path.endswith(b"/converse") else "openrouter"
        self.data = b""
        asyncio.get_running_loop().call_later(latency, self.send, name)
    def send(self, name):
        self.transport.write(heads[name] + replies[name])

async def main():
    server = await asyncio.get_running_loop().create_server(Answer, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


def replies() -> dict[str, str]:
    """The body of a reply on each wire, 300 tokens in and 60 out."""
    text = json.dumps({"items": [RECORD]})
    chat = {"prompt_tokens": 300, "completion_tokens": 60, "total_tokens": 360}
    return {
        "gemini": json.dumps(
            {
                "candidates": [{"content": {"parts": [{"text": text}], "role": "model"}, "finishReason": "STOP", "index": 0}],
                "usageMetadata": {"promptTokenCount": 300, "candidatesTokenCount": 60, "totalTokenCount": 360},
                "modelVersion": MODELS["gemini"],
            }
        ),
        "openrouter": json.dumps(
            {
                "id": "gen-1",
                "object": "chat.completion",
                "created": 1,
                "model": MODELS["openrouter"],
                "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
                "usage": {**chat, "cost": 0.00006},
            }
        ),
        "bedrock": json.dumps(
            {
                "output": {"message": {"content": [{"text": text}], "role": "assistant"}},
                "stopReason": "end_turn",
                "usage": {"inputTokens": 300, "outputTokens": 60, "totalTokens": 360},
                "metrics": {"latencyMs": 50},
            }
        ),
    }


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one call: milliseconds of this process's CPU, and how many such calls are done in a second."""

    cpu_ms: float
    calls_per_s: float


One = Callable[[int], Awaitable[object]]


async def in_flight(first: int, calls: int, one: One) -> Cost:
    """`one` for each of `calls` numbers from `first`, 128 at once."""
    numbers = iter(range(first, first + calls))

    async def worker() -> None:
        for number in numbers:
            await one(number)

    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
    return Cost((time.process_time() - cpu) / calls * 1000, calls / (time.perf_counter() - wall))


def text_of(wire: str, reply: Any) -> str:
    """What the model said, from the body."""
    match wire:
        case "gemini":
            said = reply["candidates"][0]["content"]["parts"][0]["text"]
        case "bedrock":
            said = reply["output"]["message"]["content"][0]["text"]
        case _:
            said = reply["choices"][0]["message"]["content"]
    return str(said)


async def open_aiohttp(stack: AsyncExitStack, base: str, wire: str, asked: Callable[[int], Any]) -> One:
    """The least that a client can do: a body of the same length, the text of the reply, its JSON."""
    import aiohttp

    session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
    path = {"gemini": "generateContent", "bedrock": "model/m/converse", "openrouter": "chat/completions"}[wire]

    async def one(number: int) -> object:
        request = asked(number)
        body = {"model": MODELS[wire], "system": request.instructions, "user": request.brief, "schema": SCHEMA, "max_tokens": 400}
        async with session.post(f"{base}/{path}", json=body) as reply:
            return json.loads(text_of(wire, await reply.json()))

    return one


async def open_litellm(base: str, wire: str, asked: Callable[[int], Any]) -> One:
    os.environ |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}
    import litellm

    litellm.suppress_debug_info = True
    where: dict[str, Any] = {
        "gemini": {"model": f"gemini/{MODELS[wire]}", "api_base": base, "api_key": KEYS["GEMINI_API_KEY"]},
        "openrouter": {"model": f"openrouter/{MODELS[wire]}", "api_base": base, "api_key": KEYS["OPENROUTER_API_KEY"]},
        "bedrock": {
            "model": f"bedrock/converse/{MODELS[wire]}",
            "aws_bedrock_runtime_endpoint": base,
            "aws_access_key_id": KEYS["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": KEYS["AWS_SECRET_ACCESS_KEY"],
            "aws_region_name": KEYS["AWS_REGION"],
        },
    }[wire]
    form = {"type": "json_schema", "json_schema": {"name": "Records", "schema": SCHEMA}}

    async def one(number: int) -> object:
        request = asked(number)
        messages = [{"role": "system", "content": request.instructions}, {"role": "user", "content": request.brief}]
        reply = await litellm.acompletion(
            messages=messages, max_tokens=400, response_format=form, timeout=60, num_retries=0, **where
        )
        return json.loads(reply.choices[0].message.content)

    return one


async def open_synth(stack: AsyncExitStack, base: str, wire: str, asked: Callable[[int], Any], spec: Any) -> One:
    from synth_sdk.client.run import Run
    from synth_sdk.client.settings import read_settings
    from synth_sdk.client.wiring import open_stack

    home = stack.enter_context(tempfile.TemporaryDirectory())
    card = {"id": f"{wire}/{MODELS[wire]}", "provider": wire, "model": MODELS[wire], "aliases": ["bench"]}
    facts = {"context_tokens": 200_000, "max_output_tokens": 8_192, "quality": 0.5, "quality_sd": 0.3, "source": "bench"}
    prices = {"input_per_m": 0.1, "output_per_m": 0.4}
    (Path(home) / "models.yaml").write_text(
        json.dumps({"as_of": "2026-11", "arms": [{**card, **facts, "quality_source": "bench", "prices": prices}]})
    )
    env = {**KEYS, "SYNTH_HOME": home, f"SYNTH_{wire.upper()}_API_BASE": base}
    settings = read_settings(env, None, Path(home))
    buying = Run(spec, settings)._buying
    model = (await stack.enter_async_context(open_stack(spec, settings, buying.arms, buying.beliefs))).model

    async def one(number: int) -> object:
        done = await model.complete(asked(number))
        assert done.origin == "llm", done
        return done.value

    return one


def wishes() -> tuple[Any, Callable[[int], Any]]:
    """The Spec of the run, and the request for record n as its generator makes it."""
    from synth_sdk.core import plugins
    from synth_sdk.core.spec import Spec

    spec = Spec(
        kind="json",
        count=10**9,
        document=SCHEMA,
        budget_micros=10**9,
        model="bench",
        fallback=(),
        mode="llm",
        concurrency=IN_FLIGHT,
        records_per_call=1,
    )
    generator = plugins.load("generators", "json")(spec)
    return spec, lambda number: generator.request(number, 0)


async def measure(wire: str, base: str, calls: int, rounds: int) -> None:
    spec, asked = wishes()
    costs: dict[str, list[Cost]] = {}
    async with AsyncExitStack() as stack:
        runners = {
            "raw aiohttp": await open_aiohttp(stack, base, wire, asked),
            "litellm.acompletion": await open_litellm(base, wire, asked),
            "synth, whole stack": await open_synth(stack, base, wire, asked, spec),
        }
        for one in runners.values():
            await in_flight(0, 4 * IN_FLIGHT, one)
        for number in range(rounds):
            for name, one in runners.items():
                costs.setdefault(name, []).append(await in_flight(1_000_000 * (number + 1), calls, one))
    tell(wire, costs)


def tell(wire: str, costs: dict[str, list[Cost]]) -> None:
    rival = costs["litellm.acompletion"]
    print(f"\n{wire:22}{'CPU per call':>14}{'x litellm':>11}{'calls/s':>10}{'x litellm':>11}")
    for name, rounds in costs.items():
        cpu, speed = median(cost.cpu_ms for cost in rounds), median(cost.calls_per_s for cost in rounds)
        less = median(cost.cpu_ms / other.cpu_ms for cost, other in zip(rounds, rival, strict=True))
        more = median(cost.calls_per_s / other.calls_per_s for cost, other in zip(rounds, rival, strict=True))
        print(f"{name:22}{cpu:>11.2f} ms{less:>11.2f}{speed:>10,.0f}{more:>11.2f}", flush=True)


async def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    command = [sys.executable, "-c", SERVER, str(LATENCY), json.dumps(replies())]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        base = f"http://127.0.0.1:{int(server.stdout.readline())}"
        print(
            f"{calls:,} calls a round, {rounds} rounds, {IN_FLIGHT} in flight, each answered after {LATENCY * 1000:.0f} ms; medians"
        )
        for wire in MODELS:
            await measure(wire, base, calls, rounds)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    asyncio.run(main())
