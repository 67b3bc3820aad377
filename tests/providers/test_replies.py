"""What each provider answers becomes a Reply and records: usage, cost, finish, and what can be saved of a reply that was cut."""

import json
from decimal import Decimal

import httpx
import pytest
import respx
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.envelope import whole_items
from synth_sdk.core.errors import ModelError, Outcome
from synth_sdk.core.models import Usage
from synth_sdk.providers.replies import finish_of, readable, spoken, stated_cost
from tests.providers.helpers import MODELS, RECORDS, TEXT, URLS, call, reply

ARMS = list(URLS)


async def answered(provider, arm, document, **changes):
    """(records or the error, the raw reply) after `document` was answered."""
    seen = []
    with respx.mock(using="httpx") as wire:
        wire.post(URLS[arm]).mock(return_value=httpx.Response(200, json=document))
        try:
            result = await provider(arm).ask(call(arm, **changes), seen.append)
        except ModelError as error:
            result = error
    return result, (seen[0] if seen else None)


@pytest.mark.parametrize("arm", ARMS)
async def test_records_and_raw_reply(provider, arm):
    records, raw = await answered(provider, arm, reply(arm))
    assert records == RECORDS
    assert json.loads(raw.text) == {"items": RECORDS}
    assert raw.finish == "stop"
    assert raw.usage == Usage(input_tokens=100, output_tokens=20)
    assert raw.cost_usd == (Decimal("0.000027") if arm == "openrouter" else None)
    assert raw.model == MODELS[arm]


@pytest.mark.parametrize(
    ("arm", "counted", "expected"),
    [
        (
            "gemini",
            {"candidatesTokenCount": 20, "thoughtsTokenCount": 300, "cachedContentTokenCount": 64, "totalTokenCount": 420},
            Usage(input_tokens=100, output_tokens=320, cache_read_tokens=64, reasoning_tokens=300),
        ),
        (
            "openrouter",
            {
                "completion_tokens": 320,
                "completion_tokens_details": {"reasoning_tokens": 300},
                "prompt_tokens_details": {"cached_tokens": 64},
            },
            Usage(input_tokens=100, output_tokens=320, cache_read_tokens=64, reasoning_tokens=300),
        ),
        (
            "bedrock",
            {"cacheReadInputTokens": 64, "cacheWriteInputTokens": 30, "totalTokens": 214},
            Usage(input_tokens=194, output_tokens=20, cache_read_tokens=64, cache_write_tokens=30),
        ),
        (
            "local",
            {"prompt_tokens_details": {"cached_tokens": 64}},
            Usage(input_tokens=100, output_tokens=20, cache_read_tokens=64),
        ),
    ],
)
async def test_input_counts_cache_reads_and_output_counts_thoughts(provider, arm, counted, expected):
    """The sums that settle a bill: Gemini counts thoughts beside the text, Bedrock counts cache reads and writes beside the input."""
    _, raw = await answered(provider, arm, reply(arm, **counted))
    assert raw.usage == expected


@pytest.mark.parametrize("arm", ["openrouter", "local"])
async def test_no_count_is_no_usage(provider, arm):
    document = reply(arm)
    del document["usage"]
    records, raw = await answered(provider, arm, document)
    assert records == RECORDS
    assert raw.usage is None
    assert raw.cost_usd is None


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"cost": 0.0031}, Decimal("0.0031")),
        ({"cost": 0}, Decimal(0)),
        ({"cost": 0.01, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.2}}, Decimal("0.21")),
        ({"cost": 0.01, "is_byok": False, "cost_details": {"upstream_inference_cost": 0.2}}, Decimal("0.01")),
        ({"cost": 0.01, "is_byok": True, "cost_details": None}, Decimal("0.01")),
        ({"cost": "free"}, None),
        ({"cost": -1}, None),
        ({"cost": "NaN"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_cost_that_openrouter_states(usage, expected):
    assert stated_cost(usage) == expected


@pytest.mark.parametrize("arm", [arm for arm in ARMS if arm != "nova"])
async def test_a_fence_is_stripped_but_the_raw_reply_keeps_it(provider, arm):
    fenced = f"```json\n{TEXT}\n```"
    records, raw = await answered(provider, arm, reply(arm, fenced))
    assert records == RECORDS
    assert raw.text == fenced


@pytest.mark.parametrize("items", [[], RECORDS[:1], RECORDS * 2])
async def test_fewer_or_more_items_are_the_callers_affair(provider, items):
    records, _ = await answered(provider, "gemini", reply("gemini", json.dumps({"items": items})))
    assert records == items


async def test_items_are_not_validated_here(provider):
    """One record of the wrong shape must not cost its companions."""
    odd = [{"topic": 7}, "no object at all", None, RECORDS[0]]
    records, _ = await answered(provider, "openrouter", reply("openrouter", json.dumps({"items": odd})))
    assert records == odd


LENGTH = {"gemini": "MAX_TOKENS", "openrouter": "length", "bedrock": "max_tokens", "local": "length"}
FILTER = {"gemini": "SAFETY", "openrouter": "content_filter", "bedrock": "guardrail_intervened", "local": "content_filter"}
MALFORMED = {"gemini": "MALFORMED_FUNCTION_CALL", "openrouter": "malformed_function_call", "bedrock": "malformed_model_output"}


@pytest.mark.parametrize("arm", LENGTH)
async def test_of_a_cut_reply_the_whole_items_are_kept(provider, arm):
    cut = TEXT[: TEXT.index('"b"') + 1]
    records, raw = await answered(provider, arm, reply(arm, cut, LENGTH[arm]))
    assert records == RECORDS[:1]
    assert (raw.finish, raw.native_finish_reason, raw.text) == ("length", LENGTH[arm], cut)


@pytest.mark.parametrize("arm", LENGTH)
async def test_a_reply_cut_in_its_first_item_is_truncated(provider, arm):
    error, raw = await answered(provider, arm, reply(arm, TEXT[:25], LENGTH[arm]))
    assert error.outcome is Outcome.TRUNCATED
    assert "500 tokens" in error.message
    assert raw.finish == "length"
    assert not error.may_be_billed  # the reply was handed out: it is settled, not held


@pytest.mark.parametrize("arm", FILTER)
async def test_filtered(provider, arm):
    error, raw = await answered(provider, arm, reply(arm, None, FILTER[arm]))
    assert error.outcome is Outcome.FILTERED
    assert error.native_finish_reason == FILTER[arm]
    assert (raw.finish, raw.usage.input_tokens) == ("filter", 100)


async def test_gemini_blocks_the_prompt(provider):
    document = {
        "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
        "usageMetadata": {"promptTokenCount": 100, "totalTokenCount": 100},
    }
    error, _ = await answered(provider, "gemini", document)
    assert error.outcome is Outcome.FILTERED


@pytest.mark.parametrize("arm", MALFORMED)
async def test_malformed_output_is_broken_and_keeps_the_native_reason(provider, arm):
    error, raw = await answered(provider, arm, reply(arm, None, MALFORMED[arm]))
    assert error.outcome is Outcome.BROKEN
    assert error.native_finish_reason == raw.native_finish_reason == MALFORMED[arm]


async def test_a_provider_that_breaks_off_is_unavailable(provider):
    error, raw = await answered(provider, "openrouter", reply("openrouter", TEXT[:20], "error"))
    assert (error.outcome, raw.finish) == (Outcome.UNAVAILABLE, "error")


@pytest.mark.parametrize(
    "text", ["", "Sure! Here it is", '{"items": 7}', '{"item": []}', "[1, 2]", '{"items": [1,', "null", '{"items": ' + "[" * 5000]
)
async def test_unreadable_is_broken_and_says_where(provider, text):
    error, raw = await answered(provider, "local", reply("local", text))
    assert error.outcome is Outcome.BROKEN
    assert error.message.startswith("local/tiny-local: ")
    assert raw.text == text


async def test_what_the_caller_of_the_reply_raises_goes_through(provider):
    """The ledger or the journal may refuse; that is no failure of the arm."""

    class Full(Exception):
        pass

    def refuse(_):
        raise Full

    with respx.mock(using="httpx") as wire:
        wire.post(URLS["gemini"]).mock(return_value=httpx.Response(200, json=reply("gemini")))
        with pytest.raises(Full):
            await provider("gemini").ask(call("gemini"), refuse)


@pytest.mark.parametrize(
    ("native", "expected"),
    [("length", "length"), ("MAX_TOKENS", "length"), ("content_filter", "filter"), ("weird", "stop"), (None, "stop")],
)
def test_finish(native, expected):
    assert finish_of(native) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think>hm, {1}</think>{}", "{}"),
        ("\n<thinking>\na\n</thinking>\n{}", "\n{}"),
        ("{} <think>late</think>", "{} <think>late</think>"),
        ("<think>never closed {}", "<think>never closed {}"),
        (None, None),
        ("", ""),
    ],
)
def test_thoughts_in_front_of_the_answer_are_no_part_of_it(text, expected):
    assert spoken(text) == expected


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.lists(values, max_size=5), st.data(), st.sampled_from([None, 1]), st.booleans())
def test_law_a_cut_reply_yields_a_prefix(items, data, indent, ascii_only):
    """Wherever an envelope is cut, what is saved is a prefix of what was meant, and cutting later never saves less."""
    text = json.dumps({"items": items}, indent=indent, ensure_ascii=ascii_only)
    first = data.draw(st.integers(0, len(text)))
    second = data.draw(st.integers(first, len(text)))
    less, more = whole_items(text[:first]), whole_items(text[:second])
    assert items[: len(less)] == less
    assert items[: len(more)] == more
    assert len(less) <= len(more)
    assert whole_items(text) == items


@settings(deadline=None)
@given(st.lists(values, min_size=1, max_size=5))
def test_law_a_whole_text_is_left_alone(items):
    text = json.dumps({"items": items})
    assert readable(text, cut=True) == readable(text, cut=False) == text
    assert readable(f"```json\n{text}\n```", cut=False) == text
