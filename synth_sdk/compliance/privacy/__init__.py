"""How much records give away: who could be singled out by them, and whether they repeat rows of a real sample."""

from typing import TYPE_CHECKING

from synth_sdk.core.lazy import lazily

if TYPE_CHECKING:
    from synth_sdk.compliance.privacy.copies import CopyGuard
    from synth_sdk.compliance.privacy.k_anonymity import KAnonymity, quasi_identifiers

__all__ = ["CopyGuard", "KAnonymity", "quasi_identifiers"]

__getattr__ = lazily(
    __name__,
    {"KAnonymity": "k_anonymity", "quasi_identifiers": "k_anonymity", "CopyGuard": "copies"},
)
