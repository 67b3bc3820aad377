"""`synth templates --like`, `synth schema show`, and what `synth schema suggest` says of schemas like one's own."""

import json

MINE = json.dumps(
    {"orderNumber": "string", "customerId": "integer", "channel": "string", "shippingFee": "number", "shippedAt": "datetime"}
)


def test_like_a_schema_then_like_a_run(synth, tmp_path):
    (tmp_path / "mine.json").write_text(MINE)
    done = synth("templates", "--like", "mine.json")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0].split()[1:3] == ["pattern", "ecommerce.orders"]
    assert done.out.splitlines()[1].strip() == "synth generate json --schema ecommerce.orders -n 1000 -o orders.csv"
    synth("generate", "json", "--schema", "mine.json", "-n", "5", "-o", "five.csv")
    told = json.loads(synth("templates", "--like", "five.csv", "--json").out)
    assert [(one["source"], one["how"].get("count")) for one in told] == [("run", 5), ("pattern", None)]
    assert told[0]["how"]["command"] == "synth generate json --schema mine.json -n 5 --seed 0 -o five.csv"


def test_nothing_like_it(synth, tmp_path):
    (tmp_path / "stars.json").write_text('{"hip": "integer", "constellation": "string", "magnitude": "number"}')
    done = synth("templates", "--like", "stars.json")
    assert (done.code, done.out) == (0, "")
    assert done.err == "synth: nothing is like stars.json: neither a pattern nor an earlier run\n"
    assert synth("templates", "--like", "gone.csv").code == 2


def test_templates_as_json(synth):
    assert json.loads(synth("templates", "--category", "schema", "--json").out) == [
        "ecommerce",
        "finance",
        "healthcare",
        "logistics",
        "saas",
    ]


def test_suggest_names_what_is_like_it_and_proposes_its_annotations(synth, tmp_path):
    (tmp_path / "mine.json").write_text(MINE)
    done = synth("schema", "suggest", "mine.json")
    assert "'channel' is so in table orders of pattern ecommerce" in done.out
    assert done.err.startswith("synth: like table orders of pattern ecommerce (0.")
    assert [
        one["safe"]
        for one in json.loads(synth("schema", "suggest", "mine.json", "--json").out)
        if one["why"].endswith("ecommerce")
    ] == [False, False]
    assert "enum" not in synth("schema", "suggest", "mine.json", "--apply").out


def test_suggest_without_a_history_that_can_be_read(synth, tmp_path):
    (tmp_path / "mine.json").write_text(MINE)
    done = synth("schema", "suggest", "mine.json", env={"SYNTH_HISTORY": str(tmp_path)})
    assert done.code == 0
    assert "like table orders" in done.err


def test_show_and_start_from_it(synth, tmp_path):
    text = synth("schema", "show", "finance").out
    (tmp_path / "bank.yaml").write_text(text)
    assert text.startswith("# Finance: ")
    done = synth("schema", "check", "bank.yaml")
    assert (done.code, done.err) == (0, "synth: 0 errors, 0 further findings\n")
    assert next(iter(json.loads(synth("schema", "show", "finance", "--json").out)["tables"])) == "currencies"
    assert json.loads(synth("schema", "show", "finance.loans").out)["properties"]["customer_id"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 1000,
    }
    unknown = synth("schema", "show", "finanze")
    assert (unknown.code, unknown.err) == (2, "synth: error: unknown pattern 'finanze': did you mean finance?\n")


def test_a_pattern_by_name(synth, tmp_path):
    done = synth("generate", "json", "--schema", "saas", "-n", "50", "-o", "saas/", "--format", "csv")
    assert done.code == 0
    assert len(list((tmp_path / "saas").glob("*.csv"))) == 8
    wrong = synth("generate", "json", "--schema", "sas")
    assert wrong.code == 2
    assert "or did you mean the pattern saas?" in wrong.err
