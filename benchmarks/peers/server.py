"""A loopback model server that costs little: chat completions in OpenAI's wire format, one canned kind of record, faults, a bill.

As a process: prints its port, serves until its standard input ends, then prints what it counted as one line of JSON.

Usage: python -m benchmarks.peers.server [--latency SECONDS] [--fault-rate SHARE] [--stated SECONDS]
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

INPUT_PER_M, OUTPUT_PER_M = 0.14, 0.28  # dollars per million tokens: deepseek-v4-flash at OpenRouter, November 2026
BYTES_PER_TOKEN = 4
CROSSING = 0.2  # seconds in which a request may have crossed a 429 on the wire
FAULTS = ("server_error", "rate_limit", "truncate")
_TEXT = (
    "amber archive arrives bell bench bright brought came carved ceramic copper early exhibit family favourite floor gallery garden"
    " guide hall harbour journal kept lantern late letter linger map marble morning museum notebook old ordered painted paper porcelain"
    " quiet rain returned river room school second sketch slowly small stairs storm stopped table third train upper visit wandered window"
)
WORDS = tuple(_TEXT.split())


@dataclass(slots=True)
class Tally:
    """What came and what was answered.

    Told of it: the bill in micro-dollars; `early`, requests that came before a delay was over that had been stated to this
    client, and `after`, how many seconds after the statement at most; `again`, refused requests that came again before their
    own delay was over.
    """

    requests: int = 0
    paid: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    most_in_flight: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    arrivals: list[tuple[float, int]] = field(default_factory=list)
    stated: list[tuple[float, float, int]] = field(default_factory=list)  # when it was said, when it ends, to which request

    @property
    def bill_micros(self) -> float:
        return self.input_tokens * INPUT_PER_M + self.output_tokens * OUTPUT_PER_M

    def told(self) -> dict[str, Any]:
        early = [known for at, _ in self.arrivals if (known := self._known(at))]
        return {
            "requests": self.requests,
            "paid": self.paid,
            "bill_micros": self.bill_micros,
            "most_in_flight": self.most_in_flight,
            "faults": dict(self.faults),
            "early": len(early),
            "after": max(early, default=0.0),
            "again": sum(map(self._again, self.arrivals)),
        }

    def _known(self, at: float) -> float:
        """For how long this moment's longest-known delay had been known to the client; 0 if none was."""
        return max((at - said for said, until, _ in self.stated if said + CROSSING < at < until), default=0.0)

    def _again(self, arrival: tuple[float, int]) -> bool:
        at, key = arrival
        return any(said < at < until and key == refused for said, until, refused in self.stated)


@dataclass(slots=True)
class Desk:
    """Decides each answer. The n-th request meets the same fault whoever sent it."""

    fault_rate: float = 0.0
    stated: float = 1.0
    tally: Tally = field(default_factory=Tally)
    luck: random.Random = field(default_factory=lambda: random.Random(5))
    words: random.Random = field(default_factory=lambda: random.Random(6))

    def answer(self, body: bytes) -> tuple[int, bytes, str]:
        """Status, body and fault ("" if none) of the answer to `body`."""
        wish = json.loads(body)
        if not wish.get("messages"):
            return 400, _complaint("messages must not be empty"), ""
        fault = self._fault()
        if fault == "server_error":
            return 500, _complaint("the server had an error"), fault
        if fault == "rate_limit":
            return 429, _complaint("rate limit reached, try again later"), fault
        return 200, self._completion(wish, truncated=fault == "truncate"), fault

    def _fault(self) -> str:
        draw, which = self.luck.random(), self.luck.choice(FAULTS)
        fault = which if draw < self.fault_rate else ""
        self.tally.faults.update([fault] if fault else [])
        return fault

    def _completion(self, wish: dict[str, Any], *, truncated: bool) -> bytes:
        text = self._text(wish)
        text = text[: len(text) * 2 // 3] if truncated else text
        asked, said = input_tokens(wish), len(text) // BYTES_PER_TOKEN
        self.tally.paid += 1
        self.tally.input_tokens += asked
        self.tally.output_tokens += said
        return json.dumps(
            {
                "id": f"chat-{self.tally.paid}",
                "object": "chat.completion",
                "created": 1,
                "model": wish.get("model", ""),
                "choices": [{"index": 0, "finish_reason": "length" if truncated else "stop", "message": _message(text, wish)}],
                "usage": {
                    "prompt_tokens": asked,
                    "completion_tokens": said,
                    "total_tokens": asked + said,
                    "cost": (asked * INPUT_PER_M + said * OUTPUT_PER_M) / 1e6,
                },
            }
        ).encode()

    def _text(self, wish: dict[str, Any]) -> str:
        """The record as it is asked for: alone, in a list called items, or fenced where only the prompt says JSON."""
        shape = wish.get("response_format", {}).get("json_schema", {}).get("schema", {})
        listed = shape.get("properties", {}).get("items")
        if listed:
            return json.dumps({"items": [self._record() for _ in range(listed.get("minItems", 1))]})
        text = json.dumps(self._record())
        return text if shape or wish.get("tools") else f"```json\n{text}\n```"

    def _record(self) -> dict[str, Any]:
        some = self.words.sample(WORDS, 14)
        return {
            "name": f"{some[0]} {some[1]}".title(),
            "age": self.words.randint(5, 95),
            "city": some[2].title(),
            "note": " ".join(some[3:]) + ".",
        }


def input_tokens(wish: dict[str, Any]) -> int:
    """Of the messages and of the schema, wherever it stands."""
    read = [wish["messages"], wish.get("response_format", ""), wish.get("tools", "")]
    return sum(len(json.dumps(part)) for part in read) // BYTES_PER_TOKEN


def _message(text: str, wish: dict[str, Any]) -> dict[str, Any]:
    if not wish.get("tools"):
        return {"role": "assistant", "content": text}
    call = {"name": wish["tools"][0]["function"]["name"], "arguments": text}
    return {"role": "assistant", "content": None, "tool_calls": [{"id": "call-1", "type": "function", "function": call}]}


def _complaint(text: str) -> bytes:
    return json.dumps({"error": {"message": text, "type": "error", "code": None}}).encode()


class Connection(asyncio.Protocol):
    """HTTP/1.1 with content-length, one request at a time: what the contenders' clients speak."""

    def __init__(self, desk: Desk, latency: float, flight: Counter[str]) -> None:
        self.desk, self.latency, self.flight = desk, latency, flight
        self.data = b""
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.data += data
        head, found, rest = self.data.partition(b"\r\n\r\n")
        length = next((line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b"0")
        if found and len(rest) >= int(length):
            self.data = rest[int(length) :]
            self._take(rest[: int(length)])

    def _take(self, body: bytes) -> None:
        tally, key = self.desk.tally, hash(body)
        tally.requests += 1
        tally.arrivals.append((time.monotonic(), key))
        self.flight["now"] += 1
        tally.most_in_flight = max(tally.most_in_flight, self.flight["now"])
        asyncio.get_running_loop().call_later(self.latency, self._send, key, *self.desk.answer(body))

    def _send(self, key: int, status: int, body: bytes, fault: str) -> None:
        self.flight["now"] -= 1
        wait = ""
        if fault == "rate_limit":
            now, wait = time.monotonic(), f"retry-after: {self.desk.stated:g}\r\n"
            self.desk.tally.stated.append((now, now + self.desk.stated, key))
        head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{wait}content-length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)


async def serve(desk: Desk, latency: float) -> None:
    loop, flight = asyncio.get_running_loop(), Counter[str]()
    server = await loop.create_server(lambda: Connection(desk, latency, flight), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    print(json.dumps(desk.tally.told()), flush=True)


def main() -> None:
    reader = argparse.ArgumentParser()
    reader.add_argument("--latency", type=float, default=0.05)
    reader.add_argument("--fault-rate", type=float, default=0.0)
    reader.add_argument("--stated", type=float, default=1.0)
    chosen = reader.parse_args()
    asyncio.run(serve(Desk(fault_rate=chosen.fault_rate, stated=chosen.stated), chosen.latency))


if __name__ == "__main__":
    main()
