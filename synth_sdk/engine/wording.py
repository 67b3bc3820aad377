"""Text for each meaning, in agreement with the scene."""

from collections.abc import Callable
from functools import lru_cache

from synth_sdk.engine.dice import Dice
from synth_sdk.engine.naming import person_role
from synth_sdk.engine.scene import Scene, ascii_word

_HEX = "0123456789abcdef"
_CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
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
    "gender": "female male",
}
_OPTIONS = {meaning: tuple(words.split()) for meaning, words in _LISTS.items()}
_MATERIALS = ("Oak", "Steel", "Cotton", "Linen", "Ceramic", "Leather", "Bamboo", "Glass", "Wool", "Copper", "Walnut", "Canvas")
_STYLES = ("Classic", "Compact", "Foldable", "Everyday", "Heavy-Duty", "Slim", "Portable", "Vintage", "Modern", "Deluxe")
_THINGS = (
    *("Desk Lamp", "Backpack", "Water Bottle", "Office Chair", "Notebook", "Kettle", "Headphones", "Bookshelf", "Rain Jacket", "Cutting Board"),
    *("Wall Clock", "Coffee Grinder", "Bike Light", "Tool Box", "Picture Frame", "Throw Blanket", "Travel Mug", "Keyboard", "Side Table", "Planter"),
)  # fmt: skip
_ADJECTIVES = (
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
)
_TOPICS = (
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
)
_VERBS = ("checked", "confirmed", "moved", "reviewed", "sent back", "approved", "corrected", "archived", "reopened", "delivered")
_TAILS = (
    *("by the night shift", "after a short call", "without any remarks", "ahead of the deadline", "at the customer's request"),
    *("during the weekly check", "with one small change", "before the office closed", "for the second time", "as agreed last week"),
)  # fmt: skip
_PEOPLE_NEAR = frozenset(
    {"email", "first_name", "last_name", "phone", "age", "gender", "birth_date", "username", "date_of_birth"}
)
_PRODUCT_NEAR = frozenset({"price", "sku", "quantity", "stock", "unit_price", "in_stock", "barcode", "weight"})
_PRODUCT_OWNERS = ("product", "item", "article", "line_item", "good")
_COMPANY_OWNERS = (
    "company",
    "organization",
    "organisation",
    "employer",
    "vendor",
    "supplier",
    "brand",
    "publisher",
    "merchant",
    "store",
)
_PLACE_OWNERS = {"city": "city", "country": "country", "state": "state", "region": "state", "location": "city"}
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{0}.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.{1} Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
)
Writer = Callable[[Scene, Dice, str], str]


def write(meaning: str, role: str, scene: Scene, dice: Dice) -> str:
    """Text that means `meaning`. `role` is what the property's name says before that; unknown meanings give a few plain words."""
    if meaning in _OPTIONS:
        return scene.person(person_role(role)).gender if meaning == "gender" else dice.pick(_OPTIONS[meaning])
    return _WRITERS.get(meaning, _plain)(scene, dice, role)


def _plain(scene: Scene, dice: Dice, _role: str) -> str:
    return " ".join(scene.word(dice, "word") for _ in range(dice.between(1, 3)))


def _name(scene: Scene, dice: Dice, role: str) -> str:
    """A bare `name`: of a product, a company, a place or a person, by what stands around it."""
    around = role or _singular(scene.owner)
    if any(around.endswith(word) for word in _PRODUCT_OWNERS) or (not role and scene.siblings & _PRODUCT_NEAR):
        return _product(scene, dice, role)
    if any(around.endswith(word) for word in _COMPANY_OWNERS):
        return scene.word(dice, "company")
    if around in _PLACE_OWNERS:
        return write(_PLACE_OWNERS[around], "", scene, dice)
    if role and not scene.siblings & _PEOPLE_NEAR:
        return _label(dice)
    return _full_name(scene, dice, role)


def _full_name(scene: Scene, _dice: Dice, role: str) -> str:
    person = scene.person(person_role(role))
    return f"{person.first} {person.last}"


def _product(_scene: Scene, dice: Dice, _role: str) -> str:
    first = dice.pick(_MATERIALS) if dice.chance(0.5) else dice.pick(_STYLES)
    return f"{first} {dice.pick(_THINGS)}"


def _label(dice: Dice) -> str:
    return f"{dice.pick(_ADJECTIVES)} {dice.pick(_TOPICS)}".capitalize()


def _sentence(_scene: Scene, dice: Dice, _role: str) -> str:
    return f"The {dice.pick(_ADJECTIVES)} {dice.pick(_TOPICS)} was {dice.pick(_VERBS)} {dice.pick(_TAILS)}."


def _paragraph(scene: Scene, dice: Dice, role: str) -> str:
    return " ".join(_sentence(scene, dice, role) for _ in range(dice.between(2, 4)))


def _address(scene: Scene, dice: Dice, role: str) -> str:
    place = scene.place(role)
    middle = f"{place.state_code} {place.postcode}" if place.state_code else place.postcode
    return f"{_street(scene, dice, role)}, {place.city}, {middle}"


def _street(scene: Scene, dice: Dice, role: str) -> str:
    return scene.dice.at("@street", role).pick(_streets(scene.locale))


@lru_cache(maxsize=64)
def _streets(locale: str) -> tuple[str, ...]:
    from synth_sdk.engine.banks import words

    return tuple(" ".join(text.split()) for text in words(locale, "street_address", "street_name"))


def _country(scene: Scene, dice: Dice, role: str) -> str:
    near_place = scene.siblings & {"city", "state", "postcode", "zip", "zip_code", "postal_code"}
    return scene.place(role).country if near_place else scene.word(dice, "country")


def _country_code(scene: Scene, dice: Dice, role: str) -> str:
    near_place = scene.siblings & {"city", "state", "postcode", "zip", "zip_code", "postal_code", "country"}
    return scene.place(role).country_code if near_place else scene.word(dice, "country_code")


def _phone(scene: Scene, dice: Dice, _role: str) -> str:
    """A number of the locale's shape; its last digits are drawn anew, so that numbers don't repeat."""
    shape = list(scene.word(dice, "phone_number"))
    places = [place for place, char in enumerate(shape) if char.isascii() and char.isdigit()][-4:]
    for place in places:
        shape[place] = str(dice.below(10))
    return "".join(shape)


def _uuid(_scene: Scene, dice: Dice, _role: str) -> str:
    text = f"{dice.bits():016x}{dice.bits():016x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_HEX[8 + dice.below(4)]}{text[17:20]}-{text[20:]}"


def _id(scene: Scene, dice: Dice, role: str) -> str:
    return f"{role.split('_')[-1][:4]}_{dice.bits():016x}" if role else _uuid(scene, dice, role)


def _slug(_scene: Scene, dice: Dice, _role: str) -> str:
    return f"{dice.pick(_ADJECTIVES)}-{dice.pick(_TOPICS)}-{dice.between(1, 999)}"


def _url(scene: Scene, dice: Dice, role: str) -> str:
    return f"https://www.{dice.pick(('example.com', 'example.org', 'example.net'))}/{_slug(scene, dice, role)}"


def _host(_scene: Scene, dice: Dice, _role: str) -> str:
    return f"{dice.pick(('web', 'api', 'db', 'mail', 'cdn', 'auth'))}-{dice.between(1, 99)}.{dice.pick(('example.com', 'example.org', 'example.net'))}"


def _file_name(_scene: Scene, dice: Dice, _role: str) -> str:
    return f"{dice.pick(_ADJECTIVES)}_{dice.pick(_TOPICS)}.{dice.pick(('pdf', 'csv', 'docx', 'png', 'txt'))}"


def _iban(scene: Scene, dice: Dice, _role: str) -> str:
    """A German account number with correct check digits (ISO 13616: the rearranged number is 1 modulo 97)."""
    account = "".join(str(dice.below(10)) for _ in range(18))
    return f"DE{98 - int(account + '131400') % 97:02}{account}"


def _card(_scene: Scene, dice: Dice, _role: str) -> str:
    """Sixteen digits with a correct Luhn check digit, in the test range 4000 00."""
    digits = [4, 0, 0, 0, 0, 0] + [dice.below(10) for _ in range(9)]
    total = sum(sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits))
    return "".join(map(str, digits)) + str(-total % 10)


def _barcode(_scene: Scene, dice: Dice, _role: str) -> str:
    """Thirteen digits with the EAN check digit."""
    digits = [4, 0] + [dice.below(10) for _ in range(10)]
    total = sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return "".join(map(str, digits)) + str(-total % 10)


def _isbn(_scene: Scene, dice: Dice, _role: str) -> str:
    digits = [9, 7, 8, 3] + [dice.below(10) for _ in range(8)]
    total = sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return "".join(map(str, digits)) + str(-total % 10)


def _agent(_scene: Scene, dice: Dice, _role: str) -> str:
    return dice.pick(_AGENTS).format(dice.between(110, 131), dice.below(6))


def _letters(dice: Dice, count: int) -> str:
    return "".join(dice.pick(_CAPITALS) for _ in range(count))


_WRITERS: dict[str, Writer] = {
    "first_name": lambda scene, _, role: scene.person(person_role(role)).first,
    "last_name": lambda scene, _, role: scene.person(person_role(role)).last,
    "middle_name": lambda scene, dice, _: scene.word(dice, "first_name"),
    "full_name": _full_name,
    "name": _name,
    "username": lambda scene, _, role: scene.handle(person_role(role)),
    "email": lambda scene, _, role: scene.email(person_role(role)),
    "phone": _phone,
    "job": lambda scene, dice, _: scene.word(dice, "job"),
    "company": lambda scene, dice, _: scene.word(dice, "company"),
    "street": _street,
    "address": _address,
    "city": lambda scene, _, role: scene.place(role).city,
    "state": lambda scene, _, role: scene.place(role).state or scene.place(role).city,
    "state_code": lambda scene, _, role: scene.place(role).state_code,
    "postcode": lambda scene, _, role: scene.place(role).postcode,
    "country": _country,
    "country_code": _country_code,
    "url": _url,
    "hostname": _host,
    "ipv4": lambda _, dice, __: f"{dice.pick(('192.0.2', '198.51.100', '203.0.113'))}.{dice.between(1, 254)}",  # RFC 5737
    "ipv6": lambda _, dice, __: "2001:db8:" + ":".join(f"{dice.between(1, 65535):x}" for _ in range(6)),  # RFC 3849
    "mac": lambda _, dice, __: "02:" + ":".join(f"{dice.below(256):02x}" for _ in range(5)),
    "user_agent": _agent,
    "slug": _slug,
    "path": lambda scene, dice, role: f"/srv/data/{dice.pick(_TOPICS)}s/{_file_name(scene, dice, role)}",
    "file_name": _file_name,
    "uuid": _uuid,
    "id": _id,
    "sku": lambda _, dice, __: f"{_letters(dice, 3)}-{dice.between(1000, 99999)}",
    "number_code": lambda _, dice, role: f"{_letters(dice, 2)}-{dice.between(100000, 999999)}",
    "barcode": _barcode,
    "isbn": _isbn,
    "token": lambda _, dice, __: f"{dice.bits():016x}{dice.bits():016x}",
    "password": lambda _, dice, __: f"{_letters(dice, 3)}{dice.bits():012x}"[:14] + "!7",
    "version": lambda _, dice, __: f"{dice.between(0, 5)}.{dice.below(20)}.{dice.below(10)}",
    "iban": _iban,
    "bic": lambda _, dice, __: f"{_letters(dice, 4)}DE{_letters(dice, 2)}",
    "card_number": _card,
    "product": _product,
    "title": lambda _, dice, __: _label(dice),
    "sentence": _sentence,
    "paragraph": _paragraph,
    "word": lambda scene, dice, _: scene.word(dice, "word"),
    "hex_color": lambda _, dice, __: f"#{dice.below(1 << 24):06x}",
    "query": lambda _, dice, __: f"{dice.pick(_STYLES)} {dice.pick(_THINGS)}".lower(),
    "question": lambda _, dice, __: f"When will the {dice.pick(_ADJECTIVES)} {dice.pick(_TOPICS)} be {dice.pick(_VERBS)}?",
    "unit": lambda _, dice, __: f"{dice.pick(('Apt.', 'Suite', 'Unit'))} {dice.between(1, 120)}",
}


def _singular(name: str) -> str:
    return name[:-1] if name.endswith("s") else name


def words_to_length(scene: Scene, dice: Dice, low: int, high: int) -> str:
    """Plain words of `low` to `high` characters in all."""
    text = _plain(scene, dice, "")
    while len(text) < low:
        text += " " + ascii_word(scene.word(dice, "word")) if len(text) + 3 < high else dice.pick("aeinorst")
    return text[:high].rstrip() if len(text[:high].rstrip()) >= low else text[:high].replace(" ", "e")
