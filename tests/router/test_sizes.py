"""Records per call and room for the reply, by what was learned."""

from dataclasses import replace

from synth_sdk.router.beliefs import Beliefs, Seen
from synth_sdk.router.features import Features
from synth_sdk.router.sizes import MOST_PER_CALL, START_SIZE, best_size, reply_bound
from synth_sdk.router.views import View
from tests.router.fakes import card

A = card("a", "1", "1")
LONG_PREFIX = Features(task="t", input_tokens=2000, output_tokens=100, shared_tokens=1900, records=16)
NO_PREFIX = Features(task="t", input_tokens=100, output_tokens=100, shared_tokens=0, records=16)


def seen(slope: float = -0.05, level: float = 2.5, proof: float = 100.0, largest: int = 16) -> View:
    return replace(Beliefs([A]).view("a", "t", 0), slope=slope, level=level, proof=proof, largest=largest)


def test_a_new_arm_starts_at_todays_size_and_never_takes_more_than_there_are() -> None:
    fresh = Beliefs([A]).view("a", "t", 0)
    assert best_size(A, fresh, LONG_PREFIX, None) == START_SIZE
    assert best_size(A, fresh, replace(LONG_PREFIX, records=3), None) == 3
    assert best_size(A, fresh, replace(LONG_PREFIX, records=5), None) == 5, "a second call for one record isn't worth its prefix"


def test_what_the_user_fixed_is_kept_where_the_arm_has_room() -> None:
    assert best_size(A, seen(), LONG_PREFIX, 7) == 7
    assert best_size(A, seen(), replace(LONG_PREFIX, records=2), 7) == 2
    assert best_size(card("s", max_output_tokens=300), seen(), LONG_PREFIX, 7) == 3


def test_a_long_prefix_fills_calls_and_falling_validity_empties_them() -> None:
    assert best_size(A, seen(), LONG_PREFIX, None) == MOST_PER_CALL
    assert best_size(A, seen(slope=-2.0), LONG_PREFIX, None) < START_SIZE
    assert best_size(A, seen(slope=-0.8, level=3.0), NO_PREFIX, None, escalation=0.01) == 1


def test_an_untried_size_is_approached_by_doubling() -> None:
    assert best_size(A, seen(largest=4), LONG_PREFIX, None) == 8
    assert best_size(A, seen(largest=8), LONG_PREFIX, None) == 16


def test_the_reply_gets_room_for_the_longest_seen_and_never_more_than_asked_unless_it_was_cut_off() -> None:
    fresh = Beliefs([A]).view("a", "t", 0)
    assert reply_bound(fresh, 900, 1, 0) == 916
    learned = replace(fresh, ceiling=0.4)
    assert 0.4 * 900 < reply_bound(learned, 900, 1, 0) < 0.65 * 916
    assert reply_bound(replace(fresh, ceiling=1.3), 900, 1, 0) == 916
    assert reply_bound(learned, 900, 1, truncated=1) == 2 * 916
    assert reply_bound(learned, 900, 1, truncated=5) == 4 * 916


def test_the_room_is_learned_after_thirty_calls() -> None:
    beliefs = Beliefs([A])
    for at in range(30):
        assert beliefs.view("a", "t", at).ceiling is None
        beliefs.observe(Seen(arm="a", task="t", size=1, tried=1, accepted=1, bound_output=1000, output_tokens=300 + at), at)
    assert 0.329 <= (beliefs.view("a", "t", 30).ceiling or 0) <= 0.37
