"""Every key there is: what it means, what its values must be, and what counts where it isn't given. One tree for all files and arguments.

A key may be spelt in snake_case or camelCase. `to` is where its value goes when that isn't the key's own place: the same wish may be
expressed in more than one way, but only once.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from synth_sdk.client.config import rules
from synth_sdk.client.config.kinds import known_kinds
from synth_sdk.client.config.rules import Rule

Path = tuple[str, ...]

# Who takes a key from the configuration, and the variable that the provider reads it from.
API_KEYS = {
    "gemini": "GEMINI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "local": "SYNTH_LOCAL_API_KEY",
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "mistral": "MISTRAL_API_KEY",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key. `default` is what counts without it, `example` a value to show where nothing does, both as they are written in a file."""

    name: str
    rule: Rule
    about: str
    default: Any = None
    example: Any = None
    to: Path = ()
    also: tuple[str, ...] = ()
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Keys under a name. `word`: what a value that is no mapping means."""

    name: str
    about: str
    keys: "tuple[Node, ...]"
    word: Key | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ForEach:
    """A section whose keys are names: what stands under each is `each`, or the kind's own business (None)."""

    name: str
    about: str
    known: Callable[[], Iterable[str]]
    each: Key | Section | None
    example: Any = None
    also: tuple[str, ...] = ()


Node = Key | Section | ForEach


def _integrations() -> list[str]:
    """Those that have a name of their own, and every installed vector store."""
    from synth_sdk.core import plugins

    return sorted({"midstreamer", "agentic_robotics", "ruvector", "lancedb", *plugins.names("vectors")})


def _option(name: str, about: str, default: Any = None, **more: Any) -> Key:
    """Its values are those of the Spec's field of that name."""
    return Key(name=name, rule=rules.option(name), about=about, default=default, **more)


def _text(name: str, about: str, default: Any = None, **more: Any) -> Key:
    return Key(name=name, rule=rules.text, about=about, default=default, **more)


OPTIONS: tuple[Key, ...] = (
    _option("count", "how many records", 10),
    Key(name="seed", rule=rules.number_or("random", "seed"), about="a whole number, or random", default=0),
    _text("locale", "language and place", "en_US"),
    Key(name="start", rule=rules.moment, about="when the scenarios begin; now", default="2025-01-01T00:00:00Z"),
    _text("pack", "scenario pack of conversations: a name or a file", "customer_support"),
    _option("mode", "auto, offline, blueprint, rewrite or llm", "auto"),
    Key(name="budget", rule=rules.budget, about="the most that models may cost, in US dollars; without it nothing is spent", example="0.50"),
    _option("policy", "cheapest, balanced, fastest or best", "cheapest"),
    _text("model", "ask this model first; names as in 'synth models'", example="gemini-flash-lite"),
    Key(name="fallback", rule=rules.names, about="the chain of models; faker last: offline what can't be bought", example=["gemini-flash", "faker"]),
    _text("blueprint", "where the files of a blueprint are", example="blueprint.yaml"),
    Key(name="judge", rule=rules.switch, about="compare a sample of the bought records with offline ones", default=False),
    Key(name="rules", rule=rules.names, about="rules that every delivered record passes", example=["my-rule"]),
    Key(name="rate", rule=rules.rate, about="events per second, and how fast records leave with --stream", example="100/sec"),
    _text("stream_to", "publish records to redis://, nats://, http(s):// or ws(s)://", example="redis://localhost:6379/records"),
    _text("vectorize_with", "keep the records in a vector store too: lancedb, ruvector or chroma", example="lancedb"),
    _option("concurrency", "model calls in flight at once", 64),
    Key(name="records_per_call", rule=rules.number_or("auto", "records_per_call"), about="records asked for in one call", default="auto"),
    _option("workers", "processes that make offline records", 1),
    _text("account", "share one budget among the commands that name this account", example="team"),
    _option("timeout", "seconds for one model call", 60),
    _text("format", "of the output where its suffix doesn't say", "jsonl"),
    _option("rows_per_shard", "records in each part of a folder", 250_000),
    _text("table", "what the records are called in SQL and XML", example="orders"),
    _option("sql_dialect", "sqlite, postgres or mysql", "sqlite"),
    _text("catalogue", "your own file of models and prices", example="models.yaml"),
    Key(name="history", rule=rules.history, about="where runs are remembered: off, a file, dynamodb://TABLE?region=REGION; else in SYNTH_HOME", example="off"),
)  # fmt: skip

_CACHE = Section(
    name="cache",
    about="what was bought before is reused; in place of this section, one word: on, off, refresh, read-only or aggressive",
    word=Key(name="cache", rule=rules.cache_policy, about="", default="on"),
    keys=(
        Key(name="enabled", rule=rules.switch, about="false: neither read nor write", default=True),
        Key(
            name="policy", rule=rules.cache_policy, about="on, off, refresh, read-only or aggressive", default="on", to=("cache",)
        ),
        Key(name="max_size", rule=rules.whole(1, 100_000_000), about="entries kept in memory", default=10_000),
        Key(name="ttl", rule=rules.milliseconds, about="how long an entry counts: milliseconds, or such as 1h", default="180d"),
        _text("persist_path", "a file that entries are kept in beside the cache of this machine", example="./.cache/synth"),
    ),
)
_MODELS = Section(
    name="models",
    about="which models are asked",
    keys=(
        Section(
            name="routing",
            about="policy and fallback in the words of others; give one or the other",
            keys=(
                Key(name="strategy", rule=rules.strategy, about="cost-, performance-, quality-optimized or balanced", example="cost-optimized", to=("policy",)),
                Key(name="fallback_chain", rule=rules.names, about="the same as fallback", example=["gemini-flash", "faker"], to=("fallback",)),
            ),
        ),
        ForEach(
            name="defaults",
            about="the model of a kind, where neither --model nor --fallback nor model is given",
            known=known_kinds,
            each=_text("", ""),
            example={"conversation": "gemini-flash-lite"},
        ),
    ),
)  # fmt: skip
_INTEGRATION = Section(
    name="",
    about="",
    keys=(
        Key(name="enabled", rule=rules.switch, about="use it"),
        _text("default_pipeline", "the name of the stream"),
        _text("url", "where it listens"),
        _text("db_path", "the folder or file of a vector store"),
        _text("embedding", "what turns records into vectors"),
    ),
)

SCHEMA = Section(
    name="",
    about="",
    keys=(
        *OPTIONS,
        Section(
            name="api_keys",
            about="better kept in the environment or in .env; never stored, printed or logged",
            keys=tuple(
                Key(
                    name=name,
                    rule=rules.credential,
                    about=f"read as {variable}",
                    example=f"${{{variable}}}",
                    secret=True,
                    also=("open_router",) if name == "openrouter" else (),
                )
                for name, variable in API_KEYS.items()
            ),
        ),
        _CACHE,
        _MODELS,
        ForEach(
            name="integrations",
            about="optional parts beside the generators",
            known=_integrations,
            each=_INTEGRATION,
            example={"ruvector": {"enabled": True, "db_path": "./data/vectors.db"}},
        ),
        ForEach(
            name="generators",
            about="the options of a kind, as --constraint takes them",
            known=known_kinds,
            each=None,
            example={"timeseries": {"sample_rate": "1s", "duration": "1h"}, "events": {"rate": "100/sec"}},
        ),
        # A trajectory's configuration may be a file of its own.
        *(
            Key(name=name, rule=lambda value, path: value, about="", to=("generators", "trajectory", name))
            for name in ("random_seed", "data_generation", "task_templates", "tool_transitions")
        ),
    ),
)


def find(name: str, section: Section) -> Node | None:
    """The key called `name`, in snake_case, in `section`."""
    return next((node for node in section.keys if name == node.name or name in node.also), None)


def paths(section: Section = SCHEMA, above: Path = ()) -> Iterable[Path]:
    """Where every named key stands, sections included."""
    for node in section.keys:
        yield (*above, node.name)
        if isinstance(node, Section):
            yield from paths(node, (*above, node.name))
