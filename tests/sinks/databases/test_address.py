import pytest

from synth_sdk.core.errors import OutputError
from synth_sdk.sinks.databases.address import parse_address
from synth_sdk.sinks.destinations import Wanted, open_destination


def parsed(url):
    return parse_address(url, Wanted())


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("postgresql://h1:5432,h2:5433/db", "h1:5432,h2", 5433, "/db"),
        ("postgresql://me:pw@h/db?application_name=x", "h", None, "/db"),
        ("mysql://me:%2F%40%3F@[::1]:3307/db", "::1", 3307, "/db"),
        ("postgresql:///db?host=/run/postgresql", "", None, "/db"),
        ("postgresql://h/a%40b", "h", None, "/a@b"),
        ("sqlite:///a@b:c#d.db", "", None, "/a@b:c#d.db"),
    ],
)
def test_what_a_url_says(url, host, port, path):
    address = parsed(url)
    assert (address.host, address.port, address.path) == (host, port, path)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hun/ter2@h/db",
        "postgresql://me:hunter2/@h/db",
        "postgresql://me:1234/hunter2@h/db",
        "mysql://me:hunter2?x@h/db",
        "mysql://me:1234?hunter2@h/db",
        "mysql://h:hunter2/db",
        "mysql://h:1:2/db",
        "mysql://[::1/db",
    ],
)
def test_a_password_that_cuts_the_url_is_told_how_to_be_written_and_not_quoted(url):
    with pytest.raises(OutputError, match=r"/ is %2F, \? %3F and @ %40") as caught:
        parsed(url)
    told = caught.value.message.partition(": what stands")
    assert "ter2" not in told[2]
    assert "@" not in url or "ter2" not in told[0]


@pytest.mark.parametrize("url", ["postgresql:/me:hunter22@h/db", "postgresql:me:hunter22@h/db", "MySQL+pymysql:me:hunter22@h/db"])
def test_a_url_without_its_slashes_is_no_file(url, tmp_path, monkeypatch):
    from synth_sdk import Synth

    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match=r"two slashes are missing; write .*://") as caught:
        Synth(history=str(tmp_path / "runs.sqlite3")).write(url, "text", count=1)
    assert "hunter22" not in caught.value.message
    assert b"hunter22" not in (tmp_path / "runs.sqlite3").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["runs.sqlite3"]


def test_a_file_may_have_any_name_behind_its_folder(tmp_path, monkeypatch):
    from synth_sdk import Synth

    monkeypatch.chdir(tmp_path)
    Synth(history="off").write("./s3:x.jsonl", "text", count=1)
    assert [path.name for path in tmp_path.iterdir()] == ["s3:x.jsonl"]


def test_unknown_schemes_are_told_which_are_known():
    with pytest.raises(OutputError, match=r"nothing is known of oracle://; use a path, or one of .*postgresql://"):
        open_destination("oracle://me:pw@h/db", Wanted())
