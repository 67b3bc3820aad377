"""Records to read: conversations of any usual shape as turns, all else as JSON."""

import subprocess
import sys

from synth_sdk.reporting.talks import reading
from tests.reporting.support import sample


def test_a_conversation_is_read_as_turns_calls_and_results():
    talk = reading(1, sample("full")["records"][-1])
    assert [part.kind for part in talk.parts] == ["system", "user", "assistant", "user", "call", "result", "assistant", "user"]
    assert talk.parts[4].name == "find_appointment"
    assert '\n  "birth_date": "1961-05-04"\n' in talk.parts[4].text
    assert talk.labels["success"] == "true"


def test_other_names_of_speakers():
    talk = reading(1, {"conversations": [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "hello"}]})
    assert [(part.kind, part.text) for part in talk.parts] == [("user", "hi"), ("assistant", "hello")]


def test_of_a_very_long_conversation_the_beginning_is_shown():
    talk = reading(1, {"messages": [{"role": "user", "content": "word " * 2000}] * 50})
    assert len(talk.parts) == 4
    assert talk.parts[-1].text == "47 more"


def test_other_records_are_json_with_a_line_for_each_entry():
    assert reading(1, {"a": [1]}).text == '{\n  "a": [\n    1\n  ]\n}'
    assert reading(1, "plain").text == "plain"
    assert reading(1, {"messages": "none"}).parts == []


def test_templates_are_loaded_for_pages_only():
    code = (
        "import sys, synth_sdk.pipeline.report; from synth_sdk import reporting; reporting.render({}, '.md'); reporting.render({}, '.json');"
        "print([name for name in ('jinja2', 'markupsafe', 'numpy') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
