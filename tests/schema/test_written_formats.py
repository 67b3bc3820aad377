import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.core.errors import SchemaError
from synth_sdk.schema.fields import from_fields
from synth_sdk.schema.written_formats import is_iso, pattern_of, strftime_of


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("YYYY-MM-DD", "%Y-%m-%d"),
        ("DD/MM/YYYY", "%d/%m/%Y"),
        ("mm/dd/yyyy", "%m/%d/%Y"),
        ("dd.MM.yy HH:mm:ss", "%d.%m.%y %H:%M:%S"),
        ("YYYY-MM-DD HH:MM:SS", "%Y-%m-%d %H:%M:%S"),
        ("yyyy-MM-dd'T'HH:mm:ss'Z'", "%Y-%m-%dT%H:%M:%SZ"),
        ("yyyy-MM-ddTHH:mm:ssZ", "%Y-%m-%dT%H:%M:%SZ"),
        ("DD-MMM-YYYY", "%d-%b-%Y"),
        ("HH:mm", "%H:%M"),
    ],
)
def test_letters_become_codes(written, codes):
    assert strftime_of(written) == codes


@pytest.mark.parametrize("written", ["", "---", "long", "D/M/YYYY", "'quoted'", "YYYY-QQ"])
def test_what_names_no_part_of_a_date_is_no_format(written):
    assert strftime_of(written) is None


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2068, 12, 31)))
def test_what_is_written_can_be_read_again(moment):
    codes = strftime_of("YYYY/MM/DD HH:mm:ss")
    assert datetime.strptime(moment.strftime(codes), codes) == moment.replace(microsecond=0)


@given(st.text(alphabet="#-+() .AB9", min_size=1, max_size=12).filter(lambda text: "#" in text))
def test_a_mask_is_matched_by_itself_with_digits(mask):
    assert re.match(pattern_of(mask), mask.replace("#", "7"))


def test_names_of_the_iso_format():
    assert all(map(is_iso, ("ISO", "iso8601", "ISO 8601", "RFC-3339")))
    assert not is_iso("isolated")


def made(type_, **constraints):
    return from_fields({"fields": [{"name": "f", "type": type_, "constraints": constraints}]})["properties"]["f"]


def test_a_date_stays_a_date_however_it_is_written():
    assert made("date", format="DD/MM/YYYY", min="2024-01-01") == {
        "type": "string",
        "x-synth": {"strftime": "%d/%m/%Y", "as": "date", "earliest": "2024-01-01"},
    }
    assert made("date", format="ISO-8601") == {"type": "string", "format": "date"}
    assert made("datetime", format="date-time") == {"type": "string", "format": "date-time"}


def test_a_phone_stays_a_phone_however_it_is_written():
    assert made("phone", format="###-####") == {
        "type": "string",
        "format": "phone",
        "pattern": r"^[0-9][0-9][0-9]\-[0-9][0-9][0-9][0-9]$",
    }
    assert made("email", format="idn-email") == {"type": "string", "format": "idn-email"}


@pytest.mark.parametrize(
    ("type_", "constraints", "told"),
    [
        ("date", {"format": "long"}, "'long' is no way to write a date: write %d/%m/%Y"),
        ("date", {"format": ""}, "'' is no way to write a date"),
        ("date", {"format": "email"}, "'email' is no way to write a date"),
        (
            "phone",
            {"format": "E.164"},
            "'E.164' is no format that a field of type 'phone' can have: leave it out, write # for each digit",
        ),
        ("date", {"min": 5}, "5 is not an ISO date in quotes, such as 2025-01-31"),
    ],
)
def test_a_format_that_cannot_be_kept_is_an_error(type_, constraints, told):
    with pytest.raises(SchemaError, match=re.escape(told)):
        made(type_, **constraints)
