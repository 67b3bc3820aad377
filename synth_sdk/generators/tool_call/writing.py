"""What a model writes of a tool-call record: the request and the last reply. The calls, their arguments and results are dictated.

So whatever a model says, the calls are valid and agree with their results; its words are used as far as they agree with the calls.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from random import Random

from synth_sdk.core.errors import Rejected
from synth_sdk.core.models import Json
from synth_sdk.core.seeds import pick
from synth_sdk.generators.conversation_schema import fields
from synth_sdk.generators.tool_call.ask import Ask
from synth_sdk.generators.tool_call.parts import Parts, check_request, check_told
from synth_sdk.generators.tool_call.scenarios import Example
from synth_sdk.generators.tool_call.sources import Sources, as_text, stems, told_by
from synth_sdk.generators.tool_call.wording import clause_of, label

_VOICES = (
    "someone in a hurry", "a polite colleague", "a person who explains why", "someone on the phone", "a terse expert", "a chatty customer",
    "a person who thinks aloud", "someone who types in lower case", "a manager", "a student", "a parent", "someone who asks rather than orders",
)  # fmt: skip
_FIGURE = re.compile(r"\d+")
_DUE = frozenset({"answerable", "missing_information"})  # turns that only a certain answer fits

WORDS: Json = fields(request={"type": "string"}, reply={"type": "string"})
RULES = """\
You write what people say to an assistant that has tools, and what it says in the end. The calls that it makes and their results are given.
- "request" is what the person writes before anything is called, in the voice that the brief names: natural words that ask for just these calls. \
It says every value in their arguments: codes, addresses, paths and names as they stand, the rest in other words where people would ("five" for 5, \
"March 14" for a date). It never holds the name of a tool or of a parameter.
- "reply" is the assistant's last word, after the results: one or two sentences on what came of it.
- Neither holds a figure, date, code, address or name of your own: the request none that isn't in the arguments, the reply none that isn't in the brief.
- Where the brief lists no call, it gives both texts: say the same in words of your own.
"""


def brief_of(example: Example, source: Random) -> str:
    """What is told of one record: a voice, and the calls with their results."""
    voice = f"The request is by {pick(source, _VOICES)}."
    if example.why:
        return f"{voice} No call ({example.why.replace('_', ' ')}).\nRequest: {example.request}\nReply: {example.reply}"
    calls = [call_line(ask, example.uses[turn - 1] if turn else {}) for turn, asks in enumerate(example.turns) for ask in asks]
    return "\n".join([voice, "Calls:", *(f"{number}. {line}" for number, line in enumerate(calls, 1))])


def call_line(ask: Ask, uses: Mapping[str, str]) -> str:
    """One call with its result."""
    taken = f"; the {' and the '.join(map(label, uses))} comes from the result before, don't say it" if uses else ""
    return f"{ask.tool.name}, to {clause_of(ask.tool)}{taken}: {as_text(ask.arguments)} returned {as_text(ask.result)}"


def words_of(example: Example) -> Json:
    """The offline example as a model would write it."""
    return {"request": example.request, "reply": example.reply}


def worded(example: Example, words: Mapping[str, str]) -> Example:
    """The example with as much of a model's words as can be used. Rejected if that is nothing."""
    parts = Parts()
    check = _check_turn if example.why else _check_calls
    request = parts.take("request", words["request"], example.request, lambda text: check(example, text))
    reply = parts.take("reply", words["reply"], example.reply, lambda text: _check_reply(example, request, text))
    parts.close()
    return replace(example, request=request, reply=reply)


def _check_calls(example: Example, text: str) -> None:
    check_request(text, example.turns, example.uses[0] if example.uses else {}, example.request)


def _check_turn(example: Example, text: str) -> None:
    """A request that needs no call must still need none."""
    if not stems(text) & stems(example.request):
        raise Rejected("it speaks of something else")
    check_told(text, Sources(example.request))


def _check_reply(example: Example, request: str, text: str) -> None:
    asks = [ask for turn in example.turns for ask in turn]
    sources = Sources(request, *told_by(asks), *(as_text(ask.result) for ask in asks))
    if example.why:
        sources.hear(example.request, example.reply)
        if example.why in _DUE and not _same_answer(example, text):
            raise Rejected("it doesn't give the answer of the brief")
    check_told(text, sources)


def _same_answer(example: Example, text: str) -> bool:
    """With all figures of the offline reply; if it has none, with a word of it that isn't in the request."""
    figures = set(_FIGURE.findall(example.reply))
    if figures:
        return figures <= set(_FIGURE.findall(text))
    return bool(stems(text) & (stems(example.reply) - stems(example.request)))
