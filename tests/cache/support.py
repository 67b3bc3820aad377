"""What the tests of the cache share: requests, and a model that counts."""

import asyncio

from synth_sdk.core.models import Completion, Request


def a_request(**changes):
    told = {
        "task": "conversation",
        "instructions": "Write one conversation.",
        "brief": "goal: refund",
        "schema": {"type": "object", "properties": {"a": {"type": "string"}}},
        "check": lambda value: value,
        "output_tokens": 100,
    }
    return Request(**told | changes)


class Model:
    """Answers each request after `delay` seconds with `{"n": number of calls}`, or raises `error`."""

    def __init__(self, delay=0.0, error=None):
        self.delay, self.error = delay, error
        self.calls = 0
        self.running = 0
        self.cancelled = 0

    async def complete(self, request):
        self.calls += 1
        self.running += 1
        number = self.calls
        try:
            await asyncio.sleep(self.delay)
        except asyncio.CancelledError:
            await asyncio.sleep(0.02)  # putting things in order takes a moment
            self.cancelled += 1
            raise
        finally:
            self.running -= 1
        if self.error is not None:
            raise self.error
        return Completion(value={"n": number, "brief": request.brief}, origin="llm", model="arm-a", cost_micros=70, attempts=2)
