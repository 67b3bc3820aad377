"""S3, DynamoDB and CloudWatch over HTTP, on a free loopback port: moto's server in a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import httpx

from tests.support.servers import free_port, need

REGION = "eu-central-1"
_READY_SECONDS = 30
_SMALL_PARTS = {"S3_UPLOAD_PART_MIN_SIZE": "4096"}  # bytes, not 5 MB: uploads of many parts needn't be large


@contextmanager
def aws_server(folder: Path) -> Iterator[str]:
    """The URL at which all services listen; their contents are lost at the end."""
    need(find_spec("moto"), "moto")
    port = free_port()
    with (folder / "moto.log").open("wb") as log:
        command = [sys.executable, "-m", "moto.server", "-p", str(port)]
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **_SMALL_PARTS})
        try:
            _wait(f"http://127.0.0.1:{port}", process, folder / "moto.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def environment(url: str) -> dict[str, str]:
    """The variables that send every AWS client there, with a key that the server accepts."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing-secret",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        try:
            httpx.get(f"{url}/moto-api/", timeout=5)
            return
        except httpx.HTTPError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, "moto's server doesn't get ready"
            time.sleep(0.05)


def clear(url: str) -> None:
    """Forget all that the services hold."""
    httpx.post(f"{url}/moto-api/reset", timeout=10).raise_for_status()
