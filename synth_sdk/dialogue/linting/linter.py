"""Does a pack make sense? What the compiler can't refuse but a reader of its records would notice."""

from collections.abc import Iterable

from synth_sdk.core.errors import PackError
from synth_sdk.dialogue.linting.findings import Finding
from synth_sdk.dialogue.linting.rules.banks import bank_findings
from synth_sdk.dialogue.linting.rules.calls import call_findings
from synth_sdk.dialogue.linting.rules.flow import flow_findings
from synth_sdk.dialogue.linting.rules.sample import sample_findings
from synth_sdk.dialogue.linting.rules.usage import usage_findings
from synth_sdk.dialogue.loading.loader import load_pack, whole_pack
from synth_sdk.dialogue.model import Pack

_ORDER = {"error": 0, "warning": 1, "info": 2}


def lint(pack: Pack) -> list[Finding]:
    """All findings, errors first. Plays a sample of dialogues only when the pack is sound so far.

    A pack in its own language is judged with all the languages it speaks; what they have in common is said once.
    """
    found = list(dict.fromkeys(_findings(pack)))
    if pack.lang == pack.languages[0]:
        for language in pack.languages[1:]:
            found += [_in_language(finding, language) for finding in _of_language(pack, language) if finding not in found]
    return _sorted(found)


def lint_named(name: str) -> list[Finding]:
    """The findings about a pack by its name or path. One that can't be compiled has a single finding: its flaw."""
    try:
        return lint(load_pack(name))
    except PackError as error:
        if not error.rule or error.line is None:
            raise
        return [_of_error(error)]


def _findings(pack: Pack) -> list[Finding]:
    whole = whole_pack(pack.source, pack.lang)
    try:
        found = [*flow_findings(pack), *call_findings(pack, whole), *bank_findings(pack), *usage_findings(pack, whole)]
    except PackError as error:
        return [_of_error(error)]
    if not any(finding.level == "error" for finding in found):
        found += sample_findings(pack, whole)
    return found


def _of_language(pack: Pack, language: str) -> list[Finding]:
    try:
        return _findings(load_pack(pack.source, language))
    except PackError as error:
        return [_of_error(error)]


def _in_language(finding: Finding, language: str) -> Finding:
    return Finding(finding.rule, finding.level, f"in {language}: {finding.message}", finding.file, finding.line)


def _of_error(error: PackError) -> Finding:
    """The flaw itself, without the file, line and rule that an error's message repeats."""
    line = 1 if error.line is None else error.line
    told = error.message.removeprefix(f"{error.file}:{line}: ").removeprefix(f"{error.file}: ").removesuffix(f" [{error.rule}]")
    return Finding(error.rule, "error", told, error.file, line)


def _sorted(found: Iterable[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: (_ORDER[finding.level], finding.file, finding.line, finding.message))


__all__ = ["Finding", "lint", "lint_named"]
