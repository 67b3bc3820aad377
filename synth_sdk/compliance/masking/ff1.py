"""FF1, format-preserving encryption of NIST SP 800-38G: digits become digits, and no two values the same.

AES comes from `cryptography` (extra `masking`). Domains of fewer than 100 values, which FF1 doesn't take, are permuted by a table drawn
with the key. SP 800-38G Rev. 1 advises a million values and more: shorter ones are shuffled, not secret.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

from synth_sdk.compliance.masking.keys import Key
from synth_sdk.core.errors import RequestError

_ROUNDS = 10
_LEAST = 100
NEEDS = "mask method 'pseudonym' needs AES: install it with pip install 'synth-data-sdk[masking]', or choose tokenize"

Block = Callable[[bytes], bytes]


def permuted(numerals: Sequence[int], radix: int, key: Key) -> list[int]:
    """The image of `numerals`, each below `radix`, under a permutation of all such sequences of this length."""
    if not numerals:
        return []
    if radix ** len(numerals) < _LEAST:
        table = _table(key, radix ** len(numerals))
        return _numerals(table[_number(numerals, radix)], radix, len(numerals))
    return encrypt(_cipher(key), numerals, radix)


def encrypt(cipher: Block, numerals: Sequence[int], radix: int, tweak: bytes = b"") -> list[int]:
    """Algorithm 7 of SP 800-38G; `cipher` encrypts whole blocks of 16 bytes, each by itself."""
    size = len(numerals)
    left, right = size // 2, size - size // 2
    width = ((radix**right - 1).bit_length() + 7) // 8
    taken = 4 * ((width + 3) // 4) + 4
    head = (
        bytes([1, 2, 1])
        + radix.to_bytes(3, "big")
        + bytes([_ROUNDS, left % 256])
        + size.to_bytes(4, "big")
        + len(tweak).to_bytes(4, "big")
    )
    first, second = _number(numerals[:left], radix), _number(numerals[left:], radix)
    for turn in range(_ROUNDS):
        body = tweak + bytes((-len(tweak) - width - 1) % 16) + bytes([turn]) + second.to_bytes(width, "big")
        drawn = int.from_bytes(_stretched(cipher, _mac(cipher, head + body), taken), "big")
        modulus = radix ** (left if turn % 2 == 0 else right)
        first, second = second, (first + drawn) % modulus
    return _numerals(first, radix, left) + _numerals(second, radix, right)


def aes(secret: bytes) -> Block:
    """AES under a key of 16, 24 or 32 bytes. RequestError where `cryptography` isn't installed."""
    try:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    except ImportError:
        raise RequestError(NEEDS) from None
    return Cipher(algorithms.AES(secret), modes.ECB()).encryptor().update  # noqa: S305 - a mode is what FF1 makes of single blocks


def _mac(cipher: Block, data: bytes) -> bytes:
    """CBC-MAC: `PRF` of the standard."""
    state = bytes(16)
    for place in range(0, len(data), 16):
        state = cipher(_xor(state, data[place : place + 16]))
    return state


def _stretched(cipher: Block, state: bytes, count: int) -> bytes:
    more = (cipher(_xor(state, place.to_bytes(16, "big"))) for place in range(1, (count + 15) // 16))
    return b"".join([state, *more])[:count]


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(16, "big")


def _number(numerals: Sequence[int], radix: int) -> int:
    number = 0
    for numeral in numerals:
        number = number * radix + numeral
    return number


def _numerals(number: int, radix: int, size: int) -> list[int]:
    found = []
    for _ in range(size):
        number, numeral = divmod(number, radix)
        found.append(numeral)
    return found[::-1]


@lru_cache(maxsize=8)
def _cipher(key: Key) -> Block:
    return aes(key.digest("ff1", ""))


@lru_cache(maxsize=256)
def _table(key: Key, size: int) -> tuple[int, ...]:
    """A permutation of range(size): sorted by digests."""
    return tuple(sorted(range(size), key=lambda value: key.digest(f"small {size}", str(value))))
