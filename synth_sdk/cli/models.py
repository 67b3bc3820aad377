"""`synth models`: the arms, what they cost, which are usable here, and what was learned of them."""

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from synth_sdk.cli.options import CONFIG, DEBUG
from synth_sdk.cli.pretty import print_json
from synth_sdk.core.clock import today

if TYPE_CHECKING:
    from synth_sdk.client.settings import Settings

_JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
_MARGIN = "  "


@click.group(invoke_without_command=True, short_help="The models, cheapest first: prices and abilities.")
@_JSON
@CONFIG
@DEBUG
def models(as_json: bool, **options: Any) -> None:
    """List the models, cheapest first: prices, abilities, which are usable with the keys at hand, and what was learned of them."""
    if click.get_current_context().invoked_subcommand:
        return
    from synth_sdk.client.models import list_models

    arms = list_models(_settings())
    if as_json:
        print_json(arms)
        return
    _table(("model", "provider", "$/M in", "$/M out", "context", "quality", "usable"), map(_arm, arms))
    for long in sorted({tier["above_tokens"] for arm in arms for tier in arm["prices"]["tiers"][:1]}):
        _say(f"+: dearer above {long:,} tokens of input")
    if learned := [arm for arm in arms if arm["learned"]]:
        click.echo()
        _table(("learned in earlier runs", "records", "accepted", "cost", "seconds", "tasks"), map(_learned, learned))
    click.echo()
    _reasons(arms)


@models.command(short_help="Which models are usable here, and why not.")
@_JSON
@CONFIG
@DEBUG
def check(**options: Any) -> None:
    """Say which models are usable here, why the others are not, which retire soon, and whose prices are old. Spends nothing, no network."""
    from synth_sdk.client.models import check_models

    arms = check_models(_settings())
    if _given("as_json"):
        print_json(arms)
        return
    usable = [_name(arm) for arm in arms if arm["usable"]]
    _say(f"usable: {', '.join(usable) or 'none; records can still be made offline'}")
    _reasons(arms)
    for note, names in _grouped((note, _name(arm)) for arm in arms for note in arm["notes"]):
        _say(f"note: {', '.join(names)}: {note}")


@models.command(short_help="Read today's prices and say what changed.")
@CONFIG
@DEBUG
def refresh(**options: Any) -> None:
    """Read today's prices from OpenRouter's public list and litellm's bundled table, and say what changed. No key is needed."""
    from synth_sdk.client.prices import prices_file, refresh_prices

    settings = _settings()
    update = refresh_prices(settings, today())
    for change in update.changes:
        flag = "; moved more than 4 times: check it before you rely on it" if change.flagged else ""
        told = f"{_figure(change.old)} -> {_figure(change.new)}"
        click.echo(f"{change.arm} {change.field}: {told} ({change.source}, {change.as_of or 'no date'}){flag}")
    for arm in update.gone:
        click.echo(f"{arm}: no longer listed with a price; its old one is kept")
    arms, others = len({change.arm for change in update.changes}), len(update.others)
    changed = "no price has changed" if not arms else f"{arms} of {len(update.arms)} arms changed"
    more = f"{others:,} other OpenRouter {'model has' if others == 1 else 'models have'} a price"
    click.echo(f"synth: {changed}; {more}; kept in {prices_file(settings)}", err=True)


@models.command(short_help="Forget what was learned in earlier runs.")
@click.argument("arm", required=False)
@CONFIG
@DEBUG
def reset(arm: str | None, **options: Any) -> None:
    """Forget what was learned of ARM in earlier runs, or of all of them."""
    from synth_sdk.client.learned import forget_learned
    from synth_sdk.client.models import read_catalogue

    settings = _settings()
    arm_id = read_catalogue(settings, [arm])[1][0] if arm else None
    forgotten = forget_learned(settings, arm_id)
    what = f"what was learned of {arm_id}" if arm_id else "everything that was learned"
    click.echo(f"synth: forgot {what}: {forgotten:,} {'task' if forgotten == 1 else 'tasks'}", err=True)


def _settings() -> "Settings":
    from synth_sdk.client.settings import read_settings

    return read_settings(os.environ, _given("config"))


def _given(option: str) -> Any:
    """An option as the subcommand has it, else as it stands before the subcommand."""
    ctx = click.get_current_context()
    levels = (level.params.get(option) for level in (ctx, ctx.parent) if level is not None)
    return next((value for value in levels if value), None)


def _arm(arm: Mapping[str, Any]) -> Sequence[str]:
    prices = arm["prices"]
    longer = "+" if prices["tiers"] else ""
    return (
        _name(arm),
        arm["provider"],
        _price(prices, "input_per_m") + longer,
        _price(prices, "output_per_m") + longer,
        _tokens(arm["context"]),
        f"{arm['quality']:.2f}",
        "yes" if arm["usable"] else "no",
    )


def _learned(arm: Mapping[str, Any]) -> Sequence[str]:
    told = arm["learned"]
    return (
        _name(arm),
        f"{told['records']:,.0f}",
        "?" if told["validity"] is None else f"{told['validity']:.0%}",
        "?" if told["cost_factor"] is None else f"x{told['cost_factor']:.2f}",
        "?" if told["seconds"] is None else f"{told['seconds']:.1f}",
        str(len(told["tasks"])),
    )


def _reasons(arms: Iterable[Mapping[str, Any]]) -> None:
    for why, names in _grouped((arm["why_not"], _name(arm)) for arm in arms if not arm["usable"]):
        _say(f"not usable: {', '.join(names)}: {why}")


def _grouped(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {}
    for key, name in pairs:
        groups.setdefault(key, []).append(name)
    yield from groups.items()


def _say(line: str) -> None:
    """A line, broken between words where a terminal would break it within one."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else len(line) + 1
    click.echo(textwrap.fill(line, width, subsequent_indent=_MARGIN, break_on_hyphens=False))


def _name(arm: Mapping[str, Any]) -> str:
    return str((arm["aliases"] or [arm["id"]])[0])


def _price(prices: Mapping[str, Any], name: str) -> str:
    if prices["free"]:
        return "free"
    return "?" if prices[name] is None else f"{prices[name]:.3f}"


def _tokens(count: int) -> str:
    return f"{count / 1_000_000:.1f}M" if count >= 1_000_000 else f"{count // 1000}k" if count >= 1000 else str(count)


def _figure(value: Any) -> str:
    """A price or a count as a reader writes it; a dash for none."""
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:f}" if hasattr(value, "as_tuple") else str(value)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns as wide as their widest cell, numbers to the right."""
    table = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for number, row in enumerate(table):
        cells = [
            cell.ljust(width) if _is_word(column) else cell.rjust(width)
            for column, cell, width in zip(head, row, widths, strict=True)
        ]
        line = _MARGIN.join(cells).rstrip()
        click.echo(click.style(line, bold=True) if number == 0 else line)


def _is_word(column: str) -> bool:
    return column in ("model", "provider", "usable", "learned in earlier runs")
