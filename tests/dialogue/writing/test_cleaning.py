import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.core.errors import Rejected
from synth_sdk.dialogue import sanitise


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Customer: hi", "hi"),
        ("**Support agent:** hi", "hi"),
        ("“Hello there”", "Hello there"),
        ("'quoted'", "quoted"),
        ('"yes" and "no"', '"yes" and "no"'),
        ("two\nlines\tand  gaps", "two lines and gaps"),
        ("**bold** and **two strong** words", "bold and two strong words"),
        ("```python\nprint(1)\n```", "print(1)"),
        ("# Heading", "Heading"),
        ("- item", "item"),
        ("see [the page](https://example.com/x)", "see the page"),
        ("<p>Hello<br/>you</p>", "Hello you"),
        ("<|im_start|>Hi<|im_end|>", "Hi"),
        ("a\x00b\u202ec", "abc"),
        ("if a < b: use **kwargs and __init__ or list[int]", "if a < b: use **kwargs and __init__ or list[int]"),
        ("I'm here", "I'm here"),
        ("naïve café – ok", "naïve café – ok"),
    ],
)
def test_cleaning(text, cleaned):
    assert sanitise(text) == cleaned
    assert sanitise(cleaned) == cleaned


@pytest.mark.parametrize(
    "text", ["", "  ", "\x00", "Agent: ", "<br>", '""', "Hi {{ name_here }}", "Hello [Your Name]", "Bye. User: hello"]
)
def test_what_cannot_be_repaired_is_rejected(text):
    with pytest.raises(Rejected):
        sanitise(text)


MARKS = [*"ab:*_`\"'<>|[](){}#-\n “”\x07", "Agent: ", "**", "```", "<b>", "</b>", "<|x|>"]


@given(st.lists(st.sampled_from(MARKS), max_size=30).map("".join))
def test_cleaning_twice_is_cleaning_once(text):
    try:
        once = sanitise(text)
    except Rejected:
        return
    assert sanitise(once) == once
    assert once.isprintable()


@given(st.text(max_size=60))
def test_any_text_is_cleaned_or_rejected(text):
    try:
        once = sanitise(text)
    except Rejected:
        return
    assert sanitise(once) == once
