"""A language that nothing is known about: what is written the same everywhere."""

from synth_sdk.dialogue.forms import Forms, plain
from synth_sdk.dialogue.languages.base import Language, money_forms, one_or_other


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(str(i + 1) for i in range(count))


def make(code: str) -> Language:
    forms = {
        "date": Forms({"iso": plain}, ("iso",), (1.0,)),
        "time": Forms({"iso": plain}, ("iso",), (1.0,)),
        "money": money_forms(lambda amount, decimals: f"{amount:.{decimals}f}"),
    }
    return Language(
        code, code, "en_US", _numbered(12), _numbered(7), frozenset(), str, lambda noun, gender: noun, one_or_other, forms
    )
