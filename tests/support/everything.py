"""Importing this imports all that a run may need, and has each kind made once: what is read and compiled then is there in every fork."""

import asyncio
import os
import tempfile
import threading

os.environ |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}

import diskcache  # noqa: F401
import instructor  # noqa: F401
import litellm  # noqa: F401

import synth_sdk.cli.app
import synth_sdk.client.delivery
import synth_sdk.providers.base  # noqa: F401
from synth_sdk import Synth
from synth_sdk.client import background


def _make_each_kind(home: str) -> None:
    synth = Synth(env={"GEMINI_API_KEY": "none", "SYNTH_HOME": home}, mode="offline", history="off")
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    for kind, wish in (("conversation", {}), ("json", {"schema": schema})):
        synth.plan(kind, count=2, budget=1, mode="llm", **wish)
    for kind in ("text", "conversation", "user_profile", "timeseries", "events", "trajectory", "tool_call"):
        synth.write(f"{home}/{kind}.jsonl", kind, count=1)
    for suffix in ("csv", "parquet", "xml", "sql"):
        synth.write(f"{home}/people.{suffix}", "user_profile", count=1, report=f"{home}/report.html")


def _end_the_loop() -> None:
    """No thread outlives a fork: each child starts its own loop when it needs one."""
    background.wait_for(asyncio.sleep(0))
    (thread,) = set(threading.enumerate()) - {threading.main_thread()}
    loop = background._loop()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
    background._loop.cache_clear()


with tempfile.TemporaryDirectory() as _home:
    _make_each_kind(_home)
_end_the_loop()
