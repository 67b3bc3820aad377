"""The command as a child process, as the commands' own tests have it."""

from tests.cli.conftest import synth as synth
