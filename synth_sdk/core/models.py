"""What is asked of a model, what comes back, and the protocols where the rooms of floor 4 meet.

Three layers speak of asking:

* a `Request` wants one record; `Model.complete` answers it with a `Completion` (the cache, the batcher and the router are Models);
* a `Call` is one HTTP exchange with one arm for `count` records; `Provider.ask` answers it with a `Reply`;
* a `ModelCard` holds the facts about one arm.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Protocol, runtime_checkable

Json = Any
Origin = Literal["llm", "cache", "blueprint", "offline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars per million tokens. None: unknown. Unknown is never 0; an arm that costs nothing says `free`.

    `reasoning_per_m` is the price of thoughts where it differs from other output; `per_call` a fee in US dollars for each call.
    `tiers` are the prices of long calls: (tokens, prices) pairs, ascending; a call whose input exceeds so many tokens costs these.
    """

    input_per_m: Decimal | None
    output_per_m: Decimal | None
    cache_read_per_m: Decimal | None = None
    cache_write_per_m: Decimal | None = None
    reasoning_per_m: Decimal | None = None
    per_call: Decimal | None = None
    free: bool = False
    tiers: "tuple[tuple[int, Prices], ...]" = ()

    @property
    def known(self) -> bool:
        return self.free or (self.input_per_m is not None and self.output_per_m is not None)

    def within(self, input_tokens: int) -> "tuple[Prices, ...]":
        """The prices that a call of at most so much input may fall under; the last are those of exactly so much."""
        return (self, *(prices for above, prices in self.tiers if input_tokens > above))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """Facts about one arm (provider, model, region, effort).

    `model` is the provider's own id, `family` the line of models it belongs to ("gemini", "claude", "qwen"). `structured` is how
    the arm takes a response schema: "json_schema" (native), "tool" (a forced tool call) or "prompt" (told in words); `abilities`
    name what else it can: "reasoning", "tools", "prompt_cache". `quality` is a prior in 0-1 with standard deviation `quality_sd`.
    After `retires_on` its provider no longer serves it (None: no date is known).
    """

    id: str
    provider: str
    model: str
    aliases: tuple[str, ...] = ()
    family: str = ""
    region: str = ""
    effort: str = ""
    prices: Prices
    context_tokens: int
    max_output_tokens: int
    structured: Literal["json_schema", "tool", "prompt"] = "json_schema"
    abilities: tuple[str, ...] = ()
    quality: float
    quality_sd: float
    source: str
    quality_source: str
    as_of: str
    retires_on: date | None = None

    @property
    def account(self) -> str:
        """Whose key it is asked with: its provider's; behind litellm that of whom the model's id begins with."""
        return self.model.partition("/")[0] if self.provider == "litellm" else self.provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One wanted record.

    `instructions` is the static prefix, byte-identical for all requests of a task; `brief` is this record's own part of the
    prompt. `schema` is the JSON Schema of the value on the wire. `check` turns the value into the accepted record or raises
    `Rejected`. `slot` tells deliberate repeats of one brief apart. `arms` are those the user pinned ((): free choice);
    `avoid` those that this record has already been made by in vain. `difficulty` is its generator's guess in 0-1 of how hard the
    record is compared with others of its task (None: no guess). The last two are no part of the cache key.
    """

    task: str
    instructions: str
    brief: str
    schema: Mapping[str, Json]
    check: Callable[[Json], Json] = field(compare=False, repr=False)
    output_tokens: int
    slot: str = "0"
    arms: tuple[str, ...] = ()
    avoid: frozenset[str] = frozenset()
    difficulty: float | None = None

    @property
    def family(self) -> tuple[str, str, int, tuple[str, ...], frozenset[str]]:
        """Requests of one family may share a call."""
        return (self.task, self.instructions, id(self.schema), self.arms, self.avoid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """An accepted value. `cost_micros` is an equal share of its call, `failed_micros` that of the calls that failed before it;
    `saved_micros` what a cache hit would have cost."""

    value: Json
    origin: Origin
    model: str
    cost_micros: int = 0
    failed_micros: int = 0
    saved_micros: int = 0
    attempts: int = 1


class Model(Protocol):
    """Anything that can be asked for one record. Raises NoRoute, BudgetExhausted or another SynthError."""

    async def complete(self, request: Request) -> Completion: ...


class BatchModel(Protocol):
    """A Model that can be asked for several records of one family at once; failures stand in their places."""

    async def complete_batch(self, requests: Sequence[Request]) -> list[Completion | Exception]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as billed. `input_tokens` includes cache reads and writes; `output_tokens` includes reasoning."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One exchange with one arm: `count` records of `schema` in one reply, wrapped as `core.envelope` says.

    `max_tokens` bounds the whole reply, thoughts included. `timeout` in seconds. `correction` is the previous reply and what was
    wrong with it, for a re-ask.
    """

    card: ModelCard
    instructions: str
    prompt: str
    schema: Mapping[str, Json]
    count: int
    max_tokens: int
    timeout: float
    correction: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a provider's headers say of its rate limits (`x-ratelimit-*`): per minute, what is left, and seconds until it resets.
    None where it says nothing."""

    requests_per_minute: float | None = None
    requests_left: float | None = None
    requests_reset_s: float | None = None
    tokens_per_minute: float | None = None
    tokens_left: float | None = None
    tokens_reset_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, before it was read. `text` is None when the provider gave none (filtered).

    `finish` is normalised; `native_finish_reason` is the provider's own word. `cost_usd` is the provider's own figure if it stated one.
    """

    text: str | None
    finish: Literal["stop", "length", "filter", "error"]
    native_finish_reason: str | None = None
    usage: Usage | None = None
    cost_usd: Decimal | None = None
    model: str = ""
    allowance: Allowance | None = None


class Provider(Protocol):
    """Wire format and credentials of one provider; knows nothing of prices, budgets or retries."""

    name: str

    def missing(self) -> str | None:
        """Why no arm of this provider can be used now (which variables to set); None when usable."""

    async def ask(self, call: Call, on_reply: Callable[[Reply], None]) -> list[Json]:
        """Send `call`; hand the raw reply to `on_reply` (journal, settle) before it is read; return the values in it.

        The list may be shorter or longer than `call.count`. Raises ModelError; after `on_reply` was called only with the outcomes
        BROKEN, TRUNCATED, FILTERED or UNAVAILABLE.
        """

    async def aclose(self) -> None: ...


@runtime_checkable
class KeyedByArm(Protocol):
    """A Provider whose arms may need a key of their own."""

    def missing_for(self, card: ModelCard) -> str | None:
        """Why `card` can't be used now though others may (which variables to set); None when it can."""


def lacking(cards: Iterable[ModelCard], providers: Mapping[str, Provider]) -> dict[str, str]:
    """What single arms lack beyond what all arms of their provider do, by arm id."""
    keyed = {name: provider for name, provider in providers.items() if isinstance(provider, KeyedByArm)}
    asked = ((card.id, keyed[card.provider].missing_for(card)) for card in cards if card.provider in keyed)
    return {arm: why for arm, why in asked if why}


class Journal(Protocol):
    """Raw replies of a run that isn't finished, on disk before they are parsed, so that a crash loses nothing paid.

    Rows belong to a run (a fingerprint) and to the cache keys of the records that shared the call.
    """

    def record(self, keys: Sequence[str], arm: str, reply: Reply, cost_micros: int) -> None: ...

    def replies(self, key: str) -> list["JournalEntry"]:
        """Every reply that was asked for this record, oldest first."""

    def clear(self) -> None:
        """The run is finished: forget its rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One journalled reply as seen by one of its records: `position` among the `count` records of the call."""

    arm: str
    reply: Reply
    position: int
    count: int
    cost_micros: int
