"""The command line: parse, call the client, print."""

from synth_sdk.cli.app import main

__all__ = ["main"]
