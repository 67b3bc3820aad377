"""The declared wish. The same object stands behind a command-line flag, a JSON body and a Python call."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from synth_sdk.core.errors import RequestError, UnknownName, short

Mode = Literal["auto", "offline", "blueprint", "rewrite", "llm"]
PolicyName = Literal["cheapest", "balanced", "fastest", "best"]
SqlDialect = Literal["sqlite", "postgres", "mysql"]
IfExists = Literal["fail", "append", "replace"]
CachePolicy = Literal["on", "off", "refresh", "read-only", "aggressive"]
OFFLINE_NAMES = frozenset({"faker", "offline"})
DEFAULT_PACK = "customer_support"  # of conversations
DEFAULT_START = datetime(2025, 1, 1, tzinfo=UTC)
_LARGEST_SEED = 2**63 - 1
_LARGEST_COUNT = 2**63 - 1  # rows are numbered with 64 bits

# What doesn't change which records are wanted: how they are delivered, how fast, and for how much money.
_NOT_WHAT = frozenset(
    {
        "format",
        "dialect",
        "output",
        "rows_per_shard",
        "sql_dialect",
        "table",
        "workers",
        "concurrency",
        "records_per_call",
        "seeded",
        "blueprint_path",
        "judge",
        "account",
        "within",
        "timeout",
        "cache",
        "budget_micros",
        "report",
        "provenance",
        "rejects",
        "stream",
        "stream_to",
        "vectorize_with",
        "if_exists",
        "partition_by",
        "profiled",
    }
)


class Within(NamedTuple):
    """An account in which that of a run lies, as a job's in its batch's; and its cap in micro-dollars."""

    account: str
    cap_micros: int


class Spec(BaseModel):
    """A frozen request for `count` records of a `kind`.

    `budget_micros` is None without a budget (then nothing is spent). `fallback` is None when not given, () for "none"; its last
    name may be "faker". `timeout` is seconds per model call. `records_per_call` is None for "auto". `workers` is how many processes
    make offline records; `rows_per_shard` how many records each part of a folder holds; `table` names the records in SQL and XML.
    `dialect` is the shape that training or tracing tools read the records in. `options` are the kind's own section of the configuration. `file_digest` tells the contents of a file that is named by its path (a
    pack, a list of tools): edited, it is another wish. `blueprint` is what a model wrote once for this wish, as its kind
    expands it; `blueprint_path` where its files are kept.
    `rate` is records per second: how densely events lie, and how fast records leave when they `stream` in real time. `stream_to` is the
    URL that they are published to, `vectorize_with` the vector store that keeps them too. `rules` are checks that every delivered
    record passes.
    `compliance` are the frameworks whose rules the records keep; `strict` fails where they are broken, instead of mending. `masks` are the
    fields that are masked before they are delivered, and how. `like` is a file of real records whose shape is taken, and that none is a copy of.
    `if_exists` is what a database does where a table or its rows are there already; `partition_by` the columns that folders of parts are named for.
    `within` is the account in which this run's lies, as a job's in its batch's. `seeded`: the seed was asked for, so routing is to be reproducible. `profiled`: the report is to
    tell what the records are like. `judge`: have a sample of the bought records compared.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    count: int = Field(10, ge=1, le=_LARGEST_COUNT, strict=True)
    seed: int = Field(0, ge=-_LARGEST_SEED, le=_LARGEST_SEED)
    document: Any = None
    pack: str | None = None
    file_digest: str | None = None
    constraints: dict[str, str] = Field(default_factory=dict)
    options: Any = None
    blueprint: Any = None
    blueprint_path: str | None = None
    seeded: bool = False
    profiled: bool = False
    judge: bool = False
    locale: str = "en_US"
    start: datetime = DEFAULT_START
    mode: Mode = "auto"
    budget_micros: int | None = Field(None, ge=0)
    policy: PolicyName = "cheapest"
    model: str | None = None
    fallback: tuple[str, ...] | None = None
    cache: CachePolicy = "on"
    concurrency: int = Field(64, ge=1, le=1024)
    records_per_call: int | None = Field(None, ge=1, le=64)
    account: str | None = None
    within: Within | None = None
    timeout: float = Field(60.0, gt=0, le=3600)
    workers: int = Field(1, ge=1, le=64, strict=True)
    rows_per_shard: int = Field(250_000, ge=1, le=1_000_000_000, strict=True)
    dialect: str | None = None
    sql_dialect: SqlDialect = "sqlite"
    table: str | None = Field(None, min_length=1, max_length=255)
    format: str | None = None
    output: str | None = Field(None, repr=False)  # a URL may hold a password
    report: str | None = None
    provenance: str | None = None
    rejects: str | None = None
    rate: float | None = Field(None, gt=0, le=1e9)
    stream: bool = False
    stream_to: str | None = Field(None, repr=False)  # may hold a password
    vectorize_with: str | None = None
    rules: tuple[str, ...] = ()
    compliance: tuple[str, ...] = ()
    strict: bool = False
    masks: dict[str, str] = Field(default_factory=dict)
    like: str | None = None
    if_exists: IfExists = "fail"
    partition_by: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """What is asked for, as 16 hex digits: the same for the same wish, however it is delivered and whatever it may cost."""
        wish = {name: value for name, value in self.model_dump(mode="json").items() if name not in _NOT_WHAT}
        return hashlib.sha256(json.dumps(wish, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()[
            :16
        ]

    @property
    def ends_offline(self) -> bool:
        """The fallback chain ends in the offline generator."""
        return any(name in OFFLINE_NAMES for name in (self.fallback or ())[-1:])

    @property
    def chain(self) -> tuple[str, ...]:
        """The arms named by `model` and `fallback`, in order; empty when the policy is free to choose."""
        named = tuple(name for name in self.fallback or () if name not in OFFLINE_NAMES)
        return ((self.model,) if self.model else ()) + named

    @property
    def spends(self) -> bool:
        """Models may be asked."""
        return self.budget_micros is not None and self.mode != "offline"


# What users call the fields that they may name; the rest is worked out.
_SAID = {
    "document": "schema",
    "budget_micros": "budget",
    "blueprint_path": None,
    "file_digest": None,
    "seeded": None,
    "profiled": None,
    "kind": None,
    "within": None,
}
OPTIONS = frozenset(word for name in Spec.model_fields if (word := _SAID.get(name, name)))


def make_spec(**wish: Any) -> Spec:
    """A Spec from keyword arguments; None means not given. RequestError names the value, the rule and the way out."""
    for name in wish:
        if name not in Spec.model_fields:
            raise UnknownName("option", name, OPTIONS)
    try:
        spec = Spec(**{name: value for name, value in wish.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise RequestError(f"{name} {short(first['input'])}: {_rule(first)}") from None
    _check_fallback(spec)
    return spec


def _check_fallback(spec: Spec) -> None:
    for name in (spec.fallback or ())[:-1]:
        if name in OFFLINE_NAMES:
            raise RequestError(
                f"fallback {','.join(spec.fallback or ())!r}: {name!r} may only be the last name; move it to the end"
            )


def _rule(problem: Any) -> str:
    limits = problem.get("ctx", {})
    match problem["type"]:
        case "greater_than_equal":
            return f"must be at least {limits['ge']:g}"
        case "less_than_equal":
            return f"must be at most {limits['le']:g}"
        case "greater_than":
            return f"must be above {limits['gt']:g}"
        case "literal_error":
            return f"choose {limits['expected']}"
        case "int_type" | "int_parsing" | "int_from_float":
            return "must be a whole number"
        case _:
            return str(problem["msg"])
