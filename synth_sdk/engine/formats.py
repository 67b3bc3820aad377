"""Text for each `format`: those that validators check, and those that only name a meaning."""

import base64
from datetime import datetime, timedelta
from typing import Any

from synth_sdk.engine.dice import Dice
from synth_sdk.engine.naming import meaning_of, rank_of, snake
from synth_sdk.engine.scene import Scene, ascii_word
from synth_sdk.engine.wording import write

_HEX = "0123456789abcdef"
_MEANINGS = {  # formats whose text is that of a meaning
    **{name: name for name in ("email", "uuid", "ipv4", "ipv6", "hostname", "phone", "address", "street", "city", "state", "postcode")},
    **{name: name for name in ("country", "country_code", "first_name", "last_name", "username", "company", "job", "currency", "iban")},
    **{name: name for name in ("color", "word", "sentence", "paragraph", "password")},
    "name": "full_name", "idn-email": "email", "ip-address": "ipv4", "host-name": "hostname", "idn-hostname": "hostname",
    "uri": "url", "iri": "url", "url": "url", "phone-number": "phone", "guid": "uuid",
}  # fmt: skip
_DURATIONS = ("PT15M", "PT30M", "PT1H", "PT90M", "PT2H", "P1D", "P2D", "P3D", "P1W", "P2W", "P1M", "P3M", "P6M", "P1Y")
_REGEXES = ("^[a-z]+$", "^[A-Z]{2,3}$", "^\\d{4}$", "^[a-z0-9-]{3,20}$", "^(yes|no)$", "[aeiou]+", "^\\w+@\\w+$")


def of_format(kind: str, name: str, scene: Scene, dice: Dice, extras: dict[str, Any]) -> str | None:
    """Text in the format `kind` for a property `name`; None for a format that says nothing to us."""
    match kind:
        case "date-time" | "date" | "time" | "local-date-time" | "datetime":
            return moment_text(kind, name, scene, dice, extras)
        case "duration":
            return dice.pick(_DURATIONS)
        case "regex":
            return dice.pick(_REGEXES)
        case "json-pointer":
            return "".join(f"/{ascii_word(scene.word(dice, 'word'))}" for _ in range(dice.between(1, 3)))
        case "relative-json-pointer":
            return f"{dice.below(3)}/{ascii_word(scene.word(dice, 'word'))}"
        case "uri-reference" | "iri-reference":
            return f"/{write('slug', '', scene, dice)}" if dice.chance(0.5) else write("url", "", scene, dice)
        case "uri-template":
            return f"https://example.com/{write('slug', '', scene, dice)}/{{id}}"
        case "byte" | "base64":
            return base64.b64encode(bytes(dice.below(256) for _ in range(dice.between(6, 24)))).decode()
        case "binary":
            return "".join(dice.pick(_HEX) for _ in range(2 * dice.between(6, 24)))
    meaning = _MEANINGS.get(kind)
    if meaning is None:
        return None
    known, role = meaning_of(name)
    return write(known if meaning == "url" and known in ("url", "slug") else meaning, role, scene, dice)


def moment_text(kind: str, name: str, scene: Scene, dice: Dice, extras: dict[str, Any]) -> str:
    """A moment of the scene as text; `extras` may hold `strftime`, `earliest` and `latest`."""
    meaning, role = meaning_of(name)
    at = scene.birth(role) if meaning == "birth" else scene.moment(rank_of(name))
    at = _within(at, extras, dice)
    if extras.get("strftime"):
        return at.strftime(extras["strftime"])
    if kind == "date":
        return f"{at:%Y-%m-%d}"
    if kind == "time":
        late = rank_of(name) > 3
        return f"{dice.between(13, 20) if late else dice.between(7, 12):02}:{dice.pick((0, 15, 30, 45)):02}:00Z"
    return f"{at:%Y-%m-%dT%H:%M:%S}" + ("" if kind == "local-date-time" else "Z")


def looks_like_moment(name: str) -> str:
    """The format that the name of a text property suggests: "date-time", "date" or none."""
    plain = snake(name)
    last = plain.rsplit("_", 1)[-1]
    if last in ("timestamp", "datetime") or (last in ("at", "on") and "_" in plain):
        return "date-time"
    if last in ("date", "dob", "birthdate", "birthday") or plain in ("date_of_birth",):
        return "date"
    return ""


def _within(at: datetime, extras: dict[str, Any], dice: Dice) -> datetime:
    low, high = _bound(extras.get("earliest"), at), _bound(extras.get("latest"), at)
    if (low is None or at >= low) and (high is None or at <= high):
        return at
    low = low or (high - timedelta(days=365) if high else at)
    span = int(((high or low + timedelta(days=365)) - low).total_seconds())
    return low + timedelta(seconds=dice.between(0, max(span, 0)))


def _bound(text: Any, like: datetime) -> datetime | None:
    if not isinstance(text, str):
        return None
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=like.tzinfo)
