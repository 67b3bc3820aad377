"""Schemas are recalled by what their names say: how often the right one comes first, and what is kept out."""

import random
import re
from functools import cache

import numpy as np
import pytest

from synth_sdk.core.similar import encoder
from synth_sdk.history.recall import ALIKE, Remembered, hints_for, rank, signature
from synth_sdk.schema import patterns
from synth_sdk.schema.tables import parse_declared, parse_tables
from synth_sdk.vectors.embedding import embedding_for
from tests.history.recall_schemas import LABELLED, UNRELATED, fields

EMBEDDINGS = [
    "hashing",
    pytest.param("minilm", marks=pytest.mark.skipif(encoder() is None, reason="the extra 'semantic' is not installed")),
]


@cache
def candidates():
    found = []
    for name in patterns.names():
        document = parse_tables(patterns.of_name(name)).document()
        found.append(Remembered("pattern", name, name, document))
        parts = document["tables"].items()
        found += [Remembered("pattern", f"{name}.{table}", name, {"tables": {table: told}}) for table, told in parts]
    return found


@cache
def embed(name):
    """Each text once."""
    known, make = {}, embedding_for(name).embed

    def rows(texts):
        for text in texts:
            if text not in known:
                known[text] = make([text])[0]
        return np.stack([known[text] for text in texts])

    return rows


def asked(document, name="hashing", least=-1.0, limit=5):
    return rank(signature(parse_declared(document)), candidates(), embed(name), limit, least)


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_the_right_pattern_comes_first(name):
    found = [(label, asked(schema, name)[0]) for label, schema in LABELLED]
    domains = [label for label, first in found if first.name.split(".")[0] == label.split(".")[0]]
    tables = [label for label, first in found if "." in label and first.name == label]
    least = min(first.similarity for label, first in found if label in domains)
    single = sum("." in label for label, _ in LABELLED)
    print(f"\n{name}: domain {len(domains)}/{len(LABELLED)}, table {len(tables)}/{single}, least similar {least:.2f}")  # noqa: T201 - figures of docs/domain-patterns.md
    assert len(LABELLED) >= 40
    assert len(domains) >= 0.95 * len(LABELLED)  # by chance: 0.2
    assert len(tables) >= 0.9 * single  # by chance: 0.02
    assert least > ALIKE[name]


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_nothing_is_like_a_schema_of_no_relation(name):
    nearest = {label: asked(schema, name)[:1] for label, schema in UNRELATED}
    most = max(first[0].similarity for first in nearest.values() if first)
    print(f"\n{name}: most similar of no relation {most:.2f}, threshold {ALIKE[name]}")  # noqa: T201 - figures of docs/domain-patterns.md
    assert len(UNRELATED) >= 15
    assert [label for label, schema in UNRELATED if asked(schema, name, ALIKE[name])] == []


def camel(name):
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


def variations(count):
    """Half of the fields of a pattern's table, in camelCase, with a third as many foreign ones."""
    dice = random.Random(7)
    tables = [
        (f"{name}.{table.name}", table.schema.document)
        for name in patterns.names()
        for table in parse_tables(patterns.of_name(name))
    ]
    foreign = [field for _, schema in UNRELATED[:10] for field in schema]
    for _ in range(count):
        label, schema = dice.choice(tables)
        names = list(schema["properties"])
        kept = dice.sample(names, max(2, len(names) // 2)) + dice.sample(foreign, len(names) // 3)
        yield label, fields(" ".join(camel(name) for name in dice.sample(kept, len(kept))))


def test_parts_of_tables_are_known_under_other_names_among_foreign_fields():
    found = [(label, asked(schema)) for label, schema in variations(300)]
    domains = sum(bool(first) and first[0].name.split(".")[0] == label.split(".")[0] for label, first in found)
    tables = sum(bool(first) and first[0].name == label for label, first in found)
    print(f"\nhashing: domain {domains}/300, table {tables}/300")  # noqa: T201 - figures of docs/domain-patterns.md
    assert domains >= 270
    assert tables >= 255


def test_names_are_split_singular_and_their_synonyms_one():
    mine, theirs = (
        signature(parse_declared(fields(text)))
        for text in ("clientId orderedAt qty zip_code", "customer_id ordered_on quantities postcode")
    )
    assert [(one.name, other.name) for one, other in mine.shared(theirs)] == [
        ("clientId", "customer_id"),
        ("orderedAt", "ordered_on"),
        ("qty", "quantities"),
        ("zip_code", "postcode"),
    ]


def test_one_of_each_group_nearest_first_and_no_more_than_asked_for():
    found = asked({"sku": "string", "price": "number", "customerId": "integer"}, limit=3)
    assert len(found) == len({one.name.split(".")[0] for one in found}) <= 3
    assert [one.similarity for one in found] == sorted((one.similarity for one in found), reverse=True)
    assert asked({"sku": "string", "price": "number", "customerId": "integer"}, limit=1) == found[:1]


def test_a_schema_is_most_like_itself():
    for one in candidates():
        first = rank(signature(one.document), candidates(), embed("hashing"), 1, -1)[0]
        assert (first.name, round(first.similarity, 4)) == (one.name, 1.0)


@pytest.mark.parametrize(
    "schema",
    [True, {}, {"type": "string"}, {"type": "object"}, {"$ref": "#"}, {"properties": {"": {"type": "string"}}}, {"tables": 3}],
)
def test_schemas_without_fields_are_like_nothing(schema):
    assert rank(signature(schema), candidates(), embed("hashing"), 5, 0.1) == []


def test_nested_and_shared_parts_count_and_circles_end():
    schema = {
        "$defs": {"line": {"properties": {"sku": {}, "parent": {"$ref": "#/$defs/line"}}}},
        "properties": {"order": {"properties": {"lines": {"type": "array", "items": {"properties": {"quantity": {}}}}}}},
    }
    assert {one.name for one in signature(schema).fields} == {"sku", "parent", "order", "lines", "quantity"}


def test_hints_are_for_fields_that_say_nothing_of_their_own():
    mine = signature(
        parse_declared({"channel": "string", "quantity": {"type": "integer", "weights": {"1": 1}}, "note": "string"})
    )
    recalled = next(one for one in asked({"channel": "string", "orderNumber": "string"}) if one.name == "ecommerce.orders")
    assert [one.name for one, _ in hints_for(mine, recalled)] == ["channel", "note"]
