"""Text for each `format`: those that validators check, and those that only name a meaning."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from synth_sdk.engine.dice import Dice
from synth_sdk.engine.meaning.naming import meaning_of, rank_of
from synth_sdk.engine.rows.scene import Scene
from synth_sdk.engine.rows.wording import write
from synth_sdk.schema.names import snake

MOMENTS = frozenset({"date-time", "date", "time", "local-date-time", "datetime"})
_MEANINGS = {  # formats whose text is that of a meaning
    **{name: name for name in ("email", "uuid", "ipv4", "ipv6", "hostname", "phone", "address", "street", "city", "state", "postcode")},
    **{name: name for name in ("country", "country_code", "first_name", "last_name", "username", "company", "job", "currency", "iban")},
    **{name: name for name in ("color", "word", "sentence", "paragraph", "password", "duration", "regex")},
    "name": "full_name", "idn-email": "email", "ip-address": "ipv4", "host-name": "hostname", "idn-hostname": "hostname",
    "uri": "url", "iri": "url", "url": "url", "phone-number": "phone", "guid": "uuid", "byte": "base64", "base64": "base64",
    "binary": "token", "json-pointer": "json_pointer", "relative-json-pointer": "relative_json_pointer",
    "uri-template": "uri_template", "uri-reference": "uri_reference", "iri-reference": "uri_reference",
}  # fmt: skip


def meaning_of_format(kind: str, name: str) -> tuple[str, str] | None:
    """(meaning, role) of text in the format `kind` under the property `name`; None for a format that says nothing to us."""
    meaning = _MEANINGS.get(kind)
    return None if meaning is None else (meaning, meaning_of(name)[1])


def of_format(kind: str, name: str, scene: Scene, dice: Dice, extras: Mapping[str, Any]) -> str | None:
    """Text in the format `kind` for a property `name`; None for a format that says nothing to us."""
    if kind in MOMENTS:
        return moment_text(kind, name, scene, dice, extras)
    found = meaning_of_format(kind, name)
    return None if found is None else write(*found, scene, dice)


def moment_text(kind: str, name: str, scene: Scene, dice: Dice, extras: Mapping[str, Any]) -> str:
    """A moment of the scene as text; `extras` may hold `strftime`, `earliest` and `latest`."""
    meaning, role = meaning_of(name)
    at = scene.birth(role) if meaning == "birth" else scene.moment(rank_of(name))
    at = _within(at, extras, dice)
    if extras.get("strftime"):
        return at.strftime(extras["strftime"])
    if kind == "date":
        return at.isoformat()[:10]
    if kind == "time":
        late = rank_of(name) > 3
        return f"{dice.between(13, 20) if late else dice.between(7, 12):02}:{dice.pick((0, 15, 30, 45)):02}:00Z"
    return at.isoformat()[:19] + ("" if kind == "local-date-time" else "Z")


@lru_cache(maxsize=20_000)
def looks_like_moment(name: str) -> str:
    """The format that the name of a text property suggests: "date-time", "date" or none."""
    plain = snake(name)
    last = plain.rsplit("_", 1)[-1]
    if last in ("timestamp", "datetime") or (last in ("at", "on") and "_" in plain):
        return "date-time"
    if last in ("date", "dob", "birthdate", "birthday") or plain in ("date_of_birth",):
        return "date"
    return ""


def _within(at: datetime, extras: Mapping[str, Any], dice: Dice) -> datetime:
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
