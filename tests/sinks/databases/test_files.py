"""SQLite and DuckDB: paths, other processes, full disks."""

import sqlite3
import subprocess
import sys

import pytest

from synth_sdk.core.batches import Records
from synth_sdk.core.errors import OutputError, UnknownName, WriteError
from synth_sdk.sinks import Keys, Shape
from synth_sdk.sinks.databases.sqlite import affinity
from synth_sdk.sinks.destinations import Wanted, open_destination
from tests.sinks.databases.test_every_database import MORE, PARENTS, ROWS, SCHEMA, load_set
from tests.support.databases import SqlitePlace, load

FILES = pytest.mark.parametrize("name", ["sqlite", "duckdb"])


@FILES
def test_three_slashes_are_a_relative_path_four_an_absolute_one(request, name, tmp_path, monkeypatch):
    request.getfixturevalue(name)
    monkeypatch.chdir(tmp_path)
    load(f"{name}:///here.db", ROWS, SCHEMA)
    assert (tmp_path / "here.db").exists()
    load(f"{name}:///{tmp_path}/there.db", ROWS, SCHEMA)
    assert (tmp_path / "there.db").exists()


@FILES
@pytest.mark.parametrize("place", ["", "/", "host/x.db", "user@/x.db"])
def test_a_url_without_a_file_is_told_how_to_name_one(name, place):
    with pytest.raises(OutputError, match=rf"name a file: {name}:///relative.db, or {name}:////absolute/path.db"):
        open_destination(f"{name}://{place}", Wanted())


@FILES
def test_what_is_no_database_and_what_has_no_folder(name, tmp_path):
    text = tmp_path / "text"
    text.write_text("not a database, but long enough for one to look at its head " * 50)
    for path in (text, tmp_path / "nowhere" / "x.db"):
        with pytest.raises(OutputError, match=r"output .*name a.*") as caught:
            load(f"{name}:///{path}", ROWS, SCHEMA)
        assert "\n" not in caught.value.message
    assert text.read_text().startswith("not a database")


@FILES
@pytest.mark.parametrize("place", [":memory:", ":memory:name"])
def test_a_database_that_would_be_gone_is_refused(name, place):
    with pytest.raises(
        OutputError, match=f"a database in memory is gone when the command ends; name a file: {name}:///relative.db"
    ):
        open_destination(f"{name}:///{place}", Wanted())


def test_sqlite_knows_its_parameters(sqlite):
    with pytest.raises(UnknownName, match="unknown parameter of an SQLite database 'tabel': did you mean table"):
        open_destination(sqlite.url(tabel="users"), Wanted())
    for wait in ("soon", "-1", "nan", "1e9"):
        with pytest.raises(OutputError, match=f"timeout={wait}': timeout={wait} is no number of seconds from 0 to 86,400"):
            open_destination(sqlite.url(timeout=wait), Wanted())
    assert not sqlite.path.exists()


def test_a_file_that_cannot_be_written_is_found_before_anything_is_made(sqlite, monkeypatch):
    load(sqlite.url(), ROWS, SCHEMA)
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may write all that stands on a disk that can be written
    with pytest.raises(OutputError, match="the file is read-only; have it made writable"):
        open_destination(sqlite.url(if_exists="append"), Wanted())


def test_a_disk_that_gets_full_leaves_the_file_as_it_was(tmp_path):
    """SQLite itself would leave a journal for the next reader to roll back."""
    place = SqlitePlace(tmp_path)
    load(place.url(), ROWS, SCHEMA)
    before = place.path.read_bytes()
    done = subprocess.run([sys.executable, "-c", FULL, place.url()], capture_output=True, text=True, check=True)
    assert "disk I/O error; nothing was loaded" in done.stdout, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [place.path.name]
    assert place.path.read_bytes() == before


FULL = """
import resource, sys
from synth_sdk.core.errors import WriteError
from tests.sinks.databases.test_every_database import MORE, SCHEMA
from tests.support.databases import load
resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, 4_000_000))
try:
    load(sys.argv[1], MORE * 1000, SCHEMA, fingerprint="second", if_exists="append")
except WriteError as error:
    print(error)
"""


def test_another_writer_of_sqlite_is_waited_for_and_then_told(sqlite):
    writer = sqlite3.connect(sqlite.path)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(
        OutputError, match=r"database is locked; another process is writing to it: wait for it, or raise \?timeout="
    ):
        open_destination(sqlite.url(timeout="0.1"), Wanted())
    writer.close()


def test_another_process_has_the_duckdb_file(duckdb):
    script = f"import duckdb, time; c = duckdb.connect({str(duckdb.path)!r}); print('open', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(OutputError, match="another process has it open: wait for it"):
            open_destination(duckdb.url(), Wanted())
    finally:
        holder.kill()
        holder.communicate()


def test_a_full_disk_leaves_the_old_rows(sqlite):
    load(sqlite.url(), ROWS, SCHEMA)
    destination = open_destination(sqlite.url(), Wanted(fingerprint="second", if_exists="append"))
    destination.execute("PRAGMA max_page_count = 20", ())
    with destination:
        sink = destination.open("things", Shape(schema=SCHEMA, name="things"))
        with pytest.raises(WriteError, match="database or disk is full; nothing was loaded"):
            sink.take(Records(MORE * 100))
    assert len(sqlite.rows()) == 250


def test_rows_of_a_table_keyed_by_its_rowid_are_known_from_others(sqlite):
    sqlite.run("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, score REAL, tags TEXT)")
    load(sqlite.url(), MORE, SCHEMA)
    load(sqlite.url(), ROWS, SCHEMA, fingerprint="second", if_exists="append")
    assert len(sqlite.rows()) == 500


def test_a_replaced_table_that_others_refer_to_stays(sqlite):
    load_set(sqlite.url(), range(5), [4])
    with pytest.raises(WriteError, match="rows of table 'children' refer to rows of table 'parents' that aren't there"):
        load(sqlite.url(if_exists="replace"), [{"id": 1}], PARENTS, table="parents", keys=Keys(primary="id"))
    assert len(sqlite.rows("parents")) == 5
    load(sqlite.url(if_exists="replace"), [{"id": 4}], PARENTS, table="parents", keys=Keys(primary="id"))
    assert sqlite.rows("parents") == [(4,)]


def test_affinities_are_those_of_sqlite():
    told = [
        "INT",
        "BIGINT",
        "CHARINT",
        "VARCHAR(9)",
        "CLOB",
        "BLOB",
        "",
        "DOUBLE PRECISION",
        "FLOAT",
        "NUMERIC",
        "BOOLEAN",
        "DATE",
    ]
    assert [affinity(one) for one in told] == [
        "integer", "integer", "integer", "text", "text", "blob", "blob", "real", "real", "numeric", "numeric", "numeric",
    ]  # fmt: skip
