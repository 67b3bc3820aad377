"""The rows of a stream: what was put in can be found again, and no row depends on another."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.engine.series.calendar import Calendar, Holiday
from synth_sdk.engine.series.level import Bend, Level, Saturation
from synth_sdk.engine.series.model import ANOMALY_KINDS, Anomalies, Gaps, Grid, Regimes, Series
from synth_sdk.engine.series.season import Season
from synth_sdk.engine.series.stream import Signals
from tests.engine.series.support import FINE, START, stream, values

COUNT = 50_000
TICKS = np.arange(COUNT)


def fitted(*columns: np.ndarray, to: np.ndarray) -> np.ndarray:
    return np.linalg.lstsq(np.stack(columns, axis=1), to, rcond=None)[0]


def test_trend_and_season_are_recovered_by_least_squares():
    seasons = (Season(60, (10.0,), 0.1), Season(24.5 * 60, (5.0,)))
    made = values(stream(Series("x", Level(100, 0.01), seasons, noise=2.0, ar=0.5, grid=FINE)), range(COUNT))
    waves = [turn(2 * np.pi * TICKS / period) for period in (60, 24.5 * 60) for turn in (np.sin, np.cos)]
    base, slope, *found = fitted(np.ones(COUNT), TICKS, *waves, to=made)
    assert base == pytest.approx(100, abs=0.2)
    assert slope == pytest.approx(0.01, abs=1e-5)
    assert np.hypot(found[0], found[1]) == pytest.approx(10, abs=0.1)
    assert np.arctan2(found[1], found[0]) / (2 * np.pi) == pytest.approx(0.1, abs=0.005)
    assert np.hypot(found[2], found[3]) == pytest.approx(5, abs=0.1)


def test_periods_and_harmonics_are_the_peaks_of_the_spectrum():
    count = 24 * 7 * 50
    made = values(stream(Series("x", seasons=(Season(24, (6.0, 3.0)), Season(168, (4.0,))), noise=1.0, grid=FINE)), range(count))
    spectrum = np.abs(np.fft.rfft(made)) * 2 / count
    peaks = {count // 24: 6.0, count // 12: 3.0, count // 168: 4.0}
    assert set(np.argsort(spectrum)[-3:].tolist()) == set(peaks)
    for place, amplitude in peaks.items():
        assert spectrum[place] == pytest.approx(amplitude, abs=0.1)


def test_bends_and_steps_of_the_level():
    level = Level(10, 1.0, (Bend(100, -1.5), Bend(200.5, 0.5, 7.0)))
    made = values(stream(Series("x", level, grid=FINE)), range(400))
    assert made[:101] == pytest.approx(10 + np.arange(101))
    assert np.diff(made[100:200]) == pytest.approx(-0.5)
    assert made[201] - made[200] == pytest.approx(7 - 0.25)
    assert np.diff(made[202:]) == pytest.approx(0)


def test_a_saturating_level_is_logistic():
    level = Level(10, saturation=Saturation(90, 500, 0.02))
    made = values(stream(Series("x", level, grid=FINE)), range(2000))
    assert made == pytest.approx(10 + 90 / (1 + np.exp(-0.02 * (np.arange(2000) - 500))), abs=1e-3)


LEVELS = [
    Level(3.5, 0.25),
    Level(2, 0.5, (Bend(10, 1), Bend(33.5, -0.5, 8))),
    Level(5, saturation=Saturation(40, 300, 0.05)),
]


@pytest.mark.parametrize("level", LEVELS)
def test_the_total_of_a_level_is_its_sum(level):
    at = np.concatenate([[0.0], np.cumsum(level.at(np.arange(999)))])
    assert level.total(np.arange(1000)) == pytest.approx(at, abs=max(1.0, 0.02 * at[-1]) if level.saturation else 1e-6)


@pytest.mark.parametrize(("season", "room"), [(Season(24, (3.0, 1.0), 0.3), 1e-9), (Season(3600.5, (3.0,)), 2.0)])
def test_the_total_of_a_season_is_its_sum(season, room):
    ticks = np.arange(9000)
    assert season.total(ticks) == pytest.approx(np.concatenate([[0.0], np.cumsum(season.at(ticks[:-1]))]), abs=room)
    assert (season.along(17, 9000)[:, 0] == season.at(ticks[17:])).all()


def test_weekdays_and_holidays_multiply_and_move():
    calendar = Calendar((1, 1, 1, 1, 1, 0.5, 0.25), (Holiday(12, 25, None, 0.1, 0.0, 2), Holiday(7, 4, 2025, 1.0, 40.0)))
    hourly = stream(Series("x", Level(100), calendar=calendar, grid=FINE), step=3_600_000_000)
    days = values(hourly, range(24 * 730)).reshape(-1, 24)
    assert (days == days[:, :1]).all()
    assert days[:5, 0].tolist() == [100, 100, 100, 50, 25]  # 2025-01-01 was a Wednesday
    december = days[358:361, 0].tolist()  # 2025-12-25, a Thursday
    assert december == [10, 10, 50]
    assert days[365 + 358, 0] == 10
    assert days[184, 0] == 140
    assert days[365 + 184, 0] == 50  # a Saturday, and not 2025


def test_regimes_change_level_and_noise_now_and_then():
    made = values(stream(Series("x", noise=1.0, regimes=Regimes(1000, 50.0, 4.0), grid=FINE)), range(COUNT))
    means, deviations = made.reshape(-1, 100).mean(axis=1), made.reshape(-1, 100).std(axis=1)
    assert 30 < means.std() < 75
    assert deviations.min() < 0.5
    assert deviations[deviations < 10].max() > 2
    assert abs(made[:400].mean()) < 0.5  # the first stage is the usual one


def test_gaps_cover_their_share_in_runs():
    gaps = stream(Series("x", gaps=Gaps(0.1, 25), grid=FINE), Series("y", gaps=Gaps(0.03), grid=FINE))
    runs, single = Signals(gaps).draw(range(COUNT)).missing
    assert runs.mean() == pytest.approx(0.1, abs=0.02)
    starts = np.count_nonzero(runs[1:] & ~runs[:-1])
    assert runs.sum() / starts == pytest.approx(25, abs=4)
    assert single.mean() == pytest.approx(0.03, abs=0.003)
    assert np.count_nonzero(single[1:] & single[:-1]) < 100


def test_outliers_lie_far_off_and_are_labelled():
    drawn = Signals(stream(anomalies=Anomalies(outliers=0.01))).draw(range(COUNT))
    off = np.abs(drawn.scaled[0]) > 4.6e6  # no normal number of ours lies there
    assert drawn.labels.mean() == pytest.approx(0.01, abs=0.002)
    assert (off <= (drawn.labels == 1)).all()
    assert (np.abs(drawn.scaled[0])[drawn.labels == 1] > 2e6).mean() > 0.95


@pytest.mark.parametrize("kind", ANOMALY_KINDS)
def test_each_kind_of_anomaly_looks_like_itself(kind):
    wanted = stream(Series("x", Level(100), noise=1.0, grid=FINE), anomalies=Anomalies(0.05, 40, (kind,)))
    drawn = Signals(wanted).draw(range(COUNT))
    made, inside = drawn.scaled[0] / 1e6, drawn.labels == 1
    assert inside.mean() == pytest.approx(0.05, abs=0.01)
    assert np.abs(made[~inside] - 100).max() < 5
    runs = np.split(made, np.flatnonzero(np.diff(inside)) + 1)[1 - inside[0] :: 2]
    away = [np.abs(run - 100) for run in runs if len(run) > 10]
    told = {
        "spike": lambda: all(run.max() > 8 and run.argmax() not in (0, len(run) - 1) for run in away),
        "level_shift": lambda: all(4 < np.median(run) < 8 for run in away),
        "drift": lambda: all(run[-5:].mean() > 3 > run[:5].mean() for run in away),
        "dropout": lambda: all((run == 100).all() for run in away),
        "flatline": lambda: all(np.ptp(run) == 0 for run in runs),
        "variance": lambda: all(run.std() > 1 for run in away) and np.mean([run.max() for run in away]) > 5,
    }
    assert told[kind]()


def test_what_is_bounded_stays_inside():
    clipped = Series("x", Level(5), noise=10.0, grid=Grid(1, first=0, last=100))
    thrown = replace(clipped, name="y", grid=Grid(1, first=0, last=100, reflect=True))
    one, other = Signals(stream(clipped, thrown)).draw(range(COUNT)).scaled
    for made in (one, other):
        assert made.min() == 0
        assert made.max() == 100
    assert (one == 0).mean() > 0.25
    assert (other == 0).mean() < 0.02


def test_entities_have_levels_and_seasons_of_their_own():
    wide = Series("x", Level(100), (Season(100, (10.0,)),), level_spread=20.0, phase_spread=0.5, grid=FINE)
    made = values(stream(wide, entities=50), range(50 * 1000)).reshape(1000, 50)
    assert 12 < made.mean(axis=0).std() < 28
    assert len(set(made.argmax(axis=0) % 100)) > 15
    assert made[100:200] == pytest.approx(made[:100])
    single = values(stream(replace(wide, noise=1.0), entities=50), range(333, 334))
    assert single == values(stream(replace(wide, noise=1.0), entities=50), range(50 * 1000))[333]


COUNTERS = [
    Series("x", Level(10), (Season(60, (5.0,)),), noise=3.0, counter=True, grid=Grid(0, True)),
    Series("x", Level(10, 0.001), noise=30.0, ar=0.9, counter=True, grid=Grid(3)),
    Series("x", Level(10), (Season(100, (10.0,)),), noise=1.0, counter=True, reset=5000, grid=Grid(3)),
    Series("x", Level(2), noise=1.0, counter=True, reset=9, grid=Grid(3)),
]


@pytest.mark.parametrize("counter", COUNTERS)
def test_a_counter_never_falls_but_where_it_starts_again(counter):
    made = values(stream(counter), range(COUNT))
    falls = np.flatnonzero(np.diff(made) < 0)
    if counter.reset is None:
        assert len(falls) == 0
        wanted = counter.level.total(np.array([COUNT]))[0] + sum(season.total(np.array([COUNT]))[0] for season in counter.seasons)
        assert made[-1] == pytest.approx(wanted, rel=0.02)
    else:
        assert COUNT / len(falls) == pytest.approx(counter.reset, rel=0.3)
        assert (made[falls + 1] < 3 * counter.level.base + 5 * sum(season.amplitude for season in counter.seasons) + 60).all()
    assert made.min() >= 0


def test_the_season_of_a_counters_rate_is_recovered():
    made = values(stream(COUNTERS[0]), range(60 * 500 + 1))
    rates = np.diff(made)
    spectrum = np.abs(np.fft.rfft(rates)) * 2 / len(rates)
    assert spectrum[1:].argmax() + 1 == 500
    assert spectrum[500] == pytest.approx(5, abs=0.3)
    assert rates.mean() == pytest.approx(10, abs=0.05)


def test_a_far_stretch_costs_what_a_near_one_does():
    far = range(49_999_000, 50_000_000)
    for counter in COUNTERS:
        signals = Signals(stream(counter, anomalies=Anomalies(0.01, outliers=0.01)))
        made = signals.draw(far).scaled[0]
        assert (made[500:] == signals.draw(far[500:]).scaled[0]).all()
        assert len(signals.draw(range(10**12, 10**12 + 3)).labels) == 3


SERIES = st.builds(
    Series,
    name=st.just("x"),
    level=st.sampled_from(LEVELS),
    seasons=st.lists(st.sampled_from([Season(7, (1.0,)), Season(90.5, (2.0, 1.0), 0.2)]), max_size=2).map(tuple),
    calendar=st.sampled_from([None, Calendar((1, 1, 1, 1, 1, 0.5, 0.25))]),
    noise=st.sampled_from([0.0, 1.5]),
    ar=st.sampled_from([0.0, 0.9]),
    regimes=st.sampled_from([None, Regimes(20, 3.0, 2.0)]),
    gaps=st.sampled_from([None, Gaps(0.2), Gaps(0.1, 5)]),
    level_spread=st.sampled_from([0.0, 2.0]),
    phase_spread=st.sampled_from([0.0, 0.4]),
)
COUNTED = st.sampled_from([replace(one, gaps=Gaps(0.1), level_spread=1.0, phase_spread=0.2) for one in COUNTERS])
ANOMALIES = st.sampled_from([None, Anomalies(0.2, 6, outliers=0.05), Anomalies(0.0, outliers=0.3)])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(SERIES | COUNTED, min_size=1, max_size=3),
    ANOMALIES,
    st.sampled_from([1, 3, 40]),
    st.integers(0, 10**7),
    st.integers(1, 200),
    st.data(),
)
def test_a_row_depends_on_no_other(series, anomalies, entities, first, count, data):
    named = [replace(one, name=str(place)) for place, one in enumerate(series)]
    signals = Signals(stream(*named, entities=entities, anomalies=anomalies, step=3_600_000_000))
    whole = signals.draw(range(first, first + count))
    cut = data.draw(st.integers(0, count - 1))
    length = data.draw(st.integers(1, count - cut))
    part = signals.draw(range(first + cut, first + cut + length))
    where = slice(cut, cut + length)
    assert (part.moments == whole.moments[where]).all()
    assert (part.entities == whole.entities[where]).all()
    for mine, theirs in zip(part.scaled, whole.scaled, strict=True):
        assert (mine == theirs[where]).all()
    for mine, theirs in zip(part.missing, whole.missing, strict=True):
        assert mine is theirs is None or (mine == theirs[where]).all()
    assert part.labels is whole.labels is None or (part.labels == whole.labels[where]).all()


def test_rows_are_in_the_order_of_time_and_then_of_entities():
    drawn = Signals(stream(entities=3)).draw(range(4, 11))
    assert drawn.entities.tolist() == [1, 2, 0, 1, 2, 0, 1]
    assert (drawn.moments - START).tolist() == [1_000_000] * 2 + [2_000_000] * 3 + [3_000_000] * 2
