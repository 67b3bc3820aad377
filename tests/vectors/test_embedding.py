"""Texts as vectors: laws of both embeddings, and how well like finds like."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk import Synth
from synth_sdk.core.errors import UnknownName
from synth_sdk.core.similar import encoder
from synth_sdk.core.vectors import NotInstalled
from synth_sdk.vectors.embedding import HASHING, MINILM, embedding_for, hashed
from synth_sdk.vectors.texts import text_of

EMBEDDINGS = [
    "hashing",
    pytest.param("minilm", marks=pytest.mark.skipif(encoder() is None, reason="the extra `semantic` is not installed")),
]


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_rows_have_length_one_and_depend_on_their_text_alone(texts):
    rows = hashed(texts)
    assert rows.shape == (len(texts), HASHING.dimensions)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-5)
    for text, row in zip(texts, rows, strict=True):
        assert np.array_equal(hashed([text])[0], row)


def test_the_same_vector_on_any_machine():
    """A store filled today is searched with next year's process: the vectors may depend on no hash seed and no library's whim."""
    row = hashed(["The delivery of order A-17 is late, the delivery!"])[0]
    assert [int(place) for place in np.argsort(-np.abs(row))[:4]] == [82, 341, 931, 916]


@pytest.mark.parametrize("name", EMBEDDINGS)
@pytest.mark.parametrize(
    ("near", "far"), [("my deliveries were delayed", "book a seat"), ("the card was declined", "a quiet hotel room")]
)
def test_related_words_are_nearer(name, near, far):
    texts = {"my deliveries were delayed": "delayed delivery", "the card was declined": "card payment declined"}
    one, other, query = embedding_for(name).embed([near, far, texts[near]])
    assert query @ one > query @ other + 0.2


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_conversations_of_one_goal_are_near_one_another(name):
    """By chance 1 in 11 would be; we saw 7 and 8 in 10 (docs/integrations.md)."""
    packs = {"travel": ("seat", "cancel"), "it_helpdesk": ("vpn", "password")}
    records = [record for pack in packs for record in Synth(env={}).generate("conversation", count=60, pack=pack).records]
    goals = [record["meta"]["goal"] for record in records]
    rows = embedding_for(name).embed([text_of(record) for record in records])
    alike = rows @ rows.T
    np.fill_diagonal(alike, -1)
    again = [at for at, goal in enumerate(goals) if goals.count(goal) > 1]
    assert np.mean([goals[alike[at].argmax()] == goals[at] for at in again]) > 0.45


@pytest.mark.skipif(encoder() is None, reason="the extra `semantic` is not installed")
def test_meaning_finds_other_words():
    said = ["My parcel hasn't shown up yet.", "I'd like a window seat.", "My laptop is terribly sluggish."]
    rows = embedding_for("minilm").embed(said)
    for query, at in (("package still not delivered", 0), ("sit by the window", 1), ("computer is slow", 2)):
        assert int((rows @ embedding_for("minilm").embed([query])[0]).argmax()) == at


@pytest.mark.skipif(encoder() is None, reason="the extra `semantic` is not installed")
def test_a_long_text_is_read_to_its_end():
    start = "We talk about the weather, which is fine.\n" * 40
    embed = embedding_for("minilm").embed
    long, short, query = embed([f"{start}{'My invoice is wrong. ' * 40}", start, "wrong invoice"])
    assert query @ long > query @ short + 0.1
    assert embed([""]).shape == (1, MINILM.dimensions)


def test_unknown_and_missing(monkeypatch):
    with pytest.raises(UnknownName, match="did you mean hashing"):
        embedding_for("hashin")
    monkeypatch.setattr("synth_sdk.vectors.embedding.encoder", lambda: None)
    with pytest.raises(NotInstalled, match=r"pip install 'synth-data-sdk\[semantic\]', or choose 'hashing'"):
        embedding_for("minilm")


# What a record says


def test_conversations_say_what_is_said_in_every_dialect():
    said = "Where is it?\nOn its way."
    turns = [("system", "Be kind."), ("user", "Where is it?"), ("tool", '{"status": "sent"}'), ("assistant", "On its way.")]
    for record in (
        {"messages": [{"role": role, "content": text} for role, text in turns], "meta": {"goal": "track"}},
        {"conversations": [{"from": role, "value": text} for role, text in turns]},
        {"messages": [{"role": role, "content": [{"type": "text", "text": text}, {"type": "tool_use", "input": {"a": "b"}}]} for role, text in turns]},
    ):  # fmt: skip
        assert text_of(record) == said


def test_other_records_say_their_fields_and_texts():
    assert text_of({"shippingAddress": {"city_name": "Graz", "zip": 8010}, "tags": ["a", None, True]}) == (
        "shipping Address\ncity name\nGraz\nzip\ntags\na"
    )
    assert text_of("just this") == "just this"
    assert text_of(7) == ""


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_record_has_a_text(record):
    for value in (record, {"messages": record}, {"messages": [record, {"role": "user", "content": record}]}):
        assert isinstance(text_of(json.loads(json.dumps(value))), str)
