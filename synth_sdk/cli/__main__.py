"""`python -m synth_sdk.cli`."""

from synth_sdk.cli.app import main

main()
