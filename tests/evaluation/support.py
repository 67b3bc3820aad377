"""A small corpus that never changes, so that its figures don't either."""

import json

from tests.dialogue.dialects.support import TOOLS, agent, called, calling, result, user

PLACES = ["Ghent", "Bruges", "Ostend", "Mons", "Namur", "Arlon", "Dinant"]
OPENINGS = [
    "Hello, how is the weather in {place} today?",
    "hi, can you check {place} for me please",
    "Um, I wonder whether it rains in {place} right now.",
    "What should I wear in {place}?",
    "I am going to {place} on March 9th, what do I need?",
]
REPLIES = [
    "It is {sky} in {place}, with a light wind from the west.",
    "Right now {place} is {sky}. Take a coat, just in case!",
    "Looks {sky} over there. Do you want to know about tomorrow too?",
]
SKIES = ["grey", "clear", "wet"]
CLOSINGS = [
    ("Thanks a lot.", "You're welcome."),
    ("ok thx", "Any time."),
    ("No, that is all I wanted to know.", "Have a good day!"),
]


def conversation(number):
    """Number `number` of the corpus."""
    pick = [number * step for step in (1, 3, 5, 7)]
    place, sky = PLACES[pick[0] % len(PLACES)], SKIES[pick[1] // 2 % len(SKIES)]
    opening = OPENINGS[(pick[2] + number // 7) % len(OPENINGS)].format(place=place)
    reply = REPLIES[(number // 2) % len(REPLIES)].format(place=place, sky=sky)
    thanks, bye = CLOSINGS[(number // 3) % len(CLOSINGS)]
    call = called("get_weather", {"place": place}, f"call_{number}")
    messages = [user(opening), calling(call), result(call["id"], f'{{"sky": "{sky}"}}'), agent(reply), user(thanks), agent(bye)]
    return {"id": f"c{number}", "messages": messages, "tools": TOOLS, "meta": {"number": number}}


CORPUS = [conversation(number) for number in range(120)]


def lines(records):
    """As JSON Lines."""
    return "".join(json.dumps(one) + "\n" for one in records)


def dialogues(records):
    """As they are measured."""
    from synth_sdk.evaluation.dialogues import Dialogue, Sample

    sample = Sample()
    for number, one in enumerate(records, 1):
        sample.add(Dialogue.of(one, number))
    return list(sample)
