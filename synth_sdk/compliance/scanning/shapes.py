"""What the patterns of detectors are put together from.

Every detector has two expressions. A *shape*, for RE2: run over whole batches of JSON lines, so it may say yes too often, never no to
what the pattern finds. A *pattern*, for Python: run on the few texts whose shape fits, it says where the value is: in the named group that
ends last.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from synth_sdk.compliance.masking.keys import Key
from synth_sdk.core.findings import Severity

# What people put between the groups of a number: blanks, dashes and full stops, those of typesetters too.
GAP = "[ \u00a0\u2007\u2009\u202f\u2010-\u2015.-]"
APART = r"(?:^|[^0-9A-Za-z_]|\\[nrt])"  # RE2: nothing that belongs to a longer word before it; JSON writes line ends as letters
WORD = r"(?:^|[^0-9A-Za-z]|\\[nrt])"  # RE2: the same, where what is before may be a word of a name in snake_case
BEFORE = r"(?<![0-9A-Za-z_])(?<![0-9A-Za-z][.,/-])"
AFTER = r"(?![0-9A-Za-z_])(?![.,/-][0-9A-Za-z])"
# Between a label and its value: `CVV: 123`, `"cvv": "123"`, `SSN is 123...`, `MRN no. 4711`
TO_VALUE = r"""[\s"'\\:=#.()-]{0,6}(?:(?:is|was|are|number|num|no|nr|code|reads|ending)\b[\s"'\\:=#.()-]{0,4}){0,3}"""
NEAR_VALUE = TO_VALUE.replace("{0,6}", "{0,20}")  # RE2: JSON within JSON has more marks there
_NO_DIGITS = re.compile("[^0-9]+")

Family = Literal["numbers", "codes", "words", "hosts", "others"]


@dataclass(frozen=True, slots=True)
class Detector:
    """Finds one sort of value in text.

    `what` names it to people. `real` judges a match: is it a value that somebody could have been given? Reserved numbers and such that
    fail their check aren't. `stand_in` is a value of the same shape that belongs to nobody (None: hits are told, never replaced); `real`
    turns it down. `prose`: its label must stand in the text itself; a field's name doesn't count. Shapes of one `family` are searched for in one pass; more of them in a pass would outgrow RE2's cache of states.
    """

    name: str
    what: str
    severity: Severity
    family: Family
    shape: str
    pattern: str
    real: Callable[[re.Match[str]], bool]
    stand_in: Callable[[str, Key], str] | None
    prose: bool = False


def digits_of(text: str) -> str:
    return _NO_DIGITS.sub("", text)


def refilled(text: str, digits: str) -> str:
    """`text` with its digits replaced, in order, by `digits`: separators stay where they are."""
    rest = iter(digits)
    return "".join(next(rest) if "0" <= character <= "9" else character for character in text)


def value_of(match: re.Match[str]) -> str:
    """The text of the hit, without the label before it."""
    return match[match.lastgroup or 0]


def labelled(match: re.Match[str], label: re.Pattern[str], within: int = 24) -> bool:
    """Does `label` stand in the `within` characters before the hit?"""
    start = match.start(match.lastgroup or 0)
    return label.search(match.string, max(0, start - within), start) is not None


# Numbers that stand behind these words are labels of things.
OF_THINGS = re.compile(
    r"(?:order|p\.?o|item|article|artikel|tracking|parcel|shipment|invoice|receipt|reference|ref|ticket|case|sku|serial|part|model|isbn|issn|imei|upc|ean|gtin|"
    r"version|build|batch|lot|commit|hash|digest|checksum|trace|span|request|session|transaction|timestamp|epoch|uuid|guid|code|"
    r"bestell\w*|rechnung\w*|commande|facture|pedido|factura|ordine|fattura)"
    r"""(?:[ _-]?(?:id|ids|no|nr|num|number|#|nummer))?["'\\]*[\s:=#.()-]{0,4}(?:is|was)?[\s"'\\]{0,4}[A-Z]{0,3}-?$""",
    re.IGNORECASE,
)
