"""kill -9 and the same command again, over real processes and sockets, at a small size (`benchmarks/kill_and_resume.py` does more of it)."""

import json
import random

import pytest

from benchmarks.kill_and_resume import (
    PHASES,
    Wish,
    at_once,
    killed_and_resumed,
    one_killed_beside_another,
    paid,
    repeats,
    undisturbed,
)
from tests.support.commands import Place
from tests.support.provider_server import ProviderServer

pytestmark = pytest.mark.slow
SMALL = {"records": 30, "concurrency": 4}


@pytest.fixture
def server():
    with ProviderServer(latency=(0.02, 0.06), by_brief=True) as running:
        yield running


@pytest.fixture
def place(server, tmp_path):
    return Place(tmp_path / "place", server.env("gemini"))


@pytest.mark.parametrize("wish", [Wish(**SMALL), Wish(per_call=1, cache="off", **SMALL)], ids=["cache on", "cache off"])
def test_killed_in_any_phase_it_pays_again_only_for_what_was_out_and_ends_with_the_same_bytes(server, tmp_path, wish):
    env = server.env("gemini")
    whole, needed = undisturbed(server, Place(tmp_path / "whole", env), wish)
    assert needed == wish.records
    assert len(whole.splitlines()) == wish.records
    for phase in dict.fromkeys(PHASES):
        place = Place(tmp_path / phase, env)
        told = killed_and_resumed(server, place, wish, random.Random(phase), whole, needed, phases=(phase,))
        assert told.kept, (phase, told)


def test_conversations_are_resumed_with_the_same_bytes(server, tmp_path):
    wish, env = Wish(kind="conversation", records=10, concurrency=2), server.env("gemini")
    whole, needed = undisturbed(server, Place(tmp_path / "whole", env), wish)
    told = killed_and_resumed(server, Place(tmp_path / "place", env), wish, random.Random(4), whole, needed, phases=("calls",))
    assert told.kills
    assert told.kept, told


@pytest.mark.parametrize(("kind", "few", "many"), [("json", 8, 12), ("conversation", 4, 6)])
def test_runs_of_other_shapes_share_what_was_bought(server, place, kind, few, many):
    undisturbed(server, place, Wish(kind=kind, records=few))
    other = Wish(kind=kind, records=many, per_call=5, concurrency=3, budget="2", output="other.jsonl")
    _, more = undisturbed(server, place, other)
    assert more == many - few
    assert repeats(server, 0) == 0


@pytest.mark.parametrize("budget", ["1", "0.002"])
def test_two_commands_on_one_account_and_one_cache(server, place, budget):
    pair = [
        Wish(
            kind="conversation", records=count, concurrency=3, budget=budget, output=f"{count}.jsonl", more=("--account", "team")
        )
        for count in (6, 9)
    ]
    codes = [code for code, _ in at_once(place, pair)]
    assert server.bill_micros <= sum(place.booked()) <= round(float(budget) * 1e6)
    assert repeats(server, 0) == 0
    for wish, code in zip(pair, codes, strict=True):
        path = place.folder / wish.output
        records = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        assert (
            (code, len(records)) == (0, wish.records)
            or (code == 3 and 0 < len(records) < wish.records)
            or (code, records) == (1, [])
        )
    assert codes == [0, 0] or budget != "1"


def test_the_same_command_twice_at_once_pays_once_and_both_are_whole(server, place):
    pair = [Wish(output="a.jsonl", **SMALL), Wish(output="b.jsonl", **SMALL)]
    told = at_once(place, pair)
    assert [code for code, _ in told] == [0, 0], told
    assert (place.folder / "a.jsonl").read_bytes() == (place.folder / "b.jsonl").read_bytes()
    assert repeats(server, 0) == 0
    assert place.closed()
    assert not list((place.home / "journal").iterdir())


@pytest.mark.parametrize("before", [True, False])
def test_one_that_is_killed_beside_another_goes_on_where_it_was(server, tmp_path, before):
    with ProviderServer(latency=0.4, by_brief=True) as slow:
        told = one_killed_beside_another(server, slow, tmp_path, Wish(cache="off", **SMALL), before=before)
    assert told.kept, told
    place = Place(tmp_path)
    assert place.closed()
    assert not list((place.home / "journal").iterdir())


def test_what_a_killed_command_says_when_it_goes_on(server, place):
    wish = Wish(**SMALL)
    with place.running(*wish.words(place)) as running:
        while paid(server) < 12:
            assert running.alive, running.said
        running.kill()
    code, said = place.run(*wish.words(place))
    assert code == 0
    assert "Traceback" not in said
    assert "internal error" not in said
    assert "30 json records" in said
