"""The page: whole in itself, safe with any text, and as a browser shows it."""

import copy
import json
import re

import pytest
from markupsafe import escape

from synth_sdk.core.errors import OutputError, RequestError
from synth_sdk.evaluation import evaluate
from synth_sdk.reporting.plots import histogram, range_bar
from tests.evaluation.support import CORPUS
from tests.support.browser import Browser

HOSTILE = "</script><script>document.title='owned'</script> & <b>bold</b>"


@pytest.fixture(scope="module")
def hostile():
    records = copy.deepcopy(CORPUS)
    for one in records:
        one["messages"][-1]["content"] = HOSTILE
        one["meta"]["note"] = HOSTILE
    records[0]["messages"][1]["tool_calls"][0]["function"]["name"] = "guess<i>"
    return records


@pytest.fixture(scope="module")
def page(hostile, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "page.html"
    evaluate(hostile, like=CORPUS).save(str(path))
    return path


def test_the_page_needs_nothing_from_the_network(page):
    text = page.read_text("utf-8")
    assert not re.search(r"(?:src|href)\s*=|@import|url\(|https?://", text)
    assert text.count("<svg") > 30


def test_text_of_records_is_only_text(page):
    text = page.read_text("utf-8")
    assert HOSTILE not in text
    assert "<b>bold" not in text
    assert "guess<i>" not in text
    assert text.count("</script>") == 1
    assert str(escape(HOSTILE)) in text


def test_saving(tmp_path):
    found = evaluate(CORPUS[:30])
    assert found.save(str(tmp_path / "x.json")) == str(tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text()) == found.to_dict()
    with pytest.raises(RequestError, match=r"saved as \.html or \.json"):
        found.save(str(tmp_path / "x.pdf"))
    with pytest.raises(OutputError, match="can't be written"):
        found.save(str(tmp_path / "none" / "x.html"))


def test_pages_without_conversations(tmp_path):
    evaluate([{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{"}}]).save(str(tmp_path / "x.html"))
    text = (tmp_path / "x.html").read_text()
    assert "1 finding" in text
    assert "<article" not in text


def test_flawed_conversations_are_among_those_to_read(tmp_path):
    records = copy.deepcopy(CORPUS)
    flawed = [number for number in range(1, 121) if number % 10 == 0]
    for number in flawed:
        records[number - 1]["messages"][0]["content"] = " "
    evaluate(records).save(str(tmp_path / "x.html"))
    shown = [int(number) for number in re.findall(r'<article data-number="(\d+)"', (tmp_path / "x.html").read_text())]
    assert len(shown) == 60
    assert set(flawed) <= set(shown)


def test_plots():
    drawn = histogram("turns & more", [1, 2, 2, 3], [2, 2])
    assert "turns &amp; more" in drawn
    assert drawn.count("<rect") == 4
    assert "polyline" in drawn
    assert histogram("none", []) == ""
    assert histogram("long", range(1000)).count("<rect") <= 25
    assert 'class="out"' in range_bar(9, 1, 2, False)
    assert range_bar(1, 1, 1, True)


def test_a_browser_shows_the_conversations(page, tmp_path):
    shown = Browser(tmp_path).dom(page)
    assert "<title>records in memory - synth eval</title>" in shown, "no text of a record ran as a script"
    assert "1 of 60 shown" in shown
    assert "&lt;b&gt;bold&lt;/b&gt;" in shown
    assert re.search(r'<details class="turn"><summary>calls', shown)
    assert len(re.findall(r"<article[^>]*hidden", shown)) == 59
