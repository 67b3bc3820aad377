"""`check_rule`: a right rule, and wrong ones, each found out for its own reason."""

from itertools import count

import pytest

from synth_sdk.testing import check_rule

GOOD, BAD = [{"n": 1}, {"n": 2}], [{"n": -1}]


def positive(record):
    return [] if record["n"] > 0 else [f"n is {record['n']}; it must be above 0"]


class Positive:
    def __call__(self, record):
        yield from positive(record)


@pytest.mark.parametrize("rule", [positive, Positive, Positive()])
def test_right_rules_pass(rule):
    check_rule(rule, good=GOOD, bad=BAD)


def changing(record):
    record["n"] = abs(record["n"])
    return []


numbers = count()


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (lambda record: [], "lets a bad record pass"),
        (lambda record: ["no"], "turns down a good record"),
        (lambda record: "no" if record["n"] < 0 else "", "one text where a list"),
        (lambda record: record["n"] > 0, "gives True where the texts"),
        (lambda record: None, "gives None where the texts"),
        (lambda record: record["m"], "raises KeyError"),
        (lambda record: [] if record["n"] > 0 else [1 / 0], "raises ZeroDivisionError"),
        (lambda record: [] if record["n"] > 0 else [record["n"]], "must be a text"),
        (lambda record: [] if record["n"] > 0 else [" "], "must be a text"),
        (lambda record: [] if record["n"] > 0 else ["two\nlines"], "one line"),
        (lambda record: [] if record["n"] > 0 else ["x" * 300], "at most 200"),
        (lambda record: [] if record["n"] > 0 else [f"{next(numbers)}"], "something else of the same record"),
        (changing, "changes the record"),
    ],
)
def test_wrong_rules_are_found_out(rule, told):
    with pytest.raises(AssertionError, match=told):
        check_rule(rule, good=[dict(record) for record in GOOD], bad=[dict(record) for record in BAD])


def test_there_must_be_records_of_both_sorts():
    with pytest.raises(AssertionError, match="at least one good and one bad"):
        check_rule(positive, good=GOOD, bad=[])
