"""A controller of which the answers are given beforehand, behind a real socket."""

import json
import threading
from http import server
from typing import Any, Optional

Answer = tuple[int, Any]


class Controller:
    """Answers in order, and keeps what it was asked; closed, its port refuses connections."""

    def __init__(self, *answers: Answer) -> None:
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.connections: set[tuple[str, int]] = set()
        self._answers = list(answers)
        controller = self

        class Handler(server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                controller.asked.append(json.loads(self.rfile.read(length)))
                controller.paths.append(self.path)
                controller.headers.append(dict(self.headers))
                controller.connections.add(self.client_address)
                status, body = controller._answers.pop(0)
                if status == 0:  # dies in the middle
                    self.close_connection = True
                    return
                text = body if isinstance(body, str) else json.dumps(body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self._server = server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread: Optional[threading.Thread] = threading.Thread(
            target=self._server.serve_forever, daemon=True
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> "Controller":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def gone() -> str:
    """A URL where nothing listens."""
    controller = Controller()
    controller.close()
    return controller.url
