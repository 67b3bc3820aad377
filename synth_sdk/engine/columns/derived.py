"""Columns made from other columns: copies, addresses made from a name, dates after a date, edge cases in between, Faker's values."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth_sdk.core.arrow import to_mask
from synth_sdk.core.models import Json
from synth_sdk.engine.columns.failure import NotColumnarError
from synth_sdk.engine.columns.foreign import ForeignSampler
from synth_sdk.engine.columns.lanes import I64, Mask, Rows, below, between, chance, permute
from synth_sdk.engine.columns.pools import Block, Lane, Pool, Table, pool_of
from synth_sdk.engine.columns.samplers import ChoiceSampler, GenderSampler, NullableSampler, Sampler
from synth_sdk.engine.columns.scene import AT_DOMAINS, Scope
from synth_sdk.engine.columns.texts import number_lanes
from synth_sdk.engine.columns.times import Timed, moment_column, timed
from synth_sdk.engine.columns.values import Bank, Choice, Column, Either, Nullable, Struct, Text, Values
from synth_sdk.engine.meaning.customs import DAY

_NOT_PLAIN = re.compile(r"[^a-z0-9]+").pattern


def sibling(scope: Scope, path: Sequence[str]) -> Column:
    """The column of the property at `path`, drawn before."""
    column = scope.columns[path[0]]
    for name in path[1:]:
        if not isinstance(column, Struct):
            raise NotColumnarError("a path through something that is no object")
        column = next(member.column for member in column.members if member.name == name)
    return column


@dataclass(slots=True, eq=False)
class CopySampler:
    """The value of another property, which `source` makes."""

    path: Sequence[str]
    source: Sampler

    @property
    def timed(self) -> Timed | None:
        """The moments behind the values, if that is what they are."""
        return timed(self.source)

    def draw(self, scope: Scope) -> Column:
        return sibling(scope, self.path)


@dataclass(slots=True, eq=False)
class HandleSampler:
    """A user name or slug, or an e-mail address (`domains`), made from the texts of other properties."""

    paths: Sequence[Sequence[str]]
    joint: str
    domains: bool
    table: Table
    lane: int

    def draw(self, scope: Scope) -> Column:
        parts = [_handle(sibling(scope, path).arrow(scope.block), self.joint) for path in self.paths]
        whole = pc.binary_join_element_wise(*parts, self.joint) if len(parts) > 1 else parts[0]
        text = Text.of(Pool.of_ascii(whole), scope.block)
        if not self.domains:
            return text
        domain = below(scope.rows.draw(self.lane), len(AT_DOMAINS)) + self.table.add(pool_of(AT_DOMAINS))
        return Text([*text.lanes, domain.astype(np.int32)], len(scope.rows))


def _handle(texts: pa.Array, joint: str) -> pa.StringArray:
    """Texts in lower-case ASCII letters and digits, with `joint` for all that stands between them."""
    texts = texts if pa.types.is_string(texts.type) else texts.cast(pa.string())
    plain = pc.utf8_lower(pc.replace_substring_regex(pc.utf8_normalize(texts, "NFKD"), "[^\\x00-\\x7F]", ""))
    handle = pc.utf8_trim(pc.replace_substring_regex(plain, _NOT_PLAIN, joint), joint)
    return pc.if_else(pc.equal(handle, ""), "user", pc.fill_null(handle, "user"))


@dataclass(slots=True, eq=False)
class LaterSampler:
    """A date at most `within` seconds after the date of another property, written by the strftime `format`."""

    earlier: Timed
    format: str
    within: int
    lane: int

    @property
    def timed(self) -> Timed:
        return self

    @property
    def days(self) -> range | None:
        """The days since 1970 on which they can lie; None: that depends on the number of records."""
        days = self.earlier.days
        return None if days is None else range(days.start, days.stop + self.within // DAY + 2)

    def moments(self, scope: Scope) -> I64:
        """Seconds since 1970."""
        return self.earlier.moments(scope) + between(scope.rows.draw(self.lane), 1, self.within)

    def draw(self, scope: Scope) -> Column:
        return moment_column(self.moments(scope), self.format, self.days, scope.block.table)


@dataclass(slots=True, eq=False)
class MatchingSampler:
    """Usual text where it matches `pattern` (in RE2's reading), text made by the pattern elsewhere."""

    usual: Sampler
    made: Sampler
    pattern: str

    def draw(self, scope: Scope) -> Column:
        usual = self.usual.draw(scope)
        return Either(self.matches(usual, scope.block), usual, self.made.draw(scope))

    def matches(self, column: Column, block: Block) -> Mask:
        """Which texts of `column` match. NotColumnarError for a pattern that RE2 can't read."""
        try:
            found = pc.match_substring_regex(column.arrow(block), self.pattern)
        except pa.ArrowInvalid:
            raise NotColumnarError("a pattern that RE2 can't read") from None
        return to_mask(found)


@dataclass(slots=True, eq=False)
class FittingSampler:
    """Usual text where it has `low` to `high` characters; cut to that where it is too long, if it may be `cut`; else what is `made`."""

    usual: Sampler
    made: Sampler
    low: int
    high: int
    cut: bool

    def draw(self, scope: Scope) -> Column:
        usual = self.usual.draw(scope)
        texts = usual.arrow(scope.block)
        fitting = self._fitting(texts)
        if fitting.all():
            return usual
        made = self.made.draw(scope)
        if self.cut:
            short = pc.utf8_rtrim_whitespace(pc.utf8_slice_codeunits(texts, 0, self.high))
            made = Either(self._fitting(short), Text.of(Pool.of_array(short), scope.block), made)
        return Either(fitting, usual, made)

    def _fitting(self, texts: pa.StringArray) -> Mask:
        lengths = pc.utf8_length(texts).to_numpy()
        fitting: Mask = (lengths >= self.low) & (lengths <= self.high)
        return fitting


@dataclass(slots=True, eq=False)
class CaseSampler:
    """One of the words for the case that another property, a choice, is in. The words for its n-th value are those of the bank from
    `starts[n]` on, `sizes[n]` of them.
    """

    path: Sequence[str]
    bank: Bank
    starts: I64
    sizes: I64
    lane: int

    def draw(self, scope: Scope) -> Column:
        source = sibling(scope, self.path)
        while isinstance(source, Nullable):
            source = source.column
        case = source.places  # type: ignore[attr-defined]
        upper = (scope.rows.draw(self.lane) >> np.uint64(32)).view(np.int64)
        return Choice(self.starts[case] + (upper * self.sizes[case] >> 32), self.bank)


def bank_of(sampler: Sampler) -> Bank | None:
    """The values of which the column made by `sampler` holds one in each row, nulls aside; None if there are others."""
    match sampler:
        case ChoiceSampler(bank=bank) | CaseSampler(bank=bank) | GenderSampler(choice=ChoiceSampler(bank=bank)):
            return bank
        case CopySampler(source=inner) | NullableSampler(inner=inner):
            return bank_of(inner)
        case ForeignSampler():
            return bank_of(sampler.inner)
    return None


@dataclass(slots=True, eq=False)
class EdgeSampler:
    """A share of the values replaced by edge cases."""

    usual: Sampler
    edges: ChoiceSampler
    share: float
    lane: int

    def draw(self, scope: Scope) -> Column:
        edge: Mask = chance(scope.rows.draw(self.lane), self.share)
        return Either(edge, self.edges.draw(scope), self.usual.draw(scope))


@dataclass(slots=True, eq=False)
class RowSampler:
    """Values made one at a time by `make`, a function of 64 random bits; `type` is arrow's name of
    their type, None for JSON text."""

    make: Callable[[int], Json]
    type: str | None
    lane: int

    def draw(self, scope: Scope) -> Column:
        values = [self.make(bits) for bits in scope.rows.draw(self.lane).tolist()]
        return Values(values, None if self.type is None else pa.type_for_alias(self.type))


def numbered(rows: Rows, key: int, block: Block) -> list[Lane]:
    """A number that no other record has, of four digits for the first ten thousand records and two more for each hundredfold."""
    if rows.index is None:
        raise NotColumnarError("only records are numbered, not the items of their lists")
    lanes = np.zeros((5, len(rows)), np.int32)
    low, width = 0, 4
    while low < 10**18:
        high = 10**width
        here = np.flatnonzero((rows.index >= low) & (rows.index < high))
        if len(here):
            number = permute(rows.index[here] - low, high - low, key + width) + low
            for place, lane in enumerate(reversed(number_lanes(number, width, block))):
                lanes[4 - place, here] = lane
        low, width = high, width + 2
        if len(rows) and int(rows.index.max()) < low:
            break
    return list(lanes)


def edge_texts(least: int, most: int | None) -> list[str]:
    """Texts that break careless readers: short and long, other scripts, quotes, spaces, markup."""
    high = min(most, 1000) if most is not None else 1000
    texts = [
        *(
            "",
            " ",
            "a",
            "0",
            "null",
            "None",
            "NaN",
            "true",
            "-1",
            "1e308",
            "O'Brien",
            'say "hi"',
            "back\\slash",
            "semi;colon",
            "a,b",
        ),
        *("line\nbreak", "tab\there", "  padded  ", "Zoë Ångström", "Łódź", "Ελληνικά", "Русский", "日本語", "العربية", "עברית"),
        *(
            "😀👩‍👩‍👧",
            "e\u0301",
            "ﬁ",
            "\u200bzero",
            "<b>bold</b>",
            "'; DROP TABLE users; --",
            "{{7*7}}",
            "%s%n",
            "../../etc/passwd",
        ),
        *("a" * high, "x" * least, "é" * min(high, 255)),
    ]
    return [text for text in dict.fromkeys(texts) if least <= len(text) <= high]
