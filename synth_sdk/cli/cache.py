"""`synth cache`: what was bought once, and where it is kept."""

from typing import Any

import click

from synth_sdk.cli.notices import notice
from synth_sdk.cli.options import CONFIG, DEBUG, open_client
from synth_sdk.cli.pretty import print_json


@click.group()
def cache() -> None:
    """The prompt cache: what was bought once is never paid for again."""


@cache.command()
@CONFIG
@DEBUG
def stats(**options: Any) -> None:
    """Print entries, size, place and use of the cache as JSON."""
    print_json(open_client(options.get("config")).cache_stats())


@cache.command()
@CONFIG
@DEBUG
def clear(**options: Any) -> None:
    """Forget all cached records."""
    removed = open_client(options.get("config")).clear_cache()
    notice(f"{_records(removed)} removed", records=removed)


@cache.command()
@click.argument("path")
@CONFIG
@DEBUG
def persist(path: str, **options: Any) -> None:
    """Write the records that were cached last to the file PATH, to be taken in elsewhere."""
    written = open_client(options.get("config")).persist_cache(path)
    notice(f"{_records(written)} written to {path}", records=written)


@cache.command()
@click.argument("path")
@CONFIG
@DEBUG
def restore(path: str, **options: Any) -> None:
    """Take in the records of a file that 'synth cache persist' wrote."""
    taken = open_client(options.get("config")).restore_cache(path)
    notice(f"{_records(taken)} taken from {path}", records=taken)


def _records(count: int) -> str:
    return f"{count:,} cached record{'s' if count != 1 else ''}"
