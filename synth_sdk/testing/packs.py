"""What every pack must keep to."""

from pathlib import Path

from synth_sdk.core.errors import RequestError
from synth_sdk.testing.must import must


def check_pack(name_or_path: str | Path, *, strict: bool = False) -> None:
    """The pack of that name, or in that file or folder, compiles and lints without errors in every language it speaks; a sample of its
    dialogues plays. `strict`: without warnings either.
    """
    from synth_sdk.dialogue.linting.linter import lint_named

    try:
        found = lint_named(str(name_or_path))
    except RequestError as error:
        raise AssertionError(error.message) from error
    held_against = [str(finding) for finding in found if finding.level == "error" or (strict and finding.level == "warning")]
    must(not held_against, "\n".join(held_against))
