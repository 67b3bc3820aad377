"""What is read of the headers that tell of rate limits."""

import json
import time

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.core.models import Allowance
from synth_sdk.providers.limits import allowance_of
from tests.providers.helpers import URLS, call, reply

OPENAI = {
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-reset-requests": "120ms",
    "x-ratelimit-limit-tokens": "30000",
    "x-ratelimit-remaining-tokens": "29000",
    "x-ratelimit-reset-tokens": "1m2.5s",
}


async def test_it_comes_with_the_reply(provider):
    seen = []
    with respx.mock(using="httpx") as wire:
        wire.post(URLS["local"]).mock(return_value=httpx.Response(200, json=reply("local"), headers=OPENAI))
        await provider("local").ask(call("local"), seen.append)
    assert seen[0].allowance == Allowance(
        requests_per_minute=500,
        requests_left=499,
        requests_reset_s=0.12,
        tokens_per_minute=30_000,
        tokens_left=29_000,
        tokens_reset_s=62.5,
    )
    assert json.loads(seen[0].text)


def test_openrouters_form():
    later = str(int((time.time() + 30) * 1000))
    found = allowance_of({"x-ratelimit-limit": "20", "x-ratelimit-remaining": "3", "x-ratelimit-reset": later})
    assert (found.requests_per_minute, found.requests_left, found.tokens_left) == (20, 3, None)
    assert 25 < found.requests_reset_s <= 30


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1),
        ("6m0s", 360),
        ("20ms", 0.02),
        ("1h2m3s", 3723),
        ("2d", 172_800),
        ("7", 7),
        ("7.66s", 7.66),
        ("soon", None),
        ("", None),
    ],
)
def test_durations(text, seconds):
    found = allowance_of(OPENAI | {"x-ratelimit-reset-requests": text})
    assert found.requests_reset_s == (None if seconds is None else pytest.approx(seconds))


def test_nothing_said_is_nothing_known():
    assert allowance_of({"content-type": "application/json", "retry-after": "3"}) is None


@given(st.dictionaries(st.sampled_from([*OPENAI, "x-ratelimit-limit", "x-ratelimit-reset"]), st.text(max_size=9)))
def test_law_whatever_stands_there_no_figure_is_negative_or_odd(headers):
    found = allowance_of(headers)
    figures = [getattr(found, name) for name in Allowance.__slots__] if found else []
    assert all(figure is None or 0 <= figure < float("inf") for figure in figures)
