"""The schema that records are made from: card secrets left out, identifiers drawn from ranges that belong to nobody, dates and places made coarse.

What a schema demands - a pattern, listed values, bounds - is kept: where nothing that a rule would allow is valid, the field stays as it is, and
its finding says so (action "none").
"""

import json
from collections.abc import Sequence
from dataclasses import replace

from synth_sdk.compliance.changes import REMOVED, SYNTHETIC, ages, coordinates, pseudonyms, years
from synth_sdk.compliance.frameworks.fields import Kind
from synth_sdk.compliance.frameworks.files import listed
from synth_sdk.compliance.frameworks.rules import Rule, rules
from synth_sdk.compliance.removal import forget, remove
from synth_sdk.compliance.review import finding_of, review
from synth_sdk.compliance.settled import NEVER_STORED, NONE, state
from synth_sdk.compliance.walking import Place, Record, records
from synth_sdk.core.findings import Finding
from synth_sdk.core.models import Json

_OF_NOBODY = listed(  # sorts of data for which a reserved range stands whatever the framework
    "pan masked_pan email phone fax ip ssn account device vehicle license national_id mrn health_plan"
)
_LEFT = "it stays as it is, since the schema allows nothing that belongs to nobody; widen its pattern, values or bounds"
_COARSE = {"date": years, "birth_date": years, "age": ages, "geo": coordinates}


def adjust(document: Json, names: Sequence[str]) -> tuple[Json, list[Finding]]:
    """The schema (or set of tables) that records are to be made from under the frameworks `names`, and what was done about which field.

    `document` stays as it is; adjusting twice is adjusting once. Findings about which there was nothing to do are `review`'s alone.
    UnknownName for an unknown framework.
    """
    wanted = rules(names)
    changed: Json = json.loads(json.dumps(document))  # not deepcopy: what YAML anchors share is changed in one place only
    done: dict[str, str] = {}
    for record in records(changed):
        done |= _changes(record, wanted)
    done |= forget(changed, {path for path, action in done.items() if action == REMOVED})
    after = {(one.rule, one.field): one.action for one in review(changed, names)}
    return changed, _told(review(document, names), done, after, wanted)


def _changes(record: Record, wanted: Sequence[Rule]) -> dict[str, str]:
    """What is done about each field of `record`, by path; done here and now."""
    done: dict[str, str] = {}
    for place, kind in list(record.spoken_of()):
        spoken = [rule for rule in wanted if kind.category in rule.categories]
        if spoken and state(place, kind) == NONE:
            action = _treat(place, kind, record, {rule.framework for rule in spoken})
            done[place.path] = NONE if NONE in (action, done.get(place.path)) else action
    return done


def _treat(place: Place, kind: Kind, record: Record, frameworks: set[str]) -> str:
    if kind.category in NEVER_STORED:
        return REMOVED if remove(record, place.path) else NONE
    if "HIPAA" in frameworks and kind.category in _COARSE:
        return _COARSE[kind.category](place, record)
    if kind.reserved and ("HIPAA" in frameworks or kind.category in _OF_NOBODY):
        return pseudonyms(place, kind, record)
    return SYNTHETIC


def _told(found: list[Finding], done: dict[str, str], after: dict[tuple[str, str], str], wanted: Sequence[Rule]) -> list[Finding]:
    by_id = {rule.id: rule for rule in wanted}
    told: list[Finding] = []
    for finding in found:
        action = done.get(finding.field, after.get((finding.rule, finding.field), finding.action))
        if action == finding.action and not (finding.violates and finding.field in done):
            continue
        rule = by_id[finding.rule]
        about = finding_of(rule, finding.field, action, stage="generation", why=_LEFT if action == NONE else "")
        told.append(replace(about, severity=finding.severity))
    return told
