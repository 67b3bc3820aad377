"""What we make ourselves, looked through as users' records are: what is found there is either really real-looking, or a false flag."""

import pytest

from synth_sdk.compliance.scanning import Scanner
from synth_sdk.core.batches import Records
from synth_sdk.core.plugins import load, names
from synth_sdk.core.spec import make_spec

SCANNER = Scanner.of(presidio=False)
# Without --compliance: phone numbers of the right form, a fifth of which some network could give out; the clinic's patients have dates of birth and
# record numbers, as patients do; papers are cited by their DOI.
REALLY = {
    "user_profile": {("phone", "phone")},
    "clinic": {
        ("birth_date", "messages[].content"),
        ("medical_record", "messages[].content"),
        ("medical_record", "messages[].tool_calls[].function.arguments"),
    },
    "research_assistant": {("url", "messages[].content"), ("url", "messages[].tool_calls[].function.arguments")},
}


def found(kind, **wish):
    batch = load("generators", kind)(make_spec(kind=kind, count=200, seed=3, **wish)).batch(range(200))
    return {(hit.detector.name, one.leaf.path) for one in SCANNER.scan(Records(batch.records())) for hit in one.hits}


@pytest.mark.parametrize(
    "kind", ["user_profile", "transaction", "log_event", "text", "tool_call", "agent_trace", "trajectory", "timeseries", "events"]
)
def test_nothing_of_a_kind_is_flagged_but_what_looks_real(kind):
    assert found(kind) <= REALLY.get(kind, set())


@pytest.mark.slow
@pytest.mark.parametrize("pack", sorted(names("packs")))
def test_nothing_of_a_pack_is_flagged_but_what_looks_real(pack):
    assert found("conversation", pack=pack) <= REALLY.get(pack, set())
