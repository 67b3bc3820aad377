"""Runners: the same blocks in the same order, here and in processes; processes that fail, die or are left early."""

import os
import time
from itertools import islice

import pytest

from synth_sdk.core.errors import RequestError, SchemaError, SynthError
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.text import TextGenerator
from synth_sdk.pipeline.blocks import grid
from synth_sdk.runners import run
from tests.runners.support import Tell

SPEC = make_spec(kind="text")
ROWS = list(grid(range(100), 10))


def told(work, ranges, workers):
    return run(SPEC, TextGenerator(SPEC), work, ranges, workers)


def rows_of(blocks):
    return [row for block in blocks for row, _, _ in block.content.records()]


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_here_blocks_are_made_when_asked_for():
    endless = told(Tell(refuses=10**12), grid(range(10**15), 10), workers=1)
    assert rows_of(islice(endless, 3)) == list(range(30))
    with pytest.raises(SchemaError):
        list(told(Tell(refuses=5), ROWS, workers=1))


def test_processes_keep_the_order_and_pass_on_what_is_wrong():
    blocks = told(Tell(refuses=95), ROWS, workers=2)
    made = [next(blocks) for _ in range(9)]
    assert rows_of(made) == list(range(90))
    assert {(pid == os.getpid(), kind) for block in made for _, pid, kind in block.content.records()} == {(False, "text")}
    with pytest.raises(RequestError, match="unsatisfiable: no value") as caught:
        next(blocks)
    assert caught.value.message.count("schema:") == 1


def test_a_process_that_dies_is_one_clear_error():
    blocks = told(Tell(dies=42), ROWS, workers=2)
    with pytest.raises(SynthError, match="a worker process died") as caught:
        list(blocks)
    assert caught.value.exit_code == 1


def test_leaving_early_ends_the_processes_at_once_and_asks_for_few_blocks():
    asked = []

    def endless():
        for rows in grid(range(10**12), 10):
            asked.append(rows)
            yield rows

    blocks = told(Tell(), endless(), workers=2)
    pids = {pid for block in islice(blocks, 4) for _, pid, _ in block.content.records()}
    assert len(asked) <= 8
    blocks.close()
    deadline = time.monotonic() + 5
    while not all(map(gone, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert all(map(gone, pids))
