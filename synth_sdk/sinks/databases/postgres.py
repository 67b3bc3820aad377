"""PostgreSQL: COPY in, COPY out again, one transaction."""

import logging
from collections.abc import Sequence
from functools import reduce
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from synth_sdk.sinks.databases.address import library
from synth_sdk.sinks.databases.copying import CopyLoader
from synth_sdk.sinks.databases.database import Database
from synth_sdk.sinks.databases.existing import Column
from synth_sdk.sinks.databases.ledger import TABLE
from synth_sdk.sinks.databases.loading import Loader
from synth_sdk.sinks.dialects import dialect_of
from synth_sdk.sinks.formats import Shape

if TYPE_CHECKING:
    from synth_sdk.schema.layout.flat import Flat

_CONNECT_SECONDS = "10"
_SETTINGS = (
    "SET client_encoding = 'UTF8'; SET datestyle = 'ISO, YMD'; SET extra_float_digits = 1; SET standard_conforming_strings = on"
)
_COLUMNS = """
    SELECT attname, format_type(atttypid, atttypmod), NOT attnotnull, atthasdef OR attidentity <> ''
    FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
_WAYS_OUT = {
    "password": "check user and password (or PGPASSWORD, ~/.pgpass)",
    "authentication failed": "check user and password (or PGPASSWORD, ~/.pgpass)",
    "role": "create the role, or name another user",
    "database": "create it first (createdb), or name another",
    "query parameter": "look at the parameters behind the ?",
    "": "is a server running there?",
}


class Postgres(Database):
    """`postgresql://[user[:password]@][host][:port]/database[?schema=...&table=...&if_exists=...]`; other parameters go to libpq."""

    dialect = dialect_of("postgres")
    mark = "%s"
    accepted = {
        "string": frozenset({"text", "character varying", "uuid", "date"}),
        "json": frozenset({"json", "text"}),
        "array": frozenset({"json", "text"}),
        "object": frozenset({"json", "text"}),
        "integer": frozenset({"bigint", "integer", "smallint", "numeric"}),
        "unsigned": frozenset({"numeric"}),
        "number": frozenset({"double precision"}),
        "boolean": frozenset({"boolean"}),
    }

    def connect(self) -> None:
        self._driver = library("psycopg", "psycopg", "postgres", self.address)
        logging.getLogger("psycopg").addFilter(_is_news)
        self._asides: dict[str, str] = {}  # the names of old tables -> those that they had
        try:
            url = self.address.for_driver("postgresql", without=("schema",))
            options = {} if "connect_timeout" in self.address.options else {"connect_timeout": _CONNECT_SECONDS}
            self._connection = self._driver.connect(url, **options)
        except self._driver.Error as error:
            told = self._reason(str(error))
        else:
            self._prepare()
            return
        self.address.wrong(told)

    def disconnect(self) -> None:
        self._connection.close()

    def tell(self, error: BaseException) -> str:
        if not isinstance(error, self._driver.Error):
            return ""
        if self._connection.broken:
            return "the connection to the database was lost"
        diagnosis = error.diag
        told = [diagnosis.message_primary or str(error), diagnosis.message_detail, (diagnosis.context or "").partition("\n")[0]]
        whole = "; ".join(part for part in told if part)
        return reduce(lambda text, aside: text.replace(aside, self._asides[aside]), self._asides, whole)

    def execute(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        cursor = self._connection.execute(statement, parameters or None)
        found: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
        return found

    def lock(self, table: str) -> None:
        """Until the end of the transaction."""
        name = f"synth\0{self._schema}\0{table}".encode()
        key = int.from_bytes(blake2b(name, digest_size=8).digest(), "big", signed=True)
        self.execute("SELECT pg_advisory_xact_lock(%s)", (key,))

    def has_ledger(self) -> bool:
        return self._there(TABLE)

    def make_ledger(self) -> None:
        self.lock(TABLE)  # IF NOT EXISTS fails when two do it at once
        super().make_ledger()

    def columns(self, table: str) -> Sequence[Column] | None:
        if not self._there(table):
            return None
        return [Column(*row) for row in self.execute(_COLUMNS, (self.dialect.identifier(table),))]

    def replacing(self, table: str, flat: "Flat", shape: Shape, *, there: bool) -> Loader:
        """The old table steps aside until the commit, since others of the set may refer to it until then."""
        if there:
            aside = f"_synth_old_{uuid4().hex}"
            self.execute(f"ALTER TABLE {self.dialect.identifier(table)} RENAME TO {aside}", ())
            self._asides[aside] = table
        return self.creating(table, flat, shape)

    def loader(self, table: str, flat: "Flat", *, fresh: bool) -> Loader:
        return CopyLoader(self._connection, self.dialect, table, flat, fresh=fresh)

    def commit_transaction(self) -> None:
        for aside in reversed(self._asides):
            self.execute(f"DROP TABLE {aside}", ())
        self._connection.commit()

    def _prepare(self) -> None:
        """Settings that decide how values look; the schema that tables are looked for in."""
        self._connection.execute(_SETTINGS)
        wanted = self.address.options.get("schema")
        if wanted:
            self.execute("SELECT set_config('search_path', %s, false)", (self.dialect.identifier(wanted),))
        self._schema = self.execute("SELECT current_schema()", ())[0][0]
        self._connection.commit()
        if self._schema is None:
            self._connection.close()
            self.address.wrong(f"there is no schema {wanted!r}; create it first, or name another with schema=")

    def _there(self, table: str) -> bool:
        return bool(self.execute("SELECT to_regclass(%s) IS NOT NULL", (self.dialect.identifier(table),))[0][0])

    def _reason(self, told: str) -> str:
        told = " ".join(told.split()).partition(" Is the server running")[0]
        way_out = next(way for word, way in _WAYS_OUT.items() if word in told)
        return f"{told}; {way_out}"


def _is_news(record: logging.LogRecord) -> bool:
    """What psycopg logs of a COPY on a connection that was lost, our own error says."""
    return not str(record.msg).startswith("error ignored")
