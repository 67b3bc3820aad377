"""Which rule of which framework a hit breaks."""

from collections.abc import Iterable, Sequence
from functools import cache

from synth_sdk.compliance.frameworks import Rule, rules

# What detectors find, as the rules call it.
_CATEGORIES = {
    "track": "track",
    "pan": "pan",
    "cvv": "cvv",
    "iban": "account",
    "ssn": "ssn",
    "national_id": "national_id",
    "other_id": "national_id",
    "email": "email",
    "phone": "phone",
    "url": "url",
    "ip": "ip",
    "mac": "device",
    "medical_record": "mrn",
    "passport": "national_id",
    "licence": "license",
    "birth_date": "birth_date",
    "person_name": "name",
}
# Of what a framework has no rule of its own for: the nearest that covers it (HIPAA (R): any other unique identifying number).
_WIDER = {"national_id": ("ssn", "pseudonym"), "track": ("account",), "pan": ("account",), "device": ("ip",), "url": ("ip",)}


def cited(detector: str, frameworks: Iterable[str]) -> list[Rule]:
    """The rules of `frameworks` that a hit of `detector` breaks, one of each at most."""
    found = (_rule(framework, _CATEGORIES[detector]) for framework in frameworks)
    return [rule for rule in found if rule is not None]


def detected_for(frameworks: Sequence[str]) -> list[str]:
    """The detectors that `frameworks` have a rule for."""
    return [detector for detector in _CATEGORIES if cited(detector, frameworks)]


@cache
def _rule(framework: str, category: str) -> Rule | None:
    """The rule that speaks of the category, the most particular first."""
    for name in (category, *(_WIDER.get(category, ()) if framework != "PCI-DSS" else ())):
        speaking = [rule for rule in rules([framework]) if name in rule.categories]
        if speaking:
            return min(speaking, key=lambda rule: len(rule.categories))
    return None
