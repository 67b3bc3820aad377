"""The tables of a relational set. Each row is a function of its number alone, so that children know their parents without seeing them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import RequestError, SchemaError
from synth_sdk.core.seeds import derive
from synth_sdk.core.spec import DEFAULT_START
from synth_sdk.engine.columns import ColumnEngine, Compiler, NotColumnarError
from synth_sdk.engine.columns.aggregates import Children
from synth_sdk.engine.columns.foreign import ForeignSampler, refuse
from synth_sdk.engine.columns.lanes import label
from synth_sdk.engine.columns.numbers import Agreement, NumberSampler
from synth_sdk.engine.columns.parents import Births, Earlier, Parents, Popular, Ranks
from synth_sdk.engine.columns.places import Place
from synth_sdk.engine.columns.pools import Table
from synth_sdk.engine.columns.samplers import ChoiceSampler, CodeSampler, ObjectSampler, Sampler, UniqueSampler
from synth_sdk.engine.columns.times import MomentText
from synth_sdk.engine.constraints.facts import Facts
from synth_sdk.engine.constraints.merge import Merger
from synth_sdk.engine.corpora.banks import check_locale
from synth_sdk.engine.engine import check_capacities
from synth_sdk.schema.annotations import Aggregate, Reference
from synth_sdk.schema.foreign_keys import ForeignKey
from synth_sdk.schema.pointers import to_pointer
from synth_sdk.schema.tables import Tables, TableSpec, within

_MOST_ROWS = 2**62


def table_sizes(tables: Tables, seed: int, count: int) -> dict[str, int]:
    """How many rows each table has; `count` for those that say nothing of it. RequestError if they are too many to be numbered."""
    sizes: dict[str, int] = {}
    for table in tables:
        sizes[table.name] = count if table.count is None else table.count
        if table.per is not None:
            sizes[table.name] = _births(table, seed).size(sizes[table.per.table])
        if sizes[table.name] > _MOST_ROWS:
            raise RequestError(f"table {table.name!r} would have {sizes[table.name]} rows: lower the count, or max under 'per'")
    return sizes


def _table_seed(seed: int, table: str) -> int:
    return derive(seed, "table", table)


def _births(table: TableSpec, seed: int) -> Births:
    assert table.per is not None  # noqa: S101 - the callers' condition
    return Births(table.per.least, table.per.most, label(_table_seed(seed, table.name), "", "children"))


class TableEngine:
    """Makes the rows of the table called `name`: the face of `Engine`. `size` is how many there are.

    `count` is the number of rows of tables that don't say it themselves. SchemaError if the table can't be made in columns, which
    the tables of a set have to be, or one of its keys not be followed.
    """

    def __init__(
        self,
        tables: Tables,
        name: str,
        seed: int = 0,
        locale: str = "en_US",
        start: datetime = DEFAULT_START,
        count: int = 10,
    ) -> None:
        table = tables[name]
        self.schema = table.schema
        self.warnings: list[str] = []  # in columns every annotation is followed
        start = start if start.tzinfo else start.replace(tzinfo=UTC)
        setting = _Setting(tables, seed, check_locale(locale), start, table_sizes(tables, seed, count))
        self.size = setting.sizes[name]
        try:
            with within(name):
                self._columns = ColumnEngine(table.schema, setting.compiler(table), self.size)
        except NotColumnarError as error:
            told = (
                f"table {name!r}: not supported: the rows of a set are made in columns, which its schema doesn't allow ({error})"
            )
            raise SchemaError(told, pointer=to_pointer(("tables", name, "schema"))) from None
        self.rows_per_batch = self._columns.rows_per_batch

    def check_count(self, count: int) -> None:
        """SchemaError if a unique field has fewer than `count` values."""
        check_capacities(self._columns.capacities, count)

    @property
    def unique(self) -> list[str]:
        """The columns that always hold a value, and never the same twice."""
        fields = self._columns.root.fields if isinstance(self._columns.root, ObjectSampler) else ()
        return [field.name for field in fields if field.share is None and _is_unique(field.sampler, self.size)]

    def batch(self, rows: range) -> Batch:
        """The rows numbered `rows`, from 0."""
        return self._columns.batch(rows)


def _is_unique(sampler: Sampler, size: int) -> bool:
    match sampler:
        case UniqueSampler() | CodeSampler(unique=True):
            return True
        case NumberSampler(unique_key=None, agreement=Agreement(numbered=True), limits=(low, high)):
            return low <= 1 and size <= high
        case ChoiceSampler() | MomentText() | NumberSampler():
            return sampler.unique_key is not None
    return False


@dataclass(frozen=True, slots=True, eq=False)
class _Setting:
    """What all tables of a set are made with."""

    tables: Tables
    seed: int
    locale: str
    start: datetime
    sizes: Mapping[str, int]
    mergers: dict[str, Merger] = field(default_factory=dict)

    def compiler(self, table: TableSpec, texts: Table | None = None, path: tuple[tuple[str, str], ...] = ()) -> Compiler:
        """Of a whole table; or of the column that `path` ends in, over the `texts` of another compiler."""
        merger = self.mergers.setdefault(table.name, Merger(table.schema))
        column = path[-1][1] if path else None
        keys = _ForeignKeys(self, table, path)
        return Compiler(
            merger, _table_seed(self.seed, table.name), self.locale, self.start, table=texts, column=column, references=keys
        )


@dataclass(frozen=True, slots=True, eq=False)
class _ForeignKeys:
    """Implements `References` for the keys of one table. `path`: the columns (of tables) that are being followed."""

    setting: _Setting
    child: TableSpec
    path: tuple[tuple[str, str], ...]

    def sampler(self, compiler: Compiler, reference: Reference, facts: Facts, place: Place) -> ForeignSampler:
        row = self._row(compiler, reference.table, reference.column, facts)
        key = next((key for key in self.child.foreign_keys if key.pointer == facts.pointer), None)
        if key is None:
            refuse("a reference has to stand in the property itself", facts)
        home = "" if key.of_row and place.in_records else place.path.rpartition("/")[0]
        lane = label(compiler.seed, home, f"row of {key.table} {key.role}")
        parents = self._parents(key, lane, facts, place)
        return ForeignSampler(parents, row, reference.column, ("parents", home, key.table, key.role), lane)

    def children(self, compiler: Compiler, aggregate: Aggregate, facts: Facts, place: Place) -> Children:
        child = self.setting.tables.tables.get(aggregate.table)
        if child is None or child.per is None or child.per.table != self.child.name or not place.in_records:
            refuse(f"{aggregate.kind} {aggregate.table}: its rows don't belong to these; declare 'per' there", facts)
        births = _births(child, self.setting.seed)
        if not aggregate.column:
            return Children(child.name, births)
        row = self._row(compiler, child.name, aggregate.column, facts)
        return Children(child.name, births, aggregate.column, row)

    def _row(self, compiler: Compiler, table: str, column: str, facts: Facts) -> ObjectSampler:
        """What makes that column of another table."""
        step = table, column
        if step in self.path:
            told = " from ".join(f"{table}.{column}" for table, column in (*self.path, step))
            refuse(f"{told}: derived in a circle", facts)
        with within(table):
            row = self.setting.compiler(self.setting.tables[table], compiler.table, (*self.path, step)).compile()
        if not isinstance(row, ObjectSampler):
            refuse(f"the rows of {table!r} aren't always objects", facts)
        return row

    def _parents(self, key: ForeignKey, lane: int, facts: Facts, place: Place) -> Parents:
        own = self.child.per is not None and key.of_row and key.role == self._parent_role
        if not place.in_records and (key.table == self.child.name or own):
            refuse(f"a list has no row number by which to find its {key.table!r}: declare the key beside the list", facts)
        if own and place.in_records:
            return _births(self.child, self.setting.seed)
        size = self.setting.sizes[key.table]
        if not size and self.setting.sizes[self.child.name]:
            refuse(f"table {key.table!r} has no rows; raise the count", facts)
        ranks = Ranks.of(key.exponent, max(size, 1)) if key.popularity == "zipf" else None
        if key.table == self.child.name:
            return Earlier(lane, ranks)
        return Popular(max(size, 1), lane, ranks, derive(_table_seed(self.setting.seed, key.table), "popularity"))

    @property
    def _parent_role(self) -> str | None:
        """The role of the parent that the child was born to: that which is called like its table, or the first."""
        table = self.child.per.table if self.child.per else ""
        roles = [key.role for key in self.child.foreign_keys if key.of_row and key.table == table]
        like = [role for role in roles if role in (table, table.removesuffix("s"), table.removesuffix("es"))]
        return next(iter([*like, *roles]), None)
