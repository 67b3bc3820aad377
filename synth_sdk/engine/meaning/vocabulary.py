"""What meanings look like that depend on nothing around them: each as a Grammar, for one text or a whole column."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from synth_sdk.engine.corpora.source import has_method
from synth_sdk.engine.corpora.tracing import trace
from synth_sdk.engine.dice import Dice
from synth_sdk.engine.grammar.model import Grammar, Number, OneOf, Series, Words
from synth_sdk.engine.grammar.shapes import flatten, sampler

_SMALL = 1 << 12  # alternatives up to this many are written out: one piece instead of several
_TRACED = {  # meanings that Faker has corpora for, and its methods for them; the first that the locale knows
    "middle_name": ("first_name",),
    "job": ("job",),
    "company": ("company",),
    "word": ("word",),
    "phone": ("phone_number",),
    "street": ("street_address", "street_name"),
    "any_country": ("country",),
    "any_country_code": ("country_code",),
}
_LISTS = {  # meanings with few usual values
    "department": "Sales Engineering Marketing Finance Support Operations Legal Procurement Logistics Research",
    "industry": "Retail Banking Healthcare Logistics Software Energy Education Insurance Hospitality Manufacturing",
    "timezone": "UTC Europe/London Europe/Berlin America/New_York America/Chicago America/Los_Angeles Asia/Tokyo Asia/Kolkata Australia/Sydney",
    "language": "en de fr es it pt nl pl ja zh",
    "mime_type": "application/json application/pdf image/png image/jpeg text/plain text/csv text/html",
    "http_method": "GET GET GET POST POST PUT PATCH DELETE",
    "currency": "USD EUR GBP JPY CHF CAD AUD SEK INR BRL",
    "card_type": "visa mastercard amex discover",
    "payment_method": "credit_card debit_card paypal bank_transfer invoice apple_pay",
    "category": "electronics books clothing home garden sports toys beauty grocery automotive",
    "tag": "new sale featured premium limited organic seasonal popular clearance bestseller gift travel outdoor recycled",
    "color": "black white red green blue yellow grey brown orange purple navy beige",
    "status": "active pending completed cancelled processing failed",
    "priority": "low medium medium high urgent",
    "level": "DEBUG INFO INFO INFO WARNING ERROR",
    "role": "admin editor viewer member owner guest",
    "plan": "free basic pro team enterprise",
    "device": "ios android windows macos linux",
    "browser": "Chrome Firefox Safari Edge Opera",
    "weekday": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "month_name": "January February March April May June July August September October November December",
    "size": "XS S M L XL XXL",
    "measure": "piece kg g litre metre box pack hour",
    "source": "web mobile_app email referral phone partner store",
    "salutation": "Mr. Ms. Mrs. Dr.",
}
_MATERIALS = ["Oak", "Steel", "Cotton", "Linen", "Ceramic", "Leather", "Bamboo", "Glass", "Wool", "Copper", "Walnut", "Canvas"]
_STYLES = ["Classic", "Compact", "Foldable", "Everyday", "Heavy-Duty", "Slim", "Portable", "Vintage", "Modern", "Deluxe"]
_THINGS = (
    *("Desk Lamp", "Backpack", "Water Bottle", "Office Chair", "Notebook", "Kettle", "Headphones", "Bookshelf", "Rain Jacket", "Cutting Board"),
    *("Wall Clock", "Coffee Grinder", "Bike Light", "Tool Box", "Picture Frame", "Throw Blanket", "Travel Mug", "Keyboard", "Side Table", "Planter"),
)  # fmt: skip
_ADJECTIVES = [
    "quarterly",
    "updated",
    "regional",
    "internal",
    "open",
    "final",
    "draft",
    "shared",
    "weekly",
    "new",
    "joint",
    "annual",
]
_TOPICS = [
    "report",
    "budget",
    "roadmap",
    "survey",
    "contract",
    "release",
    "invoice",
    "workshop",
    "audit",
    "schedule",
    "proposal",
    "review",
]
_VERBS = ("checked", "confirmed", "moved", "reviewed", "sent back", "approved", "corrected", "archived", "reopened", "delivered")
_TAILS = (
    *("by the night shift", "after a short call", "without any remarks", "ahead of the deadline", "at the customer's request"),
    *("during the weekly check", "with one small change", "before the office closed", "for the second time", "as agreed last week"),
)  # fmt: skip
_AGENTS = (
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/", ".0.0.0 Safari/537.36"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/", ".0"),
)
_CAPITALS = tuple("ABCDEFGHJKLMNPQRSTUVWXYZ")  # without I and O, which look like digits
_HEX = tuple("0123456789abcdef")
_SITES = ("example.com", "example.org", "example.net")  # reserved for documentation by RFC 2606


def series(*parts: Grammar | str | Sequence[str]) -> Series:
    """Parts in turn; text stands for itself, several texts for one of them."""
    return Series(tuple(_part(part) for part in parts))


def _part(part: Grammar | str | Sequence[str]) -> Grammar:
    if isinstance(part, str):
        return Words((part,))
    return part if isinstance(part, Words | Number | Series | OneOf) else Words(tuple(part))


def _label() -> Grammar:
    return series([word.capitalize() for word in _ADJECTIVES], " ", _TOPICS)


def sentence() -> Grammar:
    return series("The ", _ADJECTIVES, " ", _TOPICS, " was ", _VERBS, " ", _TAILS, ".")


def _paragraph() -> Grammar:
    return OneOf(
        tuple(
            Series(tuple(part for n in range(count) for part in ((Words((" ",)),) if n else ()) + (sentence(),)))
            for count in (2, 3, 4)
        )
    )


def _slug() -> Grammar:
    return series(_ADJECTIVES, "-", _TOPICS, "-", Number(1, 999))


def _file_name() -> Grammar:
    return series(_ADJECTIVES, "_", _TOPICS, ".", ("pdf", "csv", "docx", "png", "txt"))


def hex_digits(count: int) -> Grammar:
    """`count` hexadecimal digits."""
    pairs = tuple(first + second for first in _HEX for second in _HEX)
    quads = tuple(first + second for first in pairs for second in pairs)
    return Series((Words(quads),) * (count // 4) + (Words(pairs),) * (count % 4 // 2) + (Words(_HEX),) * (count % 2))


def _letters(count: int) -> Grammar:
    return Series((Words(_CAPITALS),) * count)


@lru_cache(maxsize=1)
def _hex_numbers() -> tuple[str, ...]:
    return tuple(f"{number:x}" for number in range(1, 0x10000))


@lru_cache(maxsize=1)
def _base64_quads() -> tuple[str, ...]:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return tuple(f"{alphabet[n * 7 % 62]}{alphabet[n * 13 % 61]}{alphabet[n * 29 % 59]}{alphabet[n % 62]}" for n in range(4096))


_MADE: dict[str, Callable[[], Grammar]] = {
    "product": lambda: series((*_MATERIALS, *_STYLES), " ", _THINGS),
    "title": _label,
    "label": _label,
    "sentence": sentence,
    "paragraph": _paragraph,
    "question": lambda: series("When will the ", _ADJECTIVES, " ", _TOPICS, " be ", _VERBS, "?"),
    "query": lambda: series([style.lower() for style in _STYLES], " ", [thing.lower() for thing in _THINGS]),
    "slug": _slug,
    "url": lambda: series("https://www.", _SITES, "/", _slug()),
    "hostname": lambda: series(("web", "api", "db", "mail", "cdn", "auth"), "-", Number(1, 99), ".", _SITES),
    "file_name": _file_name,
    "path": lambda: series("/srv/data/", _TOPICS, "s/", _file_name()),
    "ipv4": lambda: series(("192.0.2.", "198.51.100.", "203.0.113."), Number(1, 254)),  # RFC 5737
    "ipv6": lambda: series("2001:db8", *(part for _ in range(6) for part in (":", Words(_hex_numbers())))),  # RFC 3849
    "mac": lambda: series("02", *(part for _ in range(5) for part in (":", hex_digits(2)))),
    "user_agent": lambda: OneOf(tuple(series(head, Number(110, 131), tail) for head, tail in _AGENTS)),
    "sku": lambda: series(_letters(3), "-", Number(1000, 99999)),
    "number_code": lambda: series(_letters(2), "-", Number(100_000, 999_999)),
    "token": lambda: hex_digits(32),
    "password": lambda: series(_letters(3), hex_digits(11), "!7"),
    "version": lambda: series(Number(0, 5), ".", Number(0, 19), ".", Number(0, 9)),
    "bic": lambda: series(_letters(4), "DE", _letters(2)),
    "hex_color": lambda: series("#", hex_digits(6)),
    "unit": lambda: series(("Apt. ", "Suite ", "Unit "), Number(1, 120)),
    "duration": lambda: Words(("PT15M", "PT30M", "PT1H", "PT90M", "PT2H", "P1D", "P2D", "P3D", "P1W", "P2W", "P1M", "P3M", "P6M", "P1Y")),
    "regex": lambda: Words(("^[a-z]+$", "^[A-Z]{2,3}$", "^\\d{4}$", "^[a-z0-9-]{3,20}$", "^(yes|no)$", "[aeiou]+", "^\\w+@\\w+$")),
    "json_pointer": lambda: series("/", _ADJECTIVES, "/", _TOPICS),
    "relative_json_pointer": lambda: series(Number(0, 2), "/", _TOPICS),
    "uri_reference": lambda: OneOf((series("https://www.", _SITES, "/", _slug()), series("/", _slug()))),
    "uri_template": lambda: series("https://example.com/", _slug(), "/{id}"),
    "base64": lambda: Series((Words(_base64_quads()),) * 6),
}  # fmt: skip


@lru_cache(maxsize=512)
def grammar_of(meaning: str, locale: str) -> Grammar | None:
    """How text that means `meaning` looks in `locale`; None for meanings that depend on their surroundings, or that are unknown."""
    if meaning in _LISTS:
        return _evenly(_LISTS[meaning].split())
    if meaning in _MADE:
        return flatten(_MADE[meaning](), _SMALL)
    return corpus(locale, *_TRACED[meaning]) if meaning in _TRACED else None


@lru_cache(maxsize=512)
def sampler_of(meaning: str, locale: str) -> Callable[[Dice], str] | None:
    """`grammar_of`, ready to draw one text at a time."""
    grammar = grammar_of(meaning, locale)
    return sampler(grammar) if grammar is not None else None


@lru_cache(maxsize=512)
def corpus_sampler(locale: str, *methods: str) -> Callable[[Dice], str]:
    """`corpus`, ready to draw one text at a time."""
    return sampler(corpus(locale, *methods))


@lru_cache(maxsize=64)
def words(locale: str) -> Grammar:
    """One to three plain words."""
    word, space = corpus(locale, "word"), Words((" ",))
    return OneOf((word, Series((word, space, word)), Series((word, space, word, space, word))))


def words_to_length(locale: str, dice: Dice, low: int, high: int) -> str:
    """Plain words of `low` to `high` characters in all."""
    word = corpus_sampler(locale, "word")
    text = word(dice)
    while len(text) < low or (len(text) < high // 2 and dice.chance(0.6)):
        text += f" {word(dice)}"
    text = text[:high].rstrip()
    return text + "".join(dice.pick("aeinorst") for _ in range(low - len(text)))


@lru_cache(maxsize=512)
def corpus(locale: str, *methods: str) -> Grammar:
    """What the first of Faker's `methods` says that the locale (failing that, en_US) knows: traced, failing that a bank of its output."""
    from synth_sdk.engine.corpora import banks

    for where in (locale, "en_US"):
        known = [method for method in methods if has_method(where, method)]
        for method in known:
            traced = trace(where, method)
            if traced is not None:
                return flatten(traced, _SMALL)
        if known:
            break
    return _evenly(banks.words(locale, *methods))


def _evenly(texts: Sequence[str]) -> Words:
    """Each text as often as it is listed."""
    distinct = tuple(dict.fromkeys(texts))
    if len(distinct) == len(texts):
        return Words(distinct)
    return Words(distinct, tuple(float(list(texts).count(text)) for text in distinct))
