"""`synth vectors`: search the stores that `--vectorize-with` fills."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from synth_sdk.cli.options import CONFIG, DEBUG, open_client, with_options
from synth_sdk.cli.pretty import print_json

if TYPE_CHECKING:
    pass

_WIDEST = 100  # letters of a record that are shown


_where = with_options(
    click.option(
        "--store", metavar="NAME", help="lancedb, ruvector or chroma.  [default: the one that is enabled, else lancedb]"
    ),
    click.option("--path", metavar="PATH", help="Where it is.  [default: db_path of the configuration, else ./data/vectors.*]"),
    CONFIG,
    DEBUG,
)


@click.group()
def vectors() -> None:
    """Vector stores: search the records that were kept by meaning."""


@vectors.command("search")
@click.argument("query")
@_where
@click.option("--limit", type=click.IntRange(min=1), default=5, show_default=True, metavar="N", help="The most records to find.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects with id, record and similarity.")
def search(query: str, store: str | None, path: str | None, limit: int, as_json: bool, **options: Any) -> None:
    """Find the records nearest to QUERY, nearest first, each with its cosine: 1.0 is the same direction."""
    found = open_client(options.get("config")).search(query, store, path, limit)
    if as_json:
        print_json([asdict(neighbour) for neighbour in found])
        return
    for neighbour in found:
        click.echo(f"{neighbour.similarity:.3f}  {neighbour.id}  {_excerpt(neighbour.record)}")


@vectors.command("info")
@_where
@click.option("--json", "as_json", is_flag=True, help="Print an object.")
def info(store: str | None, path: str | None, as_json: bool, **options: Any) -> None:
    """Say what a store holds: how many records, and what their vectors are."""
    told = open_client(options.get("config")).store_info(store, path)
    if as_json:
        print_json(told)
        return
    for name, value in told.items():
        click.echo(f"{name:<10}  {value}")


def _excerpt(record: Any) -> str:
    """What a conversation begins with, or the beginning of any other record."""
    text = _first_words(record) or json.dumps(record, ensure_ascii=False)
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 3]}..."


def _first_words(record: Any) -> str:
    turns = record.get("messages") if isinstance(record, dict) else None
    said = (turn.get("content") for turn in turns or () if isinstance(turn, dict) and turn.get("role") == "user")
    return next((words for words in said if isinstance(words, str)), "")
