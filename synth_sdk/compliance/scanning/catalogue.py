"""All detectors, the surest first: where two find the same characters, the first one has them. `OPTIONAL` need more than ours."""

from synth_sdk.compliance.scanning.cards import CARDS
from synth_sdk.compliance.scanning.contact import CONTACTS
from synth_sdk.compliance.scanning.identifiers import IDENTIFIERS
from synth_sdk.compliance.scanning.names import NAME
from synth_sdk.compliance.scanning.network import NETWORK
from synth_sdk.compliance.scanning.papers import PAPERS
from synth_sdk.compliance.scanning.presidio import OTHERS
from synth_sdk.compliance.scanning.shapes import Detector

_ORDER = (
    *("track", "iban", "pan", "ssn", "national_id", "cvv", "email", "ip", "mac"),
    *("phone", "medical_record", "passport", "licence", "birth_date", "url"),
)
_ALL = {detector.name: detector for detector in (*CARDS, *IDENTIFIERS, *CONTACTS, *NETWORK, *PAPERS)}
DETECTORS: dict[str, Detector] = {name: _ALL[name] for name in _ORDER}
OPTIONAL: dict[str, Detector] = {OTHERS.name: OTHERS, NAME.name: NAME}
