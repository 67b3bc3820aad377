"""What S3, or the way there, can do to a run: told in one line, before anything is made where that can be known."""

import http.server
import re
import socket
import threading
from contextlib import contextmanager, suppress
from http import HTTPStatus

import pytest

from synth_sdk.core.batches import Records
from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.sinks import Shape
from synth_sdk.sinks.destinations import Wanted
from synth_sdk.sinks.objects import bucket
from synth_sdk.sinks.objects.s3 import S3
from tests.sinks.objects.conftest import BUCKET
from tests.sinks.objects.test_s3 import KEY, MANIFEST, URL, many
from tests.support.aws import environment
from tests.support.servers import free_port

KEY_ID, SECRET = "AKIA" + "QWERTYUIOPASDFGH", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY"  # built so that no scanner takes it for a real one


@contextmanager
def answering(status, code, message="", headers=None):
    """A server that answers every call with the same error of S3's."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_PUT = do_HEAD = do_DELETE = do_POST  # noqa: N815 - the server's names

        def log_message(self, *words):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(bucket, "_ATTEMPTS", 1)


@pytest.fixture
def keys(monkeypatch):
    for name, value in (
        environment("http://127.0.0.1:1") | {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}
    ).items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.parametrize(
    ("status", "code", "headers", "says"),
    [
        (HTTPStatus.FORBIDDEN, "InvalidAccessKeyId", {}, "the credentials aren't accepted (InvalidAccessKeyId); check AWS_ACCESS_KEY_ID"),
        (HTTPStatus.FORBIDDEN, "SignatureDoesNotMatch", {}, "the credentials aren't accepted (SignatureDoesNotMatch)"),
        (HTTPStatus.BAD_REQUEST, "ExpiredToken", {}, "the credentials have expired (ExpiredToken); sign in again"),
        (HTTPStatus.FORBIDDEN, "AccessDenied", {}, "forbidden: these credentials lack s3:PutObject there"),
        (HTTPStatus.NOT_FOUND, "NoSuchBucket", {}, f"there is no bucket '{BUCKET}'; create it, or name another"),
        (HTTPStatus.MOVED_PERMANENTLY, "PermanentRedirect", {"x-amz-bucket-region": "ap-south-1"}, "is in region ap-south-1; say so with ?region="),
        (HTTPStatus.BAD_REQUEST, "AuthorizationHeaderMalformed", {}, "is in another region; say so with ?region="),
        (HTTPStatus.SERVICE_UNAVAILABLE, "SlowDown", {}, "S3 is busy or failing (SlowDown); try again"),
        (HTTPStatus.BAD_REQUEST, "KMS.NotFoundException", {}, "S3 says KMS.NotFoundException: key of [redacted] and [redacted]"),
        (HTTPStatus.NOT_FOUND, "NoSuchUpload", {}, "somebody else ended the upload; try again"),
        (HTTPStatus.FORBIDDEN, "RequestTimeTooSkewed", {}, "the clock of this machine is wrong"),
    ],
)  # fmt: skip
def test_what_s3_turns_down_is_told_when_the_place_is_opened(keys, status, code, headers, says):
    with answering(status, code, f"key of {KEY_ID} and {SECRET}", headers) as url:
        keys.setenv("AWS_ENDPOINT_URL", url)
        with pytest.raises(OutputError, match=re.escape(says)) as caught:
            S3(URL, Wanted())
    told = caught.value.message
    assert told.startswith(f"output {URL!r}: ")
    assert "\n" not in told
    assert KEY_ID not in told
    assert SECRET not in told


def test_no_server(keys):
    with pytest.raises(OutputError, match=r"no server answers at http://127\.0\.0\.1:1; check endpoint_url or AWS_ENDPOINT_URL"):
        S3(URL, Wanted())


def test_a_server_that_speaks_something_else(keys):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            connection, _ = listening.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(b"220 mail.example ESMTP\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        keys.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{listening.getsockname()[1]}")
        with pytest.raises(OutputError, match=r"the connection to http://127.0.0.1:[0-9]+ was lost"):
            S3(URL, Wanted())
        thread.join()


def test_no_credentials(keys, tmp_path):
    keys.delenv("AWS_ACCESS_KEY_ID")
    keys.setenv("HOME", str(tmp_path))
    with pytest.raises(OutputError, match=r"the AWS credentials are incomplete|no AWS credentials"):
        S3(URL, Wanted())
    keys.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(OutputError, match=r"no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        S3(URL, Wanted())
    keys.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(OutputError, match=r"the AWS configuration can't be used: .*nobody"):
        S3(URL, Wanted())


def test_a_name_that_no_bucket_has(keys):
    with pytest.raises(OutputError, match="is no name of a bucket"):
        S3("s3://no bucket!/x.jsonl", Wanted())


# In the middle


class Wire:
    """A way to a server that can be cut."""

    def __init__(self, url):
        host, port = url.removeprefix("http://").split(":")
        self._to = host, int(port)
        self._listening = socket.create_server(("127.0.0.1", free_port()))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._ends = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def cut(self):
        for end in [self._listening, *self._ends]:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        for thread in self._threads:
            thread.join()

    def _accept(self):
        while True:
            try:
                ours, _ = self._listening.accept()
            except OSError:
                return
            theirs = socket.create_connection(self._to)
            self._ends += [ours, theirs]
            for pair in ((ours, theirs), (theirs, ours)):
                self._threads.append(threading.Thread(target=self._carry, args=pair))
                self._threads[-1].start()

    def _carry(self, source, target):
        with suppress(OSError), target:
            while data := source.recv(1 << 16):
                target.sendall(data)


@pytest.mark.usefixtures("small_parts")
def test_a_connection_that_is_lost_in_the_middle(store, monkeypatch):
    wire = Wire(store.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url)
    says = rf"output '{URL}': (no server answers at|the connection to) {wire.url}"
    with pytest.raises(WriteError, match=says), S3(URL, Wanted(fingerprint="aaaa")) as place:  # noqa: PT012
        sink = place.open("record", Shape())
        sink.take(Records(many(500)))
        assert store.uploads() == [KEY]
        wire.cut()
        sink.take(Records(many()))
        sink.commit()
    assert store.there() == []
    monkeypatch.setenv("AWS_ENDPOINT_URL", store.url)


@pytest.mark.usefixtures("small_parts")
def test_a_connection_that_is_lost_before_the_commit(store, monkeypatch):
    wire = Wire(store.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url)
    says = "; what S3 has of it is removed by the next run to this place"
    with pytest.raises(WriteError, match=says), S3(URL, Wanted(fingerprint="aaaa")) as place:  # noqa: PT012
        with place.open("record", Shape()) as sink:
            sink.take(Records(many(500)))
            sink.commit()
        wire.cut()
        place.commit(MANIFEST)
    assert store.there() == []
