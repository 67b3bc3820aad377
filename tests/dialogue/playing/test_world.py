import random

import pytest

from synth_sdk.core.errors import PackError
from synth_sdk.dialogue import load_pack, play
from synth_sdk.dialogue.columns.chances import Chances
from synth_sdk.dialogue.columns.symbols import sample
from synth_sdk.dialogue.playing.world import build, call, changes


def built(pack, seed):
    env = {"now": "2025-03-01", "known": {}}
    chances = Chances(random.Random(seed))
    return build(pack, pack.goals[0], env, chances), env, chances


def test_a_tool_changes_the_world_and_says_so(library):
    rows, env, chances = built(library, 4)
    loan = rows["loan"][0]
    before, after = sample(loan["due"]), loan
    result, error = call(library.tools["renew_loan"], rows, env, {"loan_id": loan["id"]}, chances)
    assert error == ""
    assert sample(result) == {"loan_id": sample(loan["id"]), "due": sample(loan["due"])}
    assert loan["renewed"] is True
    assert sample(after["due"]) > before


def test_an_error_changes_nothing(library):
    rows, env, chances = built(library, 4)
    before = {name: list(entities) for name, entities in rows.items()}
    result, error = call(library.tools["renew_loan"], rows, env, {"loan_id": "none"}, chances)
    assert (error, result["error"]["code"]) == ("loan_not_found", "loan_not_found")
    assert changes(rows, before) == []


def test_fields_are_worked_out_when_somebody_looks(library):
    rows, _, chances = built(library, 1)
    assert not chances.draws
    assert sample(rows["loan"][0]["book"]) in ("Emma", "Dracula", "Walden")
    assert [draw.site for draw in chances.draws] == ["loan0.book"]


def test_fields_see_the_world_as_it_was(write_pack):
    path = write_pack("      renewed: false\n", "      renewed: false\n      first_due: =loan.due\n")
    pack = load_pack(path)
    rows, env, chances = built(pack, 2)
    loan = rows["loan"][0]
    call(pack.tools["renew_loan"], rows, env, {"loan_id": loan["id"]}, chances)
    assert sample(loan["first_due"]) < sample(loan["due"])


FIELDS = """
      kind: {pick: {a: 1, b: 1}}
      level: {by: =loan.kind, a: {range: [1, 3]}, else: 9}
      price: {money: [10, 20]}
      wrong: {typo: =loan.id}
      mail: {text: "{loan.kind} Ä.{loan.level}@x", lower: true}
      nothing: null
      other: {pick: [1, [2]]}
      lent: {pick: {true: 1, false: 1}}
      copies: {pick: {1: 1, 7: 1, none: 1}}
"""


def test_field_values(write_pack):
    pack = load_pack(write_pack("      renewed: false\n", f"      renewed: false{FIELDS}"))
    for seed in range(30):
        row = {key: sample(value) for key, value in built(pack, seed)[0]["loan"][0].items()}
        assert row["level"] in (1, 2, 3) if row["kind"] == "a" else row["level"] == 9
        assert 10 <= row["price"] < 21
        assert sum(x != y for x, y in zip(row["wrong"], row["id"], strict=True)) == 1
        assert row["mail"] == f"{row['kind']}a.{row['level']}@x"
        assert row["nothing"] is None
        assert row["lent"] is True or row["lent"] is False
        assert row["copies"] in (1, 7, "none")


def test_adding_removing_sorting_and_listing(write_pack):
    effect = """
      - {find: loans, in: loan, all: true, sort: due}
      - add: slip
        fields: {code: {pattern: "S-##"}, of: =args.loan_id}
      - {find: loan, where: row.id == args.loan_id}
      - set: {loan.renewed: true, loan.due: {date: =loan.due, plus: 21}}"""
    text = "      - {find: loan, where: row.id == args.loan_id}\n      - set: {loan.renewed: true, loan.due: {date: =loan.due, plus: 21}}"
    path = write_pack(text, effect.removeprefix("\n"))
    body = path.read_text().replace("  loan:\n    fields:", "  loan:\n    count: 3\n    fields:")
    path.write_text(
        body.replace(
            "returns: {loan_id: =loan.id,", "returns: {all: {each: loans, give: =row.id}, slip: =slip.code, loan_id: =loan.id,"
        )
    )
    pack = load_pack(path)
    rows, env, chances = built(pack, 1)
    dues = {sample(row["id"]): sample(row["due"]) for row in rows["loan"]}
    result, error = call(pack.tools["renew_loan"], rows, env, {"loan_id": rows["loan"][0]["id"]}, chances)
    assert error == ""
    assert sample(result["all"]) == sorted(dues, key=lambda name: dues[name])
    assert sample(rows["slip"][0]["code"]) == sample(result["slip"])


def test_a_pack_that_cannot_be_played_says_so(write_pack, start):
    pack = load_pack(write_pack("{date: =now, plus: [1, 9]}", "{date: someday, plus: [1, 9]}"))
    with pytest.raises(PackError, match="can't be played"):
        play(pack, 0, 0, start)


def test_a_broken_invariant_is_not_delivered(write_pack, start):
    pack = load_pack(write_pack("invariants: [loan.due > now]", "invariants: [loan.due < now]"))
    with pytest.raises(PackError, match="invariant"):
        play(pack, 0, 0, start)
    mostly = load_pack(write_pack("invariants: [loan.due > now]", "invariants: [\"loan.book != 'Emma'\"]"))
    for index in range(20):
        assert "Emma" not in str(play(mostly, 0, index, start)["messages"])
