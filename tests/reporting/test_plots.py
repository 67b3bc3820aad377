"""Plots: what is drawn, to scale, and bounded in size."""

import re

from synth_sdk.reporting.plots import bar, benford, binned, curve, heat_map, quantile_bar, ranked, stacked
from synth_sdk.reporting.words import short


def heights(drawn):
    return [float(height) for height in re.findall(r'class="bar"[^>]* height="([\d.]+)"', drawn)]


def widths(drawn):
    return [float(width) for width in re.findall(r'class="[\w-]+" x="[\d.]+"[^>]* width="([\d.]+)"', drawn)]


def test_bins_are_as_high_as_their_counts():
    drawn = binned("Values", [0, 10, 20, 30], [1, 4, 2])
    low, top, middle = heights(drawn)
    assert top == 100
    assert (low, middle) == (25, 50)
    assert "10 to 20: 4 (57.1%)" in drawn


def test_many_bins_are_gathered():
    drawn = binned("Values", range(1001), [1] * 1000)
    assert len(heights(drawn)) == 59
    assert "<title>0 to 17: 17 (1.7%)</title>" in drawn
    assert "<title>986 to 1,000: 14 (1.4%)</title>" in drawn


def test_moments_are_labelled_by_day_or_by_time():
    assert ">2025-01-01<" in binned("When", ["2025-01-01T10:00:00Z", "2025-02-01T10:00:00Z"], [3])
    assert ">10:00:00<" in binned("When", ["2025-01-01T10:00:00Z", "2025-01-01T11:00:00Z"], [3])


def test_the_commonest_values_with_their_shares():
    drawn = ranked("Top", [("a & b", 30), ("c", 15)], 60)
    first, second = widths(drawn)
    assert first == 2 * second
    assert "a &amp; b: 30 (50%)" in drawn


def test_quantiles_lie_where_their_values_are():
    drawn = quantile_bar([(0.05, 0), (0.25, 25), (0.75, 75), (0.95, 100)])
    assert drawn.count("<title>") == 4
    assert 'class="band"' in drawn
    assert "<title>25%: 25</title>" in drawn
    assert 'class="band"' not in quantile_bar([(0.5, 1.0), (0.9, 1.0)])


def test_first_digits_against_the_law():
    drawn = benford("First digits", [(0.3, 0.301)] + [(0.0875, 0.08)] * 8)
    assert len(heights(drawn)) == 9
    assert "polyline" in drawn


def test_a_curve_ends_at_its_last_moment_however_many_there_are():
    drawn = curve("Records", [(ms, ms * 2) for ms in range(10_000)], short)
    assert drawn.count("<circle") <= 26
    assert "<title>10.0 s: 20k</title>" in drawn
    assert len(re.search(r'class="curve" points="([^"]+)"', drawn)[1].split()) <= 202


def test_a_heat_map_tells_sign_and_strength():
    drawn = heat_map("Correlations", ["a", "b<"], [[1, -0.5], [None, 1]])
    assert 'class="minus"' in drawn
    assert 'class="missing"' in drawn
    assert "a and b&lt;: -0.50" in drawn
    assert "b&lt; and a: unknown" in drawn


def test_bars_stay_within_their_cell():
    assert 'width="100.00"' in bar(7, "all")
    assert 'width="0.50"' in bar(0, "nothing")
    assert "&lt;b&gt;" in bar(0.5, "<b>")


def test_parts_of_a_whole_fill_it():
    drawn = stacked("origins", [("origin-llm", 0.25, "a"), ("origin-offline", 0.75, "b")])
    assert widths(drawn) == [25, 75]
