"""What two runs differ in."""

from synth_sdk.history.differences import differences
from tests.history.support import entry, report


def run(number, records, top, digest, version, **more):
    field = {"count": records, "nulls": 0, "distinct": len(top), "top": top}
    told = report(50 * number, **more)
    told["data_quality_metrics"]["distribution_analysis"] = {"plan": field}
    told["manifest"] = {"row_digest": digest, "versions": {"synth": version, "Faker": "33"}}
    told["stages"] = [{"name": "write", "ms": 10.0 * number, "told": ""}]
    return entry(number, records=records, count=records, request={"count": records, "masks": {"a": "hash"}}, report=told)


def test_each_section_names_what_changed():
    told = differences(
        run(1, 100, {"free": 50, "pro": 50}, "aa", "0.1"),
        run(2, 200, {"free": 100, "pro": 60, "team": 40}, "bb", "0.2", spent="1.00"),
    )
    assert told["same"] == {"fingerprint": True, "seed": True, "schema": True, "content": False}
    assert told["request"] == {"count": [100, 200]}
    assert told["outcome"] == {"records": [100, 200]}
    assert told["versions"] == {"synth": ["0.1", "0.2"]}
    assert told["cost"] == {"spent_usd": ["0", "1.00"]}
    assert told["time"] == {"milliseconds": [50.0, 100.0], "write.ms": [10.0, 20.0]}
    plan = "distribution_analysis.plan"
    assert told["quality"] == {
        f"{plan}.distinct": [2, 3],
        f"{plan}.top.pro": [0.5, 0.3],  # shares: 50 of 100 "free" is as much as 100 of 200
        f"{plan}.top.team": [None, 0.2],
    }


def test_a_run_is_like_itself():
    one = run(1, 100, {"free": 100}, "aa", "0.1")
    assert set(differences(one, one)) == {"runs", "started_at", "same"}
    assert differences(one, one)["same"]["content"] is True


def test_what_isnt_known_is_neither():
    refused = entry(1, report={}, fingerprint="")
    assert differences(refused, entry(2))["same"] == {"fingerprint": None, "seed": True, "schema": True, "content": None}
