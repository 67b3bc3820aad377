"""Conformance checks for parts that others write: each raises AssertionError with what is wrong, or returns nothing."""

from typing import TYPE_CHECKING

from synth_sdk.core.lazy import lazily

if TYPE_CHECKING:
    from synth_sdk.testing.conformance import check_format, check_generator
    from synth_sdk.testing.destinations import check_destination
    from synth_sdk.testing.packs import check_pack
    from synth_sdk.testing.providers import check_provider
    from synth_sdk.testing.publishers import check_publisher
    from synth_sdk.testing.rules import check_rule
    from synth_sdk.testing.stores import check_store

_HOMES = {
    "check_destination": "destinations",
    "check_format": "conformance",
    "check_generator": "conformance",
    "check_pack": "packs",
    "check_provider": "providers",
    "check_publisher": "publishers",
    "check_rule": "rules",
    "check_store": "stores",
}
__all__ = [
    "check_destination",
    "check_format",
    "check_generator",
    "check_pack",
    "check_provider",
    "check_publisher",
    "check_rule",
    "check_store",
]

__getattr__ = lazily(__name__, _HOMES)
