"""Draws that hang on one another: whatever one outline knows of a vocabulary must not be taken for what another knows."""

from pathlib import Path

import pytest

from synth_sdk.dialogue import load_pack, play

PACK = """\
pack: drivers
version: 1
lang: en
description: Names that fit who somebody is.
types:
  driver: {list: [{who: son, sex: m, group: a}, {who: daughter, sex: f, group: a}, {who: wife, sex: f, group: b}, {who: husband, sex: m, group: b}]}
  first: {list: [{name: Ann, sex: f}, {name: Bob, sex: m}, {name: Cara, sex: f}, {name: Dan, sex: m}]}
world:
  need:
    fields:
      driver: {type: driver, where: "goal == 'any' or value.group == goal"}
      age: {by: =need.driver.who, son: {range: [16, 25]}, daughter: {range: [16, 25]}, else: {range: [26, 60]}}
      first: {type: first, where: value.sex == need.driver.sex}
personas: [{name: plain, weight: 1, verbosity: 0.5, patience: 0.5, formality: 0.5, typo: 0, lower: 0, nopunct: 0, filler: 0, digress: 0}]
goals: {a: {weight: 1, wants: to add a child, needs: {}, success: "true"}, b: {weight: 1, wants: to add a spouse, needs: {}, success: "true"}, any: {weight: 1, wants: to add a driver, needs: {}, success: "true"}}
flow:
  start: {next: {ask: {w: 1, if: need.age > 20}, beg: {w: 1, if: need.age <= 20}}}
  ask: {user: ask, next: bye}
  beg: {user: beg, next: bye}
  bye: {agent: bye, next: end}
slots: {first: {is: =need.first.name}, who: {is: =need.driver.who}}
acts: {ask: {user: asks, frames: 1}, beg: {user: begs, frames: 1}, bye: {agent: bye, frames: 1}}
say: {ask: ["Please add my {who} {first}."], beg: ["I beg you to add my {who} {first}."], bye: [Done.]}
"""
FITTING = {"son": {"Bob", "Dan"}, "husband": {"Bob", "Dan"}, "daughter": {"Ann", "Cara"}, "wife": {"Ann", "Cara"}}


@pytest.fixture
def drivers(tmp_path: Path):
    path = tmp_path / "drivers.yaml"
    path.write_text(PACK, "utf-8")
    return load_pack(path)


def test_a_condition_on_a_draw_that_goals_narrow_differently(drivers, start):
    """The draw behind `need.driver` has two options for one goal and four for another, and is settled by its name before `sex` is asked."""
    seen = set()
    for seed in range(3):
        for index in range(200):
            who, first = play(drivers, seed, index, start)["messages"][0]["content"].rstrip(".").split()[-2:]
            assert first in FITTING[who]
            seen.add((who, first))
    assert len(seen) == 8
