"""The published JSON Schemas of requests and reports, and requests as they are read."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from os import PathLike
from typing import Any

from synth_sdk.core.errors import RequestError, UnknownName, short

REQUEST_VERSION = 1
PUBLISHED = {"request": "request.v1.schema.json", "report": "report.v1.schema.json"}


@cache
def published(name: str) -> Any:
    """The JSON Schema of a "request" or of a "report". UnknownName for anything else."""
    if name not in PUBLISHED:
        raise UnknownName("document", name, PUBLISHED)
    return json.loads(files("synth_sdk.client.requests").joinpath(PUBLISHED[name]).read_text("utf-8"))


def read_request(source: Mapping[str, Any] | str | PathLike[str]) -> dict[str, Any]:
    """A request: a mapping as it is, or the JSON or YAML in a file ("-": standard input). RequestError if it is no object."""
    from synth_sdk.schema.documents import read_document

    told = read_document(str(source), "request file") if isinstance(source, str | PathLike) else source
    if told is None:
        raise RequestError("request: there is nothing in it; see 'synth schema show request'")
    if not isinstance(told, Mapping):
        raise RequestError(f"request: {short(told)} is not an object; see 'synth schema show request'")
    return dict(told)
