"""Requests as documents: what an agent or a service asks for as JSON, carried out, and answered with a report."""

from synth_sdk.client.requests.documents import REQUEST_VERSION, published
from synth_sdk.client.requests.running import run_request

__all__ = ["REQUEST_VERSION", "published", "run_request"]
