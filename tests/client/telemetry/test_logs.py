"""Who watches the runs of a process, and what the logger `synth_sdk` is told."""

import logging

import pytest

from synth_sdk import Synth
from synth_sdk.client import telemetry
from synth_sdk.client.telemetry.logs import LogObserver
from synth_sdk.client.telemetry.several import Several
from synth_sdk.core.observing import NO_OBSERVER, UNWATCHED, RunEnd, RunFacts
from tests.support.buying import synth_for
from tests.support.provider_server import KEYS, Fault

FACTS = RunFacts(kind="text", count=3, seed=0, mode="auto", fingerprint="f")


def test_the_logger_is_told_where_info_is_listened_to(caplog, server, home):
    with caplog.at_level(logging.DEBUG, "synth_sdk"):
        synth_for(server, home, "gemini", budget="0.5", mode="llm").generate("conversation", count=4, records_per_call=2)
    told = [(record.levelname, record.synth_event) for record in caplog.records if record.name == "synth_sdk"]
    assert told == [("INFO", "run"), ("DEBUG", "call"), ("DEBUG", "call"), ("INFO", "summary")]
    last = caplog.records[-1]
    assert (last.synth_records, last.synth_wanted, last.synth_status) == (4, 4, "success")
    assert last.getMessage() == f"4 conversation records, success, ${last.synth_spent_usd} spent"
    assert not any(key in caplog.text for key in KEYS.values())


def test_a_run_that_fails_is_a_warning(caplog, server, home):
    server.faults = [Fault("forbidden")]
    with caplog.at_level(logging.INFO, "synth_sdk"):
        synth_for(server, home, "gemini", budget="0.5", mode="llm").generate("conversation", count=1)
    assert [record.levelname for record in caplog.records if record.name == "synth_sdk"] == ["INFO", "WARNING"]


def test_by_default_nobody_is_told(caplog, monkeypatch):
    for name in [name for name in telemetry.sys.modules if name.startswith("opentelemetry")]:
        monkeypatch.delitem(telemetry.sys.modules, name)
    assert telemetry.observer() is NO_OBSERVER
    Synth().generate("text", count=3)
    assert [record for record in caplog.records if record.name == "synth_sdk"] == []


def test_nobody_takes_everything_without_a_word():
    with NO_OBSERVER.run(FACTS) as watch, watch.call(None) as call:
        assert watch is call is UNWATCHED
        watch.delivered({"llm": 3})
        watch.ended(RunEnd(status="success", records=3, spent_micros=0, saved_micros=0))


def test_several_are_told_alike(caplog):
    import opentelemetry.trace  # noqa: F401 - as an application that traces does

    with caplog.at_level(logging.INFO, "synth_sdk"):
        assert isinstance(telemetry.observer(), Several)
        with Several([LogObserver(), NO_OBSERVER]).run(FACTS) as watch:
            watch.delivered({"offline": 3})
            watch.ended(RunEnd(status="success", records=3, spent_micros=0, saved_micros=0))
    assert [record.synth_event for record in caplog.records] == ["run", "summary"]


def test_an_error_passes_all_of_them():
    with pytest.raises(ValueError, match="ours"), Several([LogObserver(), NO_OBSERVER]).run(FACTS):
        raise ValueError("ours")
