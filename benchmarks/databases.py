"""User profiles into databases, against what each database's own client does with a CSV file of the same records.

Interleaved rounds, medians. "load": records made beforehand, from the connection to the commit, verification included. "whole run":
`Synth.write` in this process, records made on the way (the second of two rounds at least: imports and the compilation of the schema
are paid once). "command": `synth generate` as a process of its own, start-up included. The client gets a table made with the same
definition, and commits; it verifies nothing. How much faster we are than the client stands behind each: 1.00 is as fast.

Usage: python benchmarks/databases.py [ROWS] [ROUNDS] [NAME...]     (default 100,000 and 5; postgres mariadb duckdb sqlite)
"""

# ruff: noqa: S608 - names of our own

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from synth_sdk import Synth
from synth_sdk.schema.layout import Flat, Layout
from synth_sdk.sinks import Shape
from synth_sdk.sinks.databases.copying import CopyEncoder
from synth_sdk.sinks.definitions import create_table
from synth_sdk.sinks.destinations import Wanted, open_destination
from synth_sdk.sinks.dialects import DUCKDB, Dialect, dialect_of
from synth_sdk.sinks.formats import NO_KEYS
from tests.support.databases import DuckPlace, MariaPlace, Place, PostgresPlace, SqlitePlace, maria_server, postgres_server

Job = Callable[[], None]


class Bench:
    """`records` were made beforehand; `file` holds them as CSV without a header."""

    def __init__(self, rows: int, folder: Path) -> None:
        self.rows, self.folder = rows, folder
        self.synth = Synth()
        made = self.synth.generate("user_profile", count=rows)
        self.schema, self.batches = made._schema, list(made.batches)
        self.file = folder / "users.csv"
        made.save(str(self.file))
        self.flat = Flat.of(Layout.of(self.schema))
        names = ",".join(f'"{leaf.name}"' for leaf in self.flat.columns)
        text = self.file.read_bytes()
        assert text.startswith(names.encode())
        self.bare = folder / "bare.csv"
        self.bare.write_bytes(text.partition(b"\n")[2])

    def definition(self, dialect: Dialect, table: str) -> str:
        return create_table(self.flat, dialect, table, NO_KEYS)

    def load(self, place: Place) -> None:
        with open_destination(place.url(if_exists="replace"), Wanted(fingerprint="bench")) as destination:
            with destination.open("users", Shape(schema=self.schema, name="users")) as sink:
                for batch in self.batches:
                    sink.take(batch)
                sink.commit()
            destination.commit({"rows": self.rows, "row_digest": ""})

    def whole(self, place: Place) -> None:
        self.synth.write(place.url(table="users", if_exists="replace"), "user_profile", count=self.rows)

    def command(self, place: Place) -> None:
        words = ["generate", "user_profile", "-n", str(self.rows), "-o", place.url(table="users", if_exists="replace"), "--quiet"]
        subprocess.run([sys.executable, "-m", "synth_sdk.cli", *words], check=True)

    def jobs(self, place: Place) -> dict[str, Job]:
        return {
            "load": lambda: self.load(place),
            "whole run": lambda: self.whole(place),
            "command": lambda: self.command(place),
        }


@contextmanager
def postgres(bench: Bench) -> Iterator[tuple[str, dict[str, Job]]]:
    """Against psql; and the ways in which rows could be sent, by themselves."""
    with postgres_server(bench.folder / "postgres") as socket:
        place = PostgresPlace(socket)
        place.run(bench.definition(dialect_of("postgres"), "theirs"))
        copy = f"\\copy {place.schema}.theirs from '{bench.bare}' csv"
        words = ["psql", f"postgresql://postgres@/postgres?host={socket}", "-qc", "truncate theirs", "-c", copy]
        env = {**os.environ, "PGOPTIONS": f"-c search_path={place.schema}"}
        yield "psql \\copy", {"psql \\copy": lambda: _run(words, env), **bench.jobs(place), **_ways(bench, place)}


def _ways(bench: Bench, place: PostgresPlace) -> dict[str, Job]:
    """COPY by psycopg of CSV, of text and of binary, ADBC's ingest of Arrow: sending alone, encoded beforehand."""
    encoder = CopyEncoder(bench.flat)
    text = [encoder.encode(batch, 0)[8:] for batch in bench.batches]
    arrow = [bench.flat.arrange(batch) for batch in bench.batches]
    csv = bench.bare.read_bytes()
    names = ", ".join(f'"{leaf.name}"' for leaf in sorted(bench.flat.columns, key=lambda leaf: leaf.type.kind == "number"))
    with place.connect() as connection:
        for block in text:
            _copy(connection, f"COPY theirs ({names}) FROM STDIN", [block])
        with connection.cursor().copy("COPY theirs TO STDOUT (FORMAT BINARY)") as copy:
            binary = b"".join(bytes(part) for part in copy)
        connection.rollback()

    def by_copy(options: str, parts: list[bytes]) -> Job:
        def job() -> None:
            with place.connect() as connection:
                connection.execute("TRUNCATE theirs")
                _copy(connection, f"COPY theirs {options}", parts)

        return job

    def by_adbc() -> None:
        import pyarrow as pa
        from adbc_driver_postgresql import dbapi

        with dbapi.connect(f"postgresql://postgres@/postgres?host={place.socket}") as connection, connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {place.schema}.theirs")
            cursor.adbc_ingest("theirs", pa.Table.from_batches(arrow), mode="append", db_schema_name=place.schema)
            connection.commit()

    return {
        "sent as CSV": by_copy("FROM STDIN (FORMAT CSV)", [csv]),
        "sent as text": by_copy(f"({names}) FROM STDIN", text),
        "sent as binary": by_copy("FROM STDIN (FORMAT BINARY)", [binary]),
        "sent by ADBC": by_adbc,
    }


def _copy(connection: Any, statement: str, parts: list[bytes]) -> None:
    with connection.cursor().copy(statement) as copy:
        for part in parts:
            copy.write(part)


@contextmanager
def mariadb(bench: Bench) -> Iterator[tuple[str, dict[str, Job]]]:
    (bench.folder / "mariadb").mkdir()
    with maria_server(bench.folder / "mariadb") as server:
        place = MariaPlace(server)
        place.run(bench.definition(dialect_of("mysql"), "theirs"))
        name = "LOAD DATA of the client"
        told = f"LOAD DATA LOCAL INFILE '{bench.bare}' INTO TABLE theirs FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' ESCAPED BY ''"
        marks = ", ".join(f"@c{place}" for place in range(len(bench.flat.columns)))
        sets = ", ".join(_of_csv(place, leaf) for place, leaf in enumerate(bench.flat.columns))
        words = ["mariadb", "--no-defaults", "--local-infile=1", "-h127.0.0.1", f"-P{server.port}", "-uroot", place.database]
        statement = f"TRUNCATE theirs; {told} ({marks}) SET {sets}"
        yield name, {name: lambda: _run([*words, "-e", statement], dict(os.environ)), **bench.jobs(place)}


def _of_csv(place: int, leaf: Any) -> str:
    value = f"@c{place} = 'true'" if leaf.type.kind == "boolean" else f"NULLIF(@c{place}, '')" if leaf.nullable else f"@c{place}"
    return f"`{leaf.name}` = {value}"


@contextmanager
def duckdb(bench: Bench) -> Iterator[tuple[str, dict[str, Job]]]:
    place, theirs = DuckPlace(bench.folder), DuckPlace(bench.folder)
    theirs.run(bench.definition(DUCKDB, "theirs"))
    name = "COPY from CSV"
    yield (
        name,
        {name: lambda: _discard(theirs.run("DELETE FROM theirs", f"COPY theirs FROM '{bench.file}'")), **bench.jobs(place)},
    )


@contextmanager
def sqlite(bench: Bench) -> Iterator[tuple[str, dict[str, Job]]]:
    """Against executemany of rows that are Python values already."""
    place, theirs = SqlitePlace(bench.folder), SqlitePlace(bench.folder)
    theirs.run(bench.definition(dialect_of("sqlite"), "theirs"))
    rows = [
        row for batch in bench.batches for row in zip(*(c.to_pylist() for c in bench.flat.arrange(batch).columns), strict=True)
    ]
    marks = ", ".join("?" * len(bench.flat.columns))

    def job() -> None:
        connection = theirs.connect()
        connection.execute("DELETE FROM theirs")
        connection.executemany(f"INSERT INTO theirs VALUES ({marks})", rows)
        connection.commit()
        connection.close()

    yield "executemany", {"executemany": job, **bench.jobs(place)}


def _discard(_: object) -> None: ...


def _run(words: list[str], env: dict[str, str]) -> None:
    subprocess.run(words, check=True, env=env, stdout=subprocess.DEVNULL)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    known = {"postgres": postgres, "mariadb": mariadb, "duckdb": duckdb, "sqlite": sqlite}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        os.environ["SYNTH_HOME"] = str(folder / "home")
        bench = Bench(rows, folder)
        print(f"{rows:,} user profiles, {bench.file.stat().st_size / 1e6:.1f} MB of CSV, medians of {rounds} interleaved rounds")
        for database in sys.argv[3:] or known:
            with known[database](bench) as (theirs, jobs):
                _report(database, theirs, _measure(jobs, rounds))


def _measure(jobs: dict[str, Job], rounds: int) -> dict[str, float]:
    """The first round, which warms everything up, doesn't count."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds + 1):
        for name, job in jobs.items():
            began = time.perf_counter()
            job()
            seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(each[1:]) for name, each in seconds.items()}


def _report(database: str, theirs: str, medians: dict[str, float]) -> None:
    for name, seconds in medians.items():
        print(f"{database:9} {name:24} {seconds:7.3f} s   {medians[theirs] / seconds:5.2f}")


if __name__ == "__main__":
    main()
