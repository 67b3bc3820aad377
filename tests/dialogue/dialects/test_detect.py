"""A record says in which dialect it is; a file by the most telling of its records."""

import pytest

from synth_sdk.dialogue.dialects import DIALECTS, convert, detect, detect_all
from tests.dialogue.dialects.support import PARALLEL, agent, record, user

PLAIN = record(user(), agent())


@pytest.mark.parametrize("name", DIALECTS)
def test_a_record_with_calls_is_recognised(name):
    assert detect(convert(PARALLEL, name)) == name


@pytest.mark.parametrize("name", DIALECTS)
def test_a_file_is_recognised_by_its_telling_records(name):
    bare = {key: value for key, value in PLAIN.items() if key != "tools"}
    assert detect_all([convert(bare, name), *[convert(PARALLEL, name)] * 2]) == name


def test_what_is_no_conversation():
    for value in (None, 3, [], {}, {"messages": []}, {"messages": "x"}, {"conversations": [{}]}, {"trace_id": "t", "steps": []}):
        assert detect(value) is None
    assert detect_all([{}, None]) is None
    assert detect_all([]) is None


def test_further_columns_make_a_chat_record_one_of_ours():
    assert detect({"messages": [user(), agent()]}) == "openai"
    assert detect({"messages": [user(), agent()], "source": "mine"}) == "synth"
    assert detect({"messages": [{"role": "user", "content": [{"text": "x"}]}, agent()]}) == "bedrock"
    assert detect({"system": "x", "messages": [user(), agent()]}) == "anthropic"
