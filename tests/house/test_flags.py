"""Every command and flag stands in docs/cli.md and in a test."""

from pathlib import Path

import click
import pytest

from synth_sdk.cli.app import cli

ROOT = Path(__file__).parents[2]


def flags(command, words=()):
    for option in command.params:
        if isinstance(option, click.Option):
            yield " ".join(words), next(name for name in option.opts if name.startswith("--"))
    for name, child in getattr(command, "commands", {}).items():
        yield from flags(child, (*words, name))


ALL = sorted(set(flags(cli)))


@pytest.mark.parametrize(("command", "flag"), ALL, ids=[f"{command} {flag}" for command, flag in ALL])
def test_flag_is_documented_and_tested(command, flag):
    page = (ROOT / "docs" / "cli.md").read_text("utf-8")
    assert f"`synth {command}" in page or not command
    assert f"`{flag}" in page
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert f'"{flag}"' in tests or f" {flag}" in tests
