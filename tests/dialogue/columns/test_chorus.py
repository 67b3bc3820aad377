"""Laws of the compiled outlines."""

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.measures import Measures
from synth_sdk.core.spec import make_spec
from synth_sdk.dialogue import batch, builtin_packs, check, load_pack
from synth_sdk.dialogue.columns.chorus import OUTLINES, Chorus
from synth_sdk.generators.conversation import ConversationGenerator

START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def whole(support):
    """3,000 records in one batch."""
    return batch(support, 0, range(3000), START).lines().splitlines()


def test_the_first_records_do_not_depend_on_how_many_there_are(support, whole):
    assert Chorus(support, 0, START).batch(range(300)).lines().splitlines() == whole[:300]


@settings(max_examples=5, deadline=None)  # each compiles up to 512 outlines
@given(first=st.integers(0, 2900), count=st.integers(1, 100))
def test_any_stretch_is_the_same(support, whole, first, count):
    fresh = Chorus(support, 0, START)
    stop = min(first + count, 3000)
    assert fresh.batch(range(first, stop)).lines().splitlines() == whole[first:stop]


def test_one_chorus_gives_the_same_for_stretches_of_all_kinds(support, whole):
    kept = Chorus(support, 0, START)
    for first, stop in ((0, 40), (500, 530), (0, 40), (512, 552), (0, 3000), (1024, 1064), (0, 40), (7, 2900)):
        made = kept.batch(range(first, stop))
        later = kept.batch(range(90))
        assert made.lines().splitlines() == whole[first:stop]
        assert later.lines().splitlines() == whole[:90]


def test_lines_are_compact_json_that_other_records_would_give(whole):
    for line in whole[:200]:
        assert json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":")).encode() == line


def test_other_seeds_give_other_records(support, whole):
    for seed in (1, 2):
        others = batch(support, seed, range(100), START).records()
        mine = [json.loads(line) for line in whole[:100]]
        assert not {record["id"] for record in others} & {record["id"] for record in mine}
        assert all(a["messages"] != b["messages"] for a, b in zip(others, mine, strict=True))


@pytest.mark.parametrize("name", builtin_packs())
def test_every_record_of_every_pack_passes_the_gates(name):
    for record in batch(load_pack(name), 11, range(150), START).records():
        assert check(record) == record


def test_records_of_one_outline_share_neither_values_nor_words(whole):
    records = [json.loads(line) for line in whole]
    again = list(zip(records[:400], records[OUTLINES:], strict=False))
    assert all(one["meta"]["goal"] == other["meta"]["goal"] for one, other in again)
    assert all(one["meta"]["world_before"] != other["meta"]["world_before"] for one, other in again)
    assert sum(said(one) & said(other) == set() for one, other in again) > 0.8 * len(again)
    late = list(zip(records[:400], records[5 * OUTLINES :], strict=False))
    assert sum(said(one) & said(other) == set() for one, other in late) > 0.8 * len(late)


def said(record):
    """The turns of five words and more."""
    return {
        m["content"] for m in record["messages"] if m["role"] in ("user", "assistant") and len((m["content"] or "").split()) > 4
    }


def test_free_values_are_drawn_anew_for_each_record(support, whole):
    seen = defaultdict(set)
    for row in range(0, 3000, OUTLINES):
        for message in json.loads(whole[row])["messages"]:
            if message["role"] == "tool":
                for name, value in json.loads(message["content"]).items():
                    seen[name].add(str(value))
    assert len(seen["order_id"]) == len(seen["customer_name"]) == len(range(0, 3000, OUTLINES))
    assert len(seen["item"]) > 1
    assert len(seen["placed_on"]) > 1


def test_digests_tell_whether_the_world_has_changed(support, whole):
    changing = {
        "cancel_order",
        "update_shipping_address",
        "create_return",
        "issue_refund",
        "send_replacement",
        "escalate_to_human",
    }
    told = Counter()
    for line in whole:
        record = json.loads(line)
        done, name = False, ""
        for message in record["messages"]:
            for call in message.get("tool_calls") or ():
                name = call["function"]["name"]
            if message["role"] == "tool":
                done |= name in changing and "error" not in json.loads(message["content"])
        meta = record["meta"]
        assert len(meta["world_before"]) == len(meta["world_after"]) == 16
        assert (meta["world_before"] != meta["world_after"]) == done
        told[done] += 1
    assert min(told.values()) > 500
    assert len({json.loads(line)["meta"]["world_before"] for line in whole}) == len(whole)


def test_quotas_are_even_over_any_stretch(support, whole):
    metas = [json.loads(line)["meta"] for line in whole]
    total = sum(goal.weight for goal in support.goals)
    for first in (0, 300, 1700):
        goals = Counter(meta["goal"] for meta in metas[first : first + 512])
        for goal in support.goals:
            assert abs(goals[goal.name] - 512 * goal.weight / total) <= 12


@pytest.mark.parametrize("name", ["customer_support", "research_assistant"])
def test_measures_are_those_of_the_records(name):
    generator = ConversationGenerator(make_spec(kind="conversation", pack=name, seed=2))
    columns = generator.batch(range(200))
    mine, others = columns.measures(), Measures()
    for record in columns.records():
        others.add(record, generator.features(record))
    assert mine.quality(valid=200) == others.quality(valid=200)
    halves = generator.batch(range(90)).measures()
    halves.merge(generator.batch(range(90, 200)).measures())
    assert halves.row_digest == mine.row_digest
    assert generator.batch(range(1, 201)).measures().row_digest != mine.row_digest


def test_nothing_at_all():
    assert list(ConversationGenerator(make_spec(kind="conversation")).batch(range(5, 5)).records()) == []


ODD = """
      note: {text: "Q\\"{loan.book}\\" \\\\ {loan.id}"}
      quoted: {pick: ['say "hi"', "tab\\there", "line\\u2028end", "ümläut"]}
"""


def test_texts_that_json_escapes(write_pack, start):
    path = write_pack("      renewed: false\n", f"      renewed: false{ODD}")
    text = path.read_text().replace(
        "returns: {loan_id: =loan.id,", "returns: {note: =loan.note, quoted: =loan.quoted, loan_id: =loan.id,"
    )
    text = text.replace(
        "  due: {is: =result.due, as: date}",
        "  due: {is: =result.due, as: date}\n  note: {is: =result.note}\n  quoted: {is: =result.quoted}",
    )
    path.write_text(text.replace("Done, {book} is yours until {due}.", "Done, {note} and {quoted} until {due}."))
    seen = set()
    for record in batch(load_pack(path), 0, range(60), start).records():
        result = json.loads(record["messages"][2]["content"])
        assert result["note"].startswith('Q"')
        assert result["loan_id"] in result["note"]
        seen.add(result["quoted"])
        if record["messages"][3]["content"].startswith("Done"):
            assert result["note"] in record["messages"][3]["content"]
    assert seen == {'say "hi"', "tab\there", "line\u2028end", "ümläut"}


def test_capitals_spaces_and_repeated_choices(write_pack, start):
    path = write_pack("list: [Emma, Dracula, Walden]", "list: [emma, walden]")
    text = path.read_text().replace(
        "Hi, can I keep {book} (longer|a bit longer)? It's loan {loan}.", "{book} (is|was) due[ soon]. {book}[ ,] loan {loan} ."
    )
    path.write_text(
        text.replace("I'd like to renew loan {loan}, {book}[, please].", "hi[ there] . {book} [please] again, {loan}.")
    )
    seen = set()
    for record in batch(load_pack(path), 0, range(200), start).records():
        said = next(message["content"] for message in record["messages"] if message["role"] == "user")
        loan = json.loads(record["messages"][2]["content"])["loan_id"]
        said = said.replace(loan, "L").rstrip(".").replace("Walden", "Emma")
        seen.add(said)
    assert seen == {
        *(
            f"Emma {verb} due{soon}. Emma{comma} loan L"
            for verb in ("is", "was")
            for soon in ("", " soon")
            for comma in ("", ",")
        ),
        *(f"Hi{there}. Emma{please} again, L" for there in ("", " there") for please in ("", " please")),
    }
