"""The rules that come with the package: what no record of any kind should hold. They look at every text, wherever it is in a record."""

import re
from collections.abc import Iterator

from synth_sdk.core.models import Json

_PLACEHOLDER = re.compile(
    r"lorem ipsum|\b(?-i:TODO|FIXME|TBD)\b|\{\{[^{}]*\}\}|\$\{\w+\}"
    r"|[\[<](?:your|insert|placeholder|customer name|name here)\b[^\]>]*[\]>]|\bX{4,}\b|\bfoo ?bar\b",
    re.IGNORECASE,
)
_EMPTY_WORDS = frozenset({"string", "text", "placeholder", "sample text", "example text", "asdf", "xxx", "n/a"})
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ud800-\udfff]")
_MOJIBAKE = re.compile("[\u00c2\u00c3][\u0080-\u00bf]|\u00e2\u20ac")
_ADDRESS = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)|https?://([\w.-]+)", re.IGNORECASE)
_RESERVED = re.compile(r"(?:^|\.)(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$", re.IGNORECASE)
_SHOWN = 40


def no_placeholder(record: Json) -> Iterator[str]:
    """No text stands for another one: `lorem ipsum`, `{{name}}`, `[your name]`, TODO, or the bare word "string"."""
    for where, text in texts(record):
        found = _PLACEHOLDER.search(text)
        if found or (text.strip().casefold() in _EMPTY_WORDS and not where.endswith("/type")):  # that is JSON Schema's word
            yield f"{where} holds the placeholder {_shown(found.group() if found else text.strip())}; write a value of its own"


def clean_text(record: Json) -> Iterator[str]:
    """No text holds control characters, replacement characters or letters that were decoded wrongly."""
    for where, text in texts(record):
        if found := _CONTROL.search(text):
            yield f"{where} holds the character U+{ord(found.group()):04X}; leave it out"
        elif found := _MOJIBAKE.search(text):
            yield f"{where} holds {_shown(found.group())}, letters in a wrong encoding; write plain UTF-8"


def reserved_domains(record: Json) -> Iterator[str]:
    """E-mail and web addresses are at domains that belong to nobody (RFC 2606: example.com, .test), so that no message reaches a person."""
    for where, text in texts(record):
        for found in _ADDRESS.finditer(text):
            domain = (found.group(1) or found.group(2)).rstrip(".")
            if not _RESERVED.search(domain):
                yield f"{where} names the domain {_shown(domain)}; use example.com, example.org or a .test name"


def texts(record: Json) -> Iterator[tuple[str, str]]:
    """Every text in `record` with the JSON pointer of where it is."""
    waiting: list[tuple[str, Json]] = [("", record)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, str):
            yield where or "the record", value
        elif isinstance(value, dict):
            waiting += [(f"{where}/{name}", value[name]) for name in reversed(value)]
        elif isinstance(value, list):
            waiting += [(f"{where}/{place}", value[place]) for place in reversed(range(len(value)))]


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
