"""CPU per model call at 64 in flight: raw aiohttp, plain litellm, and synth's whole stack (reserve, journal, send, type, settle, check), in one run.

All three POST the same chat completion to one loopback server in another process, which answers at once with the same reply; so what differs is
the client. The ratio to raw aiohttp is what counts. One record per call; the cache is off.

Usage: python benchmarks/overhead_per_call.py [CALLS]
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

IN_FLIGHT = 64
MODEL = "bench"
RECORD = {"name": "Ada Lovelace", "city": "London", "note": "prefers letters to phone calls, and tea to both of them"}
SCHEMA = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in RECORD},
    "required": list(RECORD),
    "additionalProperties": False,
}

SERVER = """
import json, sys
from aiohttp import web
reply = {"id": "r", "object": "chat.completion", "created": 1, "model": "bench",
         "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": sys.argv[1]}}],
         "usage": {"prompt_tokens": 300, "completion_tokens": 60, "total_tokens": 360}}
async def answer(request):
    await request.read()
    return web.json_response(reply)
app = web.Application()
app.router.add_post("/v1/chat/completions", answer)
async def main():
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(site._server.sockets[0].getsockname()[1], flush=True)
    import asyncio
    await asyncio.Event().wait()
import asyncio
asyncio.run(main())
"""


async def in_flight(calls: int, one: Callable[[int], Awaitable[object]]) -> float:
    """Milliseconds of this process's CPU for each of `calls` calls, 64 at once, after a warm-up."""
    gate = asyncio.Semaphore(IN_FLIGHT)

    async def gated(index: int) -> None:
        async with gate:
            await one(index)

    await asyncio.gather(*(gated(-1 - index) for index in range(IN_FLIGHT)))
    start = time.process_time()
    await asyncio.gather(*(gated(index) for index in range(calls)))
    return (time.process_time() - start) / calls * 1000


async def raw_aiohttp(base: str, calls: int, prompt: str) -> float:
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=IN_FLIGHT)) as session:

        async def one(index: int) -> object:
            body = {"model": MODEL, "messages": [{"role": "user", "content": f"{prompt} {index}"}], "max_tokens": 400}
            async with session.post(f"{base}/chat/completions", json=body) as reply:
                return json.loads((await reply.json())["choices"][0]["message"]["content"])

        return await in_flight(calls, one)


async def plain_litellm(base: str, calls: int, prompt: str) -> float:
    os.environ |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}
    import litellm

    litellm.suppress_debug_info = True

    async def one(index: int) -> object:
        reply = await litellm.acompletion(
            model=f"openai/{MODEL}", api_base=base, api_key="none", num_retries=0, timeout=60, max_tokens=400,
            messages=[{"role": "user", "content": f"{prompt} {index}"}],
            response_format={"type": "json_schema", "json_schema": {"name": "Records", "schema": SCHEMA}},
        )  # fmt: skip
        return json.loads(reply.choices[0].message.content)

    return await in_flight(calls, one)


async def whole_stack(base: str, calls: int) -> tuple[float, str]:
    """The client as users have it, in a process of its own settings; returns ms per call and the prompt's text for the others."""
    from synth_sdk import Synth

    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "models.yaml").write_text(
            json.dumps({"arms": [{"id": f"local/{MODEL}", "prices": {"input_per_m": 0.1, "output_per_m": 0.4}}]})
        )
        env = {"SYNTH_HOME": home, "SYNTH_LOCAL_API_BASE": base, "SYNTH_LOCAL_MODEL": MODEL}
        synth = Synth(env=env, budget=1000, mode="llm", cache="off", concurrency=IN_FLIGHT, records_per_call=1)
        await synth.agenerate("json", schema=SCHEMA, count=IN_FLIGHT, seed=1)
        start = time.process_time()
        result = await synth.agenerate("json", schema=SCHEMA, count=calls, seed=2)
        spent = (time.process_time() - start) / calls * 1000
        assert result.report.records_generated == calls, result.report.errors
        return spent, "x" * 1200


async def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    reply = json.dumps({"items": [RECORD]})
    server = subprocess.Popen([sys.executable, "-c", SERVER, reply], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        base = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
        stack, prompt = await whole_stack(base, calls)
        raw = await raw_aiohttp(base, calls, prompt)
        litellm = await plain_litellm(base, calls, prompt)
    finally:
        server.terminate()
        server.wait()
    print(f"{calls:,} calls, {IN_FLIGHT} in flight; CPU of the client process for each call")
    for name, spent in (("raw aiohttp", raw), ("plain litellm", litellm), ("synth, whole stack", stack)):
        print(f"{name:20}{spent:8.2f} ms{spent / raw:8.1f} x aiohttp{spent / litellm:8.2f} x litellm")


if __name__ == "__main__":
    asyncio.run(main())
