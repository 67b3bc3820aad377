"""Wordings that a model writes for a pack: what it is told, what is refused, and what the pack is then."""

import json
from pathlib import Path
from random import Random

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.blueprint import apply, author_for
from synth_sdk.blueprint.conversation.assembling import files_of, unpacked
from synth_sdk.blueprint.conversation.author import WordingsAuthor
from synth_sdk.blueprint.conversation.judging import Judge, literal
from synth_sdk.blueprint.conversation.situations import plainly, said, situations
from synth_sdk.core.errors import BudgetExhausted, NoRoute, Outcome, Rejected
from synth_sdk.core.spec import make_spec
from synth_sdk.dialogue import check, lint, load_pack, play
from synth_sdk.dialogue.frames import parse_frame
from synth_sdk.dialogue.loading.loader import whole_pack
from synth_sdk.dialogue.loading.reading import without_places
from synth_sdk.dialogue.overview import new_pack
from tests.blueprint.scripted import ScriptedModel, wordings, writer

START = make_spec(kind="conversation").start


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """The small pack that `synth pack new` writes."""
    return new_pack("workshop", str(tmp_path_factory.mktemp("packs") / "workshop.yaml"))


@pytest.fixture(scope="module")
def judges(workshop):
    pack = load_pack(workshop)
    return {name: Judge(found) for name, found in situations(pack, said(pack)).items()}


async def written(pack, tmp_path, model=None, calls=30):
    blueprint = await WordingsAuthor(load_pack(pack), calls).write(model or writer())
    folder = tmp_path / "blueprint"
    folder.mkdir()
    for name, text in blueprint.files.items():
        (folder / name).write_text(text)
    return blueprint, folder


def test_requests_are_the_same_for_any_count_and_seed(workshop):
    one, other = (
        author_for(make_spec(kind="conversation", pack=workshop, count=count, seed=seed)) for count, seed in ((5, 1), (5000, 7))
    )
    assert one.requests() == other.requests()
    assert one.key == other.key
    assert len({request.brief for request in one.requests()}) == len(one.requests())
    assert len({id(request.schema) for request in one.requests()}) == 1  # one family: they may share calls


def test_another_pack_is_another_wish(workshop, tmp_path):
    edited = tmp_path / "workshop.yaml"
    edited.write_text(Path(workshop).read_text().replace("I'll wait.", "I will wait."))
    assert WordingsAuthor(load_pack(str(edited))).key != WordingsAuthor(load_pack(workshop)).key


def test_calls_go_where_wordings_are_said_most_and_lack_most(workshop):
    author = WordingsAuthor(load_pack(workshop), calls=5)
    acts = [request.brief.splitlines()[0] for request in author.requests()]
    assert len(set(acts)) == 5
    assert not any("cancelled" in act for act in acts)  # a turn of one dialogue in five


def test_a_rich_pack_is_asked_for_less_than_a_poor_one(workshop):
    rich, poor = (len(WordingsAuthor(load_pack(name)).requests()) for name in ("customer_support", workshop))
    assert rich == 20  # two hundred wordings
    assert 40 <= poor <= 68  # four calls for each of seventeen turns at most


async def test_a_pack_with_a_blueprint_lints_and_plays_and_says_the_new_wordings(workshop, tmp_path):
    blueprint, folder = await written(workshop, tmp_path)
    assert blueprint.written == blueprint.parts == 30
    spec = apply(make_spec(kind="conversation", pack=workshop, constraints={"template": workshop}), folder)
    assert spec.constraints == {}
    pack = load_pack(spec.pack)
    assert not [finding for finding in lint(pack) if finding.level == "error"]
    new = [text for texts in yaml.safe_load(blueprint.files["wordings.yaml"])["say"].values() for text in texts]
    assert len(new) > 250
    records = [check(play(pack, 3, index, START)) for index in range(200)]
    heads = {text.split(",")[0] for text in new}
    said = [
        m["content"].split(",")[0]
        for record in records
        for m in record["messages"]
        if m["role"] in ("user", "assistant") and m["content"]
    ]
    assert sum(head in heads for head in said) > 0.3 * len(said)
    assert records[0]["meta"]["pack"] == "workshop"


async def test_a_second_run_asks_the_same_and_makes_the_same_files(workshop):
    author = WordingsAuthor(load_pack(workshop), calls=8)
    first, second = await author.write(writer()), await author.write(writer())
    assert first.files == second.files


@pytest.mark.parametrize(("name", "language"), [("hotel", "en"), ("hotel", "es"), ("it_helpdesk", "en")])
def test_a_copied_pack_says_what_the_original_says(name, language):
    pack = load_pack(name, language)
    with unpacked(files_of(pack, {})) as folder:
        copied, original = (without_places(whole_pack(source, language)) for source in (folder / "pack.yaml", name))
        gone = ("include", "languages")
        assert {key: value for key, value in copied.items() if key not in gone} == {
            key: value for key, value in original.items() if key not in gone
        }
        assert play(load_pack(folder), 5, 9, START) == play(pack, 5, 9, START)


async def test_a_pack_in_another_language_is_written_in_that_language(tmp_path):
    author = author_for(make_spec(kind="conversation", pack="hotel", locale="es_ES"))
    assert "in Spanish" in author.requests()[0].instructions
    assert author.key != author_for(make_spec(kind="conversation", pack="hotel")).key


REFUSED = {
    "no slot": ("give_number", "It's on the ticket.", "{number} must stand in it"),
    "another slot": (
        "give_number",
        "{number}, and the {bike} please.",
        "{bike} is not a placeholder of this turn: there is {number}",
    ),
    "unknown form": ("tell_ready", "On {ready|roman}, promise.", "{ready|roman}: write {ready}, or one of the forms long, short"),
    "an id": ("give_number", "{number}, not W12345.", "states the id w12345"),
    "a number": ("wait", "Fine, I have 5 of them.", "states '5'"),
    "a weekday": ("bye", "Until Monday then, all the best.", "states 'Monday'"),
    "an hour": ("slow", "It may take an hour, I'm told.", "states 'an hour'"),
    "a span": ("slow", "Give me two minutes, please.", "states 'two minutes'"),
    "an amount": ("tell_price", "{price}, or €30 without parts.", "states the amount 30.00"),
    "a name": ("bye", "Thanks for asking, say hello to Barbara.", "names 'Barbara'"),
    "greets": ("thanks", "Hello, thanks a lot for that.", "greets"),
    "twice": ("thanks", "Great, thanks for looking!", "is there already"),
    "markup": ("thanks", "**Thanks** a lot for finding out", "holds markup"),
    "a gap": ("thanks", "Thanks a lot, [your name]", "unfilled gap"),
    "a speaker": ("thanks", "Customer: lovely, cheers", "holds markup, a speaker's name"),
    "broken braces": ("thanks", "So kind {of you", "braces hold nothing but"),
    "too long": ("thanks", "really " * 46 + "nice", "longer than 45 words"),
    "not text": ("thanks", 5, "a wording is some text"),
    "the example": ("ask_price", "Could you check when {tool} is due back?", "not a placeholder"),
}


@pytest.mark.parametrize(("act", "text", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_unfit_is_refused_with_the_reason(judges, act, text, reason):
    with pytest.raises(Rejected) as refused:
        judges[act].frame(text)
    assert reason in refused.value.message


@pytest.fixture(scope="module")
def rich_judges():
    """Those of a pack with enough wordings to tell what each turn is about."""
    pack = load_pack("customer_support")
    return {
        name: Judge(found) for name, found in situations(pack, said(pack)).items() if name in ("bye", "no_order_id", "thanks")
    }


@pytest.mark.parametrize(
    ("act", "text", "reason"),
    [
        ("bye", "Mommy", "speaks of something else"),
        ("bye", "his wife's boyfriend", "speaks of something else"),
        ("thanks", "The old house", "speaks of something else"),
        ("thanks", "Thanks, no placeholder here", "speaks of placeholders"),
        ("no_order_id", "{item|a_short}, which day do you want it back?", "repeats the example"),
    ],
)
def test_nonsense_of_a_small_model_is_refused(rich_judges, act, text, reason):
    """Each of these a model of 135 million parameters wrote."""
    with pytest.raises(Rejected, match=reason):
        rich_judges[act].frame(text)


@pytest.mark.parametrize(
    ("act", "text"),
    [
        ("bye", "Lovely talking to you, goodbye for now."),
        ("bye", "Right then, have a peaceful evening, bye."),
        ("thanks", "That will do nicely, many thanks and bye."),
        ("no_order_id", "No idea where that order number went, it was for {item|a_short}."),
    ],
)
def test_what_is_to_the_matter_is_taken(rich_judges, act, text):
    assert plainly(parse_frame(rich_judges[act].frame(text))) == text


def test_a_value_that_a_dialogue_had_is_refused_where_its_placeholder_belongs(judges):
    judge = judges["open_ask"]
    job = judge.situation.samples[0].values["job"]
    with pytest.raises(Rejected, match=f"writes out '{job}': put {{job}} there"):
        judge.frame(f"My {{bike}} needs {job}, is it done?")


@pytest.mark.parametrize(
    ("act", "text"),
    [
        ("give_number", "Let me find it... {number} I believe"),
        ("open_ask", "Hi there! I left a {bike} with you, how is it coming along?"),
        ("tell_ready", "Should be done by {ready|ord}, {at} at the latest"),
        ("tell_ready", "Another {days} and it's all yours: {ready}."),
        ("wait", "No problem (I have a coffee anyway)"),
        ("bye", "Just a second... have a good day then"),
        ("thanks", "That's so kind of you. I'm relieved, OK?"),
    ],
)
def test_what_is_fit_is_taken(judges, act, text):
    parts = parse_frame(judges[act].frame(text))
    assert plainly(parts) == text


@pytest.mark.parametrize(
    "text",
    [
        "1. It should be {number}, sir",
        '"It should be {number}, sir"',
        "It should be {{ number }}, sir",
        "- It should be {number}, sir",
    ],
)
def test_what_models_put_around_a_wording_is_taken_off(judges, text):
    assert judges["give_number"].frame(text) == "It should be {number}, sir"


def test_good_wordings_of_a_call_are_kept_and_a_mostly_bad_call_is_sent_back(judges):
    good = ["Lovely, cheers for that", "You have been a real help", "Brilliant, that is all"]
    value = judges["thanks"].check({"frames": [*good, "See you on Friday"]})
    assert value == {"frames": good}
    with pytest.raises(Rejected) as refused:
        judges["thanks"].check({"frames": [good[0], "See you on Friday", "See you in July", "Bye, Barbara"]})
    assert refused.value.outcome is Outcome.BROKEN  # re-asked once with the reason
    assert refused.value.message.startswith("3 of 4 wordings can't be used: 1 because: states 'Friday'")


@pytest.mark.parametrize("value", [None, [], {}, {"frames": "hello"}, {"frames": []}])
def test_another_shape_is_sent_back(judges, value):
    with pytest.raises(Rejected):
        judges["thanks"].check(value)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_characters="{}\n\r"), min_size=1, max_size=60).filter(str.strip))
def test_outside_of_braces_everything_means_itself(text):
    parts = parse_frame(literal(f"{text} {{slot}}"))
    assert "".join(part for part in parts if isinstance(part, str)) == f"{text} "


async def test_parts_that_fail_are_told_and_the_rest_is_used(workshop, tmp_path):
    def answer(request, attempt):
        if "thanks" in request.brief.splitlines()[0]:
            return {"frames": ["See you on Friday"]}
        return {"frames": wordings(request.brief, Random(request.brief))}

    blueprint, folder = await written(workshop, tmp_path, ScriptedModel(answer))
    assert 0 < len(blueprint.reasons) < 8
    assert "states 'Friday'" in blueprint.reasons[0]
    assert "thanks" not in yaml.safe_load(blueprint.files["wordings.yaml"])["say"]
    assert load_pack(folder)


async def test_too_few_parts_make_no_blueprint(workshop):
    with pytest.raises(NoRoute, match="only 0 of 30 parts of the blueprint were written"):
        await WordingsAuthor(load_pack(workshop), 30).write(ScriptedModel(lambda request, attempt: {"frames": []}))


async def test_a_budget_that_ends_is_told_as_such(workshop):
    class Broke:
        async def complete(self, request):
            raise BudgetExhausted("$0.01 of $0.01 are spent")

    with pytest.raises(BudgetExhausted, match="only 0 of 12 parts"):
        await WordingsAuthor(load_pack(workshop), 12).write(Broke())


async def test_wordings_of_several_calls_are_never_nearly_the_same(workshop):
    same = ScriptedModel(lambda request, attempt: {"frames": wordings(request.brief, Random(request.brief.split("\n")[0]))})
    blueprint = await WordingsAuthor(load_pack(workshop), 60).write(same)
    frames = yaml.safe_load(blueprint.files["wordings.yaml"])["say"]
    assert all(len(texts) == 10 for texts in frames.values())


async def test_frames_that_only_the_lint_can_fault_are_taken_out(workshop, monkeypatch):
    """A judge that overlooks an id: the lint's line tells which frame it is."""
    author = WordingsAuthor(load_pack(workshop), calls=12)
    monkeypatch.setattr(Judge, "_facts", lambda self, wording: None)
    model = ScriptedModel(
        lambda request, attempt: {
            "frames": [
                *wordings(request.brief, Random(request.brief)),
                *(["The form is ZX99812, nothing else to do."] if "agent: says good-bye" in request.brief else []),
            ]
        }
    )
    blueprint = await author.write(model)
    assert blueprint.notes == ["1 wordings were taken out: the pack didn't lint with them"]
    assert "ZX99812" not in json.dumps(dict(blueprint.files))
