"""The vendors' simulator, and HTTP."""

from __future__ import annotations

import http.client
import json
import pathlib
import socket
import subprocess
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from .document import parse

START_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def wait_for(what: str, condition: Callable[[], Any], seconds: float = START_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen within {seconds} s")
        time.sleep(0.005)


class Answer(NamedTuple):
    status: int
    request_id: str
    raw: str

    @property
    def json(self) -> Any:
        return parse(self.raw)

    @property
    def error(self) -> dict:
        return self.json.get("error", {})


def exchange(port: int, method: str, path: str, body: bytes | None, headers: dict) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        raw = response.read().decode()
        return Answer(response.status, response.getheader("X-Request-Id") or "", raw)
    finally:
        connection.close()


class Simulator:
    """Both vendors in another process: the witness of what they were asked."""

    def __init__(self, program: pathlib.Path, folder: pathlib.Path):
        port_file = folder / "simulator.port"
        words = [program, "--no-quirks", "--exit-on-stdin-eof", "--port-file", port_file]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE)
        wait_for("the simulator's start", port_file.exists)
        self.port = int(port_file.read_text())

    def plan(self, vendor: str, *scenarios: dict, default: dict | None = None) -> None:
        document = {"target": vendor, "scenarios": scenarios, "default": default or {}}
        answer = exchange(self.port, "POST", "/_control", json.dumps(document).encode(), {})
        assert answer.status == 200, answer.raw

    def journal(self, vendor: str = "") -> list[dict]:
        entries = exchange(self.port, "GET", "/_journal", None, {}).json
        return [entry for entry in entries if vendor in ("", entry["target"])]

    def count(self, vendor: str) -> int:
        answer = exchange(self.port, "GET", "/_journal?count=1", None, {})
        return answer.json["count"][vendor]

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
