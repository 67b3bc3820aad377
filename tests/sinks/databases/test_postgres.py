"""PostgreSQL alone: credentials, COPY from other processes, servers that go away."""

import pickle
from urllib.parse import quote

import pytest

from synth_sdk.core.batches import Records
from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.sinks import Shape
from synth_sdk.sinks.destinations import Wanted, open_destination
from tests.sinks.databases.test_every_database import MORE, ROWS, SCHEMA, ids
from tests.support.databases import LOCKED, PASSWORD, load
from tests.support.servers import free_port

ID = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}


def told(url, kind=OutputError):
    with pytest.raises(kind) as caught:
        open_destination(url, Wanted())
    error = caught.value
    seen = [error]
    while seen[-1].__cause__ or seen[-1].__context__:
        seen.append(seen[-1].__cause__ or seen[-1].__context__)
    for one in seen:
        assert PASSWORD not in repr(one.args)
        assert quote(PASSWORD, safe="") not in repr(one.args)
    assert "\n" not in error.message
    return error.message


def locked(place, password, **parameters):
    who = LOCKED if password is None else f"{LOCKED}:{quote(password, safe='')}"
    return place.url(**parameters).replace("postgres@", f"{who}@", 1)


def test_credentials(postgres, monkeypatch, tmp_path):
    load(locked(postgres, PASSWORD), ROWS, SCHEMA)
    assert "password authentication failed" in told(locked(postgres, "wrong" + PASSWORD))
    assert "check user and password (or PGPASSWORD, ~/.pgpass)" in told(locked(postgres, None))
    assert "postgres?host=" in told(locked(postgres, None))
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    load(locked(postgres, None), MORE, SCHEMA, fingerprint="second", if_exists="append")
    monkeypatch.delenv("PGPASSWORD")
    passwords = tmp_path / "pgpass"
    escaped = PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    passwords.write_text(f"*:*:*:{LOCKED}:{escaped}\n")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    load(locked(postgres, None), ROWS, SCHEMA, fingerprint="third", if_exists="append")
    assert len(postgres.rows()) == 750


def test_a_password_in_a_parameter_is_not_shown(postgres):
    assert "password=[redacted]" in told(postgres.url(user=LOCKED, password="x" + PASSWORD).replace("postgres@", "", 1))


def test_what_is_not_there(postgres):
    assert 'database "nowhere" does not exist; create it first' in told(postgres.url().replace("/postgres?", "/nowhere?"))
    assert 'role "nobody" does not exist; create the role' in told(postgres.url().replace("postgres@", "nobody@"))
    assert "there is no schema 'nowhere'; create it first" in told(postgres.url(schema="nowhere"))
    message = told(f"postgresql://u:{quote(PASSWORD, safe='')}@127.0.0.1:{free_port()}/db")
    assert "is a server running there?" in message
    assert "127.0.0.1" in message
    assert "invalid" in told(postgres.url(sslmode="perhaps"))
    assert "if_exists=maybe is none of fail, append, replace" in told(postgres.url(if_exists="maybe"))


def test_a_driver_may_be_named_in_the_scheme(postgres):
    load(postgres.url().replace("postgresql://", "postgresql+psycopg://", 1), ROWS, SCHEMA)
    load(postgres.url(if_exists="append").replace("postgresql://", "postgres://", 1), MORE, SCHEMA, fingerprint="second")
    assert len(postgres.rows()) == 500


def test_a_missing_library_is_told_with_the_command(postgres, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    assert 'psycopg isn\'t installed: pip install "synth-data-sdk[postgres]"' in told("postgresql://localhost/db")


def test_encoders_work_in_other_processes(postgres):
    with open_destination(postgres.url(), Wanted(fingerprint="f")) as destination:
        with destination.open("things", Shape(schema=SCHEMA, name="things")) as sink:
            encoder = pickle.loads(pickle.dumps(sink.encoder))  # noqa: S301
            for start in range(0, 250, 50):
                sink.write(encoder.encode(Records(ROWS[start : start + 50]), start), 50)
            sink.commit()
        destination.commit({"rows": 250, "row_digest": ""})
    assert ids(postgres) == [row["id"] for row in ROWS]


def test_a_null_character_is_told_with_record_and_column(postgres):
    with pytest.raises(
        WriteError, match="record 302, column 'name': the text holds a null character, which PostgreSQL can't store"
    ):
        load(postgres.url(), [*MORE, *ROWS[:51], {**ROWS[0], "name": "a\0"}], SCHEMA, batch=200)
    assert postgres.tables() == set()


def go_on(sink):
    for _ in range(2000):
        sink.take(Records(ROWS))
    sink.commit()


@pytest.mark.parametrize("sent", [0, 250])
def test_a_connection_that_is_cut_in_the_middle(postgres, sent, caplog):
    url, shape = postgres.url(application_name="to be cut"), Shape(schema=SCHEMA, name="things")
    with open_destination(url, Wanted(fingerprint="f")) as destination, destination.open("things", shape) as sink:
        sink.take(Records(ROWS[:sent] or ROWS[:1]))
        postgres.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'to be cut'")
        with pytest.raises(WriteError, match="the connection to the database was lost; nothing was loaded") as caught:
            go_on(sink)
    assert "\n" not in caught.value.message
    assert caplog.messages == []
    assert postgres.tables() == set()


def test_tables_of_other_types_take_values_that_they_keep(postgres):
    postgres.run("CREATE TABLE things (id SMALLINT PRIMARY KEY, name VARCHAR(20), score DOUBLE PRECISION, tags TEXT)")
    load(postgres.url(), ROWS, SCHEMA)
    assert len(postgres.rows()) == 250
    postgres.run("CREATE TABLE others (id UUID, day DATE)")
    schema = {"type": "object", "properties": {"id": {"type": "string"}, "day": {"type": "string"}}, "required": ["id", "day"]}
    records = [{"id": f"00000000-0000-4000-8000-{n:012d}", "day": f"2024-02-{n:02d}"} for n in range(1, 20)]
    postgres.run("ALTER TABLE others ALTER day SET NOT NULL")
    with pytest.raises(OutputError, match="it is NOT NULL"):
        load(postgres.url(), records, {**schema, "required": ["id"]}, table="others")
    load(postgres.url(), records, schema, table="others")
    assert [str(day) for _, day in postgres.rows("others")] == [record["day"] for record in records]


def test_a_value_that_does_not_fit_is_told_with_its_line(postgres):
    postgres.run("CREATE TABLE things (id SMALLINT, name VARCHAR(7), score DOUBLE PRECISION, tags TEXT)")
    with pytest.raises(
        WriteError, match=r"value too long for type character varying\(7\); COPY things, line 11, column name.*nothing was"
    ):
        load(postgres.url(), ROWS, SCHEMA)
    assert postgres.rows() == []


def test_a_replaced_table_that_others_refer_to_stays(postgres):
    postgres.run("CREATE TABLE things (id INTEGER PRIMARY KEY)", "CREATE TABLE more (id INTEGER REFERENCES things (id))")
    with pytest.raises(WriteError, match="cannot drop table things because other objects depend on it"):
        load(postgres.url(if_exists="replace"), [{"id": 1}], ID)
    assert postgres.tables() == {"things", "more"}


def test_decimals_would_change_integers(postgres):
    postgres.run("CREATE TABLE things (id NUMERIC(10, 2))", "CREATE TABLE others (id NUMERIC(10))")
    with pytest.raises(OutputError, match=r"its type numeric\(10,2\) doesn't keep every integer as it is"):
        load(postgres.url(), [{"id": 1}], ID)
    load(postgres.url(), [{"id": 1}], ID, table="others")


def test_many_columns(postgres):
    schema = {"type": "object", "properties": {f"c{n}": {"type": "integer" if n % 2 else "number"} for n in range(1000)}}
    load(postgres.url(), [{f"c{n}": n for n in range(row, 1000)} for row in range(20)], schema)
    assert len(postgres.rows()) == 20
