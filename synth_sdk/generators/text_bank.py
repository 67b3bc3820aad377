"""What a blueprint of kind `text` holds: themes of sentence frames, which take the place of the built-in ones."""

from synth_sdk.core.models import Json
from synth_sdk.generators.banks import frame_flaws, frames, sentence_flaws, shape_flaws
from synth_sdk.generators.conversation_schema import fields

_WORDS: Json = frames(longest=60)
_SLOTS = ("name", "first", "town", "she", "her", "other", "n", "day", "month", "a", "b")
_FRAMES = ("openings", "middles", "closings")

BLUEPRINT_SCHEMA: Json = fields(
    themes={
        "type": "array",
        "minItems": 1,
        "maxItems": 64,
        "items": fields(openings=frames(2), middles=frames(3), closings=frames(2), a=_WORDS, b=_WORDS),
    }
)

BLUEPRINT_RULES = """\
Write themes for short paragraphs. A paragraph takes one opening, any number of middles in any order and one closing of one theme.
Each text is exactly one sentence that ends with a full stop. It is true whatever the slots say:
{name} a person's full name, {first} the same person's first name, {she} and {her} the fitting pronouns (she/he, her/his), {town} a town,
{other} another person's first name, {n} a whole number from 3 to 40, {day} a weekday, {month} a month, {a} and {b} words of the theme's
lists "a" and "b" (write those so that they fit wherever the slot stands). Every opening says {name} and {town}; no other braces occur."""


def blueprint_flaws(value: Json) -> list[str]:
    """What stands in the way of expanding `value`, one line each, led by a JSON pointer; [] when nothing does."""
    if flaws := shape_flaws(value, BLUEPRINT_SCHEMA):
        return flaws
    for place, theme in enumerate(value["themes"]):
        for bank in _FRAMES:
            where = f"/themes/{place}/{bank}"
            needed = ("name", "town") if bank == "openings" else ()
            flaws += frame_flaws(where, theme[bank], _SLOTS, needed) + sentence_flaws(where, theme[bank])
    return flaws
