"""A server on loopback in the place of OpenRouter's public model list."""

import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

ROW = {
    "id": "deepseek/deepseek-v4-flash",
    "context_length": 200_000,
    "pricing": {"prompt": "0.0000002", "completion": "0.0000003"},
}


@contextmanager
def price_list(pages: Mapping[str, tuple[int, bytes]]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A server on loopback that answers each path with its status and body; the address, and the headers of each request."""
    asked: list[dict[str, str]] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(dict(self.headers))
            status, body = pages.get(self.path, (404, b"{}"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api/v1", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def page(*rows: Mapping[str, Any], **more: Any) -> tuple[int, bytes]:
    return 200, json.dumps({"data": rows} | more).encode()
