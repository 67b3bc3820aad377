"""The example file does what its comments say."""

import csv
from pathlib import Path

import pyarrow.parquet as pq

from synth_sdk import Synth

EXAMPLE = Path(__file__).parents[3] / "examples" / "batch.yaml"


def test_the_example_makes_a_shop_whose_keys_lead_to_rows_that_exist(tmp_path):
    synth = Synth(env={"SYNTH_HOME": str(tmp_path / "home")})
    plan = synth.plan_batch(EXAMPLE, output=tmp_path / "shop")
    assert next(job.name for job in plan.jobs) == "customers"
    result = synth.batch(EXAMPLE, parallel=1, output=tmp_path / "shop")
    assert result.status == "success"
    with (tmp_path / "shop" / "customers.csv").open(newline="") as stream:
        mails = {int(row["id"]): row["email"] for row in csv.DictReader(stream)}
    orders = pq.read_table(tmp_path / "shop" / "orders.parquet").to_pylist()
    assert len(orders) == 1000
    assert all(mails[row["customer_id"]] == row["customer_email"] for row in orders)
    assert {path.name for path in (tmp_path / "shop" / "support").iterdir()} == {"1.jsonl", "2.jsonl"}
