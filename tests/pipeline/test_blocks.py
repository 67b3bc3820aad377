"""Blocks: the grids that rows are cut by, and what becomes of records made one by one."""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.core.generators import Made, Provenance
from synth_sdk.pipeline.blocks import OFFLINE, Block, block_of, grid, growing_grid
from tests.pipeline.support import Numbers

BOUGHT = Provenance(origin="llm", model="arm", cost_micros=3)


@given(st.integers(0, 2000), st.integers(1, 300), st.integers(0, 50))
def test_grids_cover_the_rows_once_and_in_order(count, size, start):
    for pieces in (list(grid(range(start, start + count), size)), list(growing_grid(count, size))):
        assert all(0 < len(piece) <= size for piece in pieces)
        covered = [row for piece in pieces for row in piece]
        assert covered == list(range(covered[0], covered[0] + count)) if covered else count == 0


def test_the_first_pieces_are_small_however_many_rows_there_are():
    assert [len(piece) for piece in islice(growing_grid(10**12, 32_768), 6)] == [64, 512, 4096, 32_768, 32_768, 32_768]
    assert next(growing_grid(10, 4)) == range(4)


def test_a_block_of_made_records_keeps_sources_and_reasons_apart():
    made = [
        Made(index=5, record={"n": 5}, provenance=BOUGHT),
        Made(index=6, reason="filtered"),
        Made(index=7, record={"n": 7}, provenance=OFFLINE, reason="no money"),
    ]
    block = block_of(Numbers(), made)
    assert list(block.content.records()) == [{"n": 5}, {"n": 7}]
    assert list(block.sources()) == [BOUGHT, OFFLINE]
    assert (block.count, block.stand_ins, block.missing) == (2, ["no money"], [(6, "filtered")])
    assert block.measures.quality(valid=2)["distribution_analysis"]["n"]["mean"] == 6


def test_an_offline_block_has_one_source_for_all():
    assert list(Block(content=Numbers().batch(range(3)), count=3).sources()) == [OFFLINE] * 3
