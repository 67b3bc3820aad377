"""What kinds without schema and pack have in common."""

import json

import pytest

from synth_sdk.core import plugins
from synth_sdk.core.errors import RequestError
from synth_sdk.core.spec import make_spec
from synth_sdk.testing import check_generator

KINDS = ("agent_trace", "text", "tool_call", "trajectory")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "wish"), [("schema", {"document": {"type": "object"}}), ("pack", {"pack": "hotel"})])
def test_schema_and_pack_are_refused(kind, name, wish):
    with pytest.raises(RequestError, match=rf"a {name} doesn't fit kind '{kind}': leave --{name} out"):
        plugins.load("generators", kind)(make_spec(kind=kind, **wish))


@pytest.mark.parametrize("kind", KINDS)
def test_the_public_conformance_checks_pass(kind):
    make = plugins.load("generators", kind)
    check_generator(lambda seed: make(make_spec(kind=kind, seed=seed)))


@pytest.mark.parametrize("kind", KINDS)
def test_records_are_json_with_plain_features(kind):
    generator = plugins.load("generators", kind)(make_spec(kind=kind, seed=9))
    for record in generator.batch(range(20)).records():
        json.dumps(record, allow_nan=False)
        assert all(isinstance(name, str) for name in generator.features(record))


def test_a_kind_without_a_writing_schema_is_never_asked_of_models_and_takes_no_blueprint():
    assert plugins.load("generators", "trajectory")(make_spec(kind="trajectory")).request(0, 0) is None
    with pytest.raises(RequestError, match="a blueprint doesn't fit kind 'trajectory'"):
        plugins.load("generators", "trajectory")(make_spec(kind="trajectory", blueprint={"x": 1}))
