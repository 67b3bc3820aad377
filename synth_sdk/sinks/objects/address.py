"""What an s3:// URL says: bucket, key or prefix, and options."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from synth_sdk.core.errors import OutputError, UnknownName

_OPTIONS = ("sse", "kms_key_id", "region", "endpoint_url")
_ENCRYPTIONS = ("AES256", "aws:kms", "aws:kms:dsse")
_LONGEST_KEY = 1024  # bytes of UTF-8; S3's own limit
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Address:
    """`key` is an object's, or a prefix that ends in a slash (empty: the whole bucket). Pickles, and holds no secret."""

    bucket: str
    key: str
    sse: str | None = None
    kms_key_id: str | None = None
    region: str | None = None
    endpoint_url: str | None = None

    @property
    def is_folder(self) -> bool:
        return not self.key or self.key.endswith("/")

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def address_of(url: str) -> Address:
    """OutputError for a URL that names no place for objects, UnknownName for an option that nobody knows."""
    place, _, query = url.partition("://")[2].partition("?")
    bucket, slash, key = place.partition("/")
    if "@" in bucket:
        raise OutputError(
            "output 's3://...@...': keys don't belong in the URL; leave them to AWS_ACCESS_KEY_ID, AWS_PROFILE or a role"
        )
    told = f"output {f's3://{place}'[:_SHOWN]!r}:"
    if not bucket:
        raise OutputError(f"{told} no bucket is named; write s3://bucket/key.jsonl")
    if not slash:
        raise OutputError(f"{told} a bucket, but no key; add /name.jsonl for an object, or / for a folder of parts")
    if len(key.encode("utf-8", "surrogatepass")) > _LONGEST_KEY:
        raise OutputError(f"{told} the key is longer than {_LONGEST_KEY} bytes; choose a shorter one")
    return Address(bucket, key, **_options(query, told))


def _options(query: str, told: str) -> dict[str, str]:
    found = dict(parse_qsl(query, keep_blank_values=True))
    for name in found:
        if name not in _OPTIONS:
            raise UnknownName("option of an s3:// URL", name, _OPTIONS)
    for name, value in found.items():
        if not value:
            raise OutputError(f"{told} option {name} is empty; give it a value, or leave it out")
    if "kms_key_id" in found:
        found.setdefault("sse", "aws:kms")
    if "sse" in found and found["sse"] not in _ENCRYPTIONS:
        raise OutputError(f"{told} sse {found['sse']!r}: choose one of {', '.join(_ENCRYPTIONS)}")
    if found.get("sse") == "AES256" and "kms_key_id" in found:
        raise OutputError(f"{told} kms_key_id goes with sse=aws:kms; sse=AES256 takes no key")
    if "endpoint_url" in found and not found["endpoint_url"].startswith(("http://", "https://")):
        raise OutputError(f"{told} endpoint_url must begin with http:// or https://")
    return found
