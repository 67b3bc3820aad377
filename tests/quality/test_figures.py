"""The figures of a profile against their plain definitions, on random data."""

import math
import statistics
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from synth_sdk.quality.correlation import contingency, correlation_ratios, cramers_v, pearson, ranked
from synth_sdk.quality.profile import Profile, profile_records
from synth_sdk.quality.shapes import first_digits
from synth_sdk.quality.telling import QUANTILES

RNG = np.random.default_rng(11)


def told_of(values, schema=True, name="x"):
    column = values if isinstance(values, pa.Array) else pa.array(values)
    table = pa.RecordBatch.from_arrays([column], names=[name])
    return Profile.of(table, 0, schema).metrics()["distribution_analysis"][name]


def of_type(**declared):
    return {"type": "object", "properties": {"x": declared}, "required": ["x"]}


@pytest.mark.parametrize("values", [RNG.normal(1e6, 3, 3000), RNG.lognormal(0, 3, 3000), RNG.integers(-50, 50, 3000)])
def test_numbers(values):
    told = told_of(values)
    assert told["std"] == pytest.approx(statistics.stdev(values.tolist()), rel=1e-4)
    assert told["mean"] == pytest.approx(values.mean(), abs=1e-6)
    for share in QUANTILES:
        truth = np.quantile(values, share, method="inverted_cdf")
        assert told["quantiles"][str(share)] == pytest.approx(truth, rel=1e-9)  # 3,000 values have a bucket each
    assert told["entropy_bits"] == pytest.approx(entropy(values.tolist()), rel=1e-5)
    assert told["distinct_values"] == len(set(values.tolist()))
    assert not told["distinct_estimated"]
    assert sum(told["histogram"]["counts"]) == 3000
    assert len(told["histogram"]["edges"]) == len(told["histogram"]["counts"]) + 1 <= 21


def test_a_histogram_counts_what_lies_between_its_edges():
    values = RNG.uniform(-3, 9, 2000)
    told = told_of(values)["histogram"]
    counts, _ = np.histogram(values, told["edges"])
    assert np.abs(np.array(told["counts"]) - counts).max() <= 1  # edges are told to ten digits
    assert told_of(RNG.lognormal(0, 3, 2000))["histogram"]["scale"] == "log"
    whole = told_of(np.arange(1, 7).repeat(5))["histogram"]
    assert whole == {"edges": [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5], "counts": [5] * 6, "scale": "linear"}


def test_large_fields_are_within_what_the_notes_say():
    values = RNG.normal(50, 20, 30_000)
    table = pa.RecordBatch.from_arrays([pa.array(values)], names=["x"])
    told = Profile.of(table, 0, True).metrics()
    field = told["distribution_analysis"]["x"]
    assert any("within" in note for note in told["notes"])
    for share in QUANTILES:
        assert field["quantiles"][str(share)] == pytest.approx(np.quantile(values, share), rel=0.01)
    assert field["std"] == pytest.approx(values.std(ddof=1), rel=1e-4)
    assert field["entropy_bits"] == pytest.approx(math.log2(30_000), rel=0.01)


def entropy(values):
    counts = Counter(values)
    return -sum(count / len(values) * math.log2(count / len(values)) for count in counts.values())


def test_texts():
    words = ["", "a", "bb", "ccc", "ü", "ccc", None, "ccc"]
    told = told_of(words)
    assert told["count"] == 8
    assert told["nulls"] == 1
    assert told["completeness"] == pytest.approx(7 / 8)
    assert told["lengths"]["min"] == 0
    assert told["lengths"]["max"] == 3
    assert told["lengths"]["mean"] == pytest.approx(statistics.mean(len(word) for word in words if word is not None), rel=1e-5)
    assert told["uniqueness"] == pytest.approx(5 / 7, rel=1e-5)
    assert told["entropy_bits"] == pytest.approx(entropy([word for word in words if word is not None]), rel=1e-5)
    assert told["top"] == {"ccc": 3, "": 1, "a": 1, "bb": 1, "ü": 1}


def test_frequent_texts_among_many_are_estimated():
    words = [f"rare {number}" for number in range(6000)] + ["often"] * 2000 + ["some"] * 1000
    RNG.shuffle(words)
    told = told_of(words)
    assert told["distinct"] == ">1000"
    assert list(told["top_estimated"]) == ["often", "some"]
    assert told["top_estimated"]["often"] == pytest.approx(2000, rel=0.15)


def test_dates_and_moments():
    days = np.datetime64("1999-03-01") + RNG.integers(0, 9000, 2000)
    told = told_of(np.datetime_as_string(days), of_type(type="string", format="date"))
    ordered = np.sort(days).astype(str)
    assert (told["earliest"], told["latest"]) == (ordered[0], ordered[-1])
    for share in QUANTILES:
        assert told["quantiles"][str(share)] == ordered[math.ceil(share * 2000) - 1]
    assert told["histogram"]["edges"][0] == ordered[0]
    assert sum(told["histogram"]["counts"]) == 2000
    seconds = np.datetime64("2025-01-01T00:00:00") + RNG.integers(0, 10**7, 500)
    told = told_of([f"{one}Z" for one in seconds] + ["2025-01-01T02:00:00.5+02:00"], of_type(type="string", format="date-time"))
    assert told["earliest"] == min(f"{seconds.min()}Z", "2025-01-01T00:00:00.500000Z")
    assert told["format"] == {"name": "date-time", "conformance": 1.0, "checked": 501}


def test_two_spellings_of_one_moment_are_one_value():
    same = ["2025-01-01T00:00:00Z", "2025-01-01T01:00:00+01:00", "2025-01-01T00:00:00.000Z"]
    assert told_of(same, of_type(type="string", format="date-time"))["distinct_values"] == 1


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date", "2024-02-29", "2023-02-29"),
        ("date-time", "2024-02-29T10:00:00Z", "2024-02-29 10 o'clock"),
        ("email", "ann.b+c@example.com", "ann at example.com"),
        ("uuid", "7b392704-75d9-4e81-bdd1-f0d49c913ae2", "7b392704-75d9"),
        ("ipv4", "192.0.2.7", "192.0.2.300"),
        ("hostname", "a.example.com", "-a.example.com"),
        ("time", "10:00:00Z", "25:00:00Z"),
        ("uri", "https://example.com/a", "no uri at all"),
        ("ipv6", "2001:db8::1", "2001:::1"),
    ],
)
def test_the_share_of_texts_that_have_their_format(name, good, bad):
    told = told_of([good] * 3 + [bad], of_type(type="string", format=name))
    assert told["format"] == {"name": name, "conformance": 0.75, "checked": 4}


def test_the_share_of_values_of_the_declared_type():
    schema = {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": ["string", "null"]}}, "required": ["x"]}
    records = [{"x": 1, "y": "a"}, {"x": 2.5, "y": None}, {"x": 3.0, "y": 4}, {"x": "4", "y": "b"}]
    told = profile_records(records, records, 0, schema).metrics()["distribution_analysis"]
    assert told["x"]["type_conformance"] == 0.5
    assert told["y"]["type_conformance"] == 0.75


def shape_of(values):
    return told_of(values)["shape"]


@pytest.mark.parametrize("seed", range(3))
def test_shapes(seed):
    rng = np.random.default_rng(seed)
    assert shape_of(rng.normal(5, 2, 4000)) == "normal"
    assert shape_of(rng.uniform(0, 1, 4000)) == "uniform"
    assert shape_of(rng.exponential(1, 4000)) == "skewed"
    assert shape_of(rng.standard_t(2, 4000)) == "heavy-tailed"
    assert shape_of(rng.lognormal(0, 1.5, 4000)) == "heavy-tailed"
    assert shape_of(np.concatenate([rng.normal(0, 1, 3000), rng.normal(8, 1, 2000)])) == "bimodal"
    assert shape_of(rng.beta(2, 2, 4000)) in ("symmetric", "normal")
    assert shape_of(rng.integers(0, 5, 400)) == "categorical"
    assert shape_of(np.arange(3000)) == "unique"
    assert shape_of([7] * 60) == "constant"
    assert shape_of(["a", "b"] * 50) == "categorical"
    assert shape_of([f"user {number}" for number in range(100)]) == "unique"
    assert shape_of(pa.nulls(4)) == "empty"
    assert shape_of([1.5, 2.5, 9.0]) == "few values"


def test_benford():
    growing = told_of(10 ** RNG.uniform(0, 5, 20_000))["benford"]
    assert growing["verdict"] == "close"
    assert growing["mad"] < 0.006
    assert told_of(10 ** RNG.triangular(0, 5, 5, 9000))["benford"]["first_digits"] == pytest.approx(
        growing["first_digits"], abs=0.05
    )
    sevens = told_of(7.0 * 10.0 ** RNG.integers(0, 9, 2000))["benford"]
    assert sevens["verdict"] == "nonconforming"
    assert sevens["first_digits"][6] == 1.0
    assert "benford" not in told_of(RNG.uniform(10, 1000, 2000))
    assert "benford" not in told_of(RNG.normal(0, 1e5, 2000))
    numbers = np.concatenate([10.0 ** RNG.uniform(-300, 300, 2000), [1.0, 10.0, 999.9999, 1000.0, 0.001, 9.0]])
    assert first_digits(numbers).tolist() == [int(f"{number:.15e}"[0]) for number in numbers]


def test_edge_values():
    schema = {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "minimum": -2, "maximum": 5},
            "s": {"type": ["string", "null"], "maxLength": 4},
            "e": {"enum": ["a", "b", "c"]},
            "b": {"type": "boolean"},
            "d": {"type": "string", "format": "date"},
            "t": {"type": "array", "items": {"type": "integer"}, "maxItems": 2},
        },
        "required": ["n", "s", "e", "b", "d"],
    }
    records = [
        {"n": -2, "s": "", "e": "a", "b": True, "d": "2024-02-29", "t": []},
        {"n": 0, "s": "long", "e": "b", "b": True, "d": "2024-05-01"},
    ]
    told = profile_records(records, records, 0, schema).metrics()
    missed = {
        name: sorted({*one["edge_cases"]["possible"]} - {*one["edge_cases"]["covered"]})
        for name, one in told["distribution_analysis"].items()
        if "edge_cases" in one
    }
    assert missed == {
        "n": ["maximum"],
        "s": ["not ASCII", "null"],
        "e": ["every listed value"],
        "b": ["false"],
        "d": [],
        "t": ["longest list"],
    }
    assert told["edge_case_coverage"] == {"covered": 9, "possible": 15, "score": 0.6}


def test_completeness_is_of_all_places():
    records = [{"a": 1, "o": {"b": None}}, {"a": None}, {"a": 2, "o": {"b": 3}}]
    told = profile_records(records, records, 0, True).metrics()
    assert told["completeness_score"] == pytest.approx((2 + 2 + 1) / (3 + 3 + 2), abs=1e-6)


def test_pearson_leaves_out_pairs_with_nothing():
    rows = RNG.normal(size=(4, 500))
    rows[1] += 2 * rows[0]
    rows[RNG.random((4, 500)) < 0.2] = np.nan
    rows[3] = 7.0
    found = pearson(rows)
    for one in range(3):
        for other in range(3):
            both = ~np.isnan(rows[one]) & ~np.isnan(rows[other])
            assert found[one, other] == pytest.approx(np.corrcoef(rows[one][both], rows[other][both])[0, 1], abs=1e-9)
    assert found[3, :3].tolist() == [0, 0, 0]


def test_ranks_and_spearman():
    scipy = pytest.importorskip("scipy.stats")
    values = RNG.integers(0, 20, 300).astype(float)
    assert ranked(values).tolist() == scipy.rankdata(values).tolist()
    other = values + RNG.normal(0, 5, 300)
    table = pa.RecordBatch.from_arrays([pa.array(values), pa.array(other)], names=["a", "b"])
    told = Profile.of(table, 0, True).metrics()["correlations"]
    assert told["spearman"]["matrix"][0][1] == pytest.approx(scipy.spearmanr(values, other).statistic, abs=1e-4)
    assert told["matrix"][0][1] == pytest.approx(np.corrcoef(values, other)[0, 1], abs=1e-4)


def test_cramers_v_and_the_correlation_ratio():
    scipy = pytest.importorskip("scipy.stats")
    one = RNG.integers(0, 4, 2000)
    other = np.where(RNG.random(2000) < 0.5, one, RNG.integers(0, 4, 2000))
    plain = scipy.contingency.association(contingency(one, other), method="cramer")
    assert cramers_v(one, other) == pytest.approx(plain, abs=0.01)  # the bias of so many rows is small
    assert cramers_v(one, RNG.integers(0, 4, 2000)) < 0.06
    assert cramers_v(one, one) == pytest.approx(1)
    numbers = one + RNG.normal(0, 1, 2000)
    groups = [numbers[one == code] for code in range(4)]
    between = sum(len(group) * (group.mean() - numbers.mean()) ** 2 for group in groups)
    assert correlation_ratios(one, numbers[None])[0] == pytest.approx((between / ((numbers - numbers.mean()) ** 2).sum()) ** 0.5)
    numbers[:100], one[50:200] = np.nan, -1
    assert 0.5 < correlation_ratios(one, numbers[None])[0] < 0.9


def test_correlations_of_mixed_fields():
    plan = RNG.integers(0, 3, 1000)
    table = pa.RecordBatch.from_arrays(
        [
            pa.array([["free", "pro", "team"][one] for one in plan]),
            pa.array(plan * 10 + RNG.normal(size=1000)),
            pa.array(plan > 1),
            pa.array([1] * 1000),
        ],
        names=["plan", "price", "large", "same"],
    )
    told = Profile.of(table, 0, True).metrics()["correlations"]
    assert told["fields"] == ["large", "plan", "price"]
    assert told["kinds"] == ["category", "category", "number"]
    assert np.array(told["matrix"]).min() > 0.8
    assert np.diag(told["matrix"]).tolist() == [1, 1, 1]
