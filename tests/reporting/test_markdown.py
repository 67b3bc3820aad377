"""Markdown: the lines that people know first, the rest after them, and no text that becomes markup."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from synth_sdk.reporting import markdown, render
from synth_sdk.reporting.reading import legible
from synth_sdk.reporting.to_markdown import plain
from tests.reporting.support import HOSTILE, NAMES, hostile, sample

READER = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"])
SEEDS_EXAMPLE = """\
# Synthetic Data Generation Report

**Generation ID:** gen-12345-abcde
**Status:** \u2705 Success
**Records Generated:** 10,000
**Execution Time:** 2.4 seconds

## Quality Metrics
- Uniqueness: 99.8%
- Validity: 100%
- Distribution: Normal

## Output Location
s3://test-data-bucket/synthetic/users_20231215.json
"""


def tokens(text):
    """Every token of the text as a Markdown reader takes it, those inside of lines too."""
    for token in READER.parse(text):
        yield token
        yield from token.children or ()


def test_it_begins_as_the_seeds_example():
    assert markdown(sample("seed")).startswith(SEEDS_EXAMPLE)


@pytest.mark.parametrize(
    ("status", "mark"), [("success", "\u2705 Success"), ("partial", "\u26a0\ufe0f Partial"), ("failed", "\u274c Failed")]
)
def test_the_status_has_its_mark(status, mark):
    assert f"**Status:** {mark}\n" in markdown(sample("seed", status=status))


@pytest.mark.parametrize("name", NAMES)
def test_snapshots(name, snapshot):
    assert render(sample(name), ".md") == snapshot


def test_no_text_of_a_report_becomes_markup():
    ordinary, attacked = ([*tokens(markdown(one))] for one in (sample("full"), hostile(sample("full"))))
    assert not {token.type for token in attacked} & {"html_inline", "html_block", "link_open", "image", "s_open"}
    assert HOSTILE in {token.content for token in attacked}
    headings = [
        [token.content for before, token in pairwise(some) if before.type == "heading_open"] for some in (ordinary, attacked)
    ]
    assert headings[1] == headings[0]


def test_every_row_of_a_table_has_its_columns():
    for line in markdown(hostile(sample("full"))).split("\n\n"):
        rows = [len(re.findall(r"(?<!\\)\|", row)) for row in line.splitlines() if row.startswith("|")]
        assert len(set(rows)) <= 1


@given(st.text(max_size=60) | st.text("#-+=>_*`~|<&!.)(1] [\\ab\n", max_size=40))
def test_plain_text_reads_as_it_was_written(said):
    shown = legible(said)
    inline = [token for token in READER.parse(f"- x\n- {plain(shown)}") if token.type == "inline"]
    assert "".join(part.content for token in inline[1:] for part in token.children) == " ".join(shown.split())
    assert [token.type for token in READER.parse(f"- x\n- {plain(shown)}")].count("list_item_open") == 2


def test_long_lists_end_with_how_many_more_there_are():
    told = sample("full", errors=[f"error {n}" for n in range(250)])
    told["data_quality_metrics"]["distribution_analysis"] = {f"f{n}": {"count": 1, "nulls": 0} for n in range(300)}
    text = markdown(told)
    assert "and 150 more errors" in text
    assert "and 200 more fields" in text


def test_credentials_are_not_rendered_wherever_they_stand():
    told = sample("failed", output_location="postgresql://qa:hunter22@db/qa", errors=["Bearer abcdefgh12345 refused"])
    for suffix in (".md", ".html"):
        text = render(told, suffix)
        assert "hunter22" not in text
        assert "abcdefgh12345" not in text
