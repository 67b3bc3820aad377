"""What `synth templates --like` and `synth schema suggest` say of schemas like one's own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from synth_sdk.cli.notices import notice
from synth_sdk.cli.pretty import print_json

if TYPE_CHECKING:
    from synth_sdk.client.recall import Recalled


def print_like(file: str, *, as_json: bool) -> None:
    """The patterns and runs like the schema, or the data, in `file`; two lines for each."""
    from synth_sdk.client.recall import recalled_for

    found = recalled_for(file)
    if as_json:
        print_json([one.to_dict() for one in found])
        return
    for one in found:
        click.echo(_line(one))
        click.echo(f"      {one.how['command']}")
    if not found:
        notice(f"nothing is like {file}: neither a pattern nor an earlier run")


def tell_like(recalled: "Sequence[Recalled]") -> None:
    """One line for each, beside other output."""
    from synth_sdk.client.recall import described

    for one in recalled:
        notice(f"like {described(one)} ({one.similarity:.2f}; {one.why})", "like", **one.to_dict())


def _line(one: "Recalled") -> str:
    when = f"  {one.when:%Y-%m-%d}" if one.when else ""
    name = one.name[:8] if one.source == "run" else one.name
    return f"{one.similarity:.2f}  {one.source} {name}{when}  {one.why}"
