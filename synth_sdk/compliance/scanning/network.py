"""What devices are reached by: IP and MAC addresses."""

import ipaddress
import re

from synth_sdk.compliance.masking.keys import Key
from synth_sdk.compliance.scanning.shapes import Detector, labelled, value_of

_OF_VERSIONS = re.compile(
    r"(?:version|ver|release|build|firmware|section|clause|chapter|article|rule|\bv|§|[A-Za-z]/)[\s\"':=.#]{0,4}(?:is )?$",
    re.IGNORECASE,
)
_PUBLIC_SERVICES = frozenset(
    ["8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "208.67.222.222", "208.67.220.220"]
)  # open resolvers
_DOCUMENTATION = ("192.0.2", "198.51.100", "203.0.113")  # RFC 5737
_NEW_DOCUMENTATION = ipaddress.IPv6Network("3fff::/20")  # RFC 9637, not yet known to every Python
# First octets of which all, or some, addresses are public; RE2 knows no "but not".
_PUBLIC = (
    r"(?:[1-9]|[2-9][0-9]|1[13-9]|12[0-689]|10[0-9]|11[0-9]|1[3458][0-9]|16[0-8]|17[0-9]|19[013-79]|20[0-24-9]|21[0-9]|22[0-3])\.[0-9]{1,3}"
    r"|198\.(?:[0-9]|1[0-7]|[2-46-9][0-9]|5[02-9]|[12][0-9]{2})|203\.[1-9][0-9]{0,2}"
    r"|192\.(?:[1-9]|[1-9][0-9]|1[0-57-9][0-9]|16[0-79]|2[0-9]{2})|192\.0\.(?:[13-9]|[1-9][0-9])"
)


def is_public(text: str) -> bool:
    """Can the address be somebody's on the Internet? None for documentation, none private, none of the well-known resolvers."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if text in _PUBLIC_SERVICES or address.is_multicast or address in _NEW_DOCUMENTATION:
        return False
    return address.is_global


def _is_ip(match: re.Match[str]) -> bool:
    return is_public(value_of(match)) and not labelled(match, _OF_VERSIONS)


def fake_ip(text: str, key: Key) -> str:
    """Of the ranges for documentation: RFC 5737, RFC 3849."""
    if ":" in text:
        drawn = key.digest("ip", text).hex()
        return f"2001:db8::{drawn[:4]}:{drawn[4:8]}:{drawn[8:12]}"
    return f"{_DOCUMENTATION[key.number(3, 'ip range', text)]}.{1 + key.number(254, 'ip', text)}"


def _is_mac(match: re.Match[str]) -> bool:
    """Universally administered, of one device, and not of the range for documentation (RFC 7042)."""
    octets = bytes.fromhex(re.sub("[:.-]", "", value_of(match)))
    documentation = octets[:5] == bytes.fromhex("00005E0053")
    return not octets[0] & 3 and len(set(octets)) > 2 and not documentation


def fake_mac(text: str, key: Key) -> str:
    """Locally administered: no maker's."""
    made = "02" + key.digest("mac", text.lower()).hex()[:10]
    rest = iter(made.upper() if text.upper() == text else made)
    return "".join(character if character in ":-." else next(rest) for character in text)


NETWORK = (
    Detector(
        "ip",
        "a public IP address",
        "error",
        "codes",
        rf"(?:^|[^0-9.])(?:{_PUBLIC})\.[0-9]{{1,3}}\.[0-9]|[23][0-9a-fA-F]{{3}}:[0-9a-fA-F]{{0,4}}:",
        r"(?<![0-9A-Za-z_.:-])(?P<hit>[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[23][0-9a-fA-F]{3}:(?:[0-9a-fA-F]{0,4}:){1,6}[0-9a-fA-F]{0,4})(?![0-9A-Za-z_]|\.[0-9]|:[0-9a-fA-F:])",
        _is_ip,
        fake_ip,
    ),
    Detector(
        "mac",
        "a device's MAC address",
        "warning",
        "codes",
        r"[0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}",
        r"(?<![0-9A-Za-z_:-])(?P<hit>[0-9A-Fa-f]{2}(?P<gap>[:-])(?:[0-9A-Fa-f]{2}(?P=gap)){4}[0-9A-Fa-f]{2})(?![0-9A-Za-z_:-])",
        _is_mac,
        fake_mac,
    ),
)
