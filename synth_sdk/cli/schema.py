"""`synth schema`: from data, checked, improved."""

import sys
from typing import Any

import click

from synth_sdk.cli.options import DEBUG
from synth_sdk.cli.pretty import print_json


@click.group()
def schema() -> None:
    """Schemas: infer one from data, check it, improve it."""


@schema.command()
@click.argument("file", metavar="FILE")
@click.option("--rows", type=click.IntRange(min=1), default=100_000, show_default=True, help="How many rows to read.")
@click.option("-o", "--output", metavar="PATH|-", default="-", help="Where the schema goes.  [default: -]")
@DEBUG
def infer(file: str, rows: int, output: str, **options: Any) -> None:
    """Print the JSON Schema of a CSV, JSON, JSONL or Parquet file (text also as .gz, .zst): types, ranges, formats, categories, null rates.

    No value that points at one row is copied into it.
    """
    from synth_sdk.client.schemas import infer_schema, write_schema

    write_schema(infer_schema(file, rows), output)


@schema.command()
@click.argument("file", metavar="FILE|-")
@click.option(
    "-n", "--count", type=click.IntRange(min=1), help="How many records are wanted: do the values of unique fields suffice?"
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@DEBUG
def check(file: str, count: int | None, as_json: bool, **options: Any) -> None:
    """Say what is unsatisfiable, contradictory, unsupported or probably a mistake in a schema, and where.

    Exit codes: 0 usable, 2 something in it is an error.
    """
    from synth_sdk.client.schemas import check_schema

    findings = check_schema(file, count)
    if as_json:
        print_json([finding.to_dict() for finding in findings])
    else:
        for finding in findings:
            click.echo(str(finding))
    errors = sum(finding.level == "error" for finding in findings)
    others = len(findings) - errors
    click.echo(f"synth: {_counted(errors, 'error')}, {_counted(others, 'further finding')}", err=True)
    if errors:
        sys.exit(2)


@schema.command()
@click.argument("file", metavar="FILE|-")
@click.option("--apply", "apply_", is_flag=True, help="Print the schema with the safe suggestions applied.")
@click.option("-o", "--output", metavar="PATH|-", default="-", help="With --apply: where the schema goes.  [default: -]")
@click.option("--json", "as_json", is_flag=True, help="Print the suggestions as JSON, each with its change.")
@DEBUG
def suggest(file: str, apply_: bool, output: str, as_json: bool, **options: Any) -> None:
    """Propose what names imply and the schema doesn't say: formats, ranges, keys; and flag personal data that needs a decision."""
    from synth_sdk.client.schemas import improved, suggest, write_schema
    from synth_sdk.core.errors import RequestError

    if apply_:
        write_schema(improved(file), output)
        return
    if output != "-":
        raise RequestError(f"output {output!r}: suggestions go to standard output; add --apply to write the improved schema")
    found = suggest(file)
    if as_json:
        print_json([one.to_dict() for one in found])
        return
    for one in found:
        click.echo(f"{'safe  ' if one.safe else 'decide'}  {one}")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
