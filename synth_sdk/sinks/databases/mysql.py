"""MariaDB and MySQL: LOAD DATA LOCAL INFILE where the server allows it, else INSERTs of many rows; InnoDB.

There CREATE, DROP and RENAME commit what is open, so they have no place within a load. Into a table that is there, everything happens
in one transaction. A new table, or one in the place of an old one, is filled under another name; one atomic RENAME then gives all tables
of a load their names. The ledger knows such a load by that other name until the RENAME, and so which of the two a killed run left.
"""

# ruff: noqa: S608 - names are quoted by the dialect, values are parameters

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth_sdk.sinks.databases.address import library
from synth_sdk.sinks.databases.database import Database
from synth_sdk.sinks.databases.existing import Column
from synth_sdk.sinks.databases.ledger import TABLE, Entry, Ledger
from synth_sdk.sinks.databases.loading import Loader, TableSink
from synth_sdk.sinks.databases.loading_data import DataLoader
from synth_sdk.sinks.dialects import dialect_of
from synth_sdk.sinks.formats import Keys, Shape

if TYPE_CHECKING:
    from synth_sdk.schema.layout.flat import Flat

_PORT = 3306
_CONNECT_SECONDS = 10
_LOCK_SECONDS = 3600
_NUMBERS = ("connect_timeout", "read_timeout", "write_timeout", "max_allowed_packet")
_FILES = ("/etc/my.cnf", "~/.my.cnf")
_WAYS_OUT = {
    1044: "grant the user access to it, or name another database",
    1045: "check user and password (or ~/.my.cnf)",
    1049: "create it first (CREATE DATABASE), or name another",
    1698: "check user and password (or ~/.my.cnf)",
}
_COLUMNS = """
    SELECT column_name, column_type, is_nullable = 'YES', column_default IS NOT NULL OR extra <> ''
    FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = %s ORDER BY ordinal_position
"""
_REFERRING = """
    SELECT DISTINCT table_name FROM information_schema.key_column_usage
    WHERE referenced_table_schema = DATABASE() AND referenced_table_name = %s AND table_schema = DATABASE()
"""


class MySql(Database):
    """`mysql://[user[:password]@]host[:port]/database[?unix_socket=...&table=...&if_exists=...]`; other parameters go to PyMySQL."""

    dialect = dialect_of("mysql")
    mark = "%s"
    here = "DATABASE()"
    accepted = {
        "string": frozenset({"varchar", "tinytext", "text", "mediumtext", "longtext", "uuid", "date"}),
        "json": frozenset({"json", "longtext"}),
        "array": frozenset({"json", "longtext"}),
        "object": frozenset({"json", "longtext"}),
        "integer": frozenset({"bigint", "int", "mediumint", "smallint"}),
        "unsigned": frozenset({"bigint unsigned"}),
        "number": frozenset({"double"}),
        "boolean": frozenset({"tinyint", "bool"}),
    }

    def connect(self) -> None:
        self._driver = library("pymysql", "PyMySQL", "mysql", self.address)
        self._direct = False  # rows stand in the transaction, in tables that have their names
        self._stagings: dict[str, tuple[str, bool]] = {}  # table -> where it is filled, whether one of that name is there
        try:
            self._connection = self._driver.connect(**self._options())
            self._beside = self._driver.connect(
                **self._options(), autocommit=True
            )  # for locks, and CREATE and DROP where they mustn't commit
        except self._driver.MySQLError as error:
            told = self._reason(error)
        except (ValueError, TypeError, OSError) as error:
            told = f"{error}; look at the parameters behind the ?"
        else:
            self._prepare()
            return
        self.address.wrong(told)

    def disconnect(self) -> None:
        with suppress(self._driver.MySQLError, OSError):  # what is left of a lost connection, the next load drops
            if self._connection.open:
                self._connection.rollback()
                for staging, _ in reversed(self._stagings.values()):
                    self._drop(staging)
        for connection in (self._connection, self._beside):
            if connection.open:
                connection.close()

    def tell(self, error: BaseException) -> str:
        if isinstance(error, self._driver.err.InterfaceError) or (isinstance(error, self._driver.MySQLError) and _lost(error)):
            return "the connection to the database was lost"
        if isinstance(error, self._driver.MySQLError):
            return str(error.args[-1]) if error.args else type(error).__name__
        return str(error) if isinstance(error, OSError) else ""

    def execute(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self._run(self._connection, statement, parameters)

    def _run(self, connection: Any, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, tuple(parameters) or None)
            return list(cursor.fetchall())

    def lock(self, table: str) -> None:
        """Until the connection closes."""
        told = f"{self.address.path.strip('/')}\0{table}".encode()
        name = f"synth {blake2b(told, digest_size=16).hexdigest()}"
        if self._run(self._beside, "SELECT GET_LOCK(%s, %s)", (name, _LOCK_SECONDS)) != [(1,)]:
            self.address.wrong(f"table {table!r}: another load into it hasn't ended within {_LOCK_SECONDS} s")
        self._clear_up(table)
        if not self._direct:
            self._connection.commit()  # what is read from here on is of now; rows of tables without their names may stay

    def has_ledger(self) -> bool:
        return self.columns(TABLE) is not None

    def make_ledger(self) -> None:
        """It was made when the first table was opened: a CREATE now would commit."""

    def columns(self, table: str) -> Sequence[Column] | None:
        rows = self.execute(_COLUMNS, (table,))
        return [Column(name, str(kind).lower(), bool(null), bool(optional)) for name, kind, null, optional in rows] or None

    def creating(self, table: str, flat: "Flat", shape: Shape) -> Loader:
        return self._staged(table, flat, shape, there=False)

    def replacing(self, table: str, flat: "Flat", shape: Shape, *, there: bool) -> Loader:
        return self._staged(table, flat, shape, there=there)

    def appending(self, table: str, flat: "Flat") -> Loader:
        engine = self.execute(
            "SELECT engine FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = %s", (table,)
        )
        if str(engine[0][0]).lower() != "innodb":
            self.address.wrong(f"table {table!r} is of the engine {engine[0][0]}, which has no transactions; make it InnoDB")
        self._begin()
        self._direct = True
        return self.loader(table, flat, fresh=False)

    def loader(self, table: str, flat: "Flat", *, fresh: bool) -> Loader:
        return DataLoader(self._connection, self.dialect, table, flat, fresh=fresh, local_infile=self._local_infile)

    def _enter(self, entries: Sequence[Entry]) -> None:
        """Loads into tables that wait for their names are written down by the names that they have now."""
        if not self._fingerprint:
            return
        for entry in entries:
            if entry.table_name in self._stagings:
                self.ledger.add(replace(entry, table_name=self._stagings[entry.table_name][0]))
            else:
                sink = self._tables[entry.table_name]
                if isinstance(sink, TableSink) and sink.fresh:
                    self.ledger.forget(entry.table_name)
                self.ledger.add(entry)

    def commit_transaction(self) -> None:
        self._check_references()
        self._connection.commit()
        if self._stagings:
            self._swap()

    def _swap(self) -> None:
        """All tables of the load get their names at once; then the old ones go."""
        name, moves, olds = self.dialect.identifier, [], []
        for table, (staging, there) in self._stagings.items():
            if there:
                olds.append(_aside(table))
                moves.append(f"{name(table)} TO {name(olds[-1])}")
            moves.append(f"{name(staging)} TO {name(table)}")
        self.execute(f"RENAME TABLE {', '.join(moves)}", ())
        swapped, self._stagings = self._stagings, {}
        for table, (staging, _) in swapped.items():
            self._named(staging, table)
        for old in reversed(olds):
            self._drop(old)

    def _named(self, staging: str, table: str) -> None:
        """The ledger after a RENAME. What it says of the old table is over."""
        self._beside.begin()
        self._known_beside.forget(table)
        self._known_beside.rename(staging, table)
        self._beside.commit()

    def _staged(self, table: str, flat: "Flat", shape: Shape, *, there: bool) -> Loader:
        if self._direct:
            told = f"table {table!r} isn't there, others of the set are; MariaDB and MySQL can't make it within their transaction"
            self.address.wrong(f"{told}: make it first, or drop the others")
        staging, keys = _staging(table), shape.keys
        foreign = tuple((column, self._stagings.get(one, (one,))[0], theirs) for column, one, theirs in keys.foreign)
        staged = Shape(schema=shape.schema, name=staging, dialect=shape.dialect, keys=Keys(keys.primary, keys.unique, foreign))
        self.create(staging, flat, staged)
        self._stagings[table] = (staging, there)
        self._begin()
        return self.loader(staging, flat, fresh=True)

    def _begin(self) -> None:
        if not self.has_ledger():
            self._known_beside.create()
        if not self._direct:
            self._connection.begin()

    def _clear_up(self, table: str) -> None:
        """What a killed run left of `table`: it had been renamed, or not."""
        staging = _staging(table)
        pending = self.has_ledger() and self._pending(staging)
        if self.columns(staging) is not None:
            self._drop(staging)
            if pending:
                self._known_beside.forget(staging)
        elif pending:
            self._named(staging, table)
        self._drop(_aside(table))

    def _pending(self, staging: str) -> bool:
        return bool(self._run(self._beside, f"SELECT 1 FROM {TABLE} WHERE table_name = %s", (staging,)))

    def _drop(self, table: str) -> None:
        self._run(self._beside, f"DROP TABLE IF EXISTS {self.dialect.identifier(table)}")

    def _check_references(self) -> None:
        """A table that another one refers to can't be replaced, unless that one is replaced as well."""
        for table, (_, there) in self._stagings.items():
            others = [name for (name,) in self.execute(_REFERRING, (table,)) if name not in self._stagings] if there else []
            if others:
                raise self._driver.IntegrityError(f"table {others[0]!r} refers to table {table!r}, which can't be replaced")

    @property
    def _wants_files(self) -> bool:
        """LOAD DATA LOCAL was asked for. A server may then ask the driver for any file of this machine, so it takes the user to trust it."""
        return self.address.options.get("local_infile", "").lower() in ("1", "true")

    def _options(self) -> dict[str, Any]:
        address, options = self.address, dict[str, Any](self.address.options)
        for name in _NUMBERS:
            if name in options:
                options[name] = int(options[name])
        if "read_default_file" not in options and (files := [f for f in map(_expanded, _FILES) if f.is_file()]):
            options["read_default_file"] = str(files[-1])
        named = {"host": address.host, "user": address.user, "password": address.password, "database": address.path.strip("/")}
        options |= {name: value for name, value in named.items() if value}
        if address.port or not address.host:
            options.setdefault("port", address.port or _PORT)
        options.setdefault("connect_timeout", _CONNECT_SECONDS)
        return options | {"charset": "utf8mb4", "local_infile": self._wants_files}

    def _prepare(self) -> None:
        if not self.execute("SELECT DATABASE()", ())[0][0]:
            self._connection.close()
            self.address.wrong("name the database behind the host: mysql://user@host/database")
        self.execute(
            "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', SESSION default_storage_engine = 'InnoDB'", ()
        )
        self.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", ())
        self._run(self._beside, "SET SESSION foreign_key_checks = 0, SESSION default_storage_engine = 'InnoDB'")
        self._known_beside = Ledger(lambda *told: self._run(self._beside, *told), self.dialect, self.mark)
        version, local_infile = self.execute("SELECT VERSION(), @@local_infile", ())[0]
        self._local_infile = self._wants_files and bool(local_infile)
        if "mariadb" not in str(version).lower():  # MySQL rewrites JSON, which then isn't what was sent
            self.dialect = replace(self.dialect, types={**self.dialect.types, "json": "LONGTEXT"})

    def _reason(self, error: BaseException) -> str:
        code, told = (*error.args, "", "")[:2]
        return f"{' '.join(str(told or error).split())}; {_WAYS_OUT.get(code, 'is a server running there?')}"


def _lost(error: BaseException) -> bool:
    return bool(error.args) and error.args[0] in (0, 2006, 2013, 1927, 4031)


def _staging(table: str) -> str:
    return f"_synth_new_{blake2b(table.encode(), digest_size=12).hexdigest()}"


def _aside(table: str) -> str:
    return f"_synth_old_{blake2b(table.encode(), digest_size=12).hexdigest()}"


def _expanded(path: str) -> Path:
    return Path(path).expanduser()
