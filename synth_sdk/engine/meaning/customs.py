"""What both ways of making records hold to be usual, so that a schema reads alike in columns and in rows."""

from synth_sdk.engine.meaning.naming import meaning_of
from synth_sdk.schema.names import snake

OPTIONAL_SHARE = 0.8  # of records that show an optional property
NULL_SHARE = 0.1  # of values that may be null
DAY = 86400
LONGEST_STEP = 20 * DAY  # seconds between one event in the life of a thing and the next
DOMAINS = ("example.com", "example.org", "example.net", "mail.example.com")  # reserved for documentation by RFC 2606
ANNEXES = frozenset(  # a nested object of such a name is about the same person and place as the one around it
    {"name", "address", "contact", "profile", "location", "billing", "personal_info", "personal", "details", "info", "customer"}
)
TOTALS = frozenset({"total", "subtotal", "line_total", "total_price", "total_amount", "amount"})
_MADE_FROM_NAMES = frozenset({"email", "username"})


def lateness(name: str) -> int:
    """Properties in the order of making: names before what is made from them, parts before sums."""
    return 2 if snake(name) in TOTALS else 1 if meaning_of(name)[0] in _MADE_FROM_NAMES else 0
