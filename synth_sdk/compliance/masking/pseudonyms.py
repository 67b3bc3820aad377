"""Pseudonyms that keep the shape of a value: digits stay digits, letters letters of the same case, separators where they are.

For a given shape it is a bijection, so different values stay different and joins hold. What isn't a letter from A to Z or a digit stays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from synth_sdk.compliance.masking.ff1 import permuted
from synth_sdk.compliance.masking.keys import Key
from synth_sdk.core.models import Json

Manner = Literal["plain", "card", "email", "uuid"]
_DIGITS = "0123456789"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_HEX = "0123456789abcdef"
_UUID_FIXED = (14, 19)  # version and variant
_LONGEST_CARD = 19


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """`manner` says what else a field promises: `card` keeps the network and settles Luhn's check digit, `email` keeps the domain, `uuid` the version.

    A valid card number becomes one that fails the check (`failing`), so it can never be a real card; with `valid`, one that passes.
    """

    manner: Manner = "plain"
    valid_cards: bool = False

    def __call__(self, value: Json, key: Key) -> Json:
        match value:
            case bool() | float():
                return value
            case int():
                return _of_integer(value, self._of_digits(key))
            case str():
                return self._of_text(value, key)
        return value

    def _of_text(self, text: str, key: Key) -> str:
        match self.manner:
            case "card":
                return _of_card(text, key, self.valid_cards)
            case "email":
                local, at, domain = text.rpartition("@")
                return _of_plain(local, key) + at + domain if at else _of_plain(text, key)
            case "uuid":
                return _of_uuid(text, key)
        return _of_plain(text, key)

    def _of_digits(self, key: Key) -> Callable[[str], str]:
        return lambda digits: self._of_text(digits, key)


def _of_integer(value: int, change: Callable[[str], str]) -> int:
    """As many digits, the same sign. Walked on until the first isn't 0, which keeps it a bijection."""
    digits = change(str(abs(value)))
    while digits.startswith("0") and len(digits) > 1:
        digits = change(digits)
    return int(digits) if value >= 0 else -int(digits)


def _of_plain(text: str, key: Key) -> str:
    made = list(text)
    _permute(made, [place for place, character in enumerate(text) if character in _DIGITS], _DIGITS, key)
    _permute(made, [place for place, character in enumerate(text) if character.isascii() and character.isalpha()], _LETTERS, key)
    return "".join(made)


def _of_uuid(text: str, key: Key) -> str:
    made = list(text)
    places = [place for place, character in enumerate(text) if character.lower() in _HEX and place not in _UUID_FIXED]
    _permute(made, places, _HEX, key)
    return "".join(made)


def _of_card(text: str, key: Key, valid: bool) -> str:
    """All but the first digit and the last are permuted; the last one checks them as it did before, or fails where it passed."""
    from synth_sdk.compliance.scanning.cards import check_digit

    places = [place for place, character in enumerate(text) if character in _DIGITS]
    if not 8 <= len(places) <= _LONGEST_CARD:
        return _of_plain(text, key)
    made = list(text)
    _permute(made, places[1:-1], _DIGITS, key)
    off = (int(text[places[-1]]) - int(check_digit("".join(text[place] for place in places[:-1])))) % 10
    wanted = off if off or valid else 5
    made[places[-1]] = str((int(check_digit("".join(made[place] for place in places[:-1]))) + wanted) % 10)
    return "".join(made)


def _permute(text: list[str], places: Sequence[int], alphabet: str, key: Key) -> None:
    """Change the characters of `alphabet` at `places`; capitals stay capitals."""
    images = permuted([alphabet.index(text[place].lower()) for place in places], len(alphabet), key)
    for place, image in zip(places, images, strict=True):
        text[place] = alphabet[image].upper() if text[place].isupper() else alphabet[image]
