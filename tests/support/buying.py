"""A client that buys from the server of a test."""

from synth_sdk import Synth


def synth_for(server, home, *providers, **options):
    """A `Synth` with keys for `providers` (none: for all) whose calls go to `server`; `options` are its defaults."""
    return Synth(env={**server.env(*providers), "SYNTH_HOME": str(home)}, **options)
