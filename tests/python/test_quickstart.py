"""The program that the API promises, word for word, against a vendor of this test's own."""

from __future__ import annotations

import json
import pathlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

import conclave

PROGRAM = """\
import conclave

with conclave.open("app.db") as gw:                        # also "sqlite:app.db", ":memory:"
    gw.providers.register("vendorA", kind="openai", base_url="http://127.0.0.1:9101/v1", api_key="sk-...")
    gw.prices.set("vendorA", "*", usd_per_1k_tokens="0.002")
    acme = gw.tenant(gw.tenants.create(name="Acme Corporation").id)
    secret = acme.api_keys.create(name="server").secret    # shown once
    acme = gw.authenticate(secret)
    agent = acme.agents.create(name="Support", primary="vendorA/gpt-4o-mini", fallbacks=["vendorB"])
    session = acme.sessions.create(agent_id=agent.id, customer_id="customer_123", metadata={"channel": "chat"})
    reply = acme.messages.send(session.id, "Hello", idempotency_key="unique-key-123")
    print(reply.message.content, reply.metadata.usage.cost_usd)             # Decimal
    for event in acme.messages.stream(session.id, "And now?", idempotency_key="k2"):
        if event.type == "delta": print(event.text, end="")
    print(acme.usage.rollup("2026-11-01", "2026-11-30").totals.cost_usd)
"""  # noqa: E501


class Vendor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        message = {"role": "assistant", "content": "Good day"}
        self.answer(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "model": "gpt-4o-mini",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 45, "completion_tokens": 67, "total_tokens": 112},
            }
        )

    def answer(self, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def vendor() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Vendor) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_program_of_the_api(
    vendor: str,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(PROGRAM.replace("http://127.0.0.1:9101", vendor), {})
    first, rest = capsys.readouterr().out.split("\n", 1)
    assert first == "Good day 0.000224"
    assert rest.startswith("Good day")
    with conclave.open("app.db") as gw:
        (tenant,) = gw.tenants.list()
        (session,) = gw.tenant(tenant.id).sessions.list(customer_id="customer_123")
        messages = gw.tenant(tenant.id).sessions.transcript(session.id).messages
        assert [message.role for message in messages] == ["user", "assistant"] * 2
        assert gw.check().ok
