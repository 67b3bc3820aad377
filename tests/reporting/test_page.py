"""The page: whole in itself, safe with any text, of bounded size, and with the parts that the report has."""

import re
from html.parser import HTMLParser

import pytest
from markupsafe import escape

from synth_sdk.reporting import page, render
from tests.reporting.support import HOSTILE, NAMES, hostile, sample

VOID = {"meta", "input", "br", "wbr", "link", "img", "hr"}


class Outline(HTMLParser):
    """What the page is made of: headings, captions of tables with their rows and of figures with their marks; and whether tags are closed."""

    def __init__(self, text):
        super().__init__()
        self.parts, self.open, self.tags, self.attributes = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("h1", "h2", "h3", "caption", "figcaption"):
            self.parts.append([tag, ""])
        if tag in ("tr", "rect", "circle") and self.parts:
            self.parts[-1].append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("h1", "h2", "h3", "caption", "figcaption", "code", "span") and self.parts:
            self.parts[-1][1] += (
                data if self.open[-1] in ("h1", "h2", "h3", "caption", "figcaption") or self.open[-2] == "h3" else ""
            )

    def lines(self):
        for tag, said, *marks in self.parts:
            counts = ", ".join(f"{marks.count(mark)} {mark}" for mark in ("tr", "rect", "circle") if mark in marks)
            yield f"{tag} {said.strip()}{f' ({counts})' if counts else ''}"


@pytest.mark.parametrize("name", NAMES)
def test_the_structure(name, snapshot):
    assert "\n".join(Outline(page(sample(name))).lines()) == snapshot


def test_it_needs_nothing_from_the_network():
    text = page(sample("full"))
    assert not re.search(r"@import|url\(|<link|<iframe|<img", text)
    assert all(target.startswith("#") for target in re.findall(r'(?:src|href)\s*=\s*"([^"]*)"', text))
    assert "default-src 'none'" in text


def test_text_of_reports_and_records_is_only_text():
    outline = Outline(page(hostile(sample("full"))))
    assert outline.tags.count("script") == 1
    assert not {"img", "iframe", "object"} & set(outline.tags)
    assert not [name for name, _ in outline.attributes if name.startswith("on")]
    assert {value for name, value in outline.attributes if name == "href"} <= {
        f"#{value}" for name, value in outline.attributes if name == "id"
    }
    assert str(escape(HOSTILE)) in page(hostile(sample("full")))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_accessible(name):
    text = page(sample(name))
    outline = Outline(text)
    assert outline.tags.count("main") == outline.tags.count("header") == outline.tags.count("h1") == 1
    assert outline.tags.count("table") == outline.tags.count("caption")
    assert all("scope=" in cell for cell in re.findall(r"<th[ >][^>]*", text))
    assert all('role="img" aria-label="' in drawing for drawing in re.findall(r"<svg[^>]*>", text))
    ids = [value for name, value in outline.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {value for name, value in outline.attributes if name in ("for", "aria-labelledby", "data-filter")} <= set(ids)


def test_every_mark_of_a_plot_has_a_title():
    text = page(sample("full"))
    bars = re.findall(r'<rect class="(?:bar|plus|minus|origin-\w+)"[^>]*>(.{0,7})', text)
    assert len(bars) > 200
    grouped = text.count("<g><title>")
    assert sum(not after.startswith("<title>") for after in bars) <= grouped


def test_a_wide_report_of_long_texts_stays_small():
    told = sample("full", errors=["word " * 5000] * 150)
    quality = told["data_quality_metrics"]
    kinds = [*quality["distribution_analysis"].values()]
    names = [f"table.{'long_name_' * 20}{n}" for n in range(1000)]
    quality["distribution_analysis"] = {name: kinds[n % len(kinds)] for n, name in enumerate(names)}
    quality["correlations"] = {
        "fields": names[:300],
        "matrix": [[1.0 if a == b else 0.3 for a in names[:300]] for b in names[:300]],
        "method": "pearson",
    }
    quality["against_sample"]["fields"] = {name: {"ks": 0.1, "p": 0.2} for name in names}
    told["compliance"]["findings"] *= 200
    turns = [{"role": "user", "content": "word " * 3000}] * 200
    told["records"] = [*[dict.fromkeys(names, "x" * 10000)] * 5, *[{"messages": turns}] * 5]
    text = page(told)
    assert len(text.encode()) < 2_000_000
    assert "192 more with plots" in text
    assert "760 more stand in the table only" in text
    assert "and 500 more" in text
    assert "198 more" in text
    assert "the 24 of 300 fields with the strongest ones" in text


def test_what_is_not_there_is_left_out():
    text = page(sample("seed"))
    assert re.findall(r'<section id="(\w+)"', text) == ["quality", "fields", "again"]
    assert "None" not in text


def test_any_suffix_but_two_is_json():
    assert render({"a": "\u2705 \ud800"}, ".txt") == '{\n  "a": "\u2705 \\ud800"\n}\n'
    assert render(sample("seed"), ".HTM").startswith("<!DOCTYPE html>")


def test_the_same_report_is_the_same_page():
    assert page(sample("full")) == page(sample("full"))
