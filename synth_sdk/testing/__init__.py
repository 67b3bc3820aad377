"""Conformance checks for parts that others write: each raises AssertionError with what is wrong, or returns nothing."""

from synth_sdk.testing.conformance import check_format, check_generator

__all__ = ["check_format", "check_generator"]
