"""What a model might have answered, from a seeded grammar: enough variety that no two wordings are alike, and no facts."""

import re
from random import Random

from synth_sdk.core.errors import NoRoute, Rejected
from synth_sdk.core.models import Completion


def _bank(text: str) -> list[str]:
    return text.split("|")


_HEADS = _bank(
    "so|right|okay|fine|well then|just wondering|quick thing|honestly|for what it is worth|as it happens|funny enough|to be clear"
    "|not sure why but|looking at this again|between us|if I may|all things considered|from what I gather|on my side|this much I know"
)
_MIDDLES = _bank(
    "there is something about|we are talking about|it comes down to|the whole matter is|my mind is on|everything turns on|the point here is"
    "|what counts is|the screen in front of me says|this chat is really about|nobody else would care about|the note says|I keep returning to"
    "|the thread leads back to|somehow it is still|the only open question is|what remains is|it boils down to|you will recognise|here we have"
)
_PLAIN = _bank(
    "the usual way of doing things|a small matter|what we spoke of|that old story|the sensible option|one more try|a bit of patience"
    "|whatever is easiest|the next step|a clear answer|the simplest route|nothing out of the ordinary|a fair solution|the same as before"
)
_TAILS = _bank(
    "if that helps|as far as anybody can tell|and nothing besides|which suits everybody|no rush at all|when you get to it|and there it stands"
    "|plain and simple|or so it seems|that would be it|as you can imagine|in case you wondered|like always|and I mean it|for the record"
    "|at long last|believe it or not|give or take|the way things go|without any fuss"
)
_MUST = re.compile(r"Must stand in each: (.*)")
_NAME = re.compile(r"\{(\w+)\}")
_COUNT = re.compile(r"Write (\d+)\.$")


def wordings(brief: str, source: Random) -> list[str]:
    """As many wordings as the brief wants, each with the placeholders that must stand in it."""
    must = _MUST.search(brief)
    slots = list(dict.fromkeys(_NAME.findall(must.group(1)))) if must else []
    wanted = int(_COUNT.search(brief).group(1))
    return [_wording(slots, source) for _ in range(wanted)]


def _wording(slots, source: Random) -> str:
    subject = " and ".join(f"{{{slot}}}" for slot in slots) or source.choice(_PLAIN)
    text = f"{source.choice(_HEADS)}, {source.choice(_MIDDLES)} {subject}, {source.choice(_TAILS)}."
    return text[0].upper() + text[1:]


class ScriptedModel:
    """A Model whose values come from `answer(request, try)`: checked, re-asked once with the reason, then given up - as the router does."""

    def __init__(self, answer) -> None:
        self.answer, self.asked, self.reasons = answer, [], []

    async def complete(self, request):
        self.asked.append(request)
        for attempt in range(2):
            try:
                value = request.check(self.answer(request, attempt))
            except Rejected as reason:
                self.reasons.append(reason.message)
                continue
            return Completion(value=value, origin="llm", model="scripted", cost_micros=150)
        raise NoRoute({"scripted": self.reasons[-1]})


def writer(seed: int = 0) -> ScriptedModel:
    """One that answers every call for wordings well."""
    return ScriptedModel(
        lambda request, attempt: {"frames": wordings(request.brief, Random(f"{seed} {attempt} {request.brief}"))}
    )


_BRIEF = re.compile(r"^Brief \d+:\n", re.MULTILINE)


def briefs_of(prompt: str) -> list[str]:
    """The briefs of a call, however many share it."""
    parts = _BRIEF.split(prompt)
    return [part.strip() for part in parts[1:]] or [prompt]


def respond(request):
    """What a provider's model answers when it is asked for wordings."""
    return [{"frames": wordings(brief, Random(brief))} for brief in briefs_of(request.turns[0][1])]
