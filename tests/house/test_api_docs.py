"""Every public method, every option of a call and every key of the report stands in docs/api.md."""

import inspect
from pathlib import Path

import pytest

from synth_sdk import Result, Synth
from synth_sdk.core.spec import OPTIONS

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")


def public(kind):
    return [name for name, _ in inspect.getmembers(kind) if not name.startswith("_")]


@pytest.mark.parametrize("name", public(Synth) + public(Result))
def test_public_names_are_documented(name):
    assert f"`{name}" in PAGE or f", {name}" in PAGE


@pytest.mark.parametrize("name", sorted(OPTIONS - {"output"}))
def test_options_are_documented(name):
    assert f"`{name}`" in PAGE


def test_the_keys_of_a_report_are_documented():
    report = Synth(env={}).generate("text", count=1).report.to_dict()
    for key in report:
        assert f"`{key}" in PAGE, key
