"""The command line: kinds and relational sets into databases."""

import json

import pytest

from tests.support.commands import Place as Folder

SHOP = """
tables:
  customers:
    count: 50
    schema: {id: integer, name: name, email: email}
  orders:
    per: {table: customers, min: 0, max: 5}
    schema: {id: integer, customer_id: {x-synth: {ref: customers.id}}, total: number}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "shop.yaml").write_text(SHOP)
    return Folder(tmp_path)


@pytest.mark.parametrize("workers", [1, 2])
def test_profiles_arrive_once_whatever_the_workers(postgres, folder, workers):
    words = ("generate", "user_profile", "-n", 3000, "--workers", workers, "-o", postgres.url(table="users"))
    code, told = folder.run(*words, "--report", "report.json")
    assert code == 0, told
    report = json.loads((folder.folder / "report.json").read_text())
    assert report["records_generated"] == len(postgres.rows("users")) == 3000
    assert postgres.run("SELECT rows, row_digest FROM _synth_loads") == [(3000, report["manifest"]["row_digest"])]
    code, told = folder.run(*words, "--if-exists", "append")
    assert code == 0, told
    assert "already loaded: table 'users' holds these 3,000 rows" in told
    assert folder.run(*words, "--seed", 5)[0] == 2
    assert len(postgres.rows("users")) == 3000


def test_a_set_arrives_with_its_keys(place, folder):
    code, told = folder.run("generate", "json", "--schema", "shop.yaml", "-o", place.url())
    assert code == 0, told
    assert place.tables() == {"customers", "orders"}
    assert place.run("SELECT count(*) FROM orders") == place.run(
        "SELECT count(*) FROM orders JOIN customers ON customers.id = customer_id"
    )


def test_what_is_wrong_is_exit_2_and_shows_no_password(folder):
    code, told = folder.run("generate", "user_profile", "-o", "postgresql://me:s3cret-word@127.0.0.1:1/db")
    assert code == 2, told
    assert "is a server running there?" in told
    assert "s3cret-word" not in told
    assert "Traceback" not in told
