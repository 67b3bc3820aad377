"""Soundness on the witnesses of public schemas, and how many schemas each target can be sent at all."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from synth_sdk.core.errors import Rejected, SchemaError
from synth_sdk.providers.downgrade import TARGETS, reduce_for
from synth_sdk.schema import Schema
from tests.providers.downgrade.support import accepted, breaches

CORPUS = next(
    (path for folder in Path(__file__).parents if (path := folder / "shared" / "data" / "schemas" / "corpus").is_dir()), None
)
pytestmark = pytest.mark.skipif(CORPUS is None, reason="shared/data/schemas is not beside this checkout")
STEP = int(os.environ.get("SYNTH_CORPUS_STEP", "24"))  # 1: every schema, which takes about two minutes
FEWEST = {"openai": 0.97, "gemini": 0.97, "claude": 0.7, "tool": 0.99, "local": 0.99}


def rows():
    lines = (CORPUS / "manifest.jsonl").read_text().splitlines()[::STEP]
    return [row for row in map(json.loads, lines) if not row["source"].startswith("unsat")]


@pytest.fixture(scope="module")
def corpus():
    return [(row, json.loads((CORPUS / row["path"]).read_text())) for row in rows()]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_witness_survives_and_most_schemas_can_be_sent(target, corpus):
    tally = Counter()
    for row, schema in corpus:
        reduced = reduce_for(target, schema)
        tally["schemas"] += 1
        if reduced.schema is None:
            assert reduced.dropped, row["path"]
            continue
        tally["sent"] += 1
        assert breaches(reduced.schema, target) == [], row["path"]
        witness = row["witness_value"]
        if witness is None:
            continue
        tally["witnesses"] += 1
        lowered = reduced.lower(witness)
        assert accepted(reduced.schema, lowered), row["path"]
        tally["back"] += _valid(schema, reduced.lift(lowered))
    assert tally["witnesses"] > 30
    assert tally["sent"] >= FEWEST[target.name] * tally["schemas"], tally
    assert tally["back"] >= 0.98 * tally["witnesses"], tally


def _valid(schema, value):
    try:
        Schema(schema).validate(value)
    except (Rejected, SchemaError):
        return False
    return True
