"""`synth eval`: how good is a file of conversations?"""

import sys
from typing import TYPE_CHECKING, Any

import click

from synth_sdk.cli.options import DEBUG
from synth_sdk.cli.pretty import print_json

if TYPE_CHECKING:
    from synth_sdk.client.evaluation import Evaluation

_SHOWN = 10  # findings
_STYLES = {"ok": "green", "failed": "bold red", "outside": "yellow"}


@click.command("eval", short_help="Measure how lifelike a file of conversations is.")
@click.argument("file", metavar="FILE|-")
@click.option("--like", metavar="REAL", help="A file of your own to hold it against: differences, distances, what may be copied.")
@click.option(
    "--dialect",
    type=click.Choice(["auto", "synth", "openai", "trl", "sharegpt", "bedrock", "anthropic"]),
    default="auto",
    show_default=True,
    help="The format whose rules the records must obey.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--html", metavar="PAGE", help="Write a page with plots, and the conversations to read.")
@click.option("--strict", is_flag=True, help="Fail also when a gate of consistency fails, not only those of the format.")
@DEBUG
def evaluate(file: str, like: str | None, dialect: str, as_json: bool, html: str | None, strict: bool, **options: Any) -> None:
    """Measure a file of conversations: is the format sound, are calls and facts consistent, how varied and how human is the wording?

    Reads JSON Lines or a JSON array (also .gz, .zst) of conversations in any training format, and tool calls.

    Exit codes: 0 the format is sound, 1 it is not (with --strict: or a gate of consistency fails), 2 the file can't be evaluated.
    """
    from synth_sdk.client.evaluation import evaluate

    found = evaluate(file, like, dialect)
    if html:
        found.save(html)
    if as_json:
        print_json(found.to_dict())
    else:
        _print(found)
    _summarise(found, html)
    if not (found.passed_strictly if strict else found.passed):
        sys.exit(1)


def _print(found: "Evaluation") -> None:
    """Tables, a group at a time."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    for section in found.sections():
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column(section.title, min_width=40)
        table.add_column("value", justify="right", min_width=14)
        table.add_column(section.beside, justify="right", min_width=13)
        table.add_column("", min_width=7, no_wrap=True)
        for row in section.rows:
            style = _STYLES.get(row.verdict, "")
            table.add_row(Text(row.title), Text(row.value), Text(row.beside), Text(row.verdict, style))
        console.print(table)
        console.print()


def _summarise(found: "Evaluation", html: str | None) -> None:
    for finding in found.findings[:_SHOWN]:
        _notice(str(finding))
    total = found.flaws.total
    if total > _SHOWN:
        _notice(f"and {total - _SHOWN:,} more findings; --json lists the first hundred")
    for note in found.notes:
        _notice(f"note: {note}")
    human = f"; {found.inside} of {len(found.ranges)} figures in the human range" if found.ranges else ""
    _notice(
        f"{found.records:,} record{'' if found.records == 1 else 's'} ({found.dialect}): {total:,} finding{'' if total == 1 else 's'}{human}"
    )
    if html:
        _notice(f"page written to {html}")


def _notice(line: str) -> None:
    click.echo(f"synth: {line}", err=True)
