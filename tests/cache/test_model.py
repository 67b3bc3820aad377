"""Cached: a hit costs nothing, and the same request in flight is one call."""

import asyncio
import time
from dataclasses import replace

import pytest

from synth_sdk.cache import Cached, Store, request_key
from synth_sdk.core.errors import NoRoute
from synth_sdk.core.models import Completion
from tests.cache.support import Model, a_request


async def test_a_hit_costs_nothing_and_says_what_it_saved(store):
    model = Model()
    cached = Cached(model, store)
    bought = await cached.complete(a_request())
    assert bought == Completion(value={"n": 1, "brief": "goal: refund"}, origin="llm", model="arm-a", cost_micros=70, attempts=2)
    hit = await Cached(Model(), store).complete(a_request(output_tokens=5))
    assert hit == Completion(value=bought.value, origin="cache", model="arm-a", cost_micros=0, saved_micros=70, attempts=0)
    assert model.calls == 1
    assert (await cached.complete(a_request(slot="1"))).value["n"] == 2


async def test_what_is_stored_is_the_accepted_record_which_is_not_checked_again(store):
    def once_only(value):
        raise AssertionError("a record is not a wire value")

    await Cached(Model(), store).complete(a_request())
    assert (await Cached(Model(), store).complete(a_request(check=once_only))).origin == "cache"


async def test_off_neither_reads_nor_writes(store):
    await Cached(Model(), store).complete(a_request())
    assert (await Cached(Model(), store, "off").complete(a_request())).origin == "llm"
    await Cached(Model(), store, "off").complete(a_request(slot="1"))
    assert store.stats()["entries"] == 1


async def test_off_makes_no_folder(tmp_path):
    await Cached(Model(), Store(tmp_path / "cache"), "off").complete(a_request())
    assert not (tmp_path / "cache").exists()


async def test_refresh_reads_only_what_this_run_wrote(store):
    await Cached(Model(), store).complete(a_request())
    await asyncio.sleep(0.01)
    model = Model()
    refresh = Cached(model, store, "refresh")
    assert (await refresh.complete(a_request(brief="goal: refund"))).origin == "llm"
    assert (await refresh.complete(a_request())).origin == "cache"
    assert model.calls == 1


@pytest.mark.parametrize("origin", ["offline", "blueprint", "cache"])
async def test_only_what_was_bought_is_stored(store, origin):
    class Other(Model):
        async def complete(self, request):
            return replace(await super().complete(request), origin=origin)

    await Cached(Other(), store).complete(a_request())
    assert store.stats()["entries"] == 0


@pytest.mark.parametrize("mode", ["on", "off", "refresh"])
async def test_a_hundred_callers_are_one_call(store, mode):
    model = Model(delay=0.05)
    cached = Cached(model, store, mode)
    done = await asyncio.gather(*(cached.complete(a_request()) for _ in range(100)))
    assert model.calls == 1
    assert {completion.value["n"] for completion in done} == {1}
    assert sum(completion.cost_micros for completion in done) == 70  # what was spent
    assert [completion.origin for completion in done].count("llm") == 1
    done[0].value["n"] = "changed"
    assert done[1].value["n"] == 1  # each has a value of its own


async def test_different_requests_do_not_wait_for_each_other(store):
    model = Model(delay=0.05)
    cached = Cached(model, store)
    started = time.monotonic()
    await asyncio.gather(*(cached.complete(a_request(slot=str(slot))) for slot in range(50)))
    assert model.calls == 50
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("mode", ["on", "off"])
async def test_a_cancelled_leader_does_not_fail_the_followers(store, mode):
    model = Model(delay=0.05)
    cached = Cached(model, store, mode)
    leader = asyncio.create_task(cached.complete(a_request()))
    followers = [asyncio.create_task(cached.complete(a_request())) for _ in range(3)]
    await asyncio.sleep(0.01)
    leader.cancel()
    done = await asyncio.gather(*followers)
    assert leader.cancelled()
    assert model.calls == 1
    assert sum(completion.cost_micros for completion in done) == 70


async def test_when_all_callers_are_gone_so_is_the_call(store):
    model = Model(delay=60)
    cached = Cached(model, store)
    callers = [asyncio.create_task(cached.complete(a_request())) for _ in range(3)]
    await asyncio.sleep(0.01)
    for caller in callers:
        caller.cancel()
    await asyncio.wait(callers)
    assert (model.cancelled, model.running) == (1, 0)  # it ended before its callers did
    model.delay = 0
    assert (await asyncio.wait_for(cached.complete(a_request()), 1)).origin == "llm"  # the claim was given back


async def test_an_error_is_shared_and_not_stored(store):
    model = Model(delay=0.02, error=NoRoute({"arm-a": "broken"}))
    cached = Cached(model, store)
    done = await asyncio.gather(*(cached.complete(a_request()) for _ in range(10)), return_exceptions=True)
    assert all(isinstance(outcome, NoRoute) for outcome in done)
    assert model.calls == 1
    model.error = None
    assert (await asyncio.wait_for(cached.complete(a_request()), 1)).origin == "llm"
    assert model.calls == 2


async def test_a_late_error_that_nobody_waits_for_is_not_reported_as_lost(store):
    complaints = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))

    class Stubborn(Model):
        async def complete(self, request):
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                raise NoRoute({"arm-a": "failed while being cancelled"}) from None

    task = asyncio.create_task(Cached(Stubborn(), store).complete(a_request()))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    del task
    await asyncio.sleep(0.01)
    assert complaints == []


async def test_two_stores_on_one_folder_are_one_call(tmp_path):
    """As two processes would: nothing is shared but the folder."""
    with Store(tmp_path / "c") as one, Store(tmp_path / "c") as other:
        first, second = Model(delay=0.2), Model(delay=0.2)
        done = await asyncio.gather(Cached(first, one).complete(a_request()), Cached(second, other).complete(a_request()))
        assert first.calls + second.calls == 1
        assert sorted(completion.origin for completion in done) == ["cache", "llm"]
        assert sum(completion.cost_micros for completion in done) == 70


async def test_a_failure_elsewhere_hands_the_request_over(tmp_path):
    with Store(tmp_path / "c") as one, Store(tmp_path / "c") as other:
        failing, model = Model(delay=0.1, error=NoRoute({"a": "down"})), Model()
        outcomes = await asyncio.gather(
            Cached(failing, one).complete(a_request()), Cached(model, other).complete(a_request()), return_exceptions=True
        )
        assert isinstance(outcomes[0], NoRoute)
        assert outcomes[1].origin == "llm"


async def test_values_bought_together_are_written_together_and_the_last_at_once(tmp_path):
    with Store(tmp_path / "c") as store:
        written = []
        flush = store.flush
        store.flush = lambda: written.append(len(store._pending)) or flush()
        model = Model(delay=0.02)
        cached = Cached(model, store)
        await asyncio.gather(*(cached.complete(a_request(slot=str(n))) for n in range(50)))
        assert sum(written) == 50
        assert max(written) > 10
        assert store._pending == {}  # nothing is left to be written when nothing is being bought
        with Store(tmp_path / "c") as other:
            assert all(other.get(request_key(a_request(slot=str(n)))) is not None for n in range(50))


async def test_a_value_is_on_disk_soon_though_others_are_still_being_bought(tmp_path):
    with Store(tmp_path / "c") as store, Store(tmp_path / "c") as other:
        slow = asyncio.create_task(Cached(Model(delay=60), store).complete(a_request()))
        cached = Cached(Model(), store)
        cached._buying += 1  # as if it were the one that buys the slow one too
        await cached.complete(a_request(slot="1"))
        assert other.peek(request_key(a_request(slot="1"))) is None
        assert (await asyncio.wait_for(Cached(Model(), other).complete(a_request(slot="1")), 5)).origin == "cache"
        slow.cancel()
        await asyncio.wait([slow])


async def test_a_stuck_owner_is_waited_for_only_so_long(tmp_path):
    with Store(tmp_path / "c") as one, Store(tmp_path / "c") as other:
        stuck = asyncio.create_task(Cached(Model(delay=60), one).complete(a_request()))
        await asyncio.sleep(0.02)
        model = Model()
        done = await asyncio.wait_for(Cached(model, other, patience_seconds=0.2).complete(a_request()), 5)
        assert (done.origin, model.calls) == ("llm", 1)
        stuck.cancel()
        await asyncio.wait([stuck])


def contents(folder):
    """Name -> bytes of all files in `folder`."""
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else None


async def test_read_only_reads_and_changes_nothing_on_disk(tmp_path):
    with Store(tmp_path / "c") as store:
        bought = await Cached(Model(), store).complete(a_request())
    before = contents(tmp_path / "c")
    with Store(tmp_path / "c", read_only=True) as store:
        model = Model()
        cached = Cached(model, store, "read-only")
        assert (await cached.complete(a_request())).value == bought.value
        done = await asyncio.gather(*(cached.complete(a_request(slot="new")) for _ in range(5)))
        assert [one.origin for one in done].count("llm") == model.calls == 1
        assert (await cached.complete(a_request(slot="new"))).origin == "llm"  # it wasn't kept
    assert contents(tmp_path / "c") == before


async def test_read_only_needs_no_folder_and_makes_none(tmp_path):
    with Store(tmp_path / "none", read_only=True) as store:
        assert (await Cached(Model(), store, "read-only").complete(a_request())).origin == "llm"
        assert store.put("k", 1, model="m", cost_micros=1) is False
    assert not (tmp_path / "none").exists()


async def test_read_only_works_beside_a_process_that_writes(tmp_path):
    with Store(tmp_path / "c") as writer, Store(tmp_path / "c", read_only=True) as reader:
        cached = Cached(Model(), reader, "read-only")
        for slot in "abc":
            await Cached(Model(), writer).complete(a_request(slot=slot))
            assert (await cached.complete(a_request(slot=slot))).origin == "cache"


async def test_read_only_works_on_a_folder_that_cannot_be_written(tmp_path):
    with Store(tmp_path / "c") as store:
        await Cached(Model(), store).complete(a_request())
    (tmp_path / "c").chmod(0o500)
    try:
        with Store(tmp_path / "c", read_only=True) as store:
            assert (await Cached(Model(), store, "read-only").complete(a_request())).origin == "cache"
    finally:
        (tmp_path / "c").chmod(0o700)


async def test_a_damaged_database_is_a_miss_for_read_only_too(tmp_path):
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "cache.db").write_bytes(b"not a database" * 100)
    with Store(tmp_path / "c", read_only=True) as store:
        assert (await Cached(Model(), store, "read-only").complete(a_request())).origin == "llm"
