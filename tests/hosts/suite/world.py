"""A host, a simulator and a seeded store, as clients see them."""

from __future__ import annotations

import datetime
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
from typing import Any, NamedTuple

from .report import State, check
from .simulator import Answer, Simulator, exchange, free_port, wait_for
from .standing import check_errors, check_logs


class Commands(NamedTuple):
    serve: list[str]
    seed: list[str]
    folder: pathlib.Path


class Host:
    """A host with a store of its own. It may be started, ended and started again."""

    def __init__(self, commands: Commands, vendors: int, folder: pathlib.Path):
        self.commands = commands
        self.folder = folder
        self.process: subprocess.Popen | None = None
        self.port = 0
        self.starts = 0
        self.unreadable = 0  # what was sent to it that is no request
        self.request_ids: set[str] = set()
        self.errors: list[Answer] = []
        self.secrets: list[str] = []  # nobody may ever hear these from the host
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")},
            "DATABASE_URL": f"file:{folder / 'dev.db'}",
            "VENDOR_A_URL": f"http://127.0.0.1:{vendors}/vendor-a/generate",
            "VENDOR_B_URL": f"http://127.0.0.1:{vendors}/vendor-b/complete",
        }

    def seed(self) -> list[str]:
        """The API keys of the tenants."""
        where = {"cwd": self.commands.folder, "env": self.environment}
        printed = subprocess.check_output(self.commands.seed, **where).decode()
        self.secrets += re.findall(r"^[^:]+: (\S+)$", printed, re.MULTILINE)
        return list(self.secrets)

    def start(self, port: int = 0) -> None:
        self.port = port or free_port()
        self.starts += 1
        out, err = (self.folder / f"{self.starts}.{kind}" for kind in ("log", "err"))
        with out.open("wb") as stdout, err.open("wb") as stderr:
            self.process = subprocess.Popen(
                self.commands.serve, cwd=self.commands.folder, stdout=stdout, stderr=stderr,
                env={**self.environment, "PORT": str(self.port)}, start_new_session=True,
            )  # fmt: skip

        def is_ready() -> bool:
            if self.process.poll() is not None:
                raise RuntimeError(f"the host ended: {err.read_text()}")
            try:
                return self.send("GET", "/health").status == 200
            except OSError:
                return False

        wait_for("the host's start", is_ready)

    def end(self, how: signal.Signals) -> None:
        """Signals every process of the host, whoever of them started the others."""
        if self.process is None:
            return
        os.killpg(self.process.pid, how)
        try:
            status = self.process.wait(20)
        except subprocess.TimeoutExpired:
            status = None
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if how == signal.SIGTERM:
            check("the host ends cleanly when told to", status in (0, -how), status)
        self.process = None

    def send(self, method: str, path: str, body: Any = None, key: str = "", **more: str) -> Answer:
        """One request. A body that is no text is sent as JSON; `more` headers have _ for -."""
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        if key:
            headers["X-API-Key"] = key
        if isinstance(body, dict):
            body = json.dumps(body)
        if isinstance(body, str):
            headers["Content-Type"] = "application/json"
            body = body.encode()
        answer = exchange(self.port, method, path, body, headers)
        self.note(answer)
        return answer

    def note(self, answer: Answer) -> None:
        self.request_ids.add(answer.request_id)
        if answer.status >= 400:
            self.errors.append(answer)

    def kill(self) -> None:
        """kill -9, but not between an answer and its line in the log."""
        told = self.request_ids.copy()
        wait_for("the log", lambda: all(i in "".join(self.log_lines()) for i in told))
        self.end(signal.SIGKILL)

    def log_lines(self) -> list[str]:
        files = (self.folder / f"{n}.log" for n in range(1, self.starts + 1))
        return [line for file in files for line in file.read_text().splitlines()]


class World:
    """A simulator, a host and a seeded store for one section, and what clients do with them."""

    def __init__(self, simulator: pathlib.Path, commands: Commands, keep: bool):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vocalbridge-"))
        self.keep = keep
        self.simulator = Simulator(simulator, self.folder)
        self.host = Host(commands, self.simulator.port, self.folder)
        self.key, self.other_key = self.host.seed()

    def __enter__(self) -> World:
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        self.host.end(signal.SIGTERM)
        self.simulator.stop()
        if kind is None:
            check_logs(self.host)
            check_errors(self.host)
        if self.keep:
            print(f"     {State.section}: {self.folder}")
        else:
            shutil.rmtree(self.folder)

    def get(self, path: str) -> Any:
        answer = self.host.send("GET", path, key=self.key)
        assert answer.status == 200, answer.raw
        return answer.json

    def create(self, noun: str, body: dict) -> str:
        answer = self.host.send("POST", f"/v1/{noun}s", body, self.key)
        assert answer.status == 201, answer.raw
        return answer.json[noun]["id"]

    def agent(self, primary: str = "vendorA", fallback: str | None = "vendorB") -> str:
        routes = {"primaryProvider": primary, "fallbackProvider": fallback}
        return self.create("agent", {"name": f"{primary} first", **routes})

    def session(self, agent: str = "") -> str:
        return self.create("session", {"agentId": agent or self.agent(), "customerId": "c"})

    def message(self, session: str, key: str, content: str = "Hello") -> Answer:
        path, body = f"/v1/sessions/{session}/messages", {"role": "user", "content": content}
        return self.host.send("POST", path, body, self.key, Idempotency_Key=key)

    def rollup(self) -> dict:
        return self.get(f"/v1/usage/rollup?{around_today()}")

    def events(self) -> list[dict]:
        return self.get(f"/v1/usage/events?{around_today()}&limit=200")["events"]

    def roles(self, session: str) -> list[str]:
        return [m["role"] for m in self.get(f"/v1/sessions/{session}/transcript")["messages"]]


def around_today() -> str:
    today, day = datetime.datetime.now(datetime.timezone.utc).date(), datetime.timedelta(days=1)
    return f"from={today - day}&to={today + day}"
