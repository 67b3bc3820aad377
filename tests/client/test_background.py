"""The background loop: results, errors, early exits, interrupts that clean up."""

import asyncio
import os
import signal
import threading
import time

import pytest

from synth_sdk.client.background import iterate, wait_for


async def echo(value):
    await asyncio.sleep(0)
    return value


async def count(closed):
    try:
        for number in range(100):
            await asyncio.sleep(0)
            yield number
    finally:
        await asyncio.sleep(0.01)
        closed.append(True)


def test_results_and_errors_come_back():
    async def fail():
        raise ValueError("no")

    assert wait_for(echo(3)) == 3
    with pytest.raises(ValueError, match="no"):
        wait_for(fail())


def test_leaving_an_iteration_early_closes_its_source():
    closed = []
    for number in iterate(count(closed)):
        if number == 3:
            break
    assert closed == [True]
    assert list(iterate(count(closed))) == list(range(100))


def test_an_interrupt_waits_until_the_work_has_cleaned_up():
    cleaned = []

    async def work():
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.2)
            cleaned.append(True)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            wait_for(work())
    finally:
        signal.signal(signal.SIGINT, before)
    assert cleaned == [True]
    assert time.monotonic() - began < 10


async def test_it_works_inside_a_running_loop():
    assert wait_for(echo("x")) == "x"
