import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from synth_sdk.client.requests import published
from synth_sdk.client.requests.checking import flaws
from synth_sdk.core.redact import redact
from synth_sdk.core.spec import OPTIONS

FIELDS = {"fields": [{"name": "age", "type": "integer", "constraints": {"min": 1, "max": 9, "format": None, "nullable": False}}]}
GOOD = {
    "data_type": "custom",
    "volume": 10,
    "schema": FIELDS,
    "compliance_requirements": ["GDPR", "HIPAA", "PCI-DSS"],
    "output_format": "csv",
    "destination": {"type": "local", "location": "x.csv"},
}


def field(**told):
    return {"fields": [{"name": "f", "type": "integer"} | told]}


def test_the_seeds_request_has_no_flaws():
    assert flaws(GOOD) == []


def test_the_published_schemas_are_schemas_and_know_every_option():
    for name in ("request", "report"):
        Draft202012Validator.check_schema(published(name))
    own = {"version", "data_type", "volume", "compliance_requirements", "output_format", "destination"}
    assert set(published("request")["properties"]) - own == OPTIONS - {"count", "compliance", "format", "output"}


@pytest.mark.parametrize("key", ["schema", "compliance_requirements", "output_format", "destination"])
def test_what_is_null_is_not_given(key):
    request = GOOD | {"data_type": "user_profile", key: None}
    assert flaws(request) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"data_type": "user_profil"}, "data_type 'user_profil': did you mean user_profile?"),
        ({"data_type": None}, "data_type: null must be text"),
        ({"volume": 0}, "volume: 0 must be at least 1"),
        ({"volume": "ten"}, "volume: 'ten' must be a whole number"),
        ({"volume": 2.5}, "volume: 2.5 must be a whole number"),
        ({"volume": True}, "volume: true must be a whole number"),
        ({"volume": float("nan")}, "volume: NaN must be a whole number"),
        ({"version": 2}, "version: 2 must be 1"),
        ({"volumes": 3}, "unknown key 'volumes': did you mean volume?"),
        ({"compliance_requirements": ["GPDR"]}, "did you mean GDPR?"),
        ({"compliance_requirements": "GDPR"}, "compliance_requirements: 'GDPR' must be a list"),
        ({"output_format": "cvs"}, "output_format 'cvs': did you mean csv?"),
        ({"destination": {"type": "ftp", "location": "x"}}, "destination.type: 'ftp' is none of s3, rds, local"),
        ({"destination": {"type": "local"}}, "destination: 'location' is missing"),
        ({"destination": {"type": "local", "location": "x", "tabel": "t"}}, "unknown key 'tabel': did you mean table?"),
        ({"destination": {"type": "local", "location": " "}}, "is empty"),
        ({"destination": {"type": "local", "location": "s3://bucket/key"}}, "make the destination's type 's3'"),
        ({"destination": {"type": "s3", "location": "postgresql://host/db"}}, "write s3://BUCKET/KEY"),
        ({"destination": {"type": "rds", "location": "users.csv"}}, "is no database"),
        ({"destination": {"type": "local", "location": "file:///x.csv"}}, "is no path: name a file"),
        ({"schema": field(name="")}, "schema.fields[0].name: '' is empty"),
        (
            {"schema": field(unique=True)},
            """key 'unique' has its place in the field's constraints: {"constraints": {"unique": ...}}""",
        ),
        (
            {"schema": field(type="date", constraints={"format": "long"})},
            "schema field 'f': format: 'long' is no way to write a date",
        ),
        ({"schema": field(type="date", constraints={"from": "g"})}, "schema field 'f': x-synth: from 'g': no such property"),
        ({"schema": {"fields": []}}, "schema.fields: the list is empty"),
        ({"schema": field(type="integre")}, "schema field 'f': type: unknown type 'integre': did you mean integer?"),
        ({"schema": field(constraints={"min": 5, "max": 1})}, "schema field 'f': min: unsatisfiable: min 5 is above max 1"),
        ({"schema": field(constraints={"mni": 5})}, "schema field 'f': mni: unknown constraint 'mni': did you mean min?"),
        ({"schema": field(type="string", constraints={"max": -1})}, "schema field 'f': max: -1 must be a length"),
        ({"schema": {"fields": [{"type": "integer"}]}}, "schema.fields[0]: 'name' is missing"),
        (
            {"schema": {"type": "object", "properties": {"a": {"type": "integer", "minimum": 5, "maximum": 1}}}},
            "schema field 'a': minimum: ",
        ),
        ({"schema": 7}, "schema: "),
        ({"schema": None}, "schema: data_type 'custom' needs one"),
    ],
)
def test_a_flaw_is_told_with_its_field_and_the_way_out(change, told):
    found = flaws(GOOD | change)
    assert len(found) == 1
    assert told in found[0], found
    assert found[0].startswith("request: ")


def test_fields_may_refer_to_one_another():
    fields = [
        {"name": "ordered", "type": "date"},
        {"name": "sent", "type": "date", "constraints": {"from": "ordered", "within": "3d"}},
    ]
    assert flaws(GOOD | {"schema": {"fields": fields}}) == []
    broken = {"name": "ordered", "type": "dte"}
    (found,) = flaws(GOOD | {"schema": {"fields": [broken, fields[1]]}})
    assert "schema field 'ordered': type: unknown type 'dte'" in found


def test_what_is_in_order_in_json_is_in_order():
    assert flaws(GOOD | {"volume": 10.0, "schema": field(constraints=None)}) == []


def test_the_hint_of_a_database_can_be_read():
    (found,) = flaws(GOOD | {"destination": {"type": "rds", "location": "users"}})
    assert redact(found) == found


def test_the_grammar_of_iris_is_not_loaded():
    """It takes a second."""
    code = f"import sys; from synth_sdk.client.requests.checking import flaws; assert flaws({GOOD!r}) == []; print('rfc3987_syntax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_missing_key_is_told():
    assert flaws({}) == ["request: 'data_type', 'volume' are missing"]


def test_every_flaw_is_told():
    fields = [
        {"name": "a", "type": "strnig"},
        {"name": "b", "type": "integer", "constraints": {"min": 3, "max": 2}},
        {"name": "a", "type": "date"},
    ]
    found = flaws(
        GOOD | {"data_type": "cutsom", "output_format": "cvs", "schema": {"fields": fields}, "compliance_requirements": ["GPDR"]}
    )
    assert len(found) == 6
    assert [word for word in ("cutsom", "cvs", "GPDR", "twice", "strnig", "min 3") if not any(word in one for one in found)] == []


def test_a_database_password_is_in_no_flaw():
    found = flaws(GOOD | {"destination": {"type": "s3", "location": "postgresql://me:hunter22@host/db"}})
    assert "hunter22" not in " ".join(found)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(GOOD)), json_values)
def test_any_value_of_any_key_gives_lines_and_never_a_traceback(key, value):
    for line in flaws(GOOD | {key: value}):
        assert "\n" not in line
        assert json.dumps(line)
