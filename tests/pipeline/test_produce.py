"""Having models write: order, stand-ins, near-duplicates by block, clean cancellation."""

import asyncio
import hashlib
from collections import Counter
from dataclasses import replace

import pytest

from synth_sdk.core.batches import Records
from synth_sdk.core.errors import BudgetExhausted, NoRoute
from synth_sdk.core.models import Completion, Request
from synth_sdk.pipeline.produce import BLOCK, Fallbacks, Rest, Writing, make_with_models

NEVER = Fallbacks(when_budget_ends=False, when_turned_down=False, when_models_fail=False)


class Words:
    """A kind whose records are what the model says; equal texts are near-duplicates."""

    kind = "words"
    constraint_keys = frozenset()
    record_schema = True
    rows_per_batch = 8

    def batch(self, rows):
        return Records([f"offline {row}" for row in rows])

    def request(self, index, retry):
        return Request(
            task="t",
            instructions="",
            brief=f"{index}",
            schema={},
            check=lambda value: value,
            output_tokens=9,
            slot=f"{index}/{retry}",
        )

    def said(self, record):
        """Eight words that are those of this record alone."""
        letters = hashlib.sha256(record.encode()).hexdigest().translate(str.maketrans("0123456789", "ghijklmnop"))
        return " ".join(letters[place : place + 8] for place in range(0, 64, 8))

    def features(self, record):
        return {}


class Scripted:
    """A model that says what `say(request)` returns, or raises it, the later records first."""

    def __init__(self, say):
        self.say, self.asked, self.under_way = say, [], 0

    async def complete(self, request):
        self.asked.append(request)
        self.under_way += 1
        try:
            await asyncio.sleep(0.001 * (5 - int(request.brief) % 5))
        finally:
            self.under_way -= 1
        said = self.say(request)
        if isinstance(said, Exception):
            raise said
        return Completion(value=said, origin="llm", model="arm", cost_micros=3)


def writing(model, fallbacks=NEVER, blocks_ahead=2, **told):
    return Writing(model=model, fallbacks=fallbacks, rest=Rest(Words()), blocks_ahead=blocks_ahead, **told)


async def made(model, count, fallbacks=NEVER, **told):
    return [one async for block in make_with_models(Words(), count, writing(model, fallbacks, **told)) for one in block]


async def test_records_come_in_order_whichever_reply_was_first():
    result = await made(Scripted(lambda request: request.brief), 150)
    assert [one.record for one in result] == [str(index) for index in range(150)]
    assert {one.provenance.origin for one in result} == {"llm"}


@pytest.mark.parametrize(
    ("error", "fallbacks", "stands_in"),
    [
        (BudgetExhausted("cap"), replace(NEVER, when_budget_ends=True), True),
        (NoRoute({"a": "down"}), replace(NEVER, when_budget_ends=True, when_turned_down=True), False),
        (NoRoute({"a": "down"}), replace(NEVER, when_models_fail=True), True),
        (NoRoute({"a": "no JSON"}, answered=True), replace(NEVER, when_turned_down=True), True),
        (BudgetExhausted("cap"), NEVER, False),
    ],
)
async def test_offline_stands_in_only_where_it_may(error, fallbacks, stands_in):
    result = await made(Scripted(lambda request: error if request.brief == "3" else request.brief), 6, fallbacks)
    assert [one.index for one in result] == list(range(6))
    if stands_in:
        assert result[3].record == "offline 3"
        assert result[3].provenance.origin == "offline"
    else:
        assert result[3].provenance is None
        assert result[3].reason == error.message


async def test_the_lower_index_wins_and_the_repeat_is_asked_of_another_arm():
    model = Scripted(lambda request: "same" if request.slot in ("2/0", "4/0") else f"{request.slot}")
    result = await made(model, 6)
    assert result[2].record == "same"
    assert result[4].record == "4/1"
    again = [request for request in model.asked if request.slot == "4/1"]
    assert [request.avoid for request in again] == [frozenset({"arm"})]


async def test_a_repeat_that_never_ends_is_bounded_and_reported():
    model = Scripted(lambda request: "same" if request.brief in "12" else request.brief)
    result = await made(model, 4)
    assert result[1].record == "same"
    assert result[2].provenance is None
    assert "near-duplicate" in result[2].reason
    assert Counter(request.brief for request in model.asked)["2"] == 3


async def test_a_repeat_of_an_earlier_block_is_asked_for_again_too():
    model = Scripted(lambda request: "same" if request.slot in ("0/0", f"{BLOCK}/0") else request.slot)
    result = await made(model, BLOCK + 2)
    assert result[0].record == "same"
    assert result[BLOCK].record == f"{BLOCK}/1"


async def test_leaving_early_cancels_what_is_under_way():
    model = Scripted(lambda request: request.brief)
    source = make_with_models(Words(), 640, writing(model, blocks_ahead=3))
    await anext(source)
    await source.aclose()
    assert model.under_way == 0
    assert len(model.asked) <= 4 * BLOCK
