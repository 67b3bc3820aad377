import pytest

from synth_sdk.client.requests.translating import translated

BASE = {"data_type": "user_profile", "volume": 7}


def test_the_words_of_a_request_become_options():
    kind, wish, output = translated(
        BASE
        | {
            "compliance_requirements": ["GDPR"],
            "output_format": "csv",
            "destination": {"type": "local", "location": "out/x", "if_exists": "replace", "partition_by": ["plan"]},
            "seed": 3,
            "version": 1,
            "schema": None,
        }
    )
    assert (kind, output) == ("user_profile", "out/x")
    assert wish == {
        "count": 7, "compliance": ["GDPR"], "format": "csv", "if_exists": "replace", "partition_by": ["plan"], "seed": 3,
    }  # fmt: skip


@pytest.mark.parametrize(("location", "output"), [("bucket/key.csv", "s3://bucket/key.csv"), ("s3://b/k.csv", "s3://b/k.csv")])
def test_an_object_may_be_named_without_its_scheme(location, output):
    assert translated(BASE | {"destination": {"type": "s3", "location": location}})[2] == output


def test_records_of_a_database_are_in_no_format():
    request = BASE | {"output_format": "sql", "destination": {"type": "rds", "location": "sqlite:///x.db", "table": "people"}}
    _, wish, output = translated(request)
    assert (wish, output) == ({"count": 7, "table": "people"}, "sqlite:///x.db")


def test_without_a_destination_records_go_to_standard_output():
    assert translated(BASE)[2] == "-"
