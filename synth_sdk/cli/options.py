"""The options that generate, plan and preview share."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from synth_sdk.core.errors import RequestError

if TYPE_CHECKING:
    from synth_sdk.client import Synth

Command = TypeVar("Command", bound=Callable[..., Any])

DEBUG = click.option("--debug", is_flag=True, help="Show tracebacks.")
LOG_JSON = click.option("--log-json", is_flag=True, help="Notices, warnings and errors as JSON, one line each, on stderr.")
CONFIG = click.option("--config", metavar="FILE", help="The configuration file, instead of the one in the working folder.")

_PAIRS = {"constraint": "KEY=VALUE", "mask": "FIELD=METHOD"}
_OPTIONS = (
    click.argument("kind", required=False),
    click.option("--type", "type_", metavar="KIND", help="The kind, as an option instead of an argument."),
    click.option("-n", "--count", type=click.IntRange(min=1), help="How many records.  [default: 10]"),
    click.option("--seed", metavar="S", help="A whole number, or 'random'. Same command, same seed, same bytes.  [default: 0]"),
    click.option("--schema", metavar="FILE", help="JSON Schema, field list or shorthand (kind json)."),
    click.option("--pack", metavar="NAME|FILE", help="Scenario pack (kind conversation).  [default: customer_support]"),
    click.option("--constraint", "constraints", metavar="KEY=VALUE", multiple=True, help="An option of the kind. Repeatable."),
    click.option(
        "--dialect",
        metavar="NAME",
        help="The shape that other tools read: openai, trl, sharegpt, bedrock, anthropic (conversation, tool_call), otel, openinference (agent_trace).",
    ),
    click.option("--locale", metavar="L", help="Language and place, such as en_US or de_DE.  [default: en_US]"),
    click.option(
        "--start", metavar="ISO-TIME", help="The time at which the scenarios begin, or 'now'.  [default: 2025-01-01T00:00:00Z]"
    ),
    click.option(
        "--mode",
        type=click.Choice(["auto", "offline", "blueprint", "rewrite", "llm"]),
        help="Who writes the records.  [default: auto]",
    ),
    click.option(
        "--budget", metavar="USD", help="The most that models may cost. Without it nothing is spent and no network is used."
    ),
    click.option(
        "--policy",
        type=click.Choice(["cheapest", "balanced", "fastest", "best"]),
        help="How the router ranks models.  [default: cheapest]",
    ),
    click.option("--model", metavar="ARM", help="Ask this model first; names as in 'synth models'."),
    click.option(
        "--fallback", metavar="A,B,faker|none", help="The chain of models; 'faker' last makes offline what can't be bought."
    ),
    click.option(
        "--auto-route", is_flag=True, help="Let the router choose among all models; this is so unless --model is given."
    ),
    click.option(
        "--blueprint",
        metavar="PATH",
        help="Where the files of a blueprint are: used if they are there, else written there.  [default: a folder of its own]",
    ),
    click.option("--judge", is_flag=True, help="Have a model of another family compare a sample of the bought records."),
    click.option(
        "--cache",
        "--cache-policy",
        "cache",
        type=click.Choice(["on", "off", "refresh", "read-only", "aggressive"]),
        help="Reuse what was bought before; aggressive: near-duplicate prompts share.  [default: on]",
    ),
    click.option("--rule", "rules", metavar="NAME", multiple=True, help="A rule that every delivered record passes. Repeatable."),
    click.option(
        "--compliance",
        metavar="GDPR,HIPAA,PCI-DSS",
        help="Frameworks whose rules the records keep; what was done is in the report.",
    ),
    click.option("--strict", is_flag=True, help="With --compliance: fail where a rule is broken, instead of mending."),
    click.option(
        "--mask",
        "masks",
        metavar="FIELD=METHOD",
        multiple=True,
        help="Mask a field: redact, hash, tokenize, pseudonym, generalize[:N]. Repeatable.",
    ),
    click.option(
        "--like", metavar="FILE", help="Real records: take their schema, compare with them, and deliver no copy of one."
    ),
    click.option(
        "--rate",
        metavar="N/sec",
        help="Events per second, and how fast records leave with --stream.  [default: 100/sec for events]",
    ),
    click.option("--concurrency", type=int, metavar="N", help="Model calls in flight at once.  [default: 64]"),
    click.option("--records-per-call", metavar="K|auto", help="Records asked for in one call.  [default: auto]"),
    click.option(
        "--workers",
        type=click.IntRange(1, 64),
        metavar="N",
        help="Processes that make offline records; the bytes don't depend on it.  [default: 1]",
    ),
    click.option("--account", metavar="NAME", help="Share one budget among the commands that name this account."),
    click.option("--timeout", type=float, metavar="SECONDS", help="For one model call.  [default: 60]"),
    CONFIG,
    click.option("--quiet", is_flag=True, help="No progress bar, no notices."),
    LOG_JSON,
    DEBUG,
)


def open_client(config: str | None = None) -> "Synth":
    """The client, with the configuration that `--config` names. Loaded only when a command runs, so that help stays light."""
    from synth_sdk.client import Synth

    return Synth(config=config)


def with_options(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Add `options` to a command, in that order."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


wish_options = with_options(*_OPTIONS)


def wish_of(options: dict[str, Any], *, named: bool = True) -> tuple[str, dict[str, Any]]:
    """The kind and the keyword arguments for the client. `named`: the kind must be, and by these options alone."""
    options = {name: value for name, value in options.items() if name not in ("config", "quiet", "log_json", "debug")}
    kind, type_ = options.pop("kind"), options.pop("type_")
    if kind and type_ and kind != type_:
        raise RequestError(f"kind {kind!r} and --type {type_!r} differ: give one of them")
    if not named and (kind or type_):
        raise RequestError(f"kind {kind or type_!r}: a request names its data_type itself; leave the kind out")
    if named and not (kind or type_):
        raise RequestError("no kind given: name one, for example 'synth generate conversation'")
    options["constraints"] = _pairs("constraint", options["constraints"])
    options["masks"] = _pairs("mask", options.get("masks") or ())
    for flag in ("judge", "strict"):
        options[flag] = options.get(flag) or None
    options["rules"] = options.get("rules") or None
    if options["auto_route"] and options["model"]:
        raise RequestError(f"--auto-route and --model {options['model']!r} clash: leave one out")
    options["auto_route"] = options["auto_route"] or None
    for name in ("seed", "records_per_call"):
        options[name] = _number_or_word(name, options.get(name))
    return kind or type_ or "", options


def _pairs(option: str, pairs: tuple[str, ...]) -> dict[str, str] | None:
    told: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise RequestError(f"{option} {pair!r}: write {_PAIRS[option]}")
        told[key.strip()] = value.strip()
    return told or None


def _number_or_word(name: str, text: str | None) -> int | str | None:
    words = {"seed": "random", "records_per_call": "auto"}
    if text is None or text == words[name]:
        return text
    try:
        return int(text)
    except ValueError:
        raise RequestError(f"--{name.replace('_', '-')} {text!r}: must be a whole number or {words[name]!r}") from None


def one_line(error: click.ClickException) -> str:
    """A click error as one line in our words."""
    if isinstance(error, click.NoSuchOption) and error.possibilities:
        return f"no such option {error.option_name!r}: did you mean {' or '.join(sorted(error.possibilities))}?"
    return " ".join(error.format_message().split())
