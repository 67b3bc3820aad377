"""Workflows by name, without any library."""

import asyncio
import json

import pytest

from synth_sdk import Synth
from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.integrations import AgenticRoboticsAdapter, register_workflow, trigger_workflow
from tests.support.servers import HttpServer


@pytest.fixture
def server():
    with HttpServer() as running:
        yield running


@pytest.fixture
def workflows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return AgenticRoboticsAdapter()


def test_functions_wishes_and_kinds(workflows, tmp_path):
    workflows.register_workflow("sum", lambda a, b=1: a + b)
    workflows.register_workflow("profiles", {"kind": "user_profile", "count": 5, "seed": 3})
    workflows.register_workflow("texts", "text")
    assert workflows.is_available()
    assert workflows.workflows == ["profiles", "sum", "texts"]
    assert workflows.trigger_workflow("sum", a=2) == 3
    assert len(workflows.trigger_workflow("profiles").records) == 5
    assert len(workflows.trigger_workflow("profiles", count=7).records) == 7
    report = workflows.trigger_workflow("texts", count=4, output="texts.jsonl")
    assert report.records_generated == len((tmp_path / "texts.jsonl").read_text().splitlines()) == 4


async def test_async_functions_also_inside_a_running_loop(workflows):
    async def slow(value):
        await asyncio.sleep(0)
        return value

    workflows.register_workflow("slow", slow)
    assert workflows.trigger_workflow("slow", value=3) == 3


def test_an_async_workflow_may_publish_and_call_synchronous_methods(workflows, server):
    """Both wait for the background loop: a workflow that ran there would wait for itself."""
    synth = Synth(integrations={"midstreamer": {"enabled": True, "url": server.url}})

    async def both():
        first = await synth.agenerate("user_profile", count=30, stream=True)
        second = synth.generate("user_profile", count=30, seed=1, stream=True)
        return [*first.records, *second.records]

    workflows.register_workflow("both", both)
    assert workflows.trigger_workflow("both") == [record for _, record in server.received()]


def test_what_an_async_workflow_raises_comes_out(workflows):
    async def broken():
        raise LookupError("nothing there")

    workflows.register_workflow("broken", broken)
    with pytest.raises(LookupError, match="nothing there"):
        workflows.trigger_workflow("broken")


def test_a_later_one_replaces_an_earlier_one(workflows):
    workflows.register_workflow("one", lambda: 1)
    workflows.register_workflow("one", lambda: 2)
    assert workflows.trigger_workflow("one") == 2


def test_the_registry_of_the_process():
    register_workflow("test: profiles", {"kind": "user_profile", "count": 2})
    assert json.dumps(trigger_workflow("test: profiles").records)


def test_what_is_wrong(workflows):
    workflows.register_workflow("profiles", "user_profile")
    with pytest.raises(UnknownName, match="did you mean profiles"):
        workflows.trigger_workflow("profile")
    for name, generator, message in (
        (" ", "text", "give it a name"),
        ("a", 3, "must be a function, a mapping of options or a kind, not int"),
        ("a", {"count": 3}, "its options name no kind"),
    ):
        with pytest.raises(RequestError, match=message):
            workflows.register_workflow(name, generator)
    assert workflows.workflows == ["profiles"]
