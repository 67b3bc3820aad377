"""`synth schema`: from data, checked, improved; the patterns that come with the package."""

import sys
from typing import Any

import click

from synth_sdk.cli.options import DEBUG
from synth_sdk.cli.pretty import print_json

_MOST_LIKE = 3  # patterns and runs that are named beside suggestions


@click.group()
def schema() -> None:
    """Schemas: infer one from data, check it, improve it, start from a domain pattern."""


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
    """Propose what names imply and the schema doesn't say: formats, ranges, keys; and flag personal data that needs a decision. Patterns and
    earlier runs with a schema like it are named on standard error, and what they say of fields of the same name is proposed.
    """
    from synth_sdk.cli.recall import tell_like
    from synth_sdk.client.recall import hints, recalled_for
    from synth_sdk.client.schemas import document_of, improved, suggest, write_schema
    from synth_sdk.core.errors import RequestError

    if apply_:
        write_schema(improved(file), output)
        return
    if output != "-":
        raise RequestError(f"output {output!r}: suggestions go to standard output; add --apply to write the improved schema")
    document = document_of(file)
    recalled = recalled_for(document, limit=_MOST_LIKE)
    found = sorted([*suggest(document), *hints(document, recalled)], key=lambda one: (one.pointer, one.what))
    if as_json:
        print_json([one.to_dict() for one in found])
    else:
        for one in found:
            click.echo(f"{'safe  ' if one.safe else 'decide'}  {one}")
    tell_like(recalled)


@schema.command()
@click.argument("name", metavar="NAME[.TABLE]|request|report")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, in plain JSON Schema.")
@DEBUG
def show(name: str, as_json: bool, **options: Any) -> None:
    """Print a domain pattern to start a schema of one's own from: as YAML, with its comments; a single table of it as JSON Schema.

    'request' and 'report' are the published schemas of what --request takes and gives.
    """
    from synth_sdk.client.schemas import shown

    found = shown(name, plain=as_json)
    if isinstance(found, str):
        click.echo(found, nl=False)
    else:
        print_json(found)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
