"""A request in the words of `Synth.write`: a kind, options, and the place that records go to."""

from collections.abc import Mapping
from typing import Any

_OWN = ("data_type", "volume", "compliance_requirements", "output_format", "destination", "version")


def translated(request: Mapping[str, Any]) -> tuple[str, dict[str, Any], str]:
    """The kind, its options, and the output ("-" where the request names no destination) of a request without flaws."""
    wish = {name: value for name, value in request.items() if name not in _OWN and value is not None}
    wish["count"] = int(request["volume"])  # 5.0 is a whole number in JSON
    if request.get("compliance_requirements"):
        wish["compliance"] = list(request["compliance_requirements"])
    destination = request.get("destination") or {"type": "local", "location": "-"}
    wish |= {name: destination[name] for name in ("table", "if_exists", "partition_by") if destination.get(name) is not None}
    if destination["type"] != "rds" and request.get("output_format"):  # records of a database are in no format
        wish["format"] = request["output_format"]
    return request["data_type"], wish, _location(destination)


def _location(destination: Mapping[str, Any]) -> str:
    """S3 places may be written without their scheme."""
    location = str(destination["location"])
    return f"s3://{location}" if destination["type"] == "s3" and "://" not in location else location
