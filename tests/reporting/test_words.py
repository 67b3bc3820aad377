"""How figures are said, and the command that makes the records again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.reporting import summary
from synth_sdk.reporting.again import again
from synth_sdk.reporting.reading import clean, number
from synth_sdk.reporting.words import figure, pairs, percent, seconds, short, took
from tests.reporting.support import sample


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (1, "100%"),
        (0.998, "99.8%"),
        (0.9997, "99.97%"),
        (0.999999, "over 99.99%"),
        (0, "0%"),
        (0.00001, "under 0.01%"),
        (0.5, "50%"),
    ],
)
def test_percent(share, said):
    assert percent(share) == said


@given(st.floats(0, 1))
def test_only_all_is_all_and_only_nothing_is_nothing(share):
    assert (percent(share) == "100%") == (share == 1)
    assert (percent(share) == "0%") == (share == 0)


@pytest.mark.parametrize(
    ("milliseconds", "long", "brief"),
    [
        (2400, "2.4 seconds", "2.4 s"),
        (97, "0.097 seconds", "97 ms"),
        (245_000, "4 minutes 5 seconds", "245.0 s"),
        (3_600_000, "1 hour", "3,600.0 s"),
    ],
)
def test_times(milliseconds, long, brief):
    assert (seconds(milliseconds), took(milliseconds)) == (long, brief)


@pytest.mark.parametrize(
    ("value", "said", "brief"),
    [(10_000, "10,000", "10k"), (0.03125, "0.03125", "0.0312"), (4290.5, "4,290.5", "4,290"), (1e300, "1e+300", "1e+300")],
)
def test_numbers(value, said, brief):
    assert (figure(value), short(value)) == (said, brief)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_is_said(value):
    assert figure(value)
    assert short(value)


def test_objects_as_rows_keep_the_names_of_fields():
    assert [*pairs({"row_digest": "a", "empty": [], "checks": {"first_name": 3}})] == [
        ("Row digest", "a"),
        ("Checks: first_name", "3"),
    ]


def test_numbers_are_read_from_text_but_not_from_truth():
    assert (number("0.0312"), number(True), number("nan"), number(10**400)) == (0.0312, None, None, None)


def test_a_report_is_cleaned_of_what_can_t_be_shown():
    told = clean({"errors": ["a\u202eb\x00", "x" * 30_000, 2**100_000], "records": [{"key": "Bearer abcdefgh12345"}]})
    assert told["errors"][0] == "a\\u202eb\\u0000"
    assert told["errors"][1].endswith("10,000 more characters")
    assert "bits" in told["errors"][2]
    assert told["records"] == [{"key": "Bearer abcdefgh12345"}]


@pytest.mark.parametrize(
    ("location", "status", "said"),
    [
        ("out.csv", "success", "out.csv"),
        ("-", "success", "standard output"),
        ("", "success", "kept in memory"),
        ("", "failed", "nothing was delivered"),
    ],
)
def test_where_records_are(location, status, said):
    assert summary.where({"output_location": location, "status": status}) == said


@pytest.mark.parametrize("moment", ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05", "2026-01-02T05:04:05.123+02:00"])
def test_when_it_was_made(moment):
    assert summary.created({"created_at": moment}) == "2026-01-02 03:04:05 UTC"
    assert summary.created({"created_at": "yesterday"}) == "yesterday"


def test_verdicts_have_a_mood():
    assert [summary.mood(word) for word in ("Clean", "close: as alike as", "adjusted", "violated")] == [
        "good",
        "good",
        "fair",
        "",
    ]


def test_the_command_of_a_run_without_a_request_names_kind_count_and_seed():
    made = again(sample("transaction"))
    assert made.command == "synth generate transaction -n 1000 --seed 0"
    assert "to be given again" in made.note


def test_the_command_takes_options_from_a_request_of_options():
    request = {
        "schema": "a b.json",
        "mode": "llm",
        "locale": "en_US",
        "masks": {"email": "hash"},
        "compliance": ["GDPR", "HIPAA"],
        "strict": True,
        "fallback": "faker",
    }
    assert again(sample("transaction", request=request)).command == (
        "synth generate transaction -n 1000 --seed 0 --schema 'a b.json' --mode llm --fallback faker --compliance GDPR,HIPAA --strict --mask email=hash"
    )


def test_the_command_of_a_request_that_came_as_a_document():
    made = again(sample("full"))
    assert made.command == "synth generate --request request.json --seed 42"
    assert "cache" in made.promise
