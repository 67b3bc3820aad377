"""Which regular expressions a constrained decoder is given: those that mean the same to all of them."""

import re

_UNSAFE = re.compile(r"\(\?|[*+?}][+?]|\{,")  # groups with flags or look-around, lazy and possessive quantifiers
_LONGEST = 300
_MOST_REPEATS = 100


def portable(pattern: str, escapes: str) -> bool:
    """Is `pattern` anchored at both ends, free of look-around, back-references, top-level alternatives and long repetitions?

    `escapes` are the letters that may follow a backslash; marks and brackets always may.
    """
    anchored = len(pattern) > 2 and pattern.startswith("^") and pattern.endswith("$") and not pattern.endswith("\\$")
    if not anchored or len(pattern) > _LONGEST or not pattern.isascii() or not pattern.isprintable():
        return False
    bare = re.sub(r"\\[^A-Za-z0-9]", "_", pattern[1:-1])
    if any(letter not in escapes for letter in re.findall(r"\\(.)", bare)):
        return False
    outside = re.sub(r"\[[^\]]*\]", "_", bare)
    if _UNSAFE.search(outside) or "^" in outside or "$" in outside:
        return False
    if any(int(figure) > _MOST_REPEATS for figure in re.findall(r"\d+", " ".join(re.findall(r"\{([\d,]+)\}", outside)))):
        return False
    return not _splits_at_top(outside)


def _splits_at_top(text: str) -> bool:
    """Has it a bar outside of all groups? `^a|b$` is "begins with a, or ends with b"."""
    depth = 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            return True
    return False
