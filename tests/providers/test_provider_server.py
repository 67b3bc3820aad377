"""The loopback server is what the budget's proofs rest on, so it is tested itself: content, bill, faults."""

import json
import random
import subprocess
import sys
from decimal import Decimal

import httpx
import pytest
from jsonschema import Draft202012Validator

from synth_sdk.core.envelope import wrap
from tests.support.provider_server import FAULTS, Fault, ProviderServer
from tests.support.sample_content import sample

TALK = {
    "type": "object",
    "properties": {
        "exchanges": {
            "type": "array",
            "minItems": 3,
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"customer": {"type": "string", "maxLength": 400}, "agent": {"type": "string"}},
                "required": ["customer", "agent"],
            },
        },
        "mood": {"enum": ["calm", "cross"]},
        "score": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
        "steps": {"type": ["integer", "null"], "minimum": 2, "maximum": 4},
        "when": {"type": "string", "format": "date"},
        "extra": {"anyOf": [{"$ref": "#/$defs/Flag"}, {"const": "none"}]},
    },
    "required": ["exchanges", "mood"],
    "additionalProperties": False,
    "$defs": {"Flag": {"allOf": [{"type": "object", "properties": {"on": {"type": "boolean"}}}, {"required": ["on"]}]}},
}


def post(server, text="go", key="k", max_tokens=20_000):
    body = {
        "model": "tiny-local",
        "messages": [{"role": "user", "content": text}],
        "max_tokens": max_tokens,
        "response_format": {"type": "json_schema", "json_schema": {"name": "R", "schema": wrap(TALK, 4)}},
    }
    answer = httpx.post(f"{server.url}/v1/chat/completions", json=body, headers={"authorization": f"Bearer {key}"}, timeout=10)
    return answer.raise_for_status().json()


def records(reply):
    return json.loads(reply["choices"][0]["message"]["content"])["items"]


def test_content_is_valid_and_no_two_are_near_duplicates():
    rng, seen = random.Random(0), []
    for record in sample(wrap(TALK, 64), rng)["items"]:
        Draft202012Validator(TALK).validate(record)
        said = " ".join(turn[who] for turn in record["exchanges"] for who in turn)
        assert not any(character.isdigit() or character in "@$€" for character in said)
        seen.append({said[place : place + 4] for place in range(len(said) - 3)})
    likeness = [len(a & b) / len(a | b) for n, a in enumerate(seen) for b in seen[:n]]
    assert max(likeness) < 0.6


def test_same_requests_same_replies_and_a_repeat_differs():
    with ProviderServer() as one, ProviderServer() as two, ProviderServer(seed=1) as three:
        first, second = records(post(one)), records(post(one))
        assert records(post(two)) == first
        assert records(post(three)) != first
        assert first != second


def test_the_bill_is_exact_and_counts_every_call_that_was_begun():
    with ProviderServer(
        prices={"tiny-local": ("1", "10")}, faults=[Fault("disconnect", after=1, times=1), Fault("unavailable", after=1)]
    ) as server:
        usage = post(server)["usage"]
        expected = Decimal(usage["prompt_tokens"]) + 10 * Decimal(usage["completion_tokens"])
        assert server.bill_micros == expected
        with pytest.raises(httpx.TransportError):
            post(server)
        broken = server.bill_micros
        assert broken > expected  # billed although nobody got the answer
        with pytest.raises(httpx.HTTPStatusError):
            post(server)
        assert server.bill_micros == broken  # an error status costs nothing
        assert server.struck == {"disconnect": 1, "unavailable": 1}


def test_a_reply_longer_than_its_bound_is_cut():
    with ProviderServer() as server:
        reply = post(server, max_tokens=50)
        assert reply["choices"][0]["finish_reason"] == "length"
        assert reply["usage"]["completion_tokens"] <= 50


def test_respond_decides_what_is_said():
    with ProviderServer(respond=lambda request: [{"said": request.prompt}] * request.count) as server:
        assert records(post(server, "hello")) == [{"said": "hello"}] * 4
        assert server.keys == {"k"}
        server.respond = lambda request: "no JSON at all"
        assert post(server)["choices"][0]["message"]["content"] == "no JSON at all"


def test_faults_by_arm_count_and_probability():
    with ProviderServer(faults=[Fault("not_found", "local/tiny*", times=2), Fault("credit", "gemini")]) as server:
        for _ in range(2):
            with pytest.raises(httpx.HTTPStatusError, match="404"):
                post(server)
        assert len(records(post(server))) == 4
        server.faults[:] = [Fault("unavailable", probability=0.5)]
        outcomes = []
        for n in range(40):
            try:
                post(server, str(n))
                outcomes.append(True)
            except httpx.HTTPStatusError:
                outcomes.append(False)
        assert 8 <= sum(outcomes) <= 32


def test_an_unknown_fault_is_named():
    with pytest.raises(ValueError, match="unknown fault 'nonsense'"):
        Fault("nonsense")
    assert all(Fault(kind).kind == kind for kind in FAULTS)


def test_the_environment_names_only_what_was_asked_for():
    with ProviderServer() as server:
        assert set(server.env("gemini")) == {"GEMINI_API_KEY", "SYNTH_GEMINI_API_BASE"}
        assert server.env("local")["SYNTH_LOCAL_API_BASE"] == f"{server.url}/v1"
        assert len(server.env()) == 11


def test_as_a_script_it_prints_its_environment_and_at_the_end_its_bill():
    command = [sys.executable, "-m", "tests.support.provider_server", "--providers", "gemini", "--fault", "credit:gemini:1:1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            lines = [child.stdout.readline() for _ in range(3)]
            assert lines[0].startswith("export GEMINI_API_KEY=")
            url = lines[2].split("serving on ")[1].split(",")[0]
            assert httpx.get(f"{url}/stats", timeout=10).json()["bill_micros"] == 0
        finally:
            child.terminate()
        assert json.loads(child.stdout.read())["faults"] == {}
