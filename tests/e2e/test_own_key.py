"""With a key of one's own the playground asks the real model: whatever stands at the API's address."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.house import House
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.timeout(300)]
ANSWER = {
    "candidates": [
        {"content": {"role": "model", "parts": [{"text": "This is another model."}]}, "finishReason": "STOP"}
    ],
    "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 5, "totalTokenCount": 6},
}


class _Model(BaseHTTPRequestHandler):
    keys: set[str | None] = set()  # noqa: RUF012

    def do_POST(self) -> None:
        self.keys.add(self.headers["x-goog-api-key"])
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.write(f"data: {json.dumps(ANSWER)}\n\n".encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def model_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Model) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


def test_with_a_key_the_real_model_is_asked_and_the_rest_stays(
    browser: Browser, empty_house: House, model_url: str
) -> None:
    empty_house.start(GEMINI_API_KEY="a-key-of-ones-own", GOOGLE_GEMINI_BASE_URL=model_url)
    workspace = Workspace(browser.new_page(viewport={"width": 1280, "height": 900}), empty_house.url).open()

    thread = workspace.ask("hello, which model are you?")

    expect(thread).to_contain_text("This is another model.")
    expect(thread).not_to_contain_text("offline demo model")
    assert _Model.keys == {"a-key-of-ones-own"}
