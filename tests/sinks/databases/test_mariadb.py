"""MariaDB alone: both ways to load, credentials, engines, servers that go away."""

from urllib.parse import quote

import pytest

from synth_sdk.core.batches import Records
from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.sinks import Shape
from synth_sdk.sinks.databases.mysql import MySql
from synth_sdk.sinks.destinations import Wanted, open_destination
from tests.sinks.databases.test_every_database import EXTREME_SCHEMA, EXTREMES, MORE, ROWS, SCHEMA, ids, load_set, stored
from tests.sinks.databases.test_postgres import told
from tests.support.databases import LOCKED, PASSWORD, load
from tests.support.servers import free_port


@pytest.fixture
def inserts_only(maria):
    maria.allow(local_infile=False)
    yield
    maria.allow(local_infile=True)


def test_where_files_are_not_allowed_rows_are_inserted(mariadb, inserts_only):
    with open_destination(mariadb.url(), Wanted(fingerprint="f")) as destination:
        with destination.open("things", Shape(schema=EXTREME_SCHEMA, name="things")) as sink:
            assert sink.encoder is None
            sink.take(Records(EXTREMES))
            sink.commit()
        destination.commit({"rows": len(EXTREMES), "row_digest": ""})
    assert stored(mariadb, EXTREME_SCHEMA) == EXTREMES


def test_no_file_is_sent_to_a_server_that_the_user_did_not_say_to_trust(mariadb):
    with open_destination(mariadb.url(local_infile=0), Wanted()) as destination:
        assert destination.open("things", Shape(schema=SCHEMA, name="things")).encoder is None
        with pytest.raises(destination._driver.MySQLError):
            destination.execute("LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE nowhere", ())


def test_credentials(mariadb, maria, tmp_path):
    mariadb.run(f"GRANT ALL ON {mariadb.database}.* TO {LOCKED}")
    url = mariadb.url().replace("root@", f"{LOCKED}:{quote(PASSWORD, safe='')}@")
    load(url, ROWS, SCHEMA)
    load(url.replace("mysql://", "mariadb+pymysql://"), MORE, SCHEMA, fingerprint="second", if_exists="append")
    assert "Access denied for user 'locked'" in told(url.replace(":" + quote(PASSWORD, safe=""), ":wrong"))
    assert "check user and password (or ~/.my.cnf)" in told(url.replace(":" + quote(PASSWORD, safe=""), ""))
    options = tmp_path / "my.cnf"
    options.write_text(f"[client]\nuser = {LOCKED}\npassword = {PASSWORD}\n")
    load(mariadb.url(read_default_file=str(options)).replace("root@", ""), ROWS, SCHEMA, fingerprint="third", if_exists="append")
    assert len(mariadb.rows()) == 750


def test_what_is_not_there(mariadb):
    assert "Unknown database 'nowhere'; create it first (CREATE DATABASE)" in told(
        mariadb.url().replace(mariadb.database, "nowhere")
    )
    assert "name the database behind the host" in told(mariadb.url().replace(mariadb.database, ""))
    assert "is a server running there?" in told(f"mysql://root@127.0.0.1:{free_port()}/d")
    assert "look at the parameters behind the ?" in told(mariadb.url(no_such_parameter="1"))


def test_a_table_without_transactions_is_refused(mariadb):
    mariadb.run("CREATE TABLE things (id BIGINT, name LONGTEXT, score DOUBLE, tags LONGTEXT) ENGINE=MyISAM")
    with pytest.raises(OutputError, match="table 'things' is of the engine MyISAM, which has no transactions; make it InnoDB"):
        load(mariadb.url(), ROWS, SCHEMA)


def test_a_value_that_does_not_fit_is_refused_and_told(mariadb, maria):
    mariadb.run("CREATE TABLE things (id BIGINT, name VARCHAR(5), score DOUBLE, tags LONGTEXT)")
    for local_infile in (True, False):
        maria.allow(local_infile)
        with pytest.raises(WriteError, match=r"(Data too long for column 'name' at row|aren't those that were sent)"):
            load(mariadb.url(), ROWS, SCHEMA)
    maria.allow(local_infile=True)
    assert mariadb.rows() == []


def test_json_of_mysql_is_text(mariadb, monkeypatch):
    really = MySql.execute
    monkeypatch.setattr(
        MySql, "execute", lambda self, told, given: [("8.4.0", 1)] if "VERSION()" in told else really(self, told, given)
    )
    load(mariadb.url(), ROWS, SCHEMA)
    assert "json_valid" not in mariadb.run("SHOW CREATE TABLE things")[0][1]


def test_text_in_another_character_set_is_compared_by_its_characters(mariadb):
    mariadb.run("CREATE TABLE things (id BIGINT, name VARCHAR(50) CHARACTER SET latin1, score DOUBLE, tags LONGTEXT)")
    load(mariadb.url(), ROWS, SCHEMA)
    assert mariadb.rows()[0][1] == ROWS[0]["name"]


def test_a_connection_that_is_cut_in_the_middle(mariadb):
    shape = Shape(schema=SCHEMA, name="things")
    with open_destination(mariadb.url(), Wanted(fingerprint="f")) as destination, destination.open("things", shape) as sink:
        sink.take(Records(ROWS))
        others = f"SELECT id FROM information_schema.processlist WHERE db = '{mariadb.database}' AND id <> CONNECTION_ID()"
        for (session,) in mariadb.run(others):
            mariadb.run(f"KILL {session}")
        with pytest.raises(WriteError, match="the connection to the database was lost; nothing was loaded"):
            sink.take(Records(ROWS))
    assert "things" not in mariadb.tables()
    load(mariadb.url(), ROWS, SCHEMA)
    assert mariadb.tables() == {"things"}


def test_a_server_that_dies_has_nothing_half_loaded(mariadb, maria):
    load(mariadb.url(), MORE, SCHEMA)
    for mode in ("append", "replace"):
        shape, wanted = Shape(schema=SCHEMA, name="things"), Wanted(fingerprint="second", if_exists=mode)
        with open_destination(mariadb.url(), wanted) as destination, destination.open("things", shape) as sink:
            sink.take(Records(ROWS))
            maria.kill()
            with pytest.raises(WriteError, match="nothing was loaded"):
                sink.take(Records(ROWS))
        maria.start()
        assert ids(mariadb) == [row["id"] for row in MORE]


def test_a_set_of_which_half_is_there_is_refused(mariadb):
    mariadb.run("CREATE TABLE parents (id BIGINT PRIMARY KEY) ENGINE=InnoDB")
    with pytest.raises(OutputError, match="table 'children' isn't there, others of the set are"):
        load_set(mariadb.url(), range(5), [4], "append")
    assert mariadb.rows("parents") == []
    assert mariadb.tables() == {"parents"}


def test_a_set_is_appended_in_one_transaction(mariadb):
    load_set(mariadb.url(), range(5), [4])
    mariadb.run("DELETE FROM children")
    with pytest.raises(WriteError):
        load_set(mariadb.url(), range(5, 9), [99], "append", "second")
    assert mariadb.rows("parents") == [(n,) for n in range(5)]
    load_set(mariadb.url(), range(5, 9), [8], "append", "second")
    assert mariadb.rows("parents") == [(n,) for n in range(9)]


def test_a_replaced_table_that_others_refer_to_stays(mariadb):
    load_set(mariadb.url(), range(5), [4])
    schema = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
    with pytest.raises(WriteError, match="table 'children' refers to table 'parents', which can't be replaced"):
        load(mariadb.url(if_exists="replace"), [{"id": 1}], schema, table="parents")
    assert mariadb.tables() == {"parents", "children"}
    assert len(mariadb.rows("parents")) == 5
