"""A whole pack from a description: what is asked, what is refused, and that the pack plays."""

from random import Random

import pytest
import yaml

from synth_sdk.blueprint import PackAuthor
from synth_sdk.blueprint.pack import judging
from synth_sdk.core.errors import NoRoute, Rejected, RequestError
from synth_sdk.core.spec import DEFAULT_START
from synth_sdk.dialogue import check, lint, load_pack, play
from tests.blueprint.scripted import ScriptedModel, wordings

SUBJECT = {
    "description": "A customer of a veterinary practice writes about an appointment.",
    "business": "a veterinary practice",
    "thing": "an Appointment",
    "number": "appointment number",
    "id": "VET-#####",
    "happens": "takes place",
    "low_price": 30,
    "high_price": 200,
}
VOCABULARY = {
    "items": ["my cat", "my old dog", "a rabbit", "my parrot", "two kittens", "a tortoise", "My cat"],
    "matters": ["a check-up", "a vaccination", "a limp", "a skin rash", "a dental cleaning", "a blood test"],
}
TOPICS = ["opening hours", "parking", "late arrival", "house calls", "payment by card", "second opinions"]
RULES = {
    "rules": [{"topic": topic, "answer": f"We have a simple rule on {topic}: ask at the desk before 6 pm"} for topic in TOPICS]
}


def answer(request, attempt=0):
    what = request.task.rpartition(":")[2]
    given = {"subject": SUBJECT, "vocabulary": VOCABULARY, "rules": RULES}
    return given[what] if what in given else {"frames": wordings(request.brief, Random(request.brief))}


async def test_a_pack_from_a_description_lints_and_plays(tmp_path):
    model = ScriptedModel(answer)
    author = PackAuthor("vet", "a vet's practice in a small town")
    blueprint = await author.write(model)
    assert blueprint.written == blueprint.parts == len(model.asked)
    path = tmp_path / "vet.yaml"
    path.write_text(blueprint.files["vet.yaml"])
    pack = load_pack(path)
    assert {finding.rule for finding in lint(pack)} <= {"templated", "frames"}
    assert not author.review(path)
    records = [check(play(pack, 0, index, DEFAULT_START)) for index in range(300)]
    assert {record["meta"]["goal"] for record in records} == {"ask", "question", "move", "cancel", "cancel_late"}
    assert {name for record in records for name in record["meta"]["faults"]} == {"not_found", "timeout", "rate_limit"}
    text = str(records)
    assert "<" not in text
    assert "get_appointment" in text
    assert "before 6 pm." in text
    assert all(record["meta"]["success"] == (record["meta"]["goal"] != "cancel_late") for record in records)
    frames = yaml.safe_load(blueprint.files["vet.yaml"])["say"]
    assert min(len(bank) for bank in frames.values()) > 30


async def test_a_turn_without_wordings_keeps_those_of_the_frame_pack():
    def silent(request, attempt):
        return {"frames": []} if "Turn of the agent: has cancelled" in request.brief else answer(request)

    blueprint = await PackAuthor("vet", "a vet").write(ScriptedModel(silent))
    assert len(blueprint.reasons) == 4
    assert yaml.safe_load(blueprint.files["vet.yaml"])["say"]["cancelled"] == [
        "It's cancelled.",
        "I have cancelled the appointment.",
    ]


@pytest.mark.parametrize("what", ["subject", "vocabulary", "rules", "wordings"])
async def test_too_little_is_no_pack(what):
    def silent(request, attempt):
        return {} if request.task.endswith(what) else answer(request)

    with pytest.raises(NoRoute, match=r"only [01] of \d+ parts"):
        await PackAuthor("vet", "a vet").write(ScriptedModel(silent))


def test_the_ask_depends_on_the_description_alone():
    assert PackAuthor("a", "a  vet\n").first() == PackAuthor("b", "a vet").first()
    with pytest.raises(RequestError, match="describe the pack in 3 to 600 characters"):
        PackAuthor("a", "x")


SUBJECT_FLAWS = {
    "thing": ("{thing}!", "write a noun of one to three plain words"),
    "number": ("the number that we give to every appointment", "write a noun of one to three plain words"),
    "id": ("VET-", "at least four of #"),
    "business": ("a vet (the best)", "without punctuation"),
    "description": ("Vets", "one sentence of 10 to 200 characters"),
    "low_price": (500, "low_price 500 is not below high_price 200"),
    "high_price": ("a lot", "high_price: write a number of dollars"),
    "happens": (None, "happens: write some text"),
}


@pytest.mark.parametrize(("key", "value", "reason"), [(key, *told) for key, told in SUBJECT_FLAWS.items()], ids=SUBJECT_FLAWS)
def test_a_subject_that_does_not_fit_is_sent_back_with_the_reason(key, value, reason):
    with pytest.raises(Rejected) as refused:
        judging.subject({**SUBJECT, key: value})
    assert reason in refused.value.message


@pytest.mark.parametrize(
    ("thing", "entity"), [("guest room", "guest_room"), ("class", "entry"), ("goal", "entry"), ("rule", "entry")]
)
async def test_a_thing_becomes_a_name_that_expressions_can_say(thing, entity, tmp_path):
    assert judging.subject({**SUBJECT, "thing": thing})["entity"] == entity
    model = ScriptedModel(
        lambda request, attempt: {**SUBJECT, "thing": thing} if request.task.endswith("subject") else answer(request)
    )
    blueprint = await PackAuthor("mine", "whatever it is").write(model)
    assert f"get_{entity}" in blueprint.files["mine.yaml"]


def test_vocabulary_and_rules_keep_what_fits():
    assert judging.vocabulary({**VOCABULARY, "items": [*VOCABULARY["items"], "room 12", ""]})["items"] == VOCABULARY["items"][:6]
    with pytest.raises(Rejected, match="items: only 1 of 3 can be used: 'room 12' is no phrase"):
        judging.vocabulary({**VOCABULARY, "items": ["my cat", "room 12", "(a) dog"]})
    told = judging.rules({"rules": [*RULES["rules"], {"topic": "mail", "answer": "Write to us at desk@vet.example."}]})
    assert [rule["topic"] for rule in told["topics"]] == TOPICS
    assert told["topics"][0]["answer"].endswith("6 pm.")
    with pytest.raises(Rejected, match="it holds a email; leave that out"):
        judging.rules({"rules": [{"topic": "mail", "answer": "Write to us at desk@vet.example."}]})
