"""`infer_schema`: what was read is valid by it, what is made from it is too, and nothing in it points at one row."""

import csv
import gzip
import io
import json
import math
import random
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import jsonschema_rs
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synth_sdk.core.errors import RequestError
from synth_sdk.engine import Engine
from synth_sdk.schema import parse_schema
from synth_sdk.schema.annotations import read_annotation
from synth_sdk.schema.infer import infer_schema
from synth_sdk.schema.inference.sources import read_values
from synth_sdk.schema.references import subschemas

NULLS = {"", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "\\N", "#N/A"}


def write_csv(path, rows, **options):
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, **options).writerows(rows)
    return path


def rows_of(path):
    return csv.DictReader(io.StringIO(path.read_bytes().decode(), newline=""))


def write_jsonl(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def columns(tmp_path, **values):
    """The inferred properties of a CSV file with these columns."""
    path = write_csv(tmp_path / "table.csv", [values.keys(), *zip(*values.values(), strict=True)])
    schema = infer_schema(path)
    check(schema, [typed(row, schema) for row in rows_of(path)])
    return schema["properties"]


def typed(row, schema):
    return {name: cell_value(cell, schema["properties"][name]) for name, cell in row.items()}


def cell_value(cell, schema):
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if cell == "" or (cell in NULLS and "string" not in kinds):
        return None
    if "boolean" in kinds:
        return cell.lower() == "true"
    if "integer" in kinds:
        return int(cell) if re.fullmatch(r"[+-]?\d+", cell) else int(float(cell))
    return float(cell) if "number" in kinds else cell


def nodes(schema):
    yield schema
    for _, inner in subschemas(schema):
        yield from nodes(inner)


def check(schema, records, made=12):
    """The schema is one, its annotations can be read, the records are valid, and so are new ones."""
    jsonschema_rs.meta.validate(schema)
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    for record in records:
        validator.validate(record)
    for node in nodes(schema):
        read_annotation(node)
    for record in Engine(parse_schema(schema)).batch(range(made)).records():
        validator.validate(record)


TREES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6), st.text(max_size=6),
        st.sampled_from(["2024-05-01", "a@b.co", "10:30", "AB-12", "https://a.co/x", "true", "007"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=6,
)  # fmt: skip


@given(st.lists(st.one_of(st.dictionaries(st.sampled_from("abcde"), TREES, max_size=4), TREES), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_json_row_is_valid_and_so_is_what_is_made(tmp_path, records):
    path = write_jsonl(tmp_path / "rows.jsonl", records)
    check(infer_schema(path), records, made=3)


CELL = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["", "NA", "true", "FALSE", "007", "1.0", "-0", "1e400", "2024-02-30", "31.12.2024", "x,y", 'q"q', "a\nb", "é", "+1 555 010 9999"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5),
)  # fmt: skip


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=12))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_csv_row_is_valid(tmp_path, rows):
    path = write_csv(tmp_path / "rows.csv", [("a", "b"), *rows])
    schema = infer_schema(path)
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    for row in rows_of(path):
        validator.validate(typed(row, schema))


def test_types_of_cells(tmp_path):
    found = columns(
        tmp_path,
        whole=[str(n * 7 % 101) for n in range(200)],
        float_whole=[f"{n * 7 % 101}.0" for n in range(199)] + [""],
        price=[f"{n * 1.25:.2f}" for n in range(200)],
        code=[f"{n * 77 % 1000:05}" for n in range(200)],
        zip=[str(10000 + n) for n in range(200)],
        flag=["True", "false"] * 100,
        missing=["NaN" if n % 4 == 0 else str(n / 8) for n in range(200)],
        country=["NA", "US"] * 100,
        empty=[""] * 200,
    )
    kinds = {name: schema["type"] for name, schema in found.items()}
    assert kinds == {
        "whole": "integer", "float_whole": ["integer", "null"], "price": "number", "code": "string", "zip": "string",
        "flag": "boolean", "missing": ["number", "null"], "country": ["string", "null"], "empty": "null",
    } | {"country": kinds["country"]}  # fmt: skip
    assert (found["whole"]["minimum"], found["whole"]["maximum"]) == (0, 100)
    assert found["price"]["x-synth"]["decimals"] == 2
    assert found["code"]["pattern"] == r"^\d{5}$"
    assert found["missing"]["x-synth"]["null_rate"] == 0.25
    assert found["float_whole"]["x-synth"]["null_rate"] == 0.005


def test_a_word_for_nothing_stays_a_word_among_words(tmp_path):
    assert columns(tmp_path, country=["NA", "US", "DE"] * 30)["country"]["enum"] == ["US", "DE", "NA"]


def test_categories_have_weights(tmp_path):
    found = columns(
        tmp_path,
        status=["active"] * 80 + ["closed"] * 20,
        rating=[str(n % 5 + 1) for n in range(100)],
        tier=["gold" if n % 5 == 0 else "" for n in range(100)],
    )
    assert found["status"]["enum"] == ["active", "closed"]
    assert found["status"]["x-synth"] == {"weights": [0.8, 0.2]}
    assert found["rating"]["enum"] == [1, 2, 3, 4, 5]
    assert found["tier"] == {"type": ["string", "null"], "enum": ["gold", None], "x-synth": {"null_rate": 0.8}}


def test_formats_are_those_that_all_values_have(tmp_path):
    rnd = random.Random(5)
    n = 60
    found = columns(
        tmp_path,
        day=[str(date(2020, 1, 1) + timedelta(rnd.randrange(900))) for _ in range(n)],
        at=[f"2024-03-{rnd.randrange(1, 29):02}T10:{rnd.randrange(60):02}:00Z" for _ in range(n)],
        mail=[f"u.{k}@example.com" for k in range(n)],
        nearly=[f"u{k}@example.com" for k in range(n - 1)] + ["nobody"],
        key=[f"{rnd.getrandbits(32):08x}-0000-4000-8000-{k:012x}" for k in range(n)],
        link=[f"https://example.com/p/{k}?a=1" for k in range(n)],
        ip=[f"10.0.{k}.1" for k in range(n)],
        ip6=[f"2001:db8::{k:x}" for k in range(n)],
        tel=[f"+49 30 {1000000 + k}" for k in range(n)],
        account=["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000"] * (n // 2),
        german=[f"{rnd.randrange(1, 29):02}.0{rnd.randrange(1, 9)}.2023" for _ in range(n)],
        american=[f"0{rnd.randrange(1, 9)}/{rnd.randrange(13, 29)}/2023" for _ in range(n)],
        clock=[f"{rnd.randrange(24):02}:{rnd.randrange(60):02}" for _ in range(n)],
        logged=[f"2024-03-{rnd.randrange(1, 29):02} 10:{rnd.randrange(60):02}:07" for _ in range(n)],
        server=[f"web{k}.example.com" for k in range(n)],
        paint=[f"#{k:06x}" for k in range(n)],
    )
    assert {name: schema.get("format") for name, schema in found.items() if "format" in schema} == {
        "day": "date", "at": "date-time", "mail": "email", "key": "uuid", "link": "uri", "ip": "ipv4", "ip6": "ipv6",
        "tel": "phone", "account": "iban", "server": "hostname", "paint": "color",
    }  # fmt: skip
    written = {name: schema["x-synth"]["strftime"] for name, schema in found.items() if "strftime" in schema.get("x-synth", {})}
    assert written == {"german": "%d.%m.%Y", "american": "%m/%d/%Y", "clock": "%H:%M", "logged": "%Y-%m-%d %H:%M:%S"}
    assert "2020-01-01" <= found["day"]["x-synth"]["earliest"] < found["day"]["x-synth"]["latest"] < "2022-07-01"


def test_shapes_and_keys(tmp_path):
    n = 120
    found = columns(
        tmp_path,
        id=range(1, n + 1),
        order_number=[f"AB-{k * 7919 % 10**6:06}" for k in range(n)],
        sku=[f"{'ABC'[k % 3]}{'XYZ'[k % 2]}-{k * 7919 % 10**6:06}" for k in range(n)],
        version=[f"v{k % 3}.{k}" for k in range(n)],
        commit=[f"{k * 2654435761 % 16**7:07x}" for k in range(n)],
        seat=[f"{k // 26}{chr(65 + k % 26)}" for k in range(n)],
        surname=[("Smith", "Jones", "Adams", "Brown", "Clark")[k % 5] for k in range(n)],
    )
    assert found["id"] == {"type": "integer", "minimum": 1, "x-synth": {"unique": True}}
    assert found["order_number"] == {"type": "string", "pattern": r"^AB-\d{6}$", "x-synth": {"unique": True}}
    assert found["sku"]["pattern"] == r"^[A-Z]{2}-\d{6}$"
    assert found["version"]["pattern"] == r"^v\d\.\d{1,3}$"
    assert found["commit"]["pattern"] == "^[0-9a-f]{7}$"
    assert found["seat"]["pattern"] == r"^\d[A-Z]$"
    assert "unique" not in found["seat"].get("x-synth", {})  # too few seats for ten times the rows
    assert found["surname"] == {"type": "string", "minLength": 5, "maxLength": 5}


def test_what_is_called_unique_can_be_made_unique(tmp_path):
    """Texts of several lengths all different in the sample: the engine has no numbers for them."""
    found = columns(tmp_path, handle=[f"{'abcdefghij'[: 2 + k % 8].title()}{k + 100}" for k in range(400)])
    assert found["handle"]["pattern"] == r"^A[a-z]{1,8}\d{3}$"
    schema = parse_schema({"type": "object", "properties": dict(found), "required": [*found]})
    assert len(Engine(schema).batch(range(50)).records()) == 50


@pytest.mark.parametrize(("draw", "kind", "parameters"), [
    (lambda rnd: rnd.gauss(50, 10), "normal", {"mean": 50, "sd": 10}),
    (lambda rnd: rnd.lognormvariate(3, 0.8), "lognormal", {"median": math.exp(3), "sigma": 0.8}),
    (lambda rnd: rnd.expovariate(1 / 40), "exponential", {"mean": 40}),
    (lambda rnd: rnd.uniform(0, 100), None, {}),
    (lambda rnd: rnd.choice([rnd.gauss(0, 1), rnd.gauss(30, 1)]), None, {}),
])  # fmt: skip
def test_distributions(tmp_path, draw, kind, parameters):
    rnd = random.Random(11)
    found = columns(tmp_path, x=[f"{draw(rnd):.3f}" for _ in range(5000)])["x"]["x-synth"].get("distribution")
    assert (list(found) if found else [None]) == [kind]
    for name, value in parameters.items():
        assert found[kind][name] == pytest.approx(value, rel=0.08)


def test_counts_are_poisson(tmp_path):
    rnd = random.Random(3)

    def poisson(mean):
        limit, product, count = math.exp(-mean), rnd.random(), 0
        while product > limit:
            product, count = product * rnd.random(), count + 1
        return count

    found = columns(tmp_path, visits=[poisson(8) for _ in range(4000)])["visits"]
    assert found["x-synth"]["distribution"]["poisson"]["mean"] == pytest.approx(8, rel=0.05)


def test_nothing_personal_or_rare_is_copied(tmp_path):
    n = 300
    table = {
        "first_name": [("Zaphod", "Trillian", "Marvin")[k % 3] for k in range(n)],
        "email": ["boss@megadodo.example", "ford@betelgeuse.example"] * (n // 2),
        "diagnosis": [("Influenza", "Migraine")[k % 2] for k in range(n)],
        "ssn": [f"{k % 3 + 212}-55-{4000 + k % 3}" for k in range(n)],
        "salary": [61234 + k * 37 for k in range(n)],
        "date_of_birth": [str(date(1961, 7, 19) + timedelta(days=31 * k)) for k in range(n)],
        "city": ["Rome", "Oslo"] * (n // 2 - 1) + ["Atlantis", "Rome"],
        "comment": ["Ask for Slartibartfast"] * n,
        "card": ["4111 1111 1111 1111"] * n,
        "token": [f"sk-live-{k % 2}" for k in range(n)],
        "payload": [f"free words number {k * k} of {'abcdef'[k % 6]}" for k in range(n)],
    }
    text = json.dumps(columns(tmp_path, **table))
    public = {"Rome", "Oslo"}
    for name, values in table.items():
        for value in {str(value) for value in values} - public:
            assert value not in text, (name, value)
    assert "sk-live" not in text
    assert "1961-07" not in text


def test_json_nesting_optional_properties_and_mixed_types(tmp_path):
    records = [
        {
            "id": n,
            "owner": {"age": 20 + n % 40, **({"nick": f"n{n}"} if n % 2 else {})},
            "tags": ["a"] * (n % 3),
            "mixed": n if n % 2 else str(n),
        }
        for n in range(60)
    ]
    schema = infer_schema(write_jsonl(tmp_path / "rows.ndjson", records))
    check(schema, records)
    owner = schema["properties"]["owner"]
    assert owner["required"] == ["age"]
    assert owner["properties"]["nick"]["pattern"] == r"^n\d{1,2}$"
    assert (schema["properties"]["tags"]["minItems"], schema["properties"]["tags"]["maxItems"]) == (0, 2)
    assert sorted(schema["properties"]["mixed"]["type"]) == ["integer", "string"]
    assert schema["$schema"].endswith("2020-12/schema")


def test_objects_with_data_for_names_are_maps(tmp_path):
    records = [{"scores": {f"user-{n * 50 + k}": k for k in range(50)}} for n in range(20)]
    schema = infer_schema(write_jsonl(tmp_path / "rows.jsonl", records))
    check(schema, records)
    assert schema["properties"]["scores"]["additionalProperties"]["type"] == "integer"
    assert "user-" not in json.dumps(schema)


def test_a_map_that_shows_itself_late_is_left_open(tmp_path):
    records = [{"m": {"k": "text"}}] * 5000 + [{"m": {f"k{n}": n}} for n in range(5000)]
    schema = infer_schema(write_jsonl(tmp_path / "rows.jsonl", records))
    jsonschema_rs.validator_for(schema).validate(records[0])
    jsonschema_rs.validator_for(schema).validate(records[-1])


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz", "rows.json", "rows.json.gz", "rows.jsonl.zst", "lines.json"])
def test_the_same_rows_give_the_same_schema_however_they_are_stored(tmp_path, name):
    records = [{"n": n, "s": f"text {n} 'é'"} for n in range(5000)]
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in records).encode()
    data = json.dumps(records, indent=1).encode() if name.startswith("rows.json") and "jsonl" not in name else lines
    data = (
        gzip.compress(data)
        if name.endswith(".gz")
        else pa.compress(data, "zstd", asbytes=True)
        if name.endswith(".zst")
        else data
    )
    (tmp_path / name).write_bytes(data)
    assert infer_schema(tmp_path / name) == infer_schema(write_jsonl(tmp_path / "plain.jsonl", records))


def test_a_long_array_is_read_in_pieces(tmp_path):
    records = [{"n": n, "s": "x" * (n % 700)} for n in range(9000)]
    (tmp_path / "rows.json").write_text(json.dumps(records), "utf-8")
    assert [record for batch in read_values(tmp_path / "rows.json", 10**6) for record in batch] == records


def test_parquet(tmp_path):
    n = 50
    table = pa.table(
        {
            "n": pa.array([k if k % 5 else None for k in range(n)], pa.int64()),
            "x": pa.array([float("nan") if k == 3 else k / 4 for k in range(n)]),
            "at": pa.array([datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=k) for k in range(n)], pa.timestamp("us", "UTC")),
            "local": pa.array([datetime(2024, 1, 1) + timedelta(hours=k) for k in range(n)]),
            "day": pa.array([date(2024, 1, 1) + timedelta(k) for k in range(n)]),
            "money": pa.array([Decimal(k) / 4 for k in range(n)], pa.decimal128(12, 2)),
            "raw": pa.array([bytes([k]) for k in range(n)]),
            "place": pa.array([{"lat": k / 2, "tags": ["a"]} for k in range(n)]),
            "kind": pa.array(["a", "b"] * (n // 2)).dictionary_encode(),
            "map": pa.array([[("k", k)] for k in range(n)], pa.map_(pa.string(), pa.int32())),
        }
    )
    pq.write_table(table, tmp_path / "rows.parquet")
    schema = infer_schema(tmp_path / "rows.parquet")
    check(schema, [record for batch in read_values(tmp_path / "rows.parquet", 100) for record in batch])
    found = schema["properties"]
    assert found["n"]["type"] == ["integer", "null"]
    assert found["x"]["type"] == ["number", "null"]
    assert [found[name]["format"] for name in ("at", "local", "day")] == ["date-time", "date-time", "date"]
    assert found["money"]["x-synth"]["decimals"] == 2
    assert found["kind"]["enum"] == ["a", "b"]
    assert found["place"]["properties"]["tags"]["items"]["const"] == "a"


def test_rows_bounds_what_is_read(tmp_path):
    path = write_csv(tmp_path / "t.csv", [["n"], *([n] for n in range(10_000))])
    assert infer_schema(path, rows=5000)["properties"]["n"]["minimum"] == 0
    (tmp_path / "t.csv").write_bytes(path.read_bytes() + b"\xff\n")
    assert infer_schema(path, rows=5000) == infer_schema(write_csv(tmp_path / "u.csv", [["n"], *([n] for n in range(5000))]))
    with pytest.raises(RequestError, match="at least 1"):
        infer_schema(path, rows=0)


def test_other_delimiters_and_quoted_line_ends(tmp_path):
    rows = [["a", "b"], *([f"x\n{n}", n / 2] for n in range(30))]
    assert list(infer_schema(write_csv(tmp_path / "t.csv", rows, delimiter=";"))["properties"]) == ["a", "b"]
    assert list(infer_schema(write_csv(tmp_path / "t.tsv", rows, delimiter="\t"))["properties"]) == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.csv", b"a,b\n1,2\n3\n", "about line 3: a row has 1 cells, the header 2"),
        ("a.csv", b"a,b\n1,\xff\n", "line 2 is not UTF-8"),
        ("a.csv", b"a,a\n1,2\n", "'a' occurs twice"),
        ("a.csv", b'a\n"x\n', "unexpected end"),
        ("a.csv", b"", "empty"),
        ("a.csv", b"a,b\n", "no rows"),
        ("a.jsonl", b'{"a": 1}\n{"a": \n', "line 2 is not JSON"),
        ("a.jsonl", b'{"a": NaN}\n', "NaN is not a JSON number"),
        ("a.jsonl", b'{"a": 1}\n"\xff"\n', "line 2 is not UTF-8"),
        ("a.jsonl", b"\n\n", "no rows"),
        ("a.jsonl", b"[" * 100_000, "nested too deeply"),
        ("a.json", b'[{"a": 1}, {"a": ]', "item 2 is not JSON"),
        ("a.json", b"[1, 2", "item 2 is not JSON: the array has no end"),
        ("a.json", b"[1 2]", "item 1 is not followed"),
        ("a.json", b'["\xff"]', "not UTF-8"),
        ("a.json", b"[]", "no rows"),
        ("a.parquet", b"nonsense", "can't be read"),
        ("a.csv.gz", b"nonsense", "can't be read"),
        ("a.jsonl.zst", b"nonsense", "can't be read"),
        ("a.xlsx", b"", "suffix says no format"),
    ],
)
def test_broken_files_are_one_clear_line(tmp_path, name, data, told):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(RequestError, match=re.escape(told)) as raised:
        infer_schema(tmp_path / name)
    assert name in raised.value.message
    assert "\n" not in raised.value.message


def test_missing_file(tmp_path):
    with pytest.raises(RequestError, match="No such file"):
        infer_schema(tmp_path / "none.csv")
