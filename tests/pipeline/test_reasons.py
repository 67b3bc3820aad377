"""Reasons: told once, counted, and never a flood."""

from synth_sdk.pipeline.reasons import Reasons


def told(*reasons):
    kept = Reasons()
    for reason in reasons:
        kept.add(reason)
    return kept.lines("not delivered")


def test_figures_and_ids_do_not_make_another_reason():
    assert told("can't hold $0.12", "can't hold $0.13", "filtered") == [
        "2 records not delivered: can't hold $0.12",
        "1 record not delivered: filtered",
    ]


def test_the_most_frequent_comes_first():
    assert told("rare", "often", "often")[0] == "2 records not delivered: often"


def test_many_kinds_are_cut_and_counted():
    lines = told(*("x" * length for length in range(1, 21)))
    assert len(lines) == 13
    assert lines[-1] == "8 records not delivered for 8 other reasons"


def test_reasons_without_end_take_bounded_memory(monkeypatch):
    monkeypatch.setattr("synth_sdk.pipeline.reasons._MOST_KINDS", 20)
    kept = Reasons()
    for length in range(1, 101):
        kept.add("x" * length)
    assert len(kept.counts) == 20
    assert kept.lines("not delivered")[-1] == "88 records not delivered for more than 8 other reasons"
