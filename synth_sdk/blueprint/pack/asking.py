"""What a model is told when it invents the subject of a pack: who is written to, about what, and which rules hold there."""

from typing import Any

_TEXT = {"type": "string", "minLength": 1}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _texts(most: int) -> dict[str, Any]:
    return {"type": "array", "items": _TEXT, "minItems": 6, "maxItems": most}


SUBJECT_SCHEMA = _object(
    description=_TEXT,
    business=_TEXT,
    thing=_TEXT,
    number=_TEXT,
    id=_TEXT,
    happens=_TEXT,
    low_price={"type": "number"},
    high_price={"type": "number"},
)
VOCABULARY_SCHEMA = _object(items=_texts(40), matters=_texts(40))
RULES_SCHEMA = _object(rules={"type": "array", "items": _object(topic=_TEXT, answer=_TEXT), "minItems": 5, "maxItems": 24})

INSTRUCTIONS = """\
You prepare a simulator of support chats. In it customers write to one business about one kind of thing that each of them has there \
(a booking, an order, a repair, an application) and that has a number, a day and a price. They ask for its day or price, move it, cancel \
it, or ask about a rule of the business. You invent the business, its things and its rules. Write English. Nothing is a real company's, \
and nothing is a placeholder."""

_EXAMPLE = """\
Example, for "a bike workshop": {"description": "A customer of a bike workshop writes about a repair.", "business": "a bike workshop", \
"thing": "repair", "number": "repair number", "id": "W-#####", "happens": "is ready", "low_price": 20, "high_price": 90}"""


def subject_brief(about: str) -> str:
    return "\n".join(
        [
            f"About: {about}",
            "description: one sentence. business: who is written to, with an article, lower case. thing: what customers have there, a "
            "singular noun of one to three words, lower case, no article. number: what its number is called. id: the shape of that number, # for a digit, at "
            'least four of them, capital letters before. happens: what happens on its day, so that "the [thing] [happens] on Monday" is a sentence. low_price, '
            "high_price: whole dollars.",
            _EXAMPLE,
        ]
    )


def vocabulary_brief(subject: dict[str, Any]) -> str:
    return "\n".join(
        [
            f"{subject['description']} Each {subject['thing']} is of an item and about a matter.",
            'items: 20 different ones, as they stand in the middle of a sentence, two to four words, with "my", "a" or no article '
            'as fits "it\'s for ...". For a bike workshop: "my road bike", "a cargo bike".',
            'matters: 20 reasons for, or contents of, such a thing, noun phrases, lower case. For a bike workshop: "new brakes", '
            '"a flat tire". Every item goes with every matter. No numbers, dates or names in them.',
        ]
    )


def rules_brief(subject: dict[str, Any]) -> str:
    return "\n".join(
        [
            f"{subject['description']} Ten rules of {subject['business']} that customers ask about.",
            'topic: what is asked about, a noun phrase in lower case, such as "opening hours". answer: what an agent says, one or two whole '
            'sentences with the facts, such as "We are open from 9 am to 6 pm on weekdays."',
        ]
    )
