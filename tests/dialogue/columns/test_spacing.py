import pytest

from synth_sdk.dialogue.columns.spacing import capitalised, ends_sentence, one_spaced


@pytest.mark.parametrize(
    ("text", "shown"), [(" a  b ", " a b "), ("a ,b .", "a,b."), ("  ", " "), ("", ""), ("x ", "x "), ("is it ?", "is it?")]
)
def test_spaces(text, shown):
    assert one_spaced(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("lamp", "Lamp"), ("bh-1 please", "bh-1 please"), ("a@b", "a@b"), ("Ann", "Ann"), ("", ""), ("été", "Été")],
)
def test_capitals(text, shown):
    assert capitalised(text) == shown


@pytest.mark.parametrize(("text", "does"), [("So. ", True), ("Well... ", False), ("Why?", True), ("and", False), ("", False)])
def test_ends_of_sentences(text, does):
    assert ends_sentence(text) is does
