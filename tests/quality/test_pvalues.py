"""The short formulas against scipy, and the laws that p-values keep."""

import numpy as np
import pytest

from synth_sdk.quality.pvalues import chi_square, gamma_q, kolmogorov, kolmogorov_smirnov

special = pytest.importorskip("scipy.special")
stats = pytest.importorskip("scipy.stats")


def test_the_kolmogorov_distribution():
    for x in np.linspace(0.05, 4, 200):
        assert kolmogorov(x) == pytest.approx(special.kolmogorov(x), abs=1e-12)
    assert kolmogorov(0) == 1
    assert kolmogorov(-1) == 1
    assert kolmogorov(50) == 0


def test_the_incomplete_gamma_function():
    for a in (0.5, 1, 2.5, 10, 99.5, 2000):
        for x in a * np.array([0.01, 0.3, 0.9, 1, 1.1, 2, 6]):
            assert gamma_q(a, x) == pytest.approx(special.gammaincc(a, x), rel=1e-9, abs=1e-280)
    assert gamma_q(3, 0) == 1


@pytest.mark.parametrize("shift", [0, 0.05, 0.3])
def test_kolmogorov_smirnov(shift):
    rng = np.random.default_rng(3)
    own, like = rng.normal(shift, 1, 900), rng.normal(0, 1, 1400)
    distance, chance = kolmogorov_smirnov(own, like)
    truth = stats.ks_2samp(own, like, method="exact")
    assert distance == pytest.approx(truth.statistic)
    assert chance == pytest.approx(truth.pvalue, rel=0.05, abs=1e-6)


def test_p_values_of_equal_distributions_are_uniform():
    rng = np.random.default_rng(7)
    chances = [kolmogorov_smirnov(rng.normal(size=300), rng.normal(size=400))[1] for _ in range(300)]
    assert stats.kstest(chances, "uniform").pvalue > 0.01
    counts = rng.multinomial(1000, [0.2, 0.3, 0.1, 0.4], size=(300, 2))
    assert stats.kstest([chi_square(*pair)[2] for pair in counts], "uniform").pvalue > 0.01


def test_chi_square():
    own, like = np.array([10, 20, 30, 40]), np.array([25, 15, 35, 50])
    statistic, degrees, chance = chi_square(own, like)
    truth = stats.chi2_contingency([own, like], correction=False)
    assert (statistic, degrees, chance) == pytest.approx((truth.statistic, truth.dof, truth.pvalue))
    assert chi_square(np.array([5, 0]), np.array([9, 0])) == (0.0, 0, 1.0)
    assert chi_square(np.array([50, 1, 0, 1]), np.array([60, 0, 1, 0]))[1] == 1  # the rare ones are one category
