"""The frameworks as data: their rules with citations, and what tells a field that a rule speaks of."""

from synth_sdk.compliance.frameworks.fields import Around, Kind, classify, data_category, prohibited
from synth_sdk.compliance.frameworks.rules import FRAMEWORKS, Rule, frameworks, rules

__all__ = ["FRAMEWORKS", "Around", "Kind", "Rule", "classify", "data_category", "frameworks", "prohibited", "rules"]
