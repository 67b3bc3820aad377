"""The judge: whom it asks about what, what a verdict is, what it may cost, and that it never fails a run."""

import asyncio
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.core.batches import Records
from synth_sdk.core.errors import BudgetExhausted, NoRoute, Rejected
from synth_sdk.core.generators import Made, Provenance
from synth_sdk.core.models import Completion, ModelCard, Prices
from synth_sdk.core.seeds import derive
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.conversation import ConversationGenerator
from synth_sdk.pipeline.judging import Judge, judge_arms
from synth_sdk.pipeline.judging.question import VERDICT_SCHEMA, question, shown
from synth_sdk.pipeline.judging.sample import quota, sampled
from synth_sdk.pipeline.judging.verdicts import Positions, verdict, wilson
from synth_sdk.router import Batched, load_catalogue, resolve
from tests.router.conftest import open_account as open_account
from tests.router.test_end_to_end import opened
from tests.support.provider_server import ProviderServer


def card(name, price="0.1", quality=0.6, family="", free=False):
    prices = Prices(input_per_m=None if price is None else Decimal(price), output_per_m=Decimal(1), free=free)
    return ModelCard(
        id=f"p/{name}", provider="p", model=name, family=family, prices=prices, context_tokens=99_999, max_output_tokens=9_999,
        quality=quality, quality_sd=0.1, source="test", quality_source="test", as_of="",
    )  # fmt: skip


GEMINI, FLASH, CLAUDE, QWEN, NOVA = (
    card("gemini-pro", "2", 0.8),
    card("gemini-flash", "0.1", 0.6),
    card("claude-x", "3", 0.85),
    card("qwen-x", "0.3", 0.72),
    card("nova-x", "0.05", 0.3),
)
CARDS = [GEMINI, FLASH, CLAUDE, QWEN, NOVA]


def names(cards):
    return [each.model for each in cards]


def test_a_judge_is_of_another_family_good_enough_and_cheap():
    assert names(judge_arms(CARDS, [GEMINI])) == ["qwen-x", "claude-x"]
    assert names(judge_arms(CARDS, [NOVA])) == ["gemini-flash", "qwen-x", "gemini-pro"]
    assert names(judge_arms(CARDS, [QWEN, CLAUDE])) == ["gemini-pro"]
    assert names(judge_arms([FLASH, NOVA], [CLAUDE])) == ["gemini-flash"]  # none is as good: the best there is
    assert judge_arms([GEMINI, FLASH], [GEMINI]) == []
    assert judge_arms([card("qwen-y", None)], [GEMINI]) == []  # nobody knows what it costs
    assert names(judge_arms([card("other", family="gemini"), QWEN], [GEMINI])) == ["qwen-x"]


@given(st.integers(1, 5000), st.sampled_from([0.01, 0.05, 0.5]))
def test_quotas_add_up_to_the_rate_within_bounds(count, rate):
    blocks = -(-count // 64)
    quotas = [quota(block, count, rate) for block in range(blocks)]
    assert sum(quotas) == min(count, 50, max(4, round(rate * count)))
    assert max(quotas) - min(quotas) <= 1


def bought(index, record="model's", origin="llm", arm="p/gemini-pro"):
    return Made(index=index, record=record, provenance=Provenance(origin=origin, model=arm))


def test_the_sample_is_of_bought_records_and_depends_on_the_seed_alone():
    block = [bought(index, origin="offline" if index % 3 else "llm" if index % 2 else "cache") for index in range(64)]
    chosen = sampled(block, 1, 64, 0.2)
    assert len(chosen) == 13
    assert all(one.index % 3 == 0 for one in chosen)
    assert sampled(block, 1, 64, 0.2) == chosen == sampled(list(block), 1, 64, 0.2)
    assert sampled(block, 2, 64, 0.2) != chosen
    assert sampled([bought(1, origin="offline"), Made(index=2, reason="none")], 1, 64) == []
    assert len(sampled([bought(0), bought(1)], 1, 2)) == 2


@pytest.mark.parametrize(
    ("forward", "backward", "said"),
    [("A", "B", "win"), ("B", "A", "loss"), ("A", "A", "tie"), ("B", "B", "tie"), ("tie", "B", "tie"), ("A", "tie", "tie")],
)
def test_a_win_counts_only_when_both_orders_agree(forward, backward, said):
    assert verdict(forward, backward) == said


def test_a_judge_that_likes_what_comes_first_shows():
    positions = Positions()
    for _ in range(4):
        positions.add("A", "A")
    positions.add("tie", "tie")
    assert positions.to_dict() == {"position_bias": 0.5, "agreement": 0.2}
    assert Positions().to_dict() == {"position_bias": None, "agreement": None}


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_interval_holds_the_rate_and_narrows(wins, losses):
    count = wins + losses
    rate = wins / count if count else 0.5
    low, high = wilson(rate, count)
    assert 0 <= low <= rate + 1e-9
    assert rate - 1e-9 <= high <= 1
    if count:
        tighter = wilson(wins / count, 10 * count)
        assert tighter[1] - tighter[0] < high - low


def test_the_interval_is_wilsons():
    """8 of 10 at 90%: Brown, Cai and DasGupta (2001), eq. 4, worked by hand with z = 1.6449."""
    low, high = wilson(0.8, 10)
    assert (round(low, 3), round(high, 3)) == (0.541, 0.931)


def test_what_a_judge_reads_has_no_ids_and_no_labels():
    generator = ConversationGenerator(make_spec(kind="conversation", seed=4))
    record = generator.batch(range(1)).records()[0]
    text = shown(record)
    assert record["id"] not in text
    assert "world_before" not in text
    assert all(message["content"] in text for message in record["messages"] if message["content"])
    assert (
        shown({"id": "call_1", "function": None, "meta": {"request": "Hi", "label": "no_call"}})
        == '{"request": "Hi", "function": null}'
    )
    assert shown({"text": "x" * 9000}).endswith(" [...]")
    assert shown("plain") == '"plain"'


@pytest.mark.parametrize("value", [None, "A", {}, {"better": "C"}, {"better": None, "reason": ""}])
def test_an_answer_that_is_none_is_rejected(value):
    with pytest.raises(Rejected):
        question("text", "a", "b", "0", ()).check(value)


def test_a_long_reason_is_cut():
    said = question("text", "a", "b", "0", ()).check({"better": "tie", "reason": "x" * 900})
    assert said == {"better": "tie", "reason": "x" * VERDICT_SCHEMA["properties"]["reason"]["maxLength"]}


class Texts:
    """A kind of texts; the offline one of row n is "plain n"."""

    kind = "text"
    constraint_keys = frozenset()
    record_schema = True
    rows_per_batch = 8

    def batch(self, rows):
        return Records([f"plain {row}" for row in rows])

    def request(self, index, retry):
        return question("written", index, index, f"{index}", ())

    def said(self, record):
        return None

    def features(self, record):
        return {}


class Reader:
    """A model that says which of the two records it is shown is the better one, as `prefer(first, second)` has it."""

    def __init__(self, prefer, cost=7, failed=0):
        self.prefer, self.cost, self.failed, self.asked = prefer, cost, failed, []

    async def complete(self, request):
        self.asked.append(request)
        await asyncio.sleep(0)
        first, second = request.brief.removeprefix("Record A:\n").split("\n\nRecord B:\n")
        said = self.prefer(first, second)
        if isinstance(said, Exception):
            raise said
        value = request.check({"better": said, "reason": "because"})
        return Completion(value=value, origin="llm", model=request.arms[0], cost_micros=self.cost, failed_micros=self.failed)


def likes(word):
    return lambda first, second: "A" if word in first and word not in second else "B" if word in second else "tie"


def judge(model, *blocks, arms=CARDS, **options):
    heard = []
    options = {"count": sum(map(len, blocks)), "seed": 3, **options}
    one = Judge(model, Texts(), arms, on_verdict=lambda *verdict: heard.append(verdict), **options)

    async def run():
        for block in blocks:
            await one.judged(block)

    asyncio.run(run())
    return one.summary(), heard


def test_wins_and_losses_are_told_by_arm_with_their_interval():
    block = [bought(index, "fine" if index % 2 else "odd", arm="p/gemini-pro" if index % 2 else "p/qwen-x") for index in range(8)]
    model = Reader(lambda first, second: "tie" if "odd" in first + second else likes("fine")(first, second), failed=3)
    told, heard = judge(model, block, rate=1.0)
    assert told == {
        "judges": ["p/gemini-pro", "p/qwen-x"],
        "pairs": 8,
        "failed": 0,
        "spent_usd": "0.00016",
        "position_bias": 0.0,
        "agreement": 1.0,
        "arms": {
            "p/gemini-pro": {"pairs": 4, "wins": 4, "ties": 0, "losses": 0, "win_rate": 1.0, "interval_90": [0.597, 1.0]},
            "p/qwen-x": {"pairs": 4, "wins": 0, "ties": 4, "losses": 0, "win_rate": 0.5, "interval_90": [0.182, 0.818]},
        },
    }
    assert sorted(heard) == [("p/gemini-pro", "judge:written", 1.0, 4), ("p/qwen-x", "judge:written", 0.5, 4)]


def test_no_arm_judges_its_own_family_and_both_orders_are_asked():
    model = Reader(likes("model's"))
    judge(model, [bought(index) for index in range(10)], rate=1.0)
    assert {arm for request in model.asked for arm in request.arms} == {"p/qwen-x", "p/claude-x"}
    briefs = [request.brief for request in model.asked]
    assert len(briefs) == len(set(briefs)) == 20
    assert sum(brief.startswith('Record A:\n"plain') for brief in briefs) == 10
    assert len({request.slot for request in model.asked}) == 20


def test_the_two_orders_of_a_pair_never_share_a_call():
    under_way = set()

    class Watching(Reader):
        async def complete(self, request):
            pair = request.slot.rpartition("/")[0]
            assert pair not in under_way
            under_way.add(pair)
            try:
                return await super().complete(request)
            finally:
                under_way.discard(pair)

    assert judge(Watching(likes("model's")), [bought(index) for index in range(10)], rate=1.0)[0]["pairs"] == 10


def test_who_likes_the_first_gives_ties_only():
    told, _ = judge(Reader(lambda first, second: "A"), [bought(index) for index in range(6)], rate=1.0)
    assert (told["position_bias"], told["agreement"]) == (0.5, 0.0)
    assert told["arms"]["p/gemini-pro"]["ties"] == 6


def test_a_judge_that_fails_never_fails_the_run_and_is_left_in_peace():
    model = Reader(lambda first, second: NoRoute({"p/qwen-x": "down"}))
    told, heard = judge(model, [bought(index) for index in range(20)], [bought(64 + index) for index in range(20)], rate=1.0)
    assert (told["pairs"], heard) == (0, [])
    assert told["failed"] == 20
    assert len(told["notes"]) == 2
    assert "6 failures in a row" in told["notes"][1]


def test_when_the_money_is_out_judging_stops_with_a_note():
    model = Reader(lambda first, second: BudgetExhausted("nothing left"))
    told, _ = judge(model, [bought(index) for index in range(8)], rate=1.0)
    assert told["notes"] == ["judging stopped: nothing left"]
    assert told["failed"] == 0


@pytest.mark.parametrize("cap", [0, 2_000, 9_000, 60_000])
def test_at_most_a_tenth_of_the_cap_is_used(cap):
    model = Reader(likes("model's"), cost=150)
    told, _ = judge(model, [bought(index) for index in range(50)], rate=1.0, cap_micros=cap)
    spent = 150 * len(model.asked)
    assert spent <= cap / 10
    assert told["spent_usd"] in (f"{spent / 1e6:.6f}".rstrip("0"), "0", f"{spent / 1e6:.2f}")
    if cap < 60_000:
        assert any("10% of the budget" in note for note in told["notes"])


def test_free_arms_judge_within_a_budget_of_nothing():
    free = [card("qwen-local", family="qwen", free=True), card("gemini-pro")]
    told, _ = judge(Reader(likes("model's"), cost=0), [bought(index) for index in range(5)], arms=free, cap_micros=0)
    assert told["arms"]["p/gemini-pro"]["wins"] == 4


def test_without_another_family_a_note_says_so():
    model = Reader(likes("model's"))
    told, _ = judge(model, [bought(index) for index in range(8)], arms=[GEMINI, FLASH])
    assert model.asked == []
    assert told["notes"] == ["no usable arm is of another family than gemini: what p/gemini-pro wrote was not judged"]


def test_the_summary_is_the_same_in_whatever_order_blocks_end():
    blocks = [[bought(64 * n + index, f"model's {derive(n, index) % 3}") for index in range(64)] for n in range(3)]
    model = likes("model's 1")
    assert judge(Reader(model), *blocks) == judge(Reader(model), *blocks)
    assert judge(Reader(model), *blocks)[0] == judge(Reader(model), *blocks[::-1])[0]


async def test_a_judge_over_the_wire_is_billed_like_any_other_call(open_account):
    account = open_account(500_000)
    generator = ConversationGenerator(make_spec(kind="conversation", seed=4))
    records = generator.batch(range(1, 13)).records()
    made = [bought(index, record, arm="gemini/gemini-2.5-flash-lite") for index, record in enumerate(records)]
    with ProviderServer() as server:
        env = server.env()
        cards = [resolve(name, load_catalogue(None, env)) for name in ("gemini-2.5-flash-lite", "deepseek-v4-flash", "nova-lite")]
        async with opened(server, account, names=("gemini-2.5-flash-lite", "deepseek-v4-flash", "nova-lite")) as router:
            judge = Judge(Batched(router, 2), generator, cards, count=12, seed=1, cap_micros=500_000)
            await judge.judged(made)
        told = judge.summary()
        asked = {request.provider for request in server.requests}
        billed = server.bill_micros
    assert told["pairs"] == 4
    assert "notes" not in told
    assert "gemini" not in asked
    assert billed <= account.spent_micros == round(float(told["spent_usd"]) * 1e6) <= 50_000
