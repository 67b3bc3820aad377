"""What a page may not say: figures of nothing, tests that were left out, steps that were not taken."""

import pytest

from synth_sdk.reporting import compliance, facts, markdown, page, summary
from synth_sdk.reporting.again import again
from synth_sdk.reporting.fields import field_views
from synth_sdk.reporting.references import references, verdict
from synth_sdk.reporting.sample import compared, figures
from tests.reporting.support import sample

NOTHING = {
    "status": "failed",
    "records_generated": 0,
    "output_location": "out.jsonl",
    "data_quality_metrics": {
        "uniqueness_score": 0.0,
        "validity_score": 0.0,
        "completeness_score": 0.0,
        "edge_case_coverage": {"covered": 0, "possible": 0, "score": 1.0},
        "distribution_analysis": {},
    },
    "cost": {"budget_usd": "0.50", "spent_usd": "0", "held_usd": "0", "saved_by_cache_usd": "0", "by_model": {}},
    "request": {"kind": "conversation", "count": 10, "budget": "0.50"},
}


def test_no_records_have_no_scores():
    assert [*facts.scores(NOTHING)] == []
    assert "Edge cases" not in page(NOTHING)
    assert "- Validity: not measured" in markdown(NOTHING)


def test_nothing_lies_where_nothing_was_delivered():
    assert summary.where(NOTHING) == "nothing was delivered"
    assert "out.jsonl" not in markdown(NOTHING).split("## Output Location")[1].split("##")[0]


def test_what_models_write_is_not_promised_to_be_the_same():
    assert "on any machine and on any day" not in again(NOTHING).promise
    assert "on any machine and on any day" in again({"request": {"kind": "json"}, "cost": {"budget_usd": None}}).promise


@pytest.mark.parametrize(
    ("records", "ms", "said"),
    [(5, 26_300, "0.19 records a second"), (16, 16_000, "1 record a second"), (3000, 2757, "1,088 records a second")],
)
def test_how_fast(records, ms, said):
    tiles = {tile.name: tile for tile in summary.tiles({"records_generated": records, "execution_time_ms": ms})}
    assert tiles["Time"].note == said


def test_every_test_of_a_field_against_the_sample_is_told():
    columns, rows = compared(facts.comparison(sample("full")))
    told = {row[0]: dict(zip(columns, row[1:], strict=True)) for row in rows}
    assert told["age"]["KS distance"] == "0.021"
    assert told["charge_usd"]["p-value"] == "under 0.0001"
    assert (told["insurer"]["Chi-squared"], told["insurer"]["Degrees of freedom"], told["insurer"]["Total variation"]) == (
        "6.2",
        "4",
        "0.031",
    )
    assert (told["email"]["Kind"], told["email"]["KS distance"], told["email"]["Found in sample"]) == (
        "lengths of texts",
        "0.04",
        "0%",
    )


def test_figures_against_the_sample_say_what_they_mean():
    told = dict(figures(facts.comparison(sample("full"))))
    assert told["Classifier"].startswith("AUC 0.571 over 4,800 rows in 5 folds (0.5: it can't tell them apart")
    assert told["Nearer than 95% of the sample's rows"] == "4.8% of the records (5% by chance)"


def test_the_tile_of_a_comparison_is_a_word_and_not_half_a_sentence():
    tile = next(tile for tile in summary.tiles(sample("full")) if tile.name == "Against the sample")
    assert (tile.value, tile.note, tile.mood) == ("Hardly distinguishable", "classifier AUC 0.57", "good")


def test_references_are_a_row_each():
    found = sample("full")["data_quality_metrics"]["referential_integrity"]
    columns, rows = references(found)
    assert rows == [["patients.insurer to insurers.name", "10,000", "0", "0", "5", "0", "4,102"]]
    assert columns[:2] == ["References", "Orphans"]
    assert verdict(found) == "100% of the references lead to a row that is there"
    assert '"child"' not in page(sample("full"))


def test_what_became_of_findings_adds_up():
    for one in compliance.counted(sample("full")):
        assert one.findings == one.done + one.to_decide + one.to_know + one.standing


def test_warnings_that_wait_for_a_decision_are_not_said_to_be_dealt_with():
    open_warning = {"rule": "r", "framework": "GDPR", "severity": "warning", "action": "none", "message": "m"}
    told = {"compliance": {"frameworks": ["GDPR"], "status": "adjusted", "findings": [open_warning] * 2}}
    assert compliance.verdict(told) == "whatever a rule forbids was dealt with; 2 warnings wait for a decision"


def test_k_anonymity_is_told_in_words_and_of_each_table():
    one = {
        "quasi_identifiers": ["sex", "zip"],
        "records": 300,
        "k": 1,
        "classes": 300,
        "alone": 1.0,
        "records_in_classes_below": {"2": 300, "5": 300},
    }
    told = dict(compliance.anonymity({"patients": one}))
    assert told["patients: Records that stand alone"] == "100%"
    assert told["patients: Records in groups of fewer than 5"] == "300"


def test_objects_lists_and_truths_are_not_told_as_python_does():
    told = {
        "a": {"shape": "object", "top": {"dict of 5": 3, "dict of 1": 1}},
        "b": {"shape": "list", "top": {"list of 2": 2}},
        "c": {"shape": "categorical", "top": {"True": 1, "False": 2}},
        "d": {"shape": "categorical", "top": {"True": 1, "dict of 5": 2}, "lengths": {"min": 4}},
    }
    views = {
        view.name: [value for value, _ in view.top]
        for view in field_views({"data_quality_metrics": {"distribution_analysis": told}})
    }
    assert views == {"a": ["5 members", "1 member"], "b": ["2 items"], "c": ["true", "false"], "d": ["True", "dict of 5"]}


def test_one_value_is_no_histogram():
    field = {
        "count": 9,
        "nulls": 0,
        "min": 7,
        "max": 7,
        "mean": 7,
        "shape": "constant",
        "histogram": {"edges": [7, 7], "counts": [9]},
        "quantiles": {"0.05": 7, "0.95": 7},
    }
    text = page({"data_quality_metrics": {"distribution_analysis": {"x": field}}})
    assert "<svg" not in text.split('id="field-cards"')[1]
    assert "<dd>7</dd>" in text


def test_the_stage_that_writes_the_report_does_not_know_its_time():
    assert [stage.took for stage in facts.stages({"stages": [{"name": "report", "ms": 0}, {"name": "write", "ms": 0}]})] == [
        "-",
        "0 ms",
    ]
