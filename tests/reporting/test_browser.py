"""The page in a real browser: drawn in light and dark, wide and narrow, without complaints, and filtered by its script."""

import pytest

from synth_sdk.reporting import page
from tests.reporting.support import hostile, sample
from tests.support.browser import Browser

OVERFLOW = "return document.documentElement.scrollWidth - document.documentElement.clientWidth;"
FILTER = """
const input = document.getElementById("find-field");
input.value = "AGE"; input.dispatchEvent(new Event("input"));
const shown = [...document.querySelectorAll("#field-cards article")].filter((one) => !one.hidden);
return shown.map((one) => one.querySelector("h3").textContent).join(",") + " " + input.parentElement.querySelector("output").textContent;
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    return Browser(tmp_path_factory.mktemp("browser"))


@pytest.fixture
def written(tmp_path):
    def write(report):
        path = tmp_path / "report.html"
        path.write_text(page(report), "utf-8")
        return path

    return write


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_is_drawn(browser, written, tmp_path, dark):
    """A picture of text and plots is many times larger, compressed, than one of an empty page of the same colours."""
    (tmp_path / "blank.html").write_text('<meta name="color-scheme" content="light dark"><body style="background:#14181a">')
    blank = browser.screenshot(tmp_path / "blank.html", dark=dark).stat().st_size
    assert browser.screenshot(written(sample("full")), dark=dark).stat().st_size > 10 * blank


def test_nothing_complains_and_no_text_of_a_record_runs(browser, written):
    path = written(hostile(sample("full")))
    assert browser.complaints(path) == []
    assert "owned</title>" not in browser.dom(path)


def test_complaints_would_be_heard(browser, tmp_path):
    (tmp_path / "loud.html").write_text("<script>nonsense()</script>")
    assert "nonsense" in browser.complaints(tmp_path / "loud.html")[0]


@pytest.mark.parametrize("width", [360, 1200])
def test_it_fits_its_window(browser, written, width):
    assert browser.asked(written(sample("full")), width, OVERFLOW) == "0"


def test_its_height_is_what_can_be_read(browser, written):
    height = int(browser.asked(written(sample("full")), 1200, "return document.documentElement.scrollHeight;"))
    assert 5_000 < height < 15_000


def test_fields_are_found_by_name(browser, written):
    assert browser.asked(written(sample("full")), 1200, FILTER) == "age 1 of 18"
