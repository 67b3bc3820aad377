"""The rules: each with a schema that breaks it and one that keeps it, and numbers that stand where they are said to."""

import pytest

from synth_sdk.compliance.frameworks import FRAMEWORKS, frameworks, rules
from synth_sdk.compliance.review import review
from synth_sdk.core.errors import UnknownName


def holding(properties):
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def found(rule, properties):
    return [one for one in review(holding(properties), [rule.framework]) if one.rule == rule.id and one.action == "none"]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_each_rule_finds_its_violating_example_and_leaves_the_clean_one(rule):
    (finding,) = found(rule, rule.violating)
    assert (finding.framework, finding.citation, finding.severity, finding.stage) == (
        rule.framework,
        rule.citation,
        rule.severity,
        "schema",
    )
    assert finding.violates == (rule.severity == "error")
    assert rule.title in finding.message
    assert found(rule, rule.clean) == []


def test_ids_are_of_their_framework_and_occur_once():
    ids = [rule.id for rule in rules()]
    assert len(set(ids)) == len(ids)
    assert {rule.framework for rule in rules()} == set(FRAMEWORKS)
    assert all(rule.id.startswith(f"{rule.framework.lower()}/") for rule in rules())


def test_safe_harbor_has_its_eighteen_identifiers():
    letters = [rule.citation[-2] for rule in rules(["HIPAA"])]
    assert letters == list("ABCDEFGHIJKLMNOPQR")
    assert all(
        rule.citation == f"45 CFR 164.514(b)(2)(i)({letter})" for rule, letter in zip(rules(["HIPAA"]), letters, strict=True)
    )


def test_the_articles_and_requirements_that_are_covered():
    assert {rule.citation for rule in rules(["GDPR"])} == {
        f"GDPR art. {number}" for number in ("4(1)", "4(5)", "5(1)(c)", "5(1)(e)", "9(1)", "25(1)")
    }
    numbers = [rule.citation.removeprefix("PCI DSS v4.0.1, requirement ") for rule in rules(["PCI-DSS"])]
    assert numbers == ["3.3.1.1", "3.3.1.2", "3.3.1.3", "3.4.1", "3.5.1", "6.5.5"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["pci"], ("PCI-DSS",)),
        (["PCI DSS", "gdpr", "PCI-DSS"], ("GDPR", "PCI-DSS")),
        (["pcidss"], ("PCI-DSS",)),
        (["Hipaa"], ("HIPAA",)),
        ([], ()),
    ],
)
def test_names_of_frameworks(names, expected):
    assert frameworks(names) == expected


@pytest.mark.parametrize(
    ("name", "nearest"), [("GPDR", "GDPR"), ("HIPPA", "HIPAA"), ("PCI-DS", "PCI-DSS"), ("SOX", "choose one of")]
)
def test_an_unknown_framework_is_refused_with_the_nearest_name(name, nearest):
    with pytest.raises(UnknownName, match=nearest):
        frameworks([name])
