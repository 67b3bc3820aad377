"""One budget for many jobs, with the models of a loopback server that keeps its own bill."""

from contextlib import closing

import pytest

from synth_sdk import Synth
from synth_sdk.core.errors import RequestError
from synth_sdk.router import Ledger
from tests.support.provider_server import Fault, ProviderServer

ROWS = {
    "kind": "json",
    "count": 12,
    "mode": "llm",
    "model": "gemini-flash-lite",
    "records_per_call": 1,
    "concurrency": 4,
    "schema": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"], "additionalProperties": False},
}


@pytest.fixture
def server():
    with ProviderServer(latency=(0.005, 0.02), by_brief=True) as running:
        yield running


def jobs(**more):
    return {name: {**ROWS, "seed": number, **more} for number, name in enumerate(("a", "b"))}


def test_all_jobs_together_never_pass_the_budget_nor_one_its_own_and_failures_stay_alone(batch):
    """A record costs about 120 micro-dollars: there is money for 16 of 36, and for 4 of the first job's."""
    wanted = {"c": {**ROWS, "budget": "0.0006", "seed": 9}} | jobs()
    wanted |= {"d": {"kind": "text", "mode": "offline"}, "out": {**ROWS, "model": "deepseek-v4-flash", "seed": 5}}
    faults = [Fault("unauthorized", "openrouter")]
    with ProviderServer(latency=(0.005, 0.02), by_brief=True, faults=faults) as server:
        result = batch.run(wanted, env=server.env("gemini", "openrouter"), budget="0.002", parallel=2)
    assert 1000 < server.bill_micros <= result.spent + result.held <= 2000
    assert 0 < result.jobs["c"].spent + result.jobs["c"].held <= 600
    assert result.spent == sum(job.spent for job in result.jobs.values())
    assert (result.status, result.jobs["d"].status, result.jobs["out"].status) == ("partial", "success", "failed")
    assert any("budget" in job.error for job in result.jobs.values())
    assert "deepseek" in result.jobs["out"].error
    for job in batch.state()["jobs"].values():
        assert job["records"] == (len(batch.rows(job["output"])) if job["records"] else 0)


def test_what_an_unfinished_batch_spent_counts_until_it_is_complete(batch, server, tmp_path):
    env = server.env("gemini")
    first = batch.run(jobs(), env=env, budget="0.0005", parallel=1)
    assert first.status in ("partial", "failed")
    assert 0 < server.bill_micros <= first.spent + first.held <= 500
    whole = batch.run(jobs(), env=env, budget="1", parallel=1)
    assert whole.status == "success"
    assert [len(batch.rows(f"{name}.jsonl")) for name in "ab"] == [12, 12]
    assert server.bill_micros <= whole.spent <= server.bill_micros + len(server.requests)  # each call is rounded up
    assert len(server.requests) == 24  # no record twice
    with closing(Ledger(tmp_path / "home" / "ledger.sqlite3")) as ledger:
        account = ledger.open_account(f"batch {whole.fingerprint}", 1, fresh_when_finished=True)
        assert (account.epoch, account.spent_micros) == (2, 0)  # it was closed: the next one begins at nothing


def test_without_keys_nothing_begins(batch):
    with pytest.raises(RequestError, match=r"job 'a': .*GEMINI_API_KEY"):
        batch.run(jobs(), budget="1")
    assert not batch.folder.exists()


def test_the_plan_forecasts_each_job_and_all(batch, server):
    batch.write(jobs())
    plan = Synth(env=server.env("gemini")).plan_batch("jobs.yaml", output="out", budget="0.5")
    assert [job.cap for job in plan.jobs] == [500_000] * 2
    low, expected, high = plan.cost
    assert 0 < low <= expected <= high <= 500_000
    assert expected == pytest.approx(sum(job.plan.cost.median for job in plan.jobs), abs=2)
    assert not server.requests
