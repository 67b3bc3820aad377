import random

import pytest

from synth_sdk.dialogue import load_pack, play
from synth_sdk.dialogue.world import build, call


@pytest.fixture
def world(library):
    env = {"now": "2025-03-01", "known": {}}
    return build(library, library.goals[0], env, random.Random(4)), env


def test_a_tool_changes_the_world_and_says_so(library, world):
    rows, env = world
    loan = rows["loan"][0]
    before = loan["due"]
    result, error = call(library.tools["renew_loan"], rows, env, {"loan_id": loan["id"]}, random.Random(0))
    assert error == ""
    assert result == {"loan_id": loan["id"], "due": loan["due"]}
    assert loan["renewed"] is True
    assert loan["due"] > before


def test_an_error_changes_nothing(library, world):
    rows, env = world
    copy = {name: [dict(row) for row in entities] for name, entities in rows.items()}
    result, error = call(library.tools["renew_loan"], rows, env, {"loan_id": "none"}, random.Random(0))
    assert (error, result["error"]["code"]) == ("loan_not_found", "loan_not_found")
    assert rows == copy


FIELDS = """
      kind: {pick: {a: 1, b: 1}}
      level: {by: =loan.kind, a: {range: [1, 3]}, else: 9}
      price: {money: [10, 20]}
      wrong: {typo: =loan.id}
      mail: {text: "{loan.kind} Ä.{loan.level}@x", lower: true}
      nothing: null
      other: {pick: [1, [2]]}
"""


def test_field_values(write_pack, start):
    pack = load_pack(write_pack("      renewed: false\n", f"      renewed: false{FIELDS}"))
    for seed in range(30):
        row = build(pack, pack.goals[0], {"now": "2025-03-01"}, random.Random(seed))["loan"][0]
        assert row["level"] in (1, 2, 3) if row["kind"] == "a" else row["level"] == 9
        assert 10 <= row["price"] < 21
        assert sum(x != y for x, y in zip(row["wrong"], row["id"], strict=True)) == 1
        assert row["mail"] == f"{row['kind']}a.{row['level']}@x"
        assert row["nothing"] is None


def test_adding_removing_sorting_and_listing(write_pack, start):
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
            "returns: {loan_id: =loan.id,", "returns: {all: {each: loans, give: =row.due}, slip: =slip.code, loan_id: =loan.id,"
        )
    )
    pack = load_pack(path)
    env = {"now": "2025-03-01"}
    rows = build(pack, pack.goals[0], env, random.Random(1))
    result, error = call(pack.tools["renew_loan"], rows, env, {"loan_id": rows["loan"][0]["id"]}, random.Random(0))
    assert error == ""
    assert len(result["all"]) == 3
    assert rows["slip"][0]["code"] == result["slip"]


def test_a_pack_that_cannot_be_played_says_so(write_pack, start):
    from synth_sdk.core.errors import PackError

    pack = load_pack(write_pack("{date: =now, plus: [1, 9]}", "{date: someday, plus: [1, 9]}"))
    with pytest.raises(PackError, match="can't be played"):
        play(pack, 0, 0, start)


def test_a_broken_invariant_is_not_delivered(write_pack, start):
    from synth_sdk.core.errors import PackError

    pack = load_pack(write_pack("invariants: [loan.due > now]", "invariants: [loan.due < now]"))
    with pytest.raises(PackError, match="invariant"):
        play(pack, 0, 0, start)
    mostly = load_pack(write_pack("invariants: [loan.due > now]", "invariants: [\"loan.book != 'Emma'\"]"))
    for index in range(20):
        assert "Emma" not in str(play(mostly, 0, index, start)["messages"])
