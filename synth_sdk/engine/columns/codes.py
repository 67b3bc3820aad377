"""Columns of codes with rules of their own: UUIDs and numbers with check digits."""

from collections.abc import Callable, Sequence

import numpy as np

from synth_sdk.engine.columns.lanes import I64, Rows, below
from synth_sdk.engine.columns.pools import Block, Lane, pool_of
from synth_sdk.engine.columns.texts import number_lanes
from synth_sdk.engine.columns.values import Fixed
from synth_sdk.engine.meaning.countries import IBAN_DIGITS, iban_country

_HEX = np.frombuffer("".join(f"{number:02x}" for number in range(256)).encode(), np.uint8).view(np.uint16)
_DASH = ord("-")


def uuids(rows: Rows, lane: int) -> Fixed:
    """Random UUIDs (version 4, RFC 9562)."""
    words = np.stack([rows.draw(lane), rows.draw(lane + 1)], axis=1)
    octets = words.astype("<u8", copy=False).view(np.uint8).reshape(len(rows), 16)
    octets[:, 6] = octets[:, 6] & 0x0F | 0x40
    octets[:, 8] = octets[:, 8] & 0x3F | 0x80
    text = _HEX[octets].view(np.uint8).reshape(len(rows), 32)
    codes = np.empty((len(rows), 36), np.uint8)
    done = 0
    for start, width in ((0, 8), (9, 4), (14, 4), (19, 4), (24, 12)):
        codes[:, start : start + width] = text[:, done : done + width]
        done += width
    codes[:, (8, 13, 18, 23)] = _DASH
    return Fixed(codes)


def cards(rows: Rows, lane: int, block: Block) -> list[Lane]:
    """Sixteen digits with a correct Luhn check digit, in the test range 4000 00."""
    account = below(rows.draw(lane), 10**9)
    total = np.full(len(rows), 8, np.int64)  # of the leading 4, doubled
    for place in range(9):
        digit = account // 10**place % 10
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled // 10 + doubled % 10
    return [block.table.add(pool_of(("400000",))), *number_lanes(account * 10 + -total % 10, 10, block)]


def article_numbers(prefix: str) -> Callable[[Rows, int, Block], list[Lane]]:
    """Thirteen digits that begin with `prefix` and end in the EAN check digit."""

    def lanes(rows: Rows, lane: int, block: Block) -> list[Lane]:
        free = 12 - len(prefix)
        number = below(rows.draw(lane), 10**free)
        total = np.full(len(rows), _weighed(prefix), np.int64)
        for place in range(free):
            total += number // 10 ** (free - 1 - place) % 10 * (3 if (place + len(prefix)) % 2 else 1)
        return [block.table.add(pool_of((prefix,))), *number_lanes(number * 10 + -total % 10, free + 1, block)]

    return lanes


def _weighed(digits: Sequence[str]) -> int:
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))


def ibans(locale: str) -> Callable[[Rows, int, Block], list[Lane]]:
    """Account numbers of the locale's country (Germany's where they hold letters) with correct check digits (ISO 13616)."""
    country = iban_country(locale)
    width = IBAN_DIGITS[country]
    code = int("".join(str(ord(letter) - 55) for letter in country) + "00")

    def lanes(rows: Rows, lane: int, block: Block) -> list[Lane]:
        head_width = max(width - 12, 0)
        head = below(rows.draw(lane), 10**head_width) if head_width else np.zeros(len(rows), np.int64)
        tail = below(rows.draw(lane + 1), 10 ** (width - head_width))
        check = 98 - _mod97(head, tail, width - head_width, code)
        parts = [block.table.add(pool_of((country,))), *number_lanes(check, 2, block)]
        return [
            *parts,
            *(number_lanes(head, head_width, block) if head_width else ()),
            *number_lanes(tail, width - head_width, block),
        ]

    return lanes


def _mod97(head: I64, tail: I64, tail_width: int, code: int) -> I64:
    """Of the digits of head, tail and code, one behind the other (code has six)."""
    account = (head % 97 * pow(10, tail_width, 97) + tail % 97) % 97
    return (account * pow(10, 6, 97) + code) % 97
