"""A loopback server that speaks the wire formats of Gemini, OpenRouter, Bedrock and OpenAI-compatible servers over real sockets.

    with ProviderServer(latency=0.05, faults=[Fault("rate_limit", "gemini", retry_after=2, times=3)]) as server:
        env = server.env()              # endpoints and marker keys: hand it to a provider, or to a child process
        ...
        server.bill_micros              # what all calls cost, those whose client went away included
        server.unseen_micros            # the part of it that no client was told
        server.requests                 # every request, parsed, in order of arrival
        server.log.early(0.1)           # those that came before a stated delay was over
        server.max_in_flight

It runs in a thread with an event loop of its own, so sync code, async code and child processes may all talk to it. As a script

    python -m tests.support.provider_server --port 8099 --latency 0.2 --fault unavailable:gemini:0.3

prints the `export` lines that point `synth` at it; `GET /stats` tells the bill and counts, `POST /faults` replaces the faults.
"""

import argparse
import asyncio
import hashlib
import json
import math
import os
import random
import re
import signal
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import ROUND_CEILING, Decimal
from fnmatch import fnmatch
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.support.request_log import RequestLog
from tests.support.sample_content import sample
from tests.support.wire_formats import BYTES_PER_TOKEN, WireReply, WireRequest, answer, complaint, parse

KEYS = {
    "gemini": "MARKERgeminikey0123456789abcdef",
    "openrouter": "sk-or-v1-MARKERopenrouterkey0123456789",
    "bedrock": "AKIAMARKERBEDROCK00X",
    "local": "MARKERlocalkey0123456789",
}
AWS_SECRET = "MARKERawssecret/0123456789abcdefghijklmnop"
LOCAL_MODEL = "tiny-local"

# US dollars per million tokens (input, output), November 2026 (litellm 1.106.2 price table; LiveBench price list).
PRICES = {
    "gemini-2.5-flash-lite": ("0.10", "0.40"),
    "gemini-2.5-flash": ("0.30", "2.50"),
    "gemini-3.1-flash-lite": ("0.25", "1.50"),
    "gemini-3.8-flash": ("0.75", "3.75"),
    "gemini-3.1-pro-preview": ("2.00", "12.00"),
    "deepseek/deepseek-v4-flash": ("0.14", "0.28"),
    "qwen/qwen3.8-27b": ("0.265", "0.65"),
    "minimax/minimax-m3": ("0.30", "1.20"),
    "deepseek/deepseek-v4-pro": ("0.435", "0.87"),
    "z-ai/glm-5.2": ("1.40", "4.40"),
    "us.amazon.nova-micro-v1:0": ("0.035", "0.14"),
    "us.amazon.nova-lite-v1:0": ("0.06", "0.24"),
    "openai.gpt-oss-120b-1:0": ("0.15", "0.60"),
    "us.amazon.nova-2-lite-v1:0": ("0.33", "2.75"),
    "us.anthropic.claude-haiku-4-5-20251001-v1:0": ("1.10", "5.50"),
    "us.anthropic.claude-sonnet-5-5": ("2.20", "11.00"),
    "us.anthropic.claude-opus-5-5": ("4.40", "22.00"),
    LOCAL_MODEL: ("0", "0"),
}
_DEAREST = ("5.00", "25.00")

FAULTS = {
    "rate_limit": "429 with the stated delay `retry_after` (none stated if None)",
    "quota": "429 that names a per-day quota (Gemini); 402 elsewhere",
    "credit": "402",
    "unavailable": "503",
    "server_error": "500",
    "unauthorized": "401 (Gemini: 400 'API key not valid'); the text echoes the key that came",
    "forbidden": "403",
    "not_found": "404",
    "too_long": "400, context length exceeded",
    "bad_request": "400",
    "garbage": "200 with a body that is not JSON; billed",
    "error_200": "200 whose body is an error with code 502",
    "truncate": "a reply cut in the middle, finish reason length; billed",
    "filter": "a reply stopped by the content filter, without text; billed for its input",
    "malformed": "the provider's own 'malformed output' finish reason, without text; billed",
    "broken": "a reply that is not valid JSON; billed",
    "fewer": "one item fewer than asked for; billed",
    "fence": "a good reply inside a Markdown fence; billed",
    "no_usage": "a good reply that states no usage and no cost; billed",
    "slow": "answers after `seconds`; billed at once",
    "disconnect": "the connection breaks after the request was read; billed in full",
    "reset": "the connection is reset (RST) after the request was read; billed in full",
    "cut": "the connection breaks in the middle of the answer; billed in full",
    "cut_body": "a whole answer of the stated length whose JSON stops in the middle; billed in full",
}
# Billed, but the client never gets to see the bill.
_UNSEEN = {"garbage", "slow", "disconnect", "reset", "cut", "cut_body", "no_usage"}


@dataclass(slots=True)
class Fault:
    """What goes wrong (a key of `FAULTS`), where and how often.

    `arm` is a pattern for the provider ("gemini") or for "provider/model" ("openrouter/deepseek*"). Of the requests that match,
    the first `after` are spared; of the rest each is hit with `probability`, at most `times` of them.
    """

    kind: str
    arm: str = "*"
    probability: float = 1.0
    times: int | None = None
    after: int = 0
    retry_after: float | None = None
    seconds: float = 3600.0
    hits: int = 0
    seen: int = 0

    def __post_init__(self) -> None:
        if self.kind not in FAULTS:
            raise ValueError(f"unknown fault {self.kind!r}: choose one of {', '.join(FAULTS)}")

    def strikes(self, request: WireRequest, draw: float) -> bool:
        if not (fnmatch(request.provider, self.arm) or fnmatch(_arm(request), self.arm)):
            return False
        self.seen += 1
        hit = self.seen > self.after and (self.times is None or self.hits < self.times) and draw < self.probability
        self.hits += hit
        return hit


Respond = Callable[[WireRequest], "list[Any] | str"]


@dataclass(slots=True)
class ProviderServer:
    """The server. All arguments are optional and, like `faults` and `latency`, may be changed while it runs.

    `respond(request)` returns the records (they are wrapped as `{"items": [...]}`) or the raw text of the reply; by default
    varied, seeded content that is valid under the request's schema. The same requests in the same order get the same replies.
    `latency` is in seconds, one number or a (least, most) range. `prices` adds to or replaces rows of `PRICES` (US dollars per
    million tokens; a model in neither is billed at 5 and 25). `reasoning` tokens are billed with each reply and count against
    its max_tokens. `gate` holds every answer back until that many requests have been in flight at once (10 s at most). With
    `by_brief` a record depends on its own brief alone: not on which arm was asked, how often, or together with what.
    """

    respond: Respond | None = None
    faults: list[Fault] = field(default_factory=list)
    latency: float | tuple[float, float] = 0.0
    prices: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    reasoning: int = 0
    gate: int = 0
    by_brief: bool = False
    seed: int = 0
    port: int = 0

    requests: list[WireRequest] = field(default_factory=list, init=False)
    billed_usd: dict[str, Decimal] = field(default_factory=dict, init=False)
    unseen_usd: Decimal = field(default=Decimal(0), init=False)
    log: RequestLog = field(default_factory=RequestLog, init=False)
    struck: Counter[str] = field(default_factory=Counter, init=False)
    max_in_flight: int = field(default=0, init=False)
    arrived: threading.Event = field(
        default_factory=threading.Event, init=False
    )  # set by each request: clear it to wait for another
    _in_flight: int = field(default=0, init=False)
    _repeats: Counter[str] = field(default_factory=Counter, init=False)
    _loop: asyncio.AbstractEventLoop | None = field(default=None, init=False)
    _stopping: asyncio.Event | None = field(default=None, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    # -- what tests ask -------------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def bill_micros(self) -> int:
        """The whole bill in micro-dollars, rounded up once."""
        return _micros(sum(self.billed_usd.values(), Decimal(0)))

    @property
    def unseen_micros(self) -> int:
        """The part of the bill that was stated to nobody: lost, unreadable, or answered after the client had gone."""
        return _micros(self.unseen_usd)

    @property
    def in_flight(self) -> int:
        """Requests that are being answered at this moment."""
        return self._in_flight

    @property
    def keys(self) -> set[str]:
        """Every credential that came in (Bedrock: the access key id)."""
        return {request.key for request in self.requests}

    def env(self, *providers: str) -> dict[str, str]:
        """Environment variables that point the named providers (all four if none is named) at this server."""
        rows = {
            "gemini": {"GEMINI_API_KEY": KEYS["gemini"], "SYNTH_GEMINI_API_BASE": f"{self.url}/v1beta"},
            "openrouter": {"OPENROUTER_API_KEY": KEYS["openrouter"], "SYNTH_OPENROUTER_API_BASE": f"{self.url}/api/v1"},
            "bedrock": {
                "AWS_ACCESS_KEY_ID": KEYS["bedrock"],
                "AWS_SECRET_ACCESS_KEY": AWS_SECRET,
                "AWS_REGION": "us-east-1",
                "SYNTH_BEDROCK_API_BASE": self.url,
            },
            "local": {
                "SYNTH_LOCAL_API_BASE": f"{self.url}/v1",
                "SYNTH_LOCAL_MODEL": LOCAL_MODEL,
                "SYNTH_LOCAL_API_KEY": KEYS["local"],
            },
        }
        return {name: value for provider in providers or rows for name, value in rows[provider].items()}

    def stats(self) -> dict[str, Any]:
        """Bill, counts and faults that struck, as plain JSON."""
        return {
            "requests": dict(Counter(map(_arm, self.requests))),
            "records_asked": sum(request.count for request in self.requests),
            "faults": dict(self.struck),
            "max_in_flight": self.max_in_flight,
            "billed_usd": {model: str(usd) for model, usd in self.billed_usd.items()},
            "bill_micros": self.bill_micros,
            "unseen_micros": self.unseen_micros,
        }

    # -- life -----------------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True, name="provider-server")
        self._thread.start()
        if not ready.wait(10):
            raise RuntimeError("the provider server did not start within 10 s")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._loop and self._stopping and self._thread:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(10)

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=1 << 28)
        app.router.add_post("/v1beta/models/{model}:generateContent", self._handler("gemini"))
        app.router.add_post("/api/v1/chat/completions", self._handler("openrouter"))
        app.router.add_post("/model/{model}/converse", self._handler("bedrock"))
        app.router.add_post("/v1/chat/completions", self._handler("local"))
        app.router.add_get("/stats", self._show_stats)
        app.router.add_post("/faults", self._replace_faults)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port, backlog=1024)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        ready.set()
        await self._stopping.wait()
        await runner.cleanup()

    # -- one exchange ---------------------------------------------------------------------------------------------------------

    def _handler(self, provider: str) -> Callable[[web.Request], Any]:
        async def handle(http: web.Request) -> web.StreamResponse:
            headers = {name.lower(): value for name, value in http.headers.items()}
            request = parse(provider, http.match_info.get("model", ""), headers, await http.json())
            self.requests.append(request)
            self.log.arrived(_arm(request))
            self.arrived.set()
            self._in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self._in_flight)
            try:
                return await self._exchange(http, request, self._rng(request))
            finally:
                self._in_flight -= 1

        return handle

    def _rng(self, request: WireRequest) -> random.Random:
        """Depends on what is asked and on how often it was asked before, so concurrent requests don't disturb one another."""
        asked = hashlib.sha256(json.dumps([self.seed, request.model, request.body], sort_keys=True).encode()).hexdigest()
        self._repeats[asked] += 1
        return random.Random(f"{asked}-{self._repeats[asked]}")

    async def _exchange(self, http: web.Request, request: WireRequest, rng: random.Random) -> web.StreamResponse:
        for _ in range(1000):
            if self.max_in_flight >= self.gate:
                break
            await asyncio.sleep(0.01)
        fault = next((fault for fault in list(self.faults) if fault.strikes(request, rng.random())), None)
        kind = fault.kind if fault else ""
        self.struck.update([kind] if kind else [])
        latency = self.latency if isinstance(self.latency, (int, float)) else rng.uniform(*self.latency)
        if fault and (error := _error(fault, request)):
            await asyncio.sleep(latency)
            status, (headers, body) = error
            if kind == "rate_limit" and fault.retry_after is not None:
                self.log.state(_arm(request), fault.retry_after)
            return web.json_response(body, status=status, headers=headers)
        reply = self._reply(request, kind, rng)
        self._bill(request.model, reply, unseen=kind in _UNSEEN)
        await self._stall(fault.seconds if fault and kind == "slow" else latency)
        if kind == "garbage":
            return web.Response(text="<html>upstream said something odd</html>", content_type="text/html")
        data = json.dumps(answer(request, reply)).encode()
        if kind == "cut_body":
            data = data[: len(data) // 2]
        if kind in ("disconnect", "reset", "cut"):
            return await _break(http, data if kind == "cut" else b"", reset=kind == "reset")
        return web.Response(body=data, content_type="application/json")

    async def _stall(self, seconds: float) -> None:
        """Sleep, but not beyond the end of the server."""
        if self._stopping and seconds:
            try:
                await asyncio.wait_for(self._stopping.wait(), seconds)
            except TimeoutError:
                return

    def _reply(self, request: WireRequest, kind: str, rng: random.Random) -> WireReply:
        made = self.respond(request) if self.respond else _by_brief(request) if self.by_brief else _records(request, rng)
        if kind == "fewer" and isinstance(made, list):
            made = made[:-1]
        text: str | None = made if isinstance(made, str) else json.dumps({"items": made}, ensure_ascii=False)
        text, finish = _spoiled(str(text), kind)
        reasoning = min(self.reasoning, request.max_tokens)
        room = (request.max_tokens - reasoning) * BYTES_PER_TOKEN
        if text is not None and len(text.encode()) > room:
            text, finish = text.encode()[:room].decode(errors="ignore"), "length"
        output = math.ceil(len((text or "").encode()) / BYTES_PER_TOKEN) + reasoning
        usd = self.price(request.model, request.input_tokens, output)
        return WireReply(
            text=text,
            finish=finish,
            input_tokens=request.input_tokens,
            output_tokens=output,
            reasoning_tokens=reasoning,
            cost_usd=float(usd),
            state_usage=kind != "no_usage",
        )

    def price(self, model: str, input_tokens: int, output_tokens: int) -> Decimal:
        """The true price of one reply in US dollars."""
        per_m = self.prices.get(model) or PRICES.get(model, _DEAREST)
        return (input_tokens * Decimal(str(per_m[0])) + output_tokens * Decimal(str(per_m[1]))) / 1_000_000

    def _bill(self, model: str, reply: WireReply, *, unseen: bool) -> None:
        usd = self.price(model, reply.input_tokens, reply.output_tokens)
        self.billed_usd[model] = self.billed_usd.get(model, Decimal(0)) + usd
        self.unseen_usd += usd if unseen else 0

    async def _show_stats(self, http: web.Request) -> web.Response:
        return web.json_response(self.stats())

    async def _replace_faults(self, http: web.Request) -> web.Response:
        known = {item.name for item in fields(Fault)}
        self.faults[:] = [Fault(**{key: value for key, value in row.items() if key in known}) for row in await http.json()]
        return web.json_response(len(self.faults))


def _records(request: WireRequest, rng: random.Random) -> list[Any] | str:
    if request.schema is None:
        return "I am sorry, what shape should the answer have?"
    value = sample(request.schema, rng)
    return value["items"] if isinstance(value, dict) and "items" in value else json.dumps(value)


def briefs_of(request: WireRequest) -> list[str]:
    """The briefs of the records that `request` asks for, in their order."""
    parts = re.split(r"\n\nBrief \d+:\n", request.turns[0][1] if request.turns else "")
    return parts[1:] or parts


def _by_brief(request: WireRequest) -> list[Any] | str:
    """One record for each brief, drawn from the brief."""
    if request.schema is None:
        return _records(request, random.Random(0))
    shape = request.schema["properties"]["items"]["items"]
    return [sample(shape, random.Random(brief), request.schema) for brief in briefs_of(request)]


def _arm(request: WireRequest) -> str:
    return f"{request.provider}/{request.model}"


def _micros(usd: Decimal) -> int:
    return int((usd * 1_000_000).to_integral_value(ROUND_CEILING))


def _spoiled(text: str, kind: str) -> tuple[str | None, str]:
    """The text and finish reason after `kind` went wrong."""
    match kind:
        case "truncate":
            return text[: max(1, len(text) * 2 // 3)], "length"
        case "broken":
            return "Sure! Here it is: " + text[: len(text) // 2], "stop"
        case "fence":
            return f"```json\n{text}\n```", "stop"
        case "filter":
            return None, "filter"
        case "malformed":
            return None, "malformed"
        case _:
            return text, "stop"


def _error(fault: Fault, request: WireRequest) -> tuple[int, tuple[dict[str, str], dict[str, Any]]] | None:
    """Status, headers and body if `fault` is an answer without a reply; None otherwise."""
    provider = request.provider
    echo = f"API key not valid: {request.key}. Please pass a valid API key."
    match fault.kind:
        case "rate_limit":
            return 429, complaint(provider, 429, retry_after=fault.retry_after)
        case "quota" if provider == "gemini":
            return 429, complaint(provider, 429, per_day=True)
        case "quota" | "credit":
            return 402, complaint(provider, 402)
        case "unauthorized":
            status = 400 if provider == "gemini" else 401
            return status, complaint(provider, status, message=echo)
        case "error_200":
            return 200, ({}, {"error": {"message": "Provider returned error", "code": 502}})
        case "too_long":
            return 400, complaint(provider, 400, too_long=True)
    plain = {"unavailable": 503, "server_error": 500, "forbidden": 403, "not_found": 404, "bad_request": 400}
    return (plain[fault.kind], complaint(provider, plain[fault.kind])) if fault.kind in plain else None


async def _break(http: web.Request, data: bytes, *, reset: bool) -> web.StreamResponse:
    """Send half of `data`, if any, and drop the connection; with `reset`, as a crash does (no lingering: RST instead of FIN)."""
    response = web.StreamResponse(headers={"content-length": str(len(data) or 1), "content-type": "application/json"})
    if data:
        await response.prepare(http)
        await response.write(data[: len(data) // 2])
    if http.transport:
        if reset:
            http.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        http.transport.abort()
    return response


def _read_fault(text: str) -> Fault:
    """KIND[:ARM[:PROBABILITY[:TIMES]]] as a Fault; a rate limit states 2 s."""
    kind, *rest = text.split(":")
    arm, probability, times = (*rest, *("*", "1", "")[len(rest) :])
    delay = 2.0 if kind == "rate_limit" else None
    return Fault(kind, arm, float(probability), int(times) if times else None, retry_after=delay)


def main(arguments: Iterable[str] | None = None) -> None:
    """Serve until interrupted; print the environment at the start and the bill at the end."""
    reader = argparse.ArgumentParser(
        description="A loopback server that answers like Gemini, OpenRouter, Bedrock and a local model."
    )
    reader.add_argument("--port", type=int, default=0)
    reader.add_argument("--seed", type=int, default=0)
    reader.add_argument("--latency", type=float, default=0.05)
    reader.add_argument("--reasoning", type=int, default=0)
    reader.add_argument("--providers", default="gemini,openrouter,bedrock,local", help="whose variables to print")
    reader.add_argument(
        "--fault", action="append", default=[], metavar="KIND[:ARM[:PROBABILITY[:TIMES]]]", help=", ".join(FAULTS)
    )
    chosen = reader.parse_args(list(arguments) if arguments is not None else None)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = ProviderServer(
        port=chosen.port,
        seed=chosen.seed,
        latency=chosen.latency,
        reasoning=chosen.reasoning,
        faults=[_read_fault(text) for text in chosen.fault],
    )
    with server:
        for name, value in server.env(*chosen.providers.split(",")).items():
            print(f"export {name}={value}", flush=True)  # noqa: T201
        print(f"# serving on {server.url}, pid {os.getpid()}; stop with Ctrl-C", flush=True)  # noqa: T201
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            print(json.dumps(server.stats(), indent=1), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
