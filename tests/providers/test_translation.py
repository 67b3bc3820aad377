"""Requests are prepared once: a filled template is what litellm's translation gives, which is what `litellm.acompletion` sends."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.models import Prices
from synth_sdk.providers.translation import _MAX_TOKENS, _PROMPT, Template, encoded
from tests.providers.helpers import ENV, PROVIDERS, SCHEMA, URLS, call, card, reply
from tests.providers.litellm_calls import by_litellm
from tests.providers.test_requests import body, sent

ARMS = list(URLS)
OPEN = {"type": "object", "additionalProperties": {"type": "integer"}}
TREE = {"$ref": "#/$defs/T", "$defs": {"T": {"type": "object", "properties": {"sub": {"$ref": "#/$defs/T"}}}}}


def prepared(arm, **changes):
    return PROVIDERS[arm](ENV)._prepare(call(arm, **changes))


@settings(max_examples=40, deadline=None)
@given(
    arm=st.sampled_from(ARMS),
    effort=st.sampled_from(["", "low"]),
    schema=st.sampled_from([SCHEMA, OPEN, TREE]),
    structured=st.sampled_from(["json_schema", "prompt"]),
    prompts=st.lists(st.tuples(st.text(min_size=1, max_size=60), st.integers(1, 60_000)), min_size=2, max_size=4),
    instructions=st.text(max_size=40),
)
def test_law_a_filled_template_is_the_translation(arm, effort, schema, structured, prompts, instructions):
    if arm == "nova":
        effort, structured = "", "tool"
    of = card(arm, effort=effort, structured=structured)
    provider = PROVIDERS[arm](ENV)
    for prompt, max_tokens in [("a wish", 400), *prompts]:
        one = call(arm, card=of, schema=schema, instructions=instructions, prompt=prompt, max_tokens=max_tokens)
        ready = provider._prepare(one)
        assert ready.template is not None
        assert ready.body(one) == encoded(ready.translated(one))
    assert len(provider._prepared) == 1


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("correction", [None, ("the old answer", "it is wrong")])
async def test_what_is_sent_is_what_acompletion_sends(provider, arm, correction):
    """But for OpenRouter's `provider`, which is ours."""
    asked = call(arm, correction=correction)
    document = body(await sent(provider, arm, correction=correction))
    said = [("system", asked.instructions), ("user", asked.prompt)]
    if correction:
        said += [("assistant", correction[0]), ("user", _turns(document)[-1])]
    messages = [{"role": role, "content": text} for role, text in said]
    theirs, _ = await by_litellm(arm, reply(arm), messages, max_tokens=asked.max_tokens, response_format=prepared(arm).form())
    assert document.pop("provider", None) == theirs.pop("provider", None) or arm == "openrouter"
    assert document == theirs


def _turns(document):
    return [text for turn in document.get("messages") or document["contents"] if (text := _text(turn))]


def _text(turn):
    content = turn.get("parts", turn.get("content"))
    return content if isinstance(content, str) else content[0]["text"]


async def test_what_reads_like_a_placeholder_is_not_taken_for_one(provider):
    """A text that holds the placeholders leaves no template: each call is translated."""
    for changes in ({"instructions": f'Say "{_PROMPT}".'}, {"instructions": f"{_MAX_TOKENS} times"}):
        request = await sent(provider, "gemini", **changes)
        assert body(request)["contents"] == [{"role": "user", "parts": [{"text": "two talks"}]}]
        assert body(request)["system_instruction"] == {"parts": [{"text": changes["instructions"]}]}
        assert body(request)["generationConfig"]["max_output_tokens"] == 500
    quoted = call("gemini", prompt="x", instructions=json.dumps(_PROMPT))  # in the body its quotes are escaped
    ready = PROVIDERS["gemini"](ENV)._prepare(quoted)
    assert ready.body(quoted) == encoded(ready.translated(quoted))


def test_a_template_that_says_something_else_than_the_translation_is_not_used(monkeypatch):
    """As when an arm has a floor for max_tokens."""
    import litellm.utils

    real = litellm.utils.get_optional_params
    monkeypatch.setattr(
        litellm.utils, "get_optional_params", lambda **given: real(**given | {"max_tokens": max(16, given["max_tokens"])})
    )
    ready = prepared("openrouter")
    assert ready.template is None
    assert json.loads(ready.body(call("openrouter", max_tokens=3)))["max_tokens"] == 16
    assert json.loads(ready.body(call("openrouter", max_tokens=30)))["max_tokens"] == 30


def test_the_holes_may_stand_in_either_order():
    assert Template((b"a", b"b", b"c"), prompt_first=True).fill("é\n", 7) == b'a"\\u00e9\\n"b7c'
    assert Template((b"a", b"b", b"c"), prompt_first=False).fill("x", 7) == b'a7b"x"c'


def test_preparing_is_done_once_for_a_task_and_anew_for_another_schema(provider):
    one = provider("gemini")
    first = call("gemini")
    ready = one._prepare(first)
    assert one._prepare(replace(first, prompt="another", max_tokens=7)) is ready
    others = [{"count": 3}, {"instructions": "Else."}, {"schema": dict(SCHEMA)}, {"card": card("gemini", effort="low")}]
    for change in others:
        assert one._prepare(replace(first, **change)) is not ready
    for number in range(300):
        one._prepare(replace(first, instructions=str(number)))
    assert len(one._prepared) <= 256


LONG = "Rules of the house. " * 250  # 5,000 bytes
CACHED = Prices(
    input_per_m=Decimal(1), output_per_m=Decimal(5), cache_read_per_m=Decimal("0.1"), cache_write_per_m=Decimal("1.25")
)
PLAIN = Prices(input_per_m=Decimal(1), output_per_m=Decimal(5))


@pytest.mark.parametrize("arm", ["bedrock", "nova"])
async def test_a_long_prefix_is_marked_for_bedrocks_cache_if_the_card_prices_it(provider, arm):
    with_price, without = card(arm, prices=CACHED), card(arm, prices=PLAIN)
    marked = body(await sent(provider, arm, card=with_price, instructions=LONG))["system"]
    assert marked == [{"text": LONG}, {"cachePoint": {"type": "default"}}]
    for changes in ({"card": without, "instructions": LONG}, {"card": with_price, "instructions": LONG[:4000]}):
        assert "cachePoint" not in json.dumps(body(await sent(provider, arm, **changes)))


@pytest.mark.parametrize("arm", ["gemini", "openrouter", "local"])
async def test_the_caches_of_the_others_are_implicit(provider, arm):
    request = await sent(provider, arm, card=card(arm, prices=CACHED), instructions=LONG)
    assert b"cache" not in request.content.lower()
