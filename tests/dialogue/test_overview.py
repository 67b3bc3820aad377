import pytest

from synth_sdk.core.errors import OutputError, RequestError
from synth_sdk.dialogue import builtin_packs, check, lint, load_pack, play
from synth_sdk.dialogue.overview import new_pack, pack_page, pack_rows


def test_rows_name_every_pack():
    rows = {row["name"]: row for row in pack_rows()}
    assert list(rows) == builtin_packs()
    support = rows["customer_support"]
    assert support["languages"][0] == "en"
    assert support["goals"] == len(load_pack("customer_support").goals)
    assert support["description"].endswith(".")


def test_a_page_tells_what_a_pack_holds(write_pack, library):
    page = pack_page(str(write_pack()))
    assert page["goals"] == [{"name": "renew", "weight": 1.0, "feasible": True, "wants": "to renew a book"}]
    assert page["tools"] == [
        {
            "name": "renew_loan",
            "description": "Renew a loan by three weeks.",
            "parameters": [{"name": "loan_id", "type": "string", "required": True}],
            "errors": ["loan_not_found"],
        }
    ]
    assert page["frames"] == sum(len(act.frames) for act in library.acts.values())
    assert {act["name"]: act["frames"] for act in page["acts"]}["thanks"] == 2


def test_a_new_pack_is_clean_and_plays(tmp_path, start):
    path = new_pack("bike_shop", str(tmp_path / "bike_shop.yaml"))
    pack = load_pack(path)
    assert pack.name == "bike_shop"
    assert [finding.rule for finding in lint(pack)] == ["templated"]
    metas = [check(play(pack, 1, index, start))["meta"] for index in range(200)]
    assert {meta["goal"] for meta in metas} == {goal.name for goal in pack.goals}
    assert {fault for meta in metas for fault in meta["faults"]} == {"not_found", "timeout"}
    assert all(meta["success"] == meta["feasible"] for meta in metas)


def test_a_new_pack_overwrites_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("x")
    with pytest.raises(OutputError, match="exists"):
        new_pack("mine")
    assert (tmp_path / "mine.yaml").read_text() == "x"
    with pytest.raises(OutputError, match="can't be written"):
        new_pack("mine", "none/mine.yaml")


@pytest.mark.parametrize("name", ["a b", "", "../x", "1st", "pack: x", "a" * 65, "naïve", "x\n"])
def test_a_name_is_a_plain_word(name):
    with pytest.raises(RequestError, match="not a plain word"):
        new_pack(name)
