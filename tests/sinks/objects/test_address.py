"""What an s3:// URL says, and what is told of one that says too little."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.core.errors import OutputError, RequestError, UnknownName
from synth_sdk.sinks.objects.address import Address, address_of
from synth_sdk.sinks.objects.upload import _MOST, _PARTS, part_size

KEYS = st.text(st.characters(exclude_characters="?", exclude_categories=["Cs"]), min_size=1, max_size=60)


@given(key=KEYS)
def test_a_key_is_taken_as_it_stands(key):
    assert address_of(f"s3://bucket/{key}") == Address("bucket", key)
    assert address_of(f"s3://bucket/{key}").is_folder == key.endswith("/")


def test_options():
    url = (
        "s3://b/x.jsonl?sse=aws:kms&kms_key_id=arn:aws:kms:eu-west-1:1:key/2&region=eu-west-1&endpoint_url=http://127.0.0.1:9000"
    )
    expected = Address("b", "x.jsonl", "aws:kms", "arn:aws:kms:eu-west-1:1:key/2", "eu-west-1", "http://127.0.0.1:9000")
    assert address_of(url) == expected
    assert address_of("s3://b/x.jsonl?kms_key_id=alias/mine").sse == "aws:kms"
    assert address_of("s3://b/").is_folder


@pytest.mark.parametrize(
    ("url", "kind", "says"),
    [
        ("s3://bucket", OutputError, "a bucket, but no key; add /name.jsonl"),
        ("s3:///key.jsonl", OutputError, "no bucket is named"),
        ("s3://", OutputError, "no bucket is named"),
        (f"s3://bucket/{'k' * 1025}", OutputError, "longer than 1024 bytes"),
        ("s3://bucket/x?sse=AES", OutputError, "sse 'AES': choose one of AES256, aws:kms"),
        ("s3://bucket/x?sse=AES256&kms_key_id=k", OutputError, "kms_key_id goes with sse=aws:kms"),
        ("s3://bucket/x?region=", OutputError, "option region is empty"),
        ("s3://bucket/x?endpoint_url=localhost:9000", OutputError, "must begin with http://"),
        ("s3://bucket/x?regoin=eu-west-1", UnknownName, "did you mean region?"),
    ],
)
def test_what_is_wrong_with_a_url_is_told_with_the_way_out(url, kind, says):
    with pytest.raises(kind, match=says.replace("?", r"\?")):
        address_of(url)


def test_keys_in_the_url_are_turned_down_and_not_repeated():
    with pytest.raises(RequestError, match="keys don't belong in the URL") as caught:
        address_of("s3://AKIAABCDEFGHIJKLMNOP:wJalrXUtnFEMI@bucket/x.jsonl")
    assert "AKIA" not in caught.value.message
    assert "wJalr" not in caught.value.message


def test_ten_thousand_parts_hold_half_a_terabyte():
    sizes = [part_size(number) for number in range(1, _PARTS + 1)]
    assert sizes == sorted(sizes)
    assert (sizes[0], sizes[-1]) == (8 << 20, _MOST)
    assert sum(sizes) > 500e9
