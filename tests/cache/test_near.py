"""Policy `aggressive`: what is lent, to whom, and what never is."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.cache import Cached, Store
from synth_sdk.cache.near import ALIKE, Briefs, _jaccard, _pairs
from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import NoRoute, Rejected
from synth_sdk.core.models import Completion
from tests.cache.support import a_request

BRIEF = "Record {n}. Dates near 2025-01-01; locale en_US; where names occur, let initials be {letters}."


def named(slot):
    """A name for what was written for `slot`, in letters: a number in it might be taken for one of the brief."""
    return "by " + slot.translate(str.maketrans("0123456789/", "qrstuvwxyzo"))


class Writer:
    """Has each request's own check accept the words that `says` gives for its brief, as the router does."""

    def __init__(self, says=lambda request: {"name": named(request.slot)}, cost=70):
        self.says, self.cost, self.asked = says, cost, []

    async def complete(self, request):
        self.asked.append(request)
        await asyncio.sleep(0)
        value = request.check(self.says(request))
        return Completion(value=value, origin="llm", model="arm-a", cost_micros=self.cost)


def record(n, seed, **changes):
    """Record `n` of a run with `seed`: the brief of a kind that leads the model by a number and two letters."""
    brief = BRIEF.format(n=n + 1, letters="ABCDEFGH"[(n + seed) % 8] + "KLMN"[n % 4])
    return a_request(**{"brief": brief, "slot": f"{seed}/{n}/0", **changes})


async def run(store, seed, count=20, mode="aggressive", model=None, made=record):
    """What a run of `count` records gets, all asked for at once."""
    cached = Cached(model or Writer(), store, mode)
    return await asyncio.gather(*(cached.complete(made(n, seed)) for n in range(count)))


async def test_a_second_seed_is_served_by_the_first_and_each_value_goes_to_one_request(store):
    bought = await run(store, 1, mode="on")
    model = Writer()
    lent = await run(store, 2, model=model)
    assert model.asked == []
    assert {done.origin for done in lent} == {"cache"}
    assert [done.saved_micros for done in lent] == [70] * 20
    names = [done.value["name"] for done in lent]
    assert sorted(names) == sorted(done.value["name"] for done in bought)  # twenty stay twenty
    told = store.stats()
    assert (told["misses"], told["hits"], told["shared"], told["saved_usd"]) == (20, 0, 20, "0.0014")


@pytest.mark.parametrize("mode", ["on", "off", "refresh", "read-only"])
async def test_no_other_policy_lends(store, mode):
    await run(store, 1, mode="on")
    model = Writer()
    await run(store, 2, mode=mode, model=model)
    assert len(model.asked) == 20


async def test_a_repeated_run_gets_the_same_records_for_nothing(store):
    await run(store, 1, mode="on")
    lent = await run(store, 2)
    again, wider = await run(store, 2), await run(store, 2, count=30)
    assert [done.value for done in again] == [done.value for done in lent] == [done.value for done in wider[:20]]
    assert {done.origin for done in again} == {"cache"}
    assert len({done.value["name"] for done in wider}) == 30
    exact = await run(store, 2, mode="on")
    assert [done.value for done in exact] == [done.value for done in lent]  # they are its own now


async def test_what_is_lent_is_not_lent_on_and_what_this_run_bought_is_not_lent_in_it(store):
    await run(store, 1, count=5, mode="on")
    model = Writer()
    first = await run(store, 2, model=model)
    assert [done.origin for done in first].count("cache") == 5
    assert len(model.asked) == 15
    third = await run(store, 3)  # may borrow the 5 of seed 1 and the 15 of seed 2
    assert {done.origin for done in third} == {"cache"}
    assert len({done.value["name"] for done in third}) == 20


async def test_a_value_that_was_lent_is_bought_anew_for_its_own_request_in_the_same_run(store):
    """Two slots of one run never get the same value, whichever of them is asked for first; and the next time nothing is paid."""
    await run(store, 1, count=1, mode="on")
    model = Writer(lambda request: {"name": f"{named(request.slot)} in call {len(model.asked)}"})
    for calls in (1, 1):
        cached = Cached(model, store, "aggressive")
        borrowed = await cached.complete(record(7, 1))
        own = await cached.complete(record(0, 1))
        assert (borrowed.origin, borrowed.value["name"]) == ("cache", named("1/0/0"))
        assert own.value["name"] == f"{named('1/0/0')} in call 1"
        assert len(model.asked) == calls


async def test_the_same_request_twice_gets_the_same_value(store):
    await run(store, 1, mode="on")
    cached = Cached(Writer(), store, "aggressive")
    one, two = await asyncio.gather(cached.complete(record(3, 2)), cached.complete(record(3, 2)))
    assert one.value == two.value == (await cached.complete(record(3, 2))).value


async def test_the_words_pass_the_borrowers_own_check_and_become_its_own_record(store):
    def made(n, seed):
        def check(words):
            if n % 2 and words["name"] == named("1/0/0"):
                raise Rejected("not for odd ones")
            return {"id": f"{seed}-{n}", "name": words["name"]}

        return record(n, seed, check=check)

    await run(store, 1, count=1, mode="on", made=made)
    odd, even = Cached(Writer(), store, "aggressive"), Cached(Writer(), store, "aggressive")
    assert (await odd.complete(made(7, 2))).origin == "llm"
    lent = await even.complete(made(8, 2))
    assert (lent.origin, lent.value) == ("cache", {"id": "2-8", "name": named("1/0/0")})


async def test_a_check_that_refuses_everything_leads_to_the_model(store):
    await run(store, 1, mode="on")
    refusing = Writer()

    def no(words):
        if not words.get("fresh"):
            raise Rejected("not this")
        return words

    refusing.says = lambda request: {"fresh": True}
    done = await run(store, 2, count=3, model=refusing, made=lambda n, seed: record(n, seed, check=no))
    assert [one.origin for one in done] == ["llm"] * 3


async def test_words_that_took_something_from_their_own_brief_stay_with_it(store):
    def made(item):
        return lambda n, seed: a_request(
            brief=f"The customer of the shop wants to send back a thing they bought; it is a {item}.", slot=f"{seed}/{n}/0"
        )

    says = Writer(lambda request: {"text": f"I want to return my {request.brief.split()[-1]}"})
    await run(store, 1, count=3, mode="on", model=says, made=made("kettlebell."))
    asked = Writer()
    await run(store, 2, count=1, model=asked, made=made("lamp."))
    assert len(asked.asked) == 1
    await run(store, 2, count=1, model=asked, made=made("kettlebell."))
    assert len(asked.asked) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"task": "other"},
        {"instructions": "Write otherwise."},
        {"schema": {"type": "object"}},
        {"arms": ("arm-b",)},
        {"brief": "goal: refund of a lamp"},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_only_requests_of_one_family_with_like_briefs_share(store, change):
    await run(store, 1, mode="on")
    asked = Writer()
    await Cached(asked, store, "aggressive").complete(record(0, 2, **change))
    assert len(asked.asked) == 1


async def test_what_is_not_lendable_is_neither_lent_nor_given(store):
    def lendable(request):
        return request.task != "verdict"

    for mode in ("on", "aggressive"):
        asked = Writer()
        cached = Cached(asked, store, mode, lendable=lendable)
        await cached.complete(record(0, len(mode), task="verdict"))
        assert len(asked.asked) == 1


async def test_an_arm_that_the_request_avoids_has_nothing_to_lend(store):
    await run(store, 1, mode="on")
    asked = Writer()
    await Cached(asked, store, "aggressive").complete(record(0, 2, avoid=frozenset({"arm-a"})))
    assert len(asked.asked) == 1


async def test_a_value_that_is_gone_or_expired_is_not_lent(tmp_path):
    now = [1_000_000.0]
    clock = Clock(wall=lambda: now[0])
    with Store(tmp_path / "c", ttl=60, clock=clock) as store:
        await asyncio.gather(*(Cached(Writer(), store, clock=clock).complete(record(n, 1)) for n in range(3)))
        now[0] += 61
        asked = Writer()
        await Cached(asked, store, "aggressive", clock=clock).complete(record(0, 2))
        assert len(asked.asked) == 1


async def test_errors_pass_as_ever(store):
    class Failing(Writer):
        async def complete(self, request):
            raise NoRoute({"arm-a": "down"})

    with pytest.raises(NoRoute):
        await Cached(Failing(), store, "aggressive").complete(record(0, 2))


async def test_the_nearest_is_lent_and_the_choice_does_not_depend_on_the_moment(tmp_path):
    got = []
    for order in (range(8), reversed(range(8))):
        with Store(tmp_path / f"c{len(got)}") as store:
            cached = Cached(Writer(), store)
            for n in order:
                await cached.complete(record(n, 1))
            done = await Cached(Writer(), store, "aggressive").complete(replace(record(0, 2), brief=record(5, 1).brief))
            got.append(done.value["name"])
    assert got == [named("1/5/0")] * 2


@given(st.lists(st.text("abc \n", max_size=30), max_size=12), st.text("abc \n", max_size=30))
def test_the_search_finds_what_comparing_all_would_find(briefs, wanted):
    rows = [(f"k{number}", brief) for number, brief in enumerate(briefs)]
    mine = _pairs(wanted)
    alike = {key for key, brief in rows if mine and _pairs(brief) and _jaccard(mine, _pairs(brief)) >= ALIKE}
    found = list(Briefs(rows).like(wanted))
    assert {key for key, _ in found} == alike
    nearness = [_jaccard(mine, _pairs(brief)) for _, brief in found]
    assert nearness == sorted(nearness, reverse=True)
