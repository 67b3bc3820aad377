"""What is done about hits: reserved look-alikes in their place, and findings that tell of them."""

from collections.abc import Iterable, Sequence

from synth_sdk.compliance.frameworks import Rule
from synth_sdk.compliance.masking.keys import Key
from synth_sdk.compliance.scanning.citations import cited
from synth_sdk.compliance.scanning.scanner import Found, Hit
from synth_sdk.core.findings import Finding, Findings

_SHOWN_AT_END = 4
_GRAVITY = ("error", "warning", "info")


def replace_hits(found: Found, key: Key) -> bool:
    """Put stand-ins where the hits are, in the leaf's own record. False if no hit has one."""
    made = stand_in(found, key)
    if made is None:
        return False
    found.leaf.holder[found.leaf.key] = made
    return True


def stand_in(found: Found, key: Key) -> str | int | None:
    """The leaf's value with stand-ins where the hits are; None if no hit has one."""
    text = str(found.leaf.value)
    parts, last = [], 0
    for hit in found.hits:
        if hit.detector.stand_in is not None:
            parts += [text[last : hit.start], hit.detector.stand_in(hit.text, key)]
            last = hit.end
    if not parts:
        return None
    made = "".join(parts) + text[last:]
    return made if isinstance(found.leaf.value, str) else int(made)


def tell(hits: Iterable[tuple[str, int, Hit]], frameworks: Sequence[str], *, replaced: bool) -> Findings:
    """Findings of hits given as (path, number of the record from 1, hit): one for each rule, field and what was done."""
    told: dict[tuple[Rule, str, bool], list[tuple[int, Hit]]] = {}
    for path, number, hit in hits:
        masked = replaced and hit.detector.stand_in is not None
        for rule in cited(hit.detector.name, frameworks):
            told.setdefault((rule, path, masked), []).append((number, hit))
    findings = Findings()
    findings.extend(_finding(rule, path, masked, those) for (rule, path, masked), those in told.items())
    return findings


def _finding(rule: Rule, path: str, masked: bool, hits: Sequence[tuple[int, Hit]]) -> Finding:
    kinds = list(dict.fromkeys(hit.detector.what for _, hit in hits))
    gravest = min((hit.detector.severity for _, hit in hits), key=_GRAVITY.index)
    done = "replaced by values that belong to nobody" if masked else "left as it is"
    return Finding(
        rule=rule.id,
        framework=rule.framework,
        citation=rule.citation,
        field=path,
        severity=gravest,
        stage="output",
        action="masked" if masked else "none",
        message=f"{', '.join(kinds)}: first in record {hits[0][0]}, {done}",
        count=len(hits),
        example=next((shown(hit.text) for _, hit in hits if hit.detector.severity != "info"), ""),
    )


def shown(text: str) -> str:
    """A value as a report may show it: of long ones the first two and the last four characters, separators in place."""
    letters = [place for place, character in enumerate(text) if character.isalnum()]
    tail = _SHOWN_AT_END if len(letters) >= 12 else 2 if len(letters) >= 8 else 0
    head = 2 if len(letters) >= 12 else 1 if len(letters) >= 6 else 0
    kept = {*letters[:head], *(letters[-tail:] if tail else ())}
    return "".join(character if place in kept or not character.isalnum() else "*" for place, character in enumerate(text))
