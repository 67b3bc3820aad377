"""What happens to batches on their way: mended and counted, the same however the rows are cut."""

import pickle
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.core.batches import Records
from synth_sdk.core.findings import Finding, Findings
from synth_sdk.core.generators import Made, Provenance
from synth_sdk.core.stages import STAGES, Stages
from synth_sdk.pipeline.blocks import block_of, grid
from synth_sdk.pipeline.inspection import Inspected, Inspection
from synth_sdk.pipeline.offline import Encode, Make
from synth_sdk.pipeline.shards import WritePart
from synth_sdk.sinks import Shape
from synth_sdk.sinks.jsonl import JsonlFormat
from synth_sdk.sinks.places import LocalPlace
from tests.pipeline.support import ColumnNumbers, Numbers

ODD = Finding(
    rule="odd",
    framework="TEST",
    citation="1",
    field="n",
    severity="error",
    stage="output",
    action="masked",
    message="odd",
    count=1,
)


@dataclass(frozen=True)
class Evener:
    """Makes odd numbers even, and says so."""

    def inspect(self, batch, start):
        findings = Findings()
        records = [dict(record) for record in batch.records()]
        for record in records:
            if record["n"] % 2:
                record["n"] -= 1
                findings.add(ODD)
        return (Records(records) if len(findings) else batch), findings


GUARDED = Inspection(guard=Evener(), profiled=True)


def found(known):
    return (
        [finding.to_dict() for finding in known.findings],
        known.measures.quality(valid=1),
        known.profile and known.profile.metrics(),
    )


@pytest.mark.parametrize("kind", [Numbers, ColumnNumbers])
def test_what_is_delivered_and_measured_is_what_the_guard_let_through(kind):
    block = Make(GUARDED)(kind(), range(10))
    assert [record["n"] for record in block.content.records()] == [0, 0, 2, 2, 4, 4, 6, 6, 8, 8]
    assert block.measures.fields["n"].high == 8
    assert [finding.count for finding in block.known.findings] == [5]
    assert block.known.profile.metrics()["distribution_analysis"]["n"]["max"] == 8


def test_every_work_inspects(tmp_path):
    works = [
        Make(GUARDED),
        Make(GUARDED, plain=True),
        Encode(JsonlFormat().encoder(Shape()), GUARDED),
        WritePart(LocalPlace(str(tmp_path)), "jsonl", ".jsonl", Shape(), 100, inspection=GUARDED),
    ]
    told = [found(work(ColumnNumbers(), range(30)).known) for work in works]
    assert all(one == told[0] for one in told)
    assert all(json_line_is_even(line) for line in (tmp_path / "part-00000.jsonl").read_text().splitlines())


def json_line_is_even(line):
    return int(line.removeprefix('{"n":').removesuffix("}")) % 2 == 0


def test_records_that_models_wrote_are_inspected_too():
    bought = Provenance(origin="llm")
    made = [
        Made(index=at, record={"n": at}, provenance=bought if at != 3 else None, reason="" if at != 3 else "no")
        for at in range(6)
    ]
    block = block_of(Numbers(), made, GUARDED)
    assert [record["n"] for record in block.content.records()] == [0, 0, 2, 4, 4]
    assert block.missing == [(3, "no")]
    assert [finding.count for finding in block.known.findings] == [2]


@pytest.mark.parametrize("kind", [Numbers, ColumnNumbers])
@given(st.integers(1, 40), st.permutations(range(6)))
def test_what_is_known_of_parts_merges_into_what_is_known_of_all(kind, size, order):
    work, rows = Make(GUARDED), range(60)
    whole, merged = work(kind(), rows).known, Inspected()
    parts = list(grid(rows, size))
    for at in sorted(range(len(parts)), key=lambda at: order[at % 6]):
        merged.merge(work(kind(), parts[at]).known)
    assert found(merged) == found(whole)


def test_what_isnt_wanted_isnt_done():
    known = Make(Inspection(measured=False))(ColumnNumbers(), range(5)).known
    assert (known.measures.records, known.profile, len(known.findings)) == (0, None, 0)


def test_it_pickles_with_its_work():
    work = pickle.loads(pickle.dumps(replace(Make(), inspection=Inspection(profiled=True))))  # noqa: S301 - ours
    assert work(ColumnNumbers(), range(3)).known.profile.metrics()["distribution_analysis"]["n"]["count"] == 3


def test_stages_are_told_in_their_order_and_add_up():
    stages, other = Stages(), Stages()
    with stages.timed("write"):
        pass
    other.add("write", 2.0)
    stages.merge(other.seconds)
    stages.told["write"] = "out.csv"
    told = stages.to_list()
    assert tuple(one["name"] for one in told) == STAGES
    written = told[STAGES.index("write")]
    assert written["ms"] >= 2000
    assert written["told"] == "out.csv"
