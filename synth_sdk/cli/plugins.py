"""`synth plugins`: the parts that are installed, built in or not."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import click

from synth_sdk.cli.options import DEBUG
from synth_sdk.cli.pretty import print_json
from synth_sdk.core.plugins import GROUPS


@click.group(short_help="Installed parts: providers, generators, sinks, rules...")
def plugins() -> None:
    """Installed parts: providers, generators, sinks (formats), rules, packs, streams, vectors."""


@plugins.command("list")
@click.option("--group", metavar="GROUP", help=f"Only one group: {', '.join(GROUPS)}.")
@click.option("--check", is_flag=True, help="Load each part and say what is wrong with it. Exit code 1 if one can't be used.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
@DEBUG
def list_parts(group: str | None, check: bool, as_json: bool, **options: Any) -> None:
    """List every part with the distribution that it comes from. Loads none of them, unless --check is given."""
    from synth_sdk.client.plugins import list_plugins

    parts = list_plugins(group, check=check)
    broken = [part for part in parts if part["used"] and part.get("why_not")]
    if as_json:
        print_json(parts)
    else:
        for line in _lines(parts):
            click.echo(line)
    if check:
        click.echo(f"synth: {len(parts):,} parts, {len(broken) or 'none'} of them broken", err=True)
    if broken:
        sys.exit(1)


def _lines(parts: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A table whose columns are as wide as their widest cell; the last one holds what is to be said of a part."""
    rows = [("group", "name", "distribution", ""), *map(_row, parts)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(part: Mapping[str, Any]) -> Sequence[str]:
    owner = f"{part['distribution']} {part['version']}".strip()
    if not part["used"]:
        note = "not used: another part has this name"
    elif part.get("why_not"):
        note = f"broken: {part['why_not']}"
    else:
        note = "built in" if part["builtin"] else ""
    return part["group"], part["name"], owner, note
