"""`synth init` and `synth config`: a configuration file to begin with, and what counts in the end."""

import json
from collections.abc import Sequence
from typing import Any

import click

from synth_sdk.cli.options import CONFIG, DEBUG
from synth_sdk.cli.pretty import print_json


@click.command(short_help="Write a commented configuration file.")
@click.option("-o", "--output", metavar="FILE", default="synth.yaml", help="Where the file goes.  [default: synth.yaml]")
@DEBUG
def init(output: str, **options: Any) -> None:
    """Write a configuration file with every key, its default and what it means. Never overwrites."""
    from synth_sdk.client.config.template import write_template

    path = write_template(output)
    click.echo(f"synth: {path} written; it sets nothing until you remove the # before a line", err=True)


@click.group()
def config() -> None:
    """What is configured: in a file, the environment and .env."""


@config.command(short_help="What counts, and where each value comes from.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@CONFIG
@DEBUG
def show(as_json: bool, **options: Any) -> None:
    """Print every setting with the source of its value, which providers are usable, and where files are kept. Keys are masked. No network."""
    from synth_sdk.client import Synth

    told = Synth(config=options["config"]).configuration()
    if as_json:
        print_json(told)
        return
    click.echo(f"configuration file: {told['file'] or 'none'}")
    rows = [(key, _shown(row["value"]), row["source"]) for part in ("settings", "api_keys") for key, row in told[part].items()]
    for line in _columns([("key", "value", "source"), *rows]):
        click.echo(line)
    for name, row in told["paths"].items():
        click.echo(f"{name}: {_shown(row['value'])}{' (' + row['source'] + ')' if row['source'] else ''}")
    for name, provider in told["providers"].items():
        click.echo(f"provider {name}: {'usable' if provider['usable'] else provider['why_not']}")
    for line in told["warnings"]:
        click.echo(f"synth: warning: {line}", err=True)


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
