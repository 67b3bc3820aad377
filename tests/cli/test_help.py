"""Help pages, as they are printed."""

import pytest
from click.testing import CliRunner

from synth_sdk.cli.app import cli


def commands(command, words=()):
    """The words of every page of help."""
    yield words
    for name, child in sorted(getattr(command, "commands", {}).items()):
        yield from commands(child, (*words, name))


@pytest.mark.parametrize("words", list(commands(cli)), ids=" ".join)
def test_help(words, snapshot):
    done = CliRunner().invoke(cli, [*words, "--help"], prog_name="synth", terminal_width=110)
    assert done.exit_code == 0
    assert done.output == snapshot
