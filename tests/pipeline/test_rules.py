"""Rules at work: offline records that don't pass are left out with the reason, written ones are asked for again."""

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.core import plugins
from synth_sdk.core.batches import ColumnBatch, Records
from synth_sdk.core.errors import NoRoute, Rejected, RequestError, SynthError, UnknownName
from synth_sdk.core.models import Completion
from synth_sdk.core.rules import rule
from synth_sdk.pipeline import builtin_rules
from synth_sdk.pipeline.blocks import grid
from synth_sdk.pipeline.offline import Encode, Make
from synth_sdk.pipeline.produce import Fallbacks, Rest, Writing
from synth_sdk.pipeline.rules import Rules, load_rules, named_rules
from synth_sdk.pipeline.shards import WritePart
from synth_sdk.sinks import Shape
from synth_sdk.sinks.jsonl import JsonlFormat
from synth_sdk.sinks.places import LocalPlace
from synth_sdk.testing import check_rule
from tests.pipeline.support import ColumnNumbers, Numbers, lines
from tests.pipeline.test_produce import Scripted, Words

STAND_IN = Fallbacks(when_budget_ends=True, when_turned_down=True, when_models_fail=True)


def even(record):
    return [] if record["n"] % 2 == 0 else [f"{record['n']} is odd"]


def all_pass(record):
    return ()


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    monkeypatch.setitem(plugins._AT_RUN_TIME, "rules", {})


def of(*checks):
    names, own = named_rules(checks)
    return load_rules(names, own)


# Offline


@pytest.mark.parametrize("kind", [Numbers, ColumnNumbers])
def test_offline_records_that_dont_pass_are_left_out_with_their_reason(kind):
    block = of(even).sift(Make())(kind(), range(10, 15))
    assert block.content.records() == [{"n": 10}, {"n": 12}, {"n": 14}]
    assert block.count == 3 == block.measures.records
    assert block.missing == [(11, "rule even: 11 is odd"), (13, "rule even: 13 is odd")]


@given(st.lists(st.integers(1, 30), min_size=1, max_size=6), st.integers(2, 5))
def test_what_is_left_doesnt_depend_on_how_rows_are_batched(sizes, divisor):
    def some(record):
        return [] if record["n"] % divisor else ["a multiple"]

    count = sum(sizes)
    work, starts = of(some).sift(Make()), [sum(sizes[:at]) for at in range(len(sizes))]
    blocks = [work(Numbers(), range(start, start + size)) for start, size in zip(starts, sizes, strict=True)]
    assert [record["n"] for block in blocks for record in block.content.records()] == [n for n in range(count) if n % divisor]
    assert [index for block in blocks for index, _ in block.missing] == [n for n in range(count) if not n % divisor]


def test_columns_stay_columns_while_all_pass():
    assert isinstance(of(all_pass).sift(Make())(ColumnNumbers(), range(5)).content, ColumnBatch)


def test_without_rules_nothing_is_in_the_way():
    work = Make()
    assert Rules().sift(work) is work


def test_bytes_arent_made_where_the_number_of_records_before_isnt_known():
    block = of(even).sift(Encode(JsonlFormat().encoder(Shape())))(ColumnNumbers(), range(4))
    assert isinstance(block.content, Records)
    assert block.content.values == [{"n": 0}, {"n": 2}]


def test_a_part_of_a_folder_holds_what_passes(tmp_path):
    work = of(even).sift(WritePart(LocalPlace(str(tmp_path)), "jsonl", ".jsonl", Shape(), 1000))
    blocks = [work(Numbers(), rows) for rows in grid(range(1500), 1000)]
    assert [block.count for block in blocks] == [500, 250]
    assert [len(block.missing) for block in blocks] == [500, 250]
    files = sorted(Path(tmp_path).iterdir())
    assert [row["n"] for file in files for row in lines(file.read_bytes())] == list(range(0, 1500, 2))


def test_rules_that_are_known_by_name_can_be_sent_to_other_processes():
    sent = pickle.loads(pickle.dumps(load_rules(["no_placeholder", "clean_text"])))  # noqa: S301 - as runners send them
    assert sent.names == ("no_placeholder", "clean_text")
    assert sent.checks == (builtin_rules.no_placeholder, builtin_rules.clean_text)


# Rules as users give them


def test_names_functions_and_classes():
    @rule("registered")
    def some_function(record):
        return ["never"]

    @rule("class")
    class Counting:
        def __call__(self, record):
            return ["of a class"]

    names, own = named_rules(
        ["no_placeholder", some_function, even, even, lambda record: [], lambda record: ["second"], Counting]
    )
    assert names == ("no_placeholder", "registered", "even", "even 2", "<lambda>", "<lambda> 2", "class")
    rules = load_rules(names, own)
    assert rules.own == ("even", "even 2", "<lambda>", "<lambda> 2")
    assert rules.flaws({"n": 2}, 0) == ["rule registered: never", "rule <lambda> 2: second", "rule class: of a class"]
    assert named_rules(None) == (None, {})
    assert named_rules("no_placeholder") == (("no_placeholder",), {})
    assert named_rules([]) == ((), {})


def test_wrong_rules_are_found_at_once():
    with pytest.raises(UnknownName, match=r"unknown rule 'no_placeholders': did you mean no_placeholder\?"):
        load_rules(["no_placeholders"])
    with pytest.raises(RequestError, match="rules: 3 is neither"):
        named_rules([3])
    plugins.register("rules", "number", 3)
    with pytest.raises(RequestError, match="rule 'number' can't be used: it is a int, not a function"):
        load_rules(["number"])

    @rule("needy")
    class Needy:
        def __init__(self, something):
            pass

    with pytest.raises(RequestError, match=r"rule 'needy' can't be made: TypeError: .*something"):
        load_rules(["needy"])
    with pytest.raises(RequestError, match="rule 'no_placeholder' is built in"):
        rule("no_placeholder")


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (lambda record: record["none"], "KeyError: 'none'"),
        (lambda record: True, "TypeError: 'bool' object is not iterable"),
        (lambda record: False, "TypeError: 'bool' object is not iterable"),
        (lambda record: [None], "it gave None where the words of a flaw are expected"),
        (lambda record: (text for text in (1 / 0,)), "ZeroDivisionError: division by zero"),
    ],
)
def test_a_rule_that_fails_is_one_line_with_its_name_and_the_record(check, told):
    with pytest.raises(SynthError) as caught:
        of(check).sift(Make())(Numbers(), range(7, 9))
    assert caught.value.message == f"rule '<lambda>' fails on record 7: {told}"
    assert caught.value.exit_code == 1


def test_a_single_text_is_one_flaw_and_many_are_cut():
    assert of(lambda record: "wrong\nthere").flaws({}, 0) == ["rule <lambda>: wrong there"]
    assert of(lambda record: None).flaws({}, 0) == []
    (told,) = of(lambda record: ["x" * 999] * 99).flaws({}, 0)
    assert len(told) < 1100


# Written by models


class Cache:
    """Answers once from what it remembers for a slot, else from a model that says the slot itself."""

    def __init__(self, remembered):
        self.remembered, self.asked = remembered, []

    async def complete(self, request):
        self.asked.append(request.slot)
        if request.slot in self.remembered:
            return Completion(value=self.remembered[request.slot], origin="cache", model="arm")
        return Completion(value=request.check(f"bought {request.slot}"), origin="llm", model="arm", cost_micros=3)


def short(record):
    return [f"{record!r} is too long"] if "long" in record else []


async def written(model, count, check, fallbacks=STAND_IN, **told):
    writing = Writing(model=model, fallbacks=fallbacks, rest=Rest(Words()), blocks_ahead=1, **told)
    return [one async for block in of(check).make_with_models(Words(), count, writing) for one in block]


async def test_a_model_hears_the_words_of_the_rule():
    heard = []

    def say(request):
        try:
            request.check("a long one")
        except Rejected as rejection:
            heard.append(rejection.message)
        return request.check(f"fine {request.brief}")

    made = await written(Scripted(say), 3, short)
    assert heard == ["rule short: 'a long one' is too long"] * 3
    assert [one.record for one in made] == ["fine 0", "fine 1", "fine 2"]


async def test_a_cached_record_from_before_the_rule_is_asked_for_again():
    cache = Cache({"1/0": "a long one", "2/0": "fine"})
    made = await written(cache, 3, short)
    assert [one.record for one in made] == ["bought 0/0", "bought 1/0/rules/1", "fine"]
    assert [one.provenance.origin for one in made] == ["llm", "llm", "cache"]
    cache.remembered["1/0/rules/1"] = "bought before"
    assert [one.record for one in await written(cache, 3, short)][1] == "bought before"


async def test_a_cache_full_of_what_doesnt_pass_ends_in_a_stand_in():
    cache = Cache(dict.fromkeys(("0/0", "0/0/rules/1", "0/0/rules/2", "0/1", "0/2"), "long"))
    (made,) = await written(cache, 1, short)
    assert made.record == "offline 0"
    assert "rule short" in made.reason
    (made,) = await written(cache, 1, short, Fallbacks(when_budget_ends=False, when_turned_down=False, when_models_fail=False))
    assert made.provenance is None


async def test_a_stand_in_must_pass_too():
    def only_bought(record):
        return [f"{record} is offline"] if record.startswith("offline") else []

    model = Scripted(lambda request: NoRoute({"a": "down"}) if request.brief == "1" else request.check(f"bought {request.brief}"))
    made = await written(model, 3, only_bought)
    assert [one.record for one in made] == ["bought 0", None, "bought 2"]
    assert made[1].provenance is None
    assert made[1].reason == "rule only_bought: offline 1 is offline"


async def test_a_rule_that_fails_ends_the_run_and_isnt_taken_for_a_failing_model():
    def broken(record):
        raise OSError("disk")

    with pytest.raises(SynthError, match=r"^rule 'broken' fails on record \d: OSError: disk$"):
        await written(Scripted(lambda request: request.check("x")), 3, broken)


# Built in


def test_built_in_rules_keep_to_the_rules_of_rules():
    plain = [{"text": "Pay 5 EUR [sic] by noon", "type": "string", "file": "todo.txt"}, "a{b}", 3, None, [], {"a": {"b": [True]}}]
    placeholders = [
        "Lorem ipsum dolor",
        "Dear {{name}},",
        "Dear [Your Name],",
        "${total}",
        "TODO",
        "string",
        "XXXXXX",
        "<insert date>",
    ]
    check_rule(builtin_rules.no_placeholder, good=plain, bad=[{"deep": [text]} for text in placeholders])
    check_rule(builtin_rules.clean_text, good=[*plain, "Zoë — “so” €\n\t", "Ã la"], bad=["a\x00b", "caf\ufffd", "ZoÃ«", "itâ€™s"])
    reserved = ["a@example.com", "see https://www.example.org/x", "b@shop.test", "no address"]
    check_rule(
        builtin_rules.reserved_domains, good=reserved, bad=["a@gmail.com", "http://shop.example.com.evil.io/", {"u": "x@y.co"}]
    )


def test_flaws_say_where():
    assert list(builtin_rules.no_placeholder({"a": [{"b": "TODO"}]})) == [
        "/a/0/b holds the placeholder 'TODO'; write a value of its own"
    ]
