"""Which patterns are sent."""

import pytest

from synth_sdk.providers.downgrade.patterns import portable


@pytest.mark.parametrize("pattern", ["^[a-z]{2,5}$", "^(cat|dog)-[0-9]+$", "^a\\.b$", "^[A-Z][a-z]*( [A-Z][a-z]*)?$"])
def test_plain_anchored_patterns_are(pattern):
    assert portable(pattern, "")


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "abc",
        "^abc",
        "abc$",
        "^a|b$",
        "^(?=a)b$",
        "^a+?$",
        "^a\\$",
        "^\\bword$",
        "^(a)\\1$",
        "^[a-z]{1,1000}$",
        "^é$",
        "^a$b$",
        "^x{,3}$",
    ],
)
def test_others_are_not(pattern):
    assert not portable(pattern, "dws")


def test_class_escapes_only_where_they_are_known():
    assert portable("^\\d{3}$", "dws")
    assert not portable("^\\d{3}$", "")
    assert not portable("^[\\d]{3}$", "")
