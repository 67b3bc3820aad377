"""A batch in a folder of its own."""

import json
import multiprocessing
from types import SimpleNamespace

import pytest

from synth_sdk import Synth
from synth_sdk.client.batch import crew

PEOPLE = {
    "type": "object",
    "properties": {"id": {"type": "integer", "x-synth": {"unique": True}}, "name": {"type": "string"}},
    "required": ["id", "name"],
}


@pytest.fixture(autouse=True)
def _forked_workers(monkeypatch):
    """Workers of this process are forked from one that has imported everything. Those of commands, scripts and docs are spawned."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.support.everything"])
    monkeypatch.setattr(crew, "multiprocessing", SimpleNamespace(get_context=lambda _: context))


@pytest.fixture
def batch(tmp_path, monkeypatch):
    """`batch(jobs, **top)` writes the file `jobs.yaml` (JSON is YAML) and runs it into `out`; `batch.plan(jobs)` only plans it."""
    monkeypatch.chdir(tmp_path)

    class Batch:
        folder = tmp_path / "out"

        def write(self, jobs, **top):
            (tmp_path / "jobs.yaml").write_text(json.dumps({"jobs": jobs, **top}))

        def run(self, jobs, *, env=None, parallel=2, budget=None, force=False, watch=None, **top):
            self.write(jobs, **top)
            return Synth(env={"SYNTH_HOME": str(tmp_path / "home"), **(env or {})}).batch(
                "jobs.yaml", parallel=parallel, output="out", budget=budget, force=force, watch=watch
            )

        def plan(self, jobs, **top):
            self.write(jobs, **top)
            return Synth(env={"SYNTH_HOME": str(tmp_path / "home"), "CITY": "Graz"}).plan_batch("jobs.yaml", output="out")

        def rows(self, name):
            return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]

        def state(self):
            return json.loads((self.folder / "batch.json").read_text())

    return Batch()
