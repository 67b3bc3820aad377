"""Plain chat text from what a model wrote: no control characters, no markup, no role tags, no quotes around the whole."""

import re
import unicodedata

from synth_sdk.core.errors import Rejected

_KEPT_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_SPECIAL = re.compile(r"<\|[^|>]{0,40}\|>|</?s>|\[/?INST\]", re.IGNORECASE)
_HTML = re.compile(
    r"</?(?:b|i|u|em|strong|br|p|div|span|ul|ol|li|a|h[1-6]|pre|code|font|table|tr|td)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_FENCE = re.compile(r"```[\w+-]*")
_LINK = re.compile(r"!?\[([^\[\]]+)\]\((?:https?://|mailto:)[^()\s]*\)")
_STRONG = re.compile(r"\*\*(?=[^\s*])((?:(?!\*\*).)+?)(?<=[^\s*])\*\*(?![\w*])")
_LINE_MARK = re.compile(r"^\s*(?:#{1,6}|[-*•]|>)\s+", re.MULTILINE)
_WHO = r"(?:customer|user|client|agent|assistant|support|support agent|system|human|ai|bot)"
_TAG = re.compile(rf"^\s*[*_\[(]*{_WHO}[*_\])]*\s*:[*_]*\s+", re.IGNORECASE)
_LATER_TAG = re.compile(rf"(?:^|[.?!\n]\s*)(?:\[|\*\*)?{_WHO}(?:\]|\*\*)?:\s", re.IGNORECASE)
_GAP = re.compile(
    r"\{\{?\s*[a-z]+(?:_[a-z]+)+\s*\}?\}|\[(?:your|customer|agent|insert|order|name|date|email|company)(?:[ _][a-z]+){0,3}\]",
    re.IGNORECASE,
)
_QUOTES = (('"', '"'), ("“", "”"), ("«", "»"), ("'", "'"), ("‘", "’"), ("`", "`"))
_MOST_ROUNDS = 8


def sanitise(text: str) -> str:
    """`text` as one clean line. Idempotent. Rejected when nothing is left, a gap was not filled in, or another speaker's turn is inside."""
    for _ in range(_MOST_ROUNDS):
        cleaned = _once(text)
        if cleaned == text:
            break
        text = cleaned
    else:
        raise Rejected("the turn holds markup within markup")
    if not text:
        raise Rejected("a turn is empty")
    if gap := _GAP.search(text):
        raise Rejected(f"the turn holds an unfilled gap: {gap.group()!r}")
    if _LATER_TAG.search(text):
        raise Rejected("the turn holds another speaker's turn")
    return text


def _once(text: str) -> str:
    if not text.isascii():
        text = "".join(
            " " if char in "\n\r\t" else char
            for char in text
            if char in "\n\r\t" or unicodedata.category(char) not in _KEPT_CATEGORIES
        )
    elif not text.isprintable():
        text = "".join(char if char.isprintable() or char == "\n" else " " if char in "\r\t" else "" for char in text)
    if "<" in text or "[" in text:
        text = _LINK.sub(r"\1", _HTML.sub(" ", _SPECIAL.sub(" ", text)))
    if "```" in text:
        text = _FENCE.sub(" ", text)
    if "**" in text:
        text = _STRONG.sub(r"\1", text)
    text = _LINE_MARK.sub("", text)
    if ":" in text:
        text = _TAG.sub("", text)
    text = " ".join(text.split())
    for left, right in _QUOTES:
        if len(text) > 1 and text.startswith(left) and text.endswith(right) and not _inside(text, left, right):
            text = text[len(left) : -len(right)].strip()
    return text


def _inside(text: str, left: str, right: str) -> bool:
    """Whether the outer quotes belong to two quotations rather than to one around the whole."""
    inner = text[1:-1]
    return left in inner or right in inner
