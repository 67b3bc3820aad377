"""What the rules say of a schema before anything is made from it: a finding for each field, or record, that a rule speaks of."""

from collections.abc import Callable, Iterator, Sequence

from synth_sdk.compliance.frameworks.fields import Kind
from synth_sdk.compliance.frameworks.rules import Rule, rules
from synth_sdk.compliance.settled import DERIVED, GENERALISED, NONE, RESERVED, state
from synth_sdk.compliance.walking import Place, Record, records
from synth_sdk.core.findings import Finding, Stage
from synth_sdk.core.models import Json
from synth_sdk.schema.names import snake

_DIRECT = frozenset({"name", "email", "phone", "address", "ssn", "national_id", "mrn"})
_SPECIAL = frozenset({"ethnicity", "politics", "religion", "union", "genetic", "biometric", "health", "sex_life"})
_SINGLING = frozenset({"birth_date", "gender", "zip"})
_DATED = frozenset({"created", "updated", "modified", "expires", "expiry", "expiration", "expire", "retention", "ttl", "deleted", "valid", "until", "timestamp", "registered", "joined", "recorded", "date"})  # fmt: skip
_SAID = {
    RESERVED: "its values come from a range that belongs to nobody",
    GENERALISED: "its values are coarse enough",
    DERIVED: "it is made from a field that is looked at itself",
    "removed": "left out of the schema and of every record",
    "synthetic": "its values are made up and belong to nobody's record",
}


def review(document: Json, names: Sequence[str]) -> list[Finding]:
    """What the frameworks `names` say of `document`, a JSON Schema or a set of tables: a finding for each field that a rule speaks of.

    An error that nothing was done about (`Finding.violates`) must not stand so in what is stored; a warning needs somebody's decision; info is
    worth knowing. Where the schema has dealt with it, the `action` says how. UnknownName for an unknown framework.
    """
    wanted = rules(names)
    return [finding for record in records(document) for finding in findings_of(record, wanted)]


def findings_of(record: Record, wanted: Sequence[Rule]) -> Iterator[Finding]:
    """The findings of one record, in the order of its fields."""
    spoken = list(record.spoken_of())
    actions: dict[tuple[str, str], str] = {}
    for place, kind in spoken:  # a path may be declared in several branches: what one leaves open is open
        for rule in wanted:
            if kind.category in rule.categories and actions.get((place.path, rule.id)) != NONE:
                actions[place.path, rule.id] = state(place, kind)
    by_id = {rule.id: rule for rule in wanted}
    yield from (finding_of(by_id[name], path, action) for (path, name), action in actions.items())
    for rule in wanted:
        if rule.when:
            for path, action in _TESTS[rule.when](record, spoken):
                yield finding_of(rule, path, action)


def finding_of(rule: Rule, field: str, action: str, *, stage: Stage = "schema", why: str = "") -> Finding:
    """The verdict of `rule` about `field`, about which `action` was done."""
    told = why or _SAID.get(action) or rule.remedy
    return Finding(
        rule=rule.id,
        framework=rule.framework,
        citation=rule.citation,
        field=field,
        severity=rule.severity,
        stage=stage,
        action=action,
        message=f"{rule.title}: {told}",
    )


Spoken = Sequence[tuple[Place, Kind]]
Test = Callable[[Record, Spoken], Iterator[tuple[str, str]]]


def _quasi_identifiers(record: Record, spoken: Spoken) -> Iterator[tuple[str, str]]:
    held = {kind.category: place for place, kind in spoken}
    if held.keys() >= _SINGLING:
        kinds = {kind.category: kind for _, kind in spoken}
        coarse = any(state(held[one], kinds[one]) == GENERALISED for one in ("birth_date", "zip"))
        yield record.name, GENERALISED if coarse else NONE


def _free_text(record: Record, spoken: Spoken) -> Iterator[tuple[str, str]]:
    for path in dict.fromkeys(place.path for place, kind in spoken if kind.category == "free_text"):
        yield path, NONE


def _undated(record: Record, spoken: Spoken) -> Iterator[tuple[str, str]]:
    dated = any(
        (place.kind and place.kind.category == "date") or _DATED & set(snake(place.name).split("_")) for place in record.places
    )
    if not dated and any(kind.category in _DIRECT for _, kind in spoken):
        yield record.name, NONE


def _named_special_category(record: Record, spoken: Spoken) -> Iterator[tuple[str, str]]:
    held = {kind.category for _, kind in spoken}
    if held & _SPECIAL and held & _DIRECT:
        yield record.name, NONE


_TESTS: dict[str, Test] = {
    "quasi_identifiers": _quasi_identifiers,
    "free_text": _free_text,
    "undated": _undated,
    "named_special_category": _named_special_category,
}
