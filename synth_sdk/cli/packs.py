"""`synth pack`: choose, read, check and begin scenario packs."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from synth_sdk.cli.options import CONFIG, DEBUG, open_client
from synth_sdk.cli.pretty import print_json
from synth_sdk.core.errors import RequestError
from synth_sdk.core.money import format_usd

if TYPE_CHECKING:
    from synth_sdk.client.blueprints import WrittenPack

_WIDEST = 44
_MOST_REASONS = 3
_FAULTS = {"result": "replaces what a call returns", "merge": "changes what a call returns", "name": "played by the flow"}


@click.group(short_help="Scenario packs of conversations.")
def pack() -> None:
    """Scenario packs: the worlds, goals and wordings that conversations are played from."""


@pack.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects with name, languages, goals and description.")
@DEBUG
def list_packs(as_json: bool, **options: Any) -> None:
    """List the built-in and installed packs."""
    rows = open_client().packs()
    if as_json:
        print_json(rows)
        return
    shown = [(row["name"], ", ".join(row["languages"]), row["goals"], row.get("error") or row["description"]) for row in rows]
    for line in _columns([("name", "languages", "goals", "description"), *shown]):
        click.echo(line)


@pack.command("show")
@click.argument("name", metavar="NAME|FILE")
@click.option("--json", "as_json", is_flag=True, help="Print the pack as JSON.")
@DEBUG
def show_pack(name: str, as_json: bool, **options: Any) -> None:
    """Show what a pack holds: goals, personas, faults, tools, and how many wordings each act has."""
    page = open_client().show_pack(name)
    if as_json:
        print_json(page)
    else:
        click.echo("\n".join(_page(page)))


@pack.command("lint")
@click.argument("name", metavar="NAME|FILE")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@DEBUG
def lint_pack(name: str, as_json: bool, **options: Any) -> None:
    """Check a pack: slots defined, every node reaches the end, arguments can be filled, enough wordings. Exit code 2 on an error."""
    findings = open_client().lint_pack(name)
    if as_json:
        print_json([finding.to_dict() for finding in findings])
    else:
        for finding in findings:
            click.echo(str(finding))
    errors = sum(finding.level == "error" for finding in findings)
    click.echo(f"synth: {name}: {_counted(errors, 'error')}, {_counted(len(findings) - errors, 'further finding')}", err=True)
    if errors:
        sys.exit(2)


@pack.command("new")
@click.argument("name", metavar="NAME")
@click.option("-o", "--output", metavar="FILE", help="Where the pack goes.  [default: NAME.yaml]")
@click.option("--about", metavar="TEXT", help="Have models write it: who is written to, and about what. Needs --budget.")
@click.option("--budget", metavar="USD", help="The most that models may cost.")
@click.option("--policy", type=click.Choice(["cheapest", "balanced", "fastest", "best"]), help="How the router ranks models.")
@click.option("--model", metavar="ARM", help="Ask this model first; names as in 'synth models'.")
@click.option("--fallback", metavar="A,B|none", help="The chain of models.")
@CONFIG
@DEBUG
def new_pack(name: str, output: str | None, about: str | None, config: str | None, debug: bool, **wish: Any) -> None:
    """Write a pack to begin with: a small one, complete and commented, or with --about one that models write. Never overwrites a file."""
    synth = open_client(config)
    if about is None:
        _refuse_without_about(wish)
        path = synth.new_pack(name, output)
    else:
        written = synth.write_pack(name, about, output, **wish)
        path = str(written.path)
        for line in _account(written):
            click.echo(f"synth: {line}", err=True)
    click.echo(f"synth: wrote {path}: read it, then try: synth preview conversation --pack {path}", err=True)


def _refuse_without_about(wish: Mapping[str, Any]) -> None:
    given = next((name for name, value in wish.items() if value is not None), None)
    if given:
        raise RequestError(f"--{given} is for packs that models write: add --about TEXT, or leave it out")


def _account(written: "WrittenPack") -> Iterator[str]:
    """What was bought for how much, and which parts are missing."""
    blueprint = written.blueprint
    held = f" ({format_usd(written.held_micros)} held for replies whose bill never came)" if written.held_micros else ""
    told = f"{blueprint.written} of {blueprint.parts} parts written by {', '.join(blueprint.models)}"
    yield f"{told}; ${format_usd(written.spent_micros)} spent{held}"
    yield from (f"left out: {reason}" for reason in blueprint.reasons[:_MOST_REASONS])


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _page(page: Mapping[str, Any]) -> Iterator[str]:
    yield f"{page['name']} {page['version']} ({', '.join(page['languages'])}): {page['description']}"
    goals = [(goal["name"], "feasible" if goal["feasible"] else "infeasible", goal["wants"]) for goal in page["goals"]]
    yield from _section("goals", goals)
    for group in ("personas", "agents"):
        yield from _section(group, [(person["name"], _traits(person["traits"])) for person in page[group]])
    faults = [(fault["name"], _FAULTS[fault["kind"]]) for fault in page["faults"] if fault["name"] != "none"]
    yield from _section("faults", faults)
    yield from _section("tools", [(_signature(tool), tool["description"]) for tool in page["tools"]])
    yield from _section(f"acts ({page['frames']} frames)", [(act["name"], act["role"], _frames(act)) for act in page["acts"]])


def _section(title: str, rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    if rows:
        yield f"\n{title}"
        yield from (f"  {line}" for line in _columns(rows))


def _traits(traits: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in traits.items() if value)


def _signature(tool: Mapping[str, Any]) -> str:
    given = (f"{one['name']}{'' if one['required'] else '?'}: {one['type']}" for one in tool["parameters"])
    return f"{tool['name']}({', '.join(given)})"


def _frames(act: Mapping[str, Any]) -> str:
    return f"{act['frames']}" if act["frames"] >= act["wanted"] else f"{act['frames']} of {act['wanted']}"


def _columns(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Rows as lines; each column but the last is as wide as its widest cell, within bounds."""
    table = [tuple(map(str, row)) for row in rows]
    widths = [min(_WIDEST, max(map(len, column))) for column in zip(*table, strict=True)][:-1]
    for row in table:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)).rstrip()
