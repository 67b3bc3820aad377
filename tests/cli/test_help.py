"""Help pages, as they are printed."""

import pytest
from click.testing import CliRunner

from synth_sdk.cli.app import cli


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["generate"],
        ["plan"],
        ["preview"],
        ["models"],
        ["templates"],
        ["pack"],
        ["pack", "list"],
        ["pack", "lint"],
        ["pack", "show"],
        ["pack", "new"],
        ["eval"],
        ["cache"],
        ["cache", "stats"],
        ["cache", "clear"],
    ],
    ids=" ".join,
)
def test_help(words, snapshot):
    done = CliRunner().invoke(cli, [*words, "--help"], prog_name="synth", terminal_width=110)
    assert done.exit_code == 0
    assert done.output == snapshot
