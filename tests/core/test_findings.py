from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.core.findings import Finding, Findings

BASE = Finding(
    rule="r", framework="F", citation="c", field="f", severity="error", stage="output", action="masked", message="m", count=1
)
findings = st.builds(
    lambda rule, field, severity, action, count: replace(BASE, rule=rule, field=field, severity=severity, action=action, count=count),
    st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from(["info", "error"]), st.sampled_from(["masked", "none"]), st.integers(0, 5),
)  # fmt: skip


def of(items):
    found = Findings()
    found.extend(items)
    return found


@given(st.lists(findings), st.lists(findings))
def test_merging_is_as_if_all_had_been_added(first, second):
    merged = of(first)
    merged.merge(of(second))
    assert list(merged) == list(of([*second, *first])) == list(of([*first, *second]))
    assert sum(one.count for one in merged) == sum(one.count for one in [*first, *second])


def test_an_error_that_nothing_was_done_about_violates():
    done, info = replace(BASE, action="masked"), replace(BASE, severity="info", action="none")
    broken = replace(BASE, action="none")
    assert of([done, info, broken]).violations == [broken]


def test_a_finding_says_nothing_empty():
    told = replace(BASE, field="", example="").to_dict()
    assert told["field"] == ""
    assert "example" not in told
