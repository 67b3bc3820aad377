"""Kinds that models write from briefs: what they are told, what is checked, and whole runs against a loopback server."""

import copy
import json
import random

import pytest

from synth_sdk import Synth
from synth_sdk.core import plugins
from synth_sdk.core.errors import Rejected
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.offline import OfflineGenerator
from synth_sdk.generators.tool_call.grounding import ungrounded
from synth_sdk.generators.written import EXAMPLE_SEED, Draft
from synth_sdk.schema import Schema
from tests.support.provider_server import ProviderServer
from tests.support.sample_content import sample
from tests.support.writers import answer, babble, sentences, write

KINDS = ("agent_trace", "text", "tool_call")
TOOLS = [
    {
        "name": "search_orders",
        "description": "Search orders by customer.",
        "parameters": {
            "type": "object",
            "properties": {"customer": {"type": "string"}, "status": {"enum": ["open", "shipped"]}},
            "required": ["customer"],
        },
    },
    {
        "name": "cancel_order",
        "description": "Cancel an order.",
        "parameters": {
            "type": "object",
            "properties": {"order_id": {"type": "string"}, "reason": {"type": "string"}},
            "required": ["order_id", "reason"],
        },
    },
]
each_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def tools(tmp_path):
    path = tmp_path / "tools.json"
    path.write_text(json.dumps(TOOLS))
    return str(path)


def generator(kind, seed=3, **wish):
    return plugins.load("generators", kind)(make_spec(kind=kind, seed=seed, **wish))


def texts(value):
    if isinstance(value, dict | list):
        return [text for item in (value.values() if isinstance(value, dict) else value) for text in texts(item)]
    return [value]


def spoken(kind, record):
    """The words of a record that a model may write."""
    if kind == "text":
        return [record["text"]]
    if kind == "tool_call":
        return [record["meta"]["request"], record["meta"]["messages"][-1]["content"]]
    return [record["meta"]["task"], *(step["content"] for step in record["steps"] if step["type"] == "thought")]


def frame(kind, record):
    """All else."""
    record = copy.deepcopy(record)
    if kind == "text":
        return {}
    if kind == "tool_call":
        meta = record["meta"]
        assert meta["messages"][0]["content"] == meta["request"]
        del meta["request"], meta["messages"][0]["content"], meta["messages"][-1]["content"]
        return record
    del record["meta"]["task"]
    for step in record["steps"]:
        if step["type"] == "thought":
            del step["content"]
    return record


def check_grounded(record):
    """Every argument is said in the request or stands in an earlier result."""
    meta = record["meta"]
    said, tools = meta["request"], {tool["function"]["name"]: tool["function"] for tool in meta["tools"]}
    for message in meta["messages"]:
        if message["role"] == "tool":
            said += message["content"]
        for call in message.get("tool_calls", ()):
            function = call["function"]
            arguments = json.loads(function["arguments"])
            Schema(tools[function["name"]]["parameters"]).validate(arguments)
            assert ungrounded(arguments, tools[function["name"]]["parameters"], said) == []


def micros(usd):
    return round(float(usd) * 1_000_000)


@each_kind
def test_instructions_are_static_and_independent_of_seed_and_count_while_briefs_differ(kind):
    one, other = generator(kind, count=5), generator(kind, seed=4, count=9)
    asked = [one.request(row, 0) for row in range(12)]
    assert {(ask.instructions, ask.task, id(ask.schema), ask.output_tokens) for ask in asked} == {
        (asked[0].instructions, asked[0].task, id(asked[0].schema), asked[0].output_tokens)
    }
    assert other.request(0, 0).instructions == asked[0].instructions
    assert other.request(0, 0).task == asked[0].task
    assert len({ask.brief for ask in asked}) > 9
    assert one.request(0, 1).brief != asked[0].brief
    assert one.request(0, 1).slot != asked[0].slot
    assert all(0 <= ask.difficulty <= 1 for ask in asked)
    assert "Example answer" in asked[0].instructions


@each_kind
def test_the_worked_example_is_valid_and_must_not_come_back(kind):
    made = generator(kind)
    example = json.loads(made.request(0, 0).instructions.rpartition("Example answer\n")[2])
    Schema(made.writing_schema).validate(example)
    with pytest.raises(Rejected):
        made.request(0, 0).check(example)


@each_kind
def test_a_model_that_heeds_its_brief_is_heard(kind):
    made, whole = generator(kind), Schema(plugins.load("generators", kind).record_schema)
    for row in range(40):
        ask, offline = made.request(row, 0), made.record(row)
        words = answer(ask.brief)
        record = ask.check(words)
        whole.validate(record)
        assert record == ask.check(words)
        assert frame(kind, record) == frame(kind, offline)
        assert set(spoken(kind, record)) == set(texts(words))


@each_kind
def test_words_of_the_right_shape_never_make_an_inconsistent_record(kind):
    """Whatever a model says: calls, results, ids, labels and times are those of the offline record, and so are the words that don't fit."""
    made, whole = generator(kind), Schema(plugins.load("generators", kind).record_schema)
    kept = 0
    for row in range(40):
        ask, offline = made.request(row, 0), made.record(row)
        words = sample(ask.schema, random.Random(row))
        try:
            record = ask.check(words)
        except Rejected:
            assert kind == "agent_trace"  # some have one thought or none: then all rests on that and the task
            assert len(spoken(kind, offline)) <= 2
            continue
        kept += 1
        whole.validate(record)
        assert frame(kind, record) == frame(kind, offline)
        assert set(spoken(kind, record)) <= {*texts(words), *(spoken(kind, offline) if kind != "text" else ())}
        if kind == "tool_call":
            check_grounded(record)
    assert kept >= 36


@pytest.mark.parametrize("kind", ["agent_trace", "tool_call"])
def test_offline_words_are_no_words_of_a_model(kind):
    made = generator(kind)
    for row in range(20):
        with pytest.raises(Rejected, match=r"words of your own|repeats the worked example"):
            made.request(row, 0).check(made.draft(row).words())


@each_kind
@pytest.mark.parametrize(
    "words", [None, [], {}, "x", {"text": ""}, {"request": "x", "calls": "y"}, {"task": "x", "thoughts": [], "calls": []}]
)
def test_what_has_not_the_shape_is_rejected(kind, words):
    with pytest.raises(Rejected):
        generator(kind).request(0, 0).check(words)


# -- text -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (" A plain one. And 3.5 of another! ", "A plain one. And 3.5 of another!"),
        ("One. Two. Three. Four. Five", "One. Two. Three."),
        ('One.\nTwo is "more". And', 'One. Two is "more". And'),
        ("**Bold** words. And more.", "Bold words. And more."),
    ],
)
def test_a_text_is_mended_where_it_can_be(text, told):
    made = generator("text", constraints={"min_sentences": "2", "max_sentences": "3"})
    assert made.request(0, 0).check({"text": text}) == {"text": told}


@pytest.mark.parametrize(("text", "why"), [("One.", "has 1 sentences"), ("- One.\n- Two.", "without a list"), ("  ", "is empty")])
def test_a_text_that_cannot_be_mended_is_rejected(text, why):
    made = generator("text", constraints={"min_sentences": "2", "max_sentences": "3"})
    with pytest.raises(Rejected, match=why):
        made.request(0, 0).check({"text": text})


def test_near_duplicates_are_judged_by_the_words():
    assert generator("text").said({"text": "A b."}) == "A b."
    made = generator("tool_call")
    assert made.said(made.record(0)) == made.record(0)["meta"]["request"]
    made = generator("agent_trace")
    assert made.said(made.record(2)).split("\n") == spoken("agent_trace", made.record(2))


# -- tool calls -------------------------------------------------------------------------------------------------------------------


def first(made, wanted):
    """The first row whose offline record is wanted."""
    return next(row for row in range(400) if wanted(made.record(row)))


@pytest.fixture
def cancelling(tools):
    """Asks for one call of cancel_order, with the order D-4471 that arrived too late."""
    made = generator("tool_call", constraints={"tools": tools, "scenario": "single"})
    arguments = {"order_id": "D-4471", "reason": "arrived too late"}
    row = first(made, lambda record: json.loads(record["function"]["arguments"]) == arguments)
    return made, row


def words_of(record):
    return record["meta"]["request"], record["meta"]["messages"][-1]["content"]


def test_a_request_is_used_if_it_says_the_arguments_and_nothing_else_of_weight(cancelling):
    made, row = cancelling
    ask, (request, _) = made.request(row, 0), words_of(made.record(row))
    for text in (
        "Kill order D-4471, it came far too late.",
        "d-4471 arrived so late that I don't want it any more. Cancel it, please?",
        '"Please cancel D-4471 since it arrived too late."',
    ):
        assert words_of(ask.check({"request": text, "reply": "All done."})) == (text.strip('"'), "All done.")
    for text in (
        "Kill my order, it came too late.",
        "Kill order D-4471.",
        "Kill order D-4471 of 5 March, it came too late.",
        "Kill order D-4471 and X-1234, they came too late.",
        "Kill order D-4471 for Ms Moreau, it came too late.",
        "Kill the two orders D-4471, they came too late.",
        "Call cancel_order for D-4471, it came too late.",
        "The order_id is D-4471, it came too late.",
        "Kill order [order id], it came too late.",
        "",
    ):
        assert words_of(ask.check({"request": text, "reply": "All done."})) == (request, "All done.")


def test_a_reply_tells_nothing_that_nobody_told(cancelling):
    made, row = cancelling
    ask, offline = made.request(row, 0), made.record(row)
    request, reply = words_of(offline)
    given = json.loads(offline["meta"]["messages"][2]["content"])["id"]
    asked = "Kill order D-4471, it came far too late."
    for text in (f"D-4471 is cancelled; the id is {given}.", "It has been cancelled."):
        assert words_of(ask.check({"request": asked, "reply": text})) == (asked, text)
    for text in (
        "Cancelled, you get $25.00 back.",
        "See X-77812.",
        "Write to help@example.com.",
        "It was for Ines.",
        "In two days.",
    ):
        assert words_of(ask.check({"request": asked, "reply": text})) == (asked, reply)
        with pytest.raises(Rejected, match=r"request: it doesn't say /order_id.*; reply: '.*' was told by nobody"):
            ask.check({"request": "Please help.", "reply": text})
    assert words_of(ask.check({"request": "Please help.", "reply": "It has been cancelled."})) == (
        request,
        "It has been cancelled.",
    )


def test_a_value_that_comes_from_a_result_is_not_asked_for(tools):
    made = generator("tool_call", constraints={"tools": tools, "scenario": "multi_step"})
    row = first(made, lambda record: record["meta"]["scenario"] == "multi_step" and "evening group" in record["meta"]["request"])
    ask, offline = made.request(row, 0), made.record(row)
    second = json.loads(offline["meta"]["messages"][3]["tool_calls"][0]["function"]["arguments"])
    text = f"Find what evening group ordered and cancel it: {second['reason']}."
    assert words_of(ask.check({"request": text, "reply": "Done."}))[0] == text
    known = f"{text} It is {second['order_id']}."
    assert words_of(ask.check({"request": known, "reply": "Done."}))[0] == offline["meta"]["request"]
    assert ask.check({"request": text, "reply": "Done."})["meta"]["calls"] == offline["meta"]["calls"]
    assert "the order id comes from the result before" in ask.brief


def test_turns_without_a_call_still_need_none(tools):
    made = generator("tool_call", constraints={"tools": tools, "scenario": "no_call"})
    row = first(made, lambda record: record["meta"]["request"] == "How many minutes are in a day?")
    ask = made.request(row, 0)
    words = {"request": "Tell me the minutes that a day has.", "reply": "A day has 1,440 of them."}
    record = ask.check(words)
    assert list(words_of(record)) == list(words.values())
    assert record["function"] is None
    assert record["meta"]["label"] == "no_call"
    assert words_of(ask.check({**words, "reply": "Quite a lot of minutes."}))[1] == "1,440."
    assert words_of(ask.check({**words, "request": "Cancel the order D-4471."}))[0] == "How many minutes are in a day?"


def test_a_wrong_call_stays_as_it_was(tools):
    made = generator("tool_call", constraints={"tools": tools, "scenario": "wrong_argument"})
    for row in range(20):
        record, offline = made.request(row, 0).check(answer(made.request(row, 0).brief)), made.record(row)
        assert frame("tool_call", record) == frame("tool_call", offline)
        assert record["meta"]["label"] == "wrong_argument"
        assert record["meta"]["mistake"]["expected"] != record["function"]
        check_grounded(record)


def test_a_part_that_repeats_the_worked_example_is_left_out(cancelling):
    made, row = cancelling
    ask = made.request(row, 0)
    example = json.loads(ask.instructions.rpartition("Example answer\n")[2])
    request = "Kill order D-4471, it came far too late."
    assert words_of(ask.check({"request": request, "reply": example["request"]})) == (request, words_of(made.record(row))[1])


def test_what_is_asked_of_models_is_small_and_the_same_for_all_tools(tools):
    own, built_in = generator("tool_call", constraints={"tools": tools}), generator("tool_call")
    assert own.request(0, 0).schema is built_in.request(0, 0).schema
    assert max(own.request(0, 0).output_tokens, generator("agent_trace").request(0, 0).output_tokens) < 600


# -- agent traces -----------------------------------------------------------------------------------------------------------------


def thoughts_of(record):
    return spoken("agent_trace", record)[1:]


def test_thoughts_are_taken_by_their_place(tools):
    made = generator("agent_trace", constraints={"tools": tools})
    row = first(made, lambda record: record["meta"]["pattern"] == "two_calls" and len(record["steps"]) == 6)
    ask, offline = made.request(row, 0), made.record(row)
    _, second = thoughts_of(offline)
    task = answer(ask.brief)["task"]
    for given, told in [
        (["I had better look.", "That will do."], ["I had better look.", "That will do."]),
        (["I had better look."], ["I had better look.", second]),
        (["I had better look.", "That will do.", "One more.", "Another."], ["I had better look.", "That will do."]),
        (["", "That will do."], [thoughts_of(offline)[0], "That will do."]),
        (["Order Q-99182, I guess.", "That will do."], [thoughts_of(offline)[0], "That will do."]),
        ([], thoughts_of(offline)),
    ]:
        record = ask.check({"task": task, "thoughts": given})
        assert thoughts_of(record) == told
        assert record["meta"]["task"] == task
        assert frame("agent_trace", record) == frame("agent_trace", offline)


def test_a_thought_knows_nothing_that_comes_later(tools):
    made = generator("agent_trace", constraints={"tools": tools})
    row = first(
        made,
        lambda record: (
            record["meta"]["pattern"] == "two_calls" and [step["type"] for step in record["steps"]].index("thought") == 0
        ),
    )
    ask, offline = made.request(row, 0), made.record(row)
    (found, *_) = [json.loads(step["content"]) for step in offline["steps"] if step["type"] == "observation"]
    entry = found["results"][0]
    before, after = thoughts_of(offline)[:2]
    for value in (entry["order_id"], entry["name"]):
        for text in (f"It will be {value}.", f"{value} it will be, as ever."):
            record = ask.check({"task": "Help me.", "thoughts": [text, text]})
            assert thoughts_of(record)[:2] == [before, text]
    with pytest.raises(Rejected, match="task: it doesn't say"):
        ask.check({"task": "Help me.", "thoughts": []})
    assert before != after


def test_a_corrected_call_fails_as_it_did(tools):
    made = generator("agent_trace", constraints={"tools": tools})
    row = first(made, lambda record: record["meta"]["pattern"] == "corrected")
    record = made.request(row, 0).check(answer(made.request(row, 0).brief))
    assert "invalid_argument" in record["steps"][1]["content"]
    assert frame("agent_trace", record) == frame("agent_trace", made.record(row))
    assert record["success"]


# -- any later kind ---------------------------------------------------------------------------------------------------------------


class Readings(OfflineGenerator):
    """A kind that names a writing schema and nothing else."""

    kind = "readings"
    constraint_keys = frozenset()
    record_schema = {
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 0}, "note": {"type": "string"}},
        "required": ["n", "note"],
    }
    writing_schema = record_schema
    writing_rules = "You write readings of a meter."

    def record(self, row):
        return {"n": row * 7 + self._spec.seed % 5, "note": f"reading {row}"}

    def features(self, record):
        return {"n": record["n"]}


def test_a_kind_is_written_by_models_once_it_names_a_writing_schema():
    made = Readings(make_spec(kind="readings", seed=2))
    ask = made.request(3, 0)
    assert ask.brief.startswith("Record 4: n 23.")
    assert "You write readings of a meter." in ask.instructions
    assert ask.check({"n": 1, "note": "x"}) == {"n": 1, "note": "x"}
    with pytest.raises(Rejected, match="-1 is less than the minimum"):
        ask.check({"n": -1, "note": "x"})
    assert isinstance(made.draft(0), Draft)
    assert Readings(make_spec(kind="readings", seed=EXAMPLE_SEED)).record(0) is not None


# -- whole runs -------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def server():
    with ProviderServer(respond=write) as running:
        yield running


def bought(server, home, provider, kind, **wish):
    synth = Synth(env={**server.env(provider), "SYNTH_HOME": str(home)}, budget="0.20", mode="llm")
    return synth.generate(kind, **{"count": 9, "seed": 5, **wish})


@each_kind
@pytest.mark.parametrize("provider", ["gemini", "openrouter", "bedrock"])
def test_records_are_written_by_models_within_the_budget(server, home, kind, provider):
    result = bought(server, home, provider, kind)
    assert result.report.status == "success", result.report.errors
    assert result.report.origins == {"llm": 9}
    cost = result.report.to_dict()["cost"]
    assert server.bill_micros <= micros(cost["spent_usd"]) + micros(cost["held_usd"]) <= 200_000
    whole = Schema(plugins.load("generators", kind).record_schema)
    for record in result.records:
        whole.validate(record)
    asked = len(server.requests)
    again = bought(server, home, provider, kind)
    assert json.dumps(again.records) == json.dumps(result.records)
    assert again.report.origins == {"cache": 9}
    more = bought(server, home, provider, kind, count=10)
    assert json.dumps(more.records[:9]) == json.dumps(result.records)
    assert len(server.requests) == asked + 1


@each_kind
def test_records_come_back_from_a_model_whose_objects_are_all_closed(server, home, kind):
    result = bought(server, home, "bedrock", kind, count=4, model="claude-haiku-4.5", fallback="none")
    assert result.report.status == "success", result.report.errors
    assert {row["model"].split("/")[0] for row in result.provenance} == {"bedrock"}
    sent = server.requests[0]
    assert sent.by_tool is None
    assert sent.schema["additionalProperties"] is False


@each_kind
@pytest.mark.parametrize("respond", [None, babble], ids=["sampled", "babbling"])
def test_a_model_that_heeds_nothing_still_gives_records(server, home, kind, respond):
    """Every trace of this seed has a thought."""
    server.respond = respond
    result = bought(server, home, "gemini", kind, seed=11, count=8)
    assert result.report.status == "success", result.report.errors
    assert result.report.origins == {"llm": 8}
    made, whole = generator(kind, seed=11), Schema(plugins.load("generators", kind).record_schema)
    for row, record in enumerate(result.records):
        whole.validate(record)
        assert frame(kind, record) == frame(kind, made.record(row))
        assert spoken(kind, record) != spoken(kind, made.record(row))
        if kind == "tool_call":
            check_grounded(record)


def test_tools_of_ones_own_in_all_scenarios(server, home, tools):
    result = bought(server, home, "gemini", "tool_call", count=24, constraints={"tools": tools, "scenario": "mixed"})
    assert result.report.status == "success", result.report.errors
    assert result.report.origins == {"llm": 24}
    assert len({record["meta"]["scenario"] for record in result.records}) >= 4
    for record in result.records:
        check_grounded(record)


def test_words_that_are_never_accepted_are_not_delivered(server, home):
    server.respond = lambda request: [{"text": sentences(1, random.Random(1))}] * request.count
    wish = {"constraints": {"min_sentences": "3"}, "fallback": "none", "model": "gemini-flash-lite"}
    result = bought(server, home, "gemini", "text", count=2, **wish)
    assert result.report.status == "failed"
    assert "has 1 sentences" in " ".join(result.report.errors)
