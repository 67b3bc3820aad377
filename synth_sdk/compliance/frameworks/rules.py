"""Rules of the frameworks: what each says, where it stands, and how grave it is to break it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from synth_sdk.compliance.frameworks.files import read
from synth_sdk.core.errors import UnknownName
from synth_sdk.core.findings import Severity
from synth_sdk.core.models import Json

FRAMEWORKS = ("GDPR", "HIPAA", "PCI-DSS")
_FILES = {"GDPR": "gdpr.yaml", "HIPAA": "hipaa.yaml", "PCI-DSS": "pci_dss.yaml"}
_ALSO = {"PCI": "PCI-DSS", "DSGVO": "GDPR", "RGPD": "GDPR", "UKGDPR": "GDPR"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `categories` are the sorts of data that it speaks of (see `data_category`); a rule about whole records has `when` instead,
    the name of a test in `review`. `violating` and `clean` are schemas of an object that break it and keep it.
    """

    id: str
    framework: str
    citation: str
    title: str
    about: str
    severity: Severity
    remedy: str
    categories: tuple[str, ...] = ()
    when: str = ""
    violating: Mapping[str, Json] = field(default_factory=dict, hash=False)
    clean: Mapping[str, Json] = field(default_factory=dict, hash=False)


def frameworks(names: Iterable[str]) -> tuple[str, ...]:
    """The frameworks called `names`, each once, in the order of `FRAMEWORKS`; case, hyphens and spaces don't matter. UnknownName otherwise."""
    known = {_plain(name): name for name in FRAMEWORKS} | _ALSO
    found = set()
    for name in names:
        if _plain(name) not in known:
            raise UnknownName("framework", name, FRAMEWORKS)
        found.add(known[_plain(name)])
    return tuple(name for name in FRAMEWORKS if name in found)


def rules(names: Iterable[str] = FRAMEWORKS) -> list[Rule]:
    """The rules of the frameworks `names`, in the order of their numbers."""
    return [rule for name in frameworks(names) for rule in _rules(name)]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]|DSS$", "", name.upper()) if name.upper().startswith("PCI") else re.sub(r"[\W_]", "", name.upper())


@cache
def _rules(framework: str) -> tuple[Rule, ...]:
    told = read(_FILES[framework])
    return tuple(Rule(framework=framework, **{**one, "categories": tuple(one.get("categories", ()))}) for one in told["rules"])
