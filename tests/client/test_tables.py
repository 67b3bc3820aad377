"""Relational sets delivered: folders, documents, Python, the command line."""

import asyncio
import csv
import gzip
import json
import sqlite3
import subprocess
from contextlib import closing
from typing import Any

import pyarrow.parquet as pq
import pytest

from synth_sdk import Synth
from synth_sdk.client.schemas import check_schema
from synth_sdk.core.errors import OutputError, RequestError
from tests.support.warm import warm_synth

SHOP: dict[str, Any] = {
    "tables": {
        "orders": {
            "per": {"table": "customers", "min": 0, "max": 5},
            "schema": {
                "id": "integer",
                "customer_id": {"x-synth": {"ref": "customers.id"}},
                "customer_email": {"x-synth": {"ref": "customers.email"}},
                "after_id": {"type": "integer", "nullable": True, "ref": "orders.id"},
            },
        },
        "customers": {"schema": {"id": "integer", "email": "email", "name": "name"}},
        "items": {
            "per": {"table": "orders", "min": 1, "max": 3},
            "schema": {"order_id": {"x-synth": {"ref": "orders.id"}}, "sku": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{6}$", "unique": True}},
        },
    }
}  # fmt: skip


@pytest.fixture(scope="module")
def shop() -> Any:
    return Synth().generate("json", schema=SHOP, count=50, seed=4)


def test_in_memory(shop: Any) -> None:
    assert list(shop.tables) == ["customers", "orders", "items"]
    assert len(shop.tables["customers"]) == 50
    emails = {customer["id"]: customer["email"] for customer in shop.tables["customers"]}
    assert all(emails[order["customer_id"]] == order["customer_email"] for order in shop.tables["orders"])
    assert shop.results["orders"].to_arrow().to_pylist() == shop.tables["orders"]
    for look in (lambda: shop.records, shop.to_arrow):
        with pytest.raises(RequestError, match=r"result\.tables\['customers'\]"):
            look()
    assert Synth().generate("json", schema={"a": "integer"}, count=1).tables == {}


def test_the_report_tells_of_each_table_and_of_all(shop: Any) -> None:
    told = shop.report.to_dict()
    sizes = {name: len(rows) for name, rows in shop.tables.items()}
    assert {name: one["records_generated"] for name, one in told["tables"].items()} == sizes
    assert told["status"] == "success"
    assert (
        told["records_generated"]
        == told["manifest"]["rows"]
        == told["origins"]["offline"]
        == sum(sizes.values())
        == len(shop.provenance)
    )
    assert told["plan"]["count"] == sum(sizes.values())
    assert told["data_quality_metrics"]["uniqueness_score"] == 1
    assert "orders.customer_id" in told["data_quality_metrics"]["distribution_analysis"]
    assert Synth().plan("json", schema=SHOP, count=50, seed=4).to_dict() == told["plan"]


def test_the_report_of_a_set_has_one_clock_and_tells_what_was_estimated(tmp_path: Any) -> None:
    Synth().write(f"{tmp_path}/shop/", "json", schema=SHOP, count=9000, seed=4, format="jsonl", report=f"{tmp_path}/r.json")
    told = json.loads((tmp_path / "r.json").read_text())
    moments = [(at["ms"], at["records"]) for at in told["timeline"]]
    assert moments == sorted(moments)
    assert moments[-1] == (max(ms for ms, _ in moments), told["records_generated"])
    assert moments[-1][0] <= told["execution_time_ms"]
    quality = told["data_quality_metrics"]
    tables = [one["data_quality_metrics"] for one in told["tables"].values()]
    assert quality["rows_looked_at"] == sum(one["rows_looked_at"] for one in tables)
    assert quality["edge_case_coverage"]["possible"] == sum(one["edge_case_coverage"]["possible"] for one in tables)
    assert any(note.startswith("customers: ") for note in quality["notes"])
    stages = {one["name"]: one["told"] for one in told["stages"]}
    assert stages["compliance"] == "no framework asked for"  # once for all tables
    assert stages["batches"].startswith("customers: 9,000 of 9,000 records")


def test_streams_are_pairs_and_have_async_twins(shop: Any) -> None:
    pairs = [(name, row) for name, rows in shop.tables.items() for row in rows]
    assert list(Synth().stream("json", schema=SHOP, count=50, seed=4)) == pairs

    async def collect() -> Any:
        streamed = [pair async for pair in Synth().astream("json", schema=SHOP, count=50, seed=4)]
        return streamed, (await Synth().agenerate("json", schema=SHOP, count=50, seed=4)).tables

    assert asyncio.run(collect()) == (pairs, shop.tables)


def test_a_folder_holds_a_file_for_each_table(shop: Any, tmp_path: Any) -> None:
    for kind, read in (
        ("jsonl", lambda path: [json.loads(line) for line in path.read_text("utf-8").splitlines()]),
        ("parquet", lambda path: pq.read_table(path).to_pylist()),
    ):
        report = Synth().write(f"{tmp_path}/{kind}/", "json", schema=SHOP, count=50, seed=4, format=kind)
        manifest = json.loads((tmp_path / kind / "_manifest.json").read_text())
        assert manifest["fingerprint"] == report.fingerprint
        for name, told in manifest["tables"].items():
            assert read(tmp_path / kind / told["file"]) == shop.tables[name]
            assert told["rows"] == len(shop.tables[name])
    assert shop.save(f"{tmp_path}/csv/", "csv") == f"{tmp_path}/csv/"
    with (tmp_path / "csv" / "customers.csv").open(encoding="utf-8", newline="") as file:
        assert [row["email"] for row in csv.DictReader(file)] == [row["email"] for row in shop.tables["customers"]]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_one_json_document(shop: Any, tmp_path: Any) -> None:
    Synth().write(f"{tmp_path}/shop.json.gz", "json", schema=SHOP, count=50, seed=4)
    assert json.loads(gzip.decompress((tmp_path / "shop.json.gz").read_bytes())) == shop.tables
    shop.save(f"{tmp_path}/kept.json")
    assert json.loads((tmp_path / "kept.json").read_text("utf-8")) == shop.tables


def test_sql_loads_with_foreign_keys_on(shop: Any, tmp_path: Any) -> None:
    Synth().write(f"{tmp_path}/shop.sql", "json", schema=SHOP, count=50, seed=4)
    with closing(sqlite3.connect(":memory:")) as base:
        base.execute("PRAGMA foreign_keys = ON")
        base.executescript((tmp_path / "shop.sql").read_text("utf-8"))
        assert base.execute("PRAGMA foreign_key_check").fetchall() == []
        assert {row[2:5] for row in base.execute("PRAGMA foreign_key_list(orders)")} == {
            ("customers", "customer_id", "id"),
            ("orders", "after_id", "id"),
        }
        assert base.execute("SELECT count(*) FROM items JOIN orders ON orders.id = order_id").fetchone() == (
            len(shop.tables["items"]),
        )
        for statement in ("INSERT INTO items VALUES (999999, 'x')", "INSERT INTO items SELECT * FROM items LIMIT 1"):
            with pytest.raises(sqlite3.IntegrityError):
                base.execute(statement)
    for dialect, has in (("postgres", True), ("mysql", True)):
        Synth().write(f"{tmp_path}/{dialect}.sql", "json", schema=SHOP, count=5, sql_dialect=dialect)
        text = (tmp_path / f"{dialect}.sql").read_text("utf-8").replace("`", '"')
        assert ('FOREIGN KEY ("customer_id") REFERENCES "customers" ("id")' in text) is has
        assert ('PRIMARY KEY ("sku")' in text) is (dialect == "postgres")  # long texts are no keys in MySQL


def test_tables_without_rows_are_there(tmp_path: Any) -> None:
    seeds = [seed for seed in range(40) if not Synth().generate("json", schema=SHOP, count=1, seed=seed).tables["orders"]]
    assert seeds
    for name in ("x.sql", "x.json", "x/"):
        Synth().write(f"{tmp_path}/{name}", "json", schema=SHOP, count=1, seed=seeds[0])
    assert {name: len(rows) for name, rows in json.loads((tmp_path / "x.json").read_text()).items()} == {
        "customers": 1,
        "orders": 0,
        "items": 0,
    }
    assert (tmp_path / "x" / "items.jsonl").read_bytes() == b""
    with closing(sqlite3.connect(":memory:")) as base:
        base.executescript((tmp_path / "x.sql").read_text("utf-8"))
        assert base.execute("SELECT count(*) FROM items").fetchone() == (0,)


def test_what_does_not_fit_a_set_is_refused_and_nothing_is_left(tmp_path: Any) -> None:
    for options, says in (
        ({"output": f"{tmp_path}/shop.csv"}, "holds one table: write a folder"),
        ({"output": "-", "format": "jsonl"}, "holds one table"),
        ({"output": f"{tmp_path}/no/shop.json"}, "does not exist"),
        ({"output": f"{tmp_path}/x.json", "provenance": f"{tmp_path}/p"}, "every row of a set is made offline"),
        ({"output": f"{tmp_path}/x.json", "table": "t"}, "names of their own"),
        ({"output": f"{tmp_path}/x.json", "report": f"{tmp_path}/x.json"}, "name the same file"),
        (
            {"output": f"{tmp_path}/x/", "schema": {"tables": {"a": {"schema": {"b": {"x-synth": {"ref": "c.d"}}}}}}},
            "no table 'c'",
        ),
        (
            {"output": f"{tmp_path}/x/", "schema": {"tables": {"a": {"schema": {"b": {"type": "boolean", "unique": True}}}}}},
            "unique|different",
        ),
    ):
        with pytest.raises((RequestError, OutputError), match=says):
            Synth().write(**{"kind": "json", "schema": SHOP, **options})  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="always made offline"):
        Synth().generate("json", schema=SHOP, mode="llm", budget="1")
    assert list(tmp_path.iterdir()) == []


def test_a_budget_is_not_touched() -> None:
    report = Synth(env={}).generate("json", schema=SHOP, count=3, budget="1").report
    assert report.warnings == ["a set of tables is always made offline: the budget is not touched"]
    assert report.to_dict()["cost"]["spent_usd"] == "0"


def synth(folder: Any, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([warm_synth(), *words], cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_the_command_line_with_workers(tmp_path: Any) -> None:
    (tmp_path / "shop.json").write_text(json.dumps(SHOP))
    for workers in ("1", "2"):
        done = synth(tmp_path, "generate", "json", "--schema", "shop.json", "-n", "9000", "-o", f"{workers}/", "--workers", workers, "--report", f"{workers}.json")  # fmt: skip
        assert done.returncode == 0, done.stderr
    files = [{path.name: path.read_bytes() for path in (tmp_path / workers).iterdir()} for workers in ("1", "2")]
    assert files[0] == files[1]
    assert set(files[0]) == {"customers.jsonl", "orders.jsonl", "items.jsonl", "_manifest.json"}
    assert json.loads((tmp_path / "2.json").read_text())["tables"]["customers"]["records_generated"] == 9000
    emails = {one["id"]: one["email"] for one in map(json.loads, files[1]["customers.jsonl"].splitlines())}
    assert all(
        emails[one["customer_id"]] == one["customer_email"] for one in map(json.loads, files[1]["orders.jsonl"].splitlines())
    )


def test_standard_output_and_preview(tmp_path: Any) -> None:
    (tmp_path / "shop.json").write_text(json.dumps(SHOP))
    done = synth(tmp_path, "generate", "json", "--schema", "shop.json", "-n", "4")
    assert list(json.loads(done.stdout)) == ["customers", "orders", "items"]
    shown = synth(tmp_path, "preview", "json", "--schema", "shop.json", "-n", "2").stdout
    assert [line for line in shown.splitlines() if line.startswith("---")][:3] == [
        "--- customers 1",
        "--- customers 2",
        "--- orders 1",
    ]


def test_a_set_is_checked_table_by_table() -> None:
    assert [finding for finding in check_schema(SHOP) if finding.level == "error"] == []
    (unknown,) = check_schema({"tables": {"a": {"schema": {"b": {"x-synth": {"ref": "c.d"}}}}}})
    assert (unknown.level, unknown.pointer) == ("error", "/tables/a/schema/properties/b")
    few = {"tables": {"a": {"schema": {"b": {"type": "string", "enum": ["x", "y"], "unique": True}}}}}
    assert "only 2 different values" in next(finding.message for finding in check_schema(few, 3))
    assert [finding for finding in check_schema(few, 2) if finding.level == "error"] == []
