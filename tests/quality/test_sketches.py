"""The two sketches: merging gives what one pass gives, and what they tell is as near to the truth as they say."""

import math
import pickle
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.quality import buckets, hashing
from synth_sdk.quality.buckets import Buckets, keys_of, values_of
from synth_sdk.quality.distinct import Digests

numbers = st.floats(allow_nan=False, allow_infinity=False)


def split(draw, count):
    cuts = sorted(draw(st.lists(st.integers(0, count), max_size=4)))
    pieces = [range(start, stop) for start, stop in zip([0, *cuts], [*cuts, count], strict=True)]
    return draw(st.permutations(pieces))


def digests_of(values, times=None, kept=16):
    found = Digests(kept=kept)
    found.add(hashing.of_numbers(np.array(values, np.int64)), times)
    return found


def state(sketch):
    return [part.tolist() if isinstance(part, np.ndarray) else part for part in sketch.__getstate__()]


@given(st.data(), st.lists(st.integers(0, 60), max_size=150))
@settings(max_examples=60)
def test_digests_merge_in_any_order(data, values):
    whole, merged = digests_of(values), Digests(kept=16)
    for piece in split(data.draw, len(values)):
        part = digests_of([values[place] for place in piece])
        merged.merge(pickle.loads(pickle.dumps(part)) if data.draw(st.booleans()) else part)  # noqa: S301 - our own
    assert state(merged) == state(whole)
    assert merged.estimate(len(values)) == whole.estimate(len(values))


@given(st.lists(st.integers(-5, 12), max_size=100))
def test_digests_count_exactly_what_they_hold(values):
    counts = Counter(values)
    found = digests_of(list(counts), np.array(list(counts.values())), kept=32)
    assert found.estimate(len(values)) == len(counts)
    assert found.counts.sum() == len(values)
    shares = [count / len(values) for count in counts.values()]
    assert found.entropy(len(values)) == pytest.approx(-sum(share * math.log2(share) for share in shares))


@pytest.mark.parametrize(("distinct", "times"), [(100_000, 1), (30_000, 5), (9_000, 3)])
def test_the_estimate_is_within_three_standard_errors(distinct, times):
    found = digests_of(np.repeat(np.arange(distinct), times), kept=4096)
    assert found.estimate(distinct * times) == pytest.approx(distinct, rel=3 / 4094**0.5)


def test_ids_are_told_to_be_all_different_and_one_frequent_value_does_not_hide_that():
    ids = np.arange(200_000)
    assert digests_of(ids, kept=4096).estimate(200_000) == 200_000
    half = np.concatenate([ids, np.full(200_000, 17)])
    assert digests_of(half, kept=4096).estimate(400_000) == pytest.approx(200_000, rel=0.05)
    often = hashing.of_numbers(np.array([17])), np.array([0.5])
    assert digests_of(half, kept=4096).entropy(400_000, often=often) == pytest.approx(0.5 + 0.5 * math.log2(400_000), rel=0.02)


@pytest.mark.parametrize("draw", ["normal", "lognormal", "uniform"])
def test_the_entropy_of_more_values_than_are_kept_is_near_the_truth(draw):
    """Also where what comes more often than one time in 4,096 was let go."""
    random = np.random.default_rng(3)
    values = {
        "normal": random.normal(0, 1000, 100_000),
        "lognormal": random.lognormal(5, 2, 100_000),
        "uniform": random.uniform(0, 9e3, 100_000),
    }[draw]
    values = values.round().astype(np.int64)
    _, counts = np.unique(values, return_counts=True)
    truth = -(counts / 1e5 * np.log2(counts / 1e5)).sum()
    common, times = np.unique(values[:10_000], return_counts=True)
    often = hashing.of_numbers(common[times >= 20]), times[times >= 20] / 1e4
    assert digests_of(values, kept=4096).entropy(100_000, often=often) == pytest.approx(truth, abs=0.15)


@pytest.mark.parametrize(
    ("values", "near"), [(np.arange(300_000), 0.0), (np.arange(300_000) % 90_000, 0.05), (np.arange(300_000) % 700, 0.0)]
)
def test_a_part_of_the_values_tells_how_many_all_are(values, near):
    part = np.random.default_rng(2).permutation(values)[:66_000]
    found = digests_of(part, kept=4096).among(66_000, 300_000)
    assert found == pytest.approx(len(np.unique(values)), rel=near)


@given(st.lists(numbers, min_size=1))
def test_keys_keep_the_order_and_the_value(values):
    values = np.array(values) + 0.0
    keys = keys_of(values)
    assert np.array_equal(np.argsort(values, kind="stable"), np.argsort(keys, kind="stable"))
    assert np.array_equal(values_of(keys), values)


@given(st.data(), st.lists(numbers, max_size=200))
@settings(max_examples=60)
def test_buckets_merge_in_any_order(data, values):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buckets, "MOST", 12)
        patch.setattr(buckets, "_LOOSE", 20)
        keys = keys_of(np.array(values, np.float64))
        whole, merged = Buckets(), Buckets()
        whole.add(keys)
        for piece in split(data.draw, len(values)):
            part = Buckets()
            part.add(keys[piece.start : piece.stop])
            merged.merge(pickle.loads(pickle.dumps(part)) if data.draw(st.booleans()) else part)  # noqa: S301 - our own
        assert state(merged) == state(whole)
        assert len(merged) == len(values)
        assert len(merged.places) <= 12


@pytest.mark.parametrize("draw", ["normal", "lognormal", "uniform", "exponential"])
def test_quantiles_are_as_near_as_told(draw):
    values = getattr(np.random.default_rng(5), draw)(size=60_000) * 1000
    found = Buckets()
    found.add(keys_of(values))
    shares = [0.001, 0.01, 0.25, 0.5, 0.9, 0.999]
    truth = np.quantile(values, shares, method="inverted_cdf")
    assert 0 < found.relative_error < 0.005
    assert np.abs(values_of(found.at(shares)) - truth).max() <= (found.relative_error * np.abs(truth)).max()


def test_few_numbers_are_exact():
    found = Buckets()
    found.add(keys_of(np.array([3.0, 1.5, 1.5, -7.0])))
    assert values_of(found.at([0.25, 0.5, 0.75, 1.0])).tolist() == [-7.0, 1.5, 1.5, 3.0]
    assert found.relative_error == 0


@given(st.lists(st.text(max_size=40) | st.text(alphabet="ab", min_size=90, max_size=130), max_size=30))
@settings(max_examples=60)
def test_digests_of_texts_are_those_of_their_bytes_alone(texts):
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    together = hashing.of_texts(pa.array(["x" * 7, *texts], pa.string())[1:]).tolist()
    alone = [hashing.of_texts(pa.array([text], pa.string()))[0] for text in texts]
    assert together == alone
    assert len(set(together)) == len(set(texts))


def test_digests_of_texts_spread_evenly_and_zero_bytes_count():
    texts = [f"{number:08d}-{number % 7}" for number in range(50_000)]
    digests = hashing.of_texts(pa.array(texts))
    assert len(np.unique(digests)) == 50_000
    assert np.bincount((digests >> np.uint64(60)).astype(int), minlength=16).std() < 4 * (50_000 / 16) ** 0.5
    assert len(np.unique(hashing.of_texts(pa.array(["a", "a\0", "a\0\0", "", "\0"])))) == 5


def test_whole_floats_and_integers_are_the_same_value():
    assert hashing.of_numbers(np.array([5, -3])).tolist() == hashing.of_numbers(np.array([5.0, -3.0])).tolist()
    assert hashing.of_numbers(np.array([0.0]))[0] == hashing.of_numbers(np.array([-0.0]))[0]
