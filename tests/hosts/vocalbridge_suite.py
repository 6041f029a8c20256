#!/usr/bin/env python3
"""Black-box suite of the VocalBridge system: the same checks for its host in every language.

It starts the vendor simulator and the host as processes, talks HTTP to both, and prints one line
per check. Standard library and curl only. Exit code: 0 all held, 1 something did not, 77 skipped
because the host's interpreter or packages are not there.

usage: vocalbridge_suite.py --host cpp|fastapi|fastify [--build FOLDER] [--python FILE]
                            [--only SECTION] [--keep]
"""

from __future__ import annotations

import argparse
import datetime
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HOSTS = ROOT / "examples" / "hosts" / "vocalbridge"
SKIPPED = 77
START_SECONDS = 30


# --- The document -------------------------------------------------------------------------------


def read_document() -> tuple[dict[str, str], dict[str, Any]]:
    """The commands of the hosts' README.md, and what they answer, by heading."""
    text = (HOSTS / "README.md").read_text("utf-8")
    block = r"^### ([^\n]+)\n+```bash\n(.+?)\n```\n+```json\n(.+?)```"
    found = re.findall(block, text, re.MULTILINE | re.DOTALL)
    return {name: bash for name, bash, _ in found}, {name: parse(text) for name, _, text in found}


def parse(text: str) -> Any:
    """Decimals stay exact, objects keep the order of their keys."""
    return json.loads(text, parse_float=Decimal)


COMMANDS, SAMPLES = read_document()
SAMPLES["Agent"] = {"agent": SAMPLES["Agents"]["agents"][0]}

OPEN_OBJECTS = {"metadata.channel", "details.agentId"}  # their keys are the user's or the code's
MAY_BE_NULL = {"fallbackAttempted", "fallbackProvider", "httpStatus", "customerId"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ID = re.compile(r"[0-9a-z]{20,40}")


def differs(sample: Any, value: Any, where: str = "") -> str:
    """Where `value` does not have the names, order and types of the sample; empty if nowhere."""
    name = where.rsplit(".", 1)[-1]
    if isinstance(sample, dict):
        if not isinstance(value, dict):
            return f"{where} is not an object"
        if any(f"{name}.{key}" in OPEN_OBJECTS for key in sample):
            return ""
        if list(sample) != list(value):
            return f"{where} has {list(value)}, not {list(sample)}"
        found = (differs(sample[key], value[key], f"{where}.{key}") for key in sample)
    elif isinstance(sample, list):
        if not isinstance(value, list):
            return f"{where} is not a list"
        found = (differs(sample[0], item, f"{where}[]") for item in value)
    else:
        return "" if fits(sample, value, name) else f"{where} is {value!r}"
    return next(filter(None, found), "")


def fits(sample: Any, value: Any, name: str) -> bool:
    if sample is None or (value is None and name in MAY_BE_NULL):
        return value is None or isinstance(value, str)
    if isinstance(sample, bool) or isinstance(value, bool):
        return isinstance(sample, bool) and isinstance(value, bool)
    if isinstance(sample, (int, Decimal)):
        return isinstance(value, (int, type(sample)))
    if not isinstance(value, str):
        return False
    if sample.endswith("_..."):
        return value.startswith(sample[:4]) and bool(ID.fullmatch(value[4:]))
    return bool(TIME.fullmatch(value)) if TIME.fullmatch(sample) else True


# --- Reporting ----------------------------------------------------------------------------------

section_name = ""
failures = 0


def check(what: str, held: Any, evidence: Any = "") -> None:
    global failures
    print(f"{'ok  ' if held else 'FAIL'} {section_name}: {what}", flush=True)
    if not held:
        failures += 1
        print(f"     {str(evidence)[:2000]}", flush=True)


def check_equal(what: str, value: Any, expected: Any) -> None:
    check(what, value == expected, f"{value!r} instead of {expected!r}")


def check_shape(what: str, sample: str, value: Any) -> None:
    problem = differs(SAMPLES[sample], value)
    check(f"{what}: the document's names, order and types", not problem, problem)


# --- The simulator ------------------------------------------------------------------------------


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


# --- The host -----------------------------------------------------------------------------------


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
            print(f"     {section_name}: {self.folder}")
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


# --- What holds for every section ---------------------------------------------------------------

OF_A_REQUEST = {"method", "path", "url", "status", "req", "res", "err"}
INNARDS = re.compile(
    r"Traceback|File \\?\"|\bat [\w.<>$]+ \(|node:|node_modules|site-packages"
    r"|\.(?:py|js|mjs|ts|cpp|hpp)\b|SQL|sqlite|dev\.db|std::|conclave::|0x[0-9a-f]{6,}"
    r"|/(?:tmp|usr|home|root|var|opt|etc)/"
)


def check_logs(host: Host) -> None:
    lines, logged, problems, others = host.log_lines(), set(), [], 0
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            problems.append(line)
            continue
        logged.add(record.get("requestId"))
        others += "requestId" not in record
        if "requestId" not in record and OF_A_REQUEST & record.keys():
            problems.append(line)
    check("every log line is JSON, each of a request carries its id", not problems, problems)
    expected = 3 * host.starts + host.unreadable
    check("the other lines tell of start, end and what is no request", others <= expected, others)
    missing = host.request_ids - logged
    check("every X-Request-Id stands in the log", not missing, missing)
    complaints = "".join(file.read_text() for file in host.folder.glob("*.err"))
    check("nothing on standard error", not complaints, complaints)
    secrets = [line for line in lines if any(secret in line for secret in host.secrets)]
    check("no secret in the log", not secrets, secrets)


def check_errors(host: Host) -> None:
    """Of every error this host has answered."""
    wrong, leaks = [], []
    for answer in host.errors:
        try:
            problem = differs(SAMPLES["Errors"], answer.json)
        except ValueError:
            problem = "no JSON"
        if problem or answer.error["requestId"] != answer.request_id:
            wrong.append((problem, answer))
        told = [str(host.folder), *host.secrets]
        if INNARDS.search(answer.raw) or any(secret in answer.raw for secret in told):
            leaks.append(answer)
    count = len(host.errors)
    check(f"{count} errors have the document's structure and X-Request-Id", not wrong, wrong)
    check("no stack trace, path or secret in them", not leaks, leaks)


# --- Sections -----------------------------------------------------------------------------------

SECTIONS: list[Callable[[World], None]] = []


def section(run: Callable[[World], None]) -> Callable[[World], None]:
    SECTIONS.append(run)
    return run


def is_replay(first: Answer, later: Answer) -> bool:
    """The same bytes, only that it says so."""
    flag = re.compile(r'"replayed": ?(true|false)')
    told = [flag.findall(answer.raw) for answer in (first, later)]
    same = flag.sub("", first.raw) == flag.sub("", later.raw)
    return same and told == [["false"], ["true"]]


def is_replayed(answer: Answer) -> bool:
    return answer.json["metadata"]["idempotency"]["replayed"]


def costs(events: list[dict]) -> list[Decimal]:
    return [event["costUsd"] for event in events]


COST_A, COST_B = Decimal("0.000224"), Decimal("0.000336")  # of the document's 45 + 67 tokens
USUAL = {"text": "Hi!", "tokens_in": 45, "tokens_out": 67}


@section
def curl_session(w: World) -> None:
    """The document's commands, as they stand there but for key and ids."""
    w.host.start(3000 if is_free(3000) else 0)
    (w.folder / ".curlrc").write_text("silent\nshow-error\ninclude\n")
    w.simulator.plan("vendor-a", default=USUAL)
    ids = {"YOUR_API_KEY": w.key, "localhost:3000": f"localhost:{w.host.port}"}

    def run(name: str) -> Answer:
        command = COMMANDS[name]
        for placeholder, value in ids.items():
            command = command.replace(placeholder, value)
        environment = {**w.host.environment, "CURL_HOME": str(w.folder)}
        out = subprocess.check_output(["bash", "-c", command], env=environment).decode()
        head, _, body = out.replace("\r\n", "\n").partition("\n\n")
        request_id = re.search(r"^x-request-id: (\S+)$", head, re.MULTILINE | re.IGNORECASE)
        answer = Answer(int(head.split()[1]), request_id[1] if request_id else "", body)
        w.host.note(answer)
        return answer

    for name in ("Tenant", "Agents"):
        answer = run(name)
        check_equal(f"{name}: status", answer.status, 200)
        check_shape(name, name, answer.json)
    check_equal("Tenant: prices", run("Tenant").json["pricing"], SAMPLES["Tenant"]["pricing"])
    ids["agt_..."] = answer.json["agents"][0]["id"]

    session = run("Session")
    check_equal("Session: status", session.status, 201)
    check_shape("Session", "Session", session.json)
    check_equal("Session: metadata", session.json["session"]["metadata"], {"channel": "chat"})
    ids["ses_..."] = session.json["session"]["id"]

    sent, again = run("Message"), run("Message")
    check_equal("Message: status", sent.status, 201)
    check_shape("Message", "Message", sent.json)
    price = r'"costUsd": ?0\.000224, ?"pricing": ?{"usdPer1kTokens": ?0\.002}'
    check("Message: exact JSON numbers", re.search(price, sent.raw), sent.raw)
    metadata = sent.json["metadata"]
    check_equal("Message: requestId", metadata["requestId"], sent.request_id)
    fallback = metadata["fallbackAttempted"], metadata["fallbackUsed"]
    check_equal("Message: the fallback as configured", fallback, ("vendorB", False))
    check_equal("Message again: status", again.status, 200)
    check("Message again: the stored body, replayed", is_replay(sent, again), again.raw)
    check("Message again: an id of its own", again.request_id != sent.request_id, again)

    transcript = run("Transcript")
    check_shape("Transcript", "Transcript", transcript.json)
    check_equal("Transcript: roles", w.roles(ids["ses_..."]), ["user", "assistant"])
    rollup = run("Rollup")
    check_shape("Rollup of days without use", "Rollup", rollup.json)
    check_equal("Rollup: range", rollup.json["range"], SAMPLES["Rollup"]["range"])
    check_shape("Rollup of today", "Rollup", w.rollup())
    check_equal("Events of days without use", run("Events").json["events"], [])
    check_shape("Events of today", "Events", w.get(f"/v1/usage/events?{around_today()}"))
    check_equal("Events: one", costs(w.events()), [COST_A])
    error, expected = run("Errors").error, SAMPLES["Errors"]["error"]
    for name in ("code", "message", "details"):
        check_equal(f"Errors: {name}", error[name], expected[name])


@section
def duplicates(w: World) -> None:
    """100 clients send the same message with the same key at once."""
    w.host.start()
    session, answers, gate = w.session(), [], threading.Barrier(100)
    w.simulator.plan("vendor-a", default={**USUAL, "latency_ms": 300})

    def client() -> None:
        gate.wait()
        answers.append(w.message(session, "one-key"))

    clients = [threading.Thread(target=client) for _ in range(100)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    check_equal("one 201, 99 x 200", sorted(a.status for a in answers), [200] * 99 + [201])
    first = next(a for a in answers if a.status == 201)
    odd = [a for a in answers if a is not first and not is_replay(first, a)]
    check("one body for all of them", not odd, odd[:1])
    check_equal("each with its own request id", len({a.request_id for a in answers}), 100)
    check_equal("one vendor request", w.simulator.count("vendor-a"), 1)
    check_equal("one usage event", costs(w.events()), [COST_A])
    check_equal("one question, one answer", w.roles(session), ["user", "assistant"])


@section
def killed(w: World) -> None:
    """kill -9 of the host while the vendor is thinking, then the same key at a new process."""
    w.host.start()
    session, broken = w.session(), []
    w.simulator.plan("vendor-a", {"latency_ms": 1900}, default=USUAL)

    def client() -> None:
        try:
            w.message(session, "k")
        except (OSError, http.client.HTTPException) as problem:
            broken.append(problem)

    waiting = threading.Thread(target=client)
    waiting.start()
    wait_for("the vendor's request", lambda: w.simulator.count("vendor-a") == 1)
    w.host.kill()
    waiting.join()
    check("the client's connection broke", broken)

    w.host.start()
    recovered = w.message(session, "k")
    check_equal("the same key is answered", recovered.status, 201)
    check_equal("for the first time", is_replayed(recovered), False)
    check("and then replayed", is_replay(recovered, w.message(session, "k")))
    check_equal("the vendor was asked once more", w.simulator.count("vendor-a"), 2)
    check_equal("one assistant message", w.roles(session), ["user", "assistant"])
    check_equal("one bill", costs(w.events()), [COST_A])
    check_equal("in the roll-up too", w.rollup()["totals"]["messages"], 1)
    w.host.kill()
    w.host.start()
    check("a third process replays the same", is_replay(recovered, w.message(session, "k")))


@section
def stopped(w: World) -> None:
    """A host that is told to stop answers what it has begun."""
    w.host.start()
    session, answers = w.session(), []
    w.simulator.plan("vendor-a", default={**USUAL, "latency_ms": 500})
    waiting = threading.Thread(target=lambda: answers.append(w.message(session, "k")))
    waiting.start()
    wait_for("the vendor's request", lambda: w.simulator.count("vendor-a") == 1)
    w.host.end(signal.SIGTERM)
    waiting.join()
    check_equal("the message under way is answered", [a.status for a in answers], [201])
    w.host.start()
    check("and stored", is_replay(answers[0], w.message(session, "k")))
    check_equal("one bill", costs(w.events()), [COST_A])


def gaps(w: World, vendor: str = "") -> list[int]:
    """Milliseconds between the requests that vendors got, in their order."""
    times = [entry["at_ms"] for entry in w.simulator.journal(vendor)]
    return [later - earlier for earlier, later in zip(times, times[1:])]


def check_gaps(what: str, found: list[int], expected: list[int]) -> None:
    """The vendor notes when a request arrives. On a busy machine that may be late, which makes the
    gap after it shorter; never by as much as the next shorter or longer delay is away.
    """
    within = (wanted - 40 <= gap < wanted + 190 for gap, wanted in zip(found, expected))
    check(what, len(found) == len(expected) and all(within), f"{found} ms, not {expected}")


def check_fallback(w: World, sent: Answer, error_code: str, http_status: int | None) -> None:
    check_equal("answered", sent.status, 201)
    check_shape("Message", "Message", sent.json)
    metadata = sent.json["metadata"]
    tries = w.simulator.count("vendor-a"), w.simulator.count("vendor-b")
    check_equal("three tries at vendor A, one at vendor B", tries, (3, 1))
    facts = ("provider", "status", "httpStatus", "retries", "errorCode")
    told = [tuple(attempt[fact] for fact in facts) for attempt in metadata["attempts"]]
    failed = ("vendorA", "failed", http_status, 2, error_code)
    check_equal("attempts", told, [failed, ("vendorB", "success", 200, 0, None)])
    names = ("providerUsed", "primaryAttempted", "fallbackAttempted", "fallbackUsed")
    expected = ["vendorB", "vendorA", "vendorB", True]
    check_equal("names", [metadata[name] for name in names], expected)
    usage = metadata["usage"]
    check_equal("billed at vendor B's price", usage["pricing"]["usdPer1kTokens"], Decimal("0.003"))
    check_equal("cost", usage["costUsd"], COST_B)
    check_equal("event", costs(w.events()), [COST_B])


@section
def failing_vendor(w: World) -> None:
    """Vendor A always answers 500."""
    w.host.start()
    w.simulator.plan("vendor-a", default={"status": 500})
    w.simulator.plan("vendor-b", default=USUAL)
    sent = w.message(w.session(), "k")
    check_gaps("waits of 200 and 400 ms, then the fallback at once", gaps(w), [200, 400, 0])
    check_fallback(w, sent, "UPSTREAM_5XX", 500)


@section
def hanging_vendor(w: World) -> None:
    """Vendor A never answers."""
    w.host.start()
    w.simulator.plan("vendor-a", default={"hang": True})
    w.simulator.plan("vendor-b", default=USUAL)
    sent = w.message(w.session(), "k")
    check_gaps("each try is cut at 2.0 s", gaps(w), [2200, 2400, 2000])
    check_fallback(w, sent, "TIMEOUT", None)


@section
def limiting_vendors(w: World) -> None:
    """Each vendor asks to wait for 700 ms, vendor A in a header, vendor B in its body."""
    w.host.start()
    for vendor, name in (("vendor-a", "vendorA"), ("vendor-b", "vendorB")):
        w.simulator.plan(vendor, {"status": 429, "retry_after_ms": 700})
        sent = w.message(w.session(w.agent(name, None)), vendor)
        check_gaps(f"{name}: no try before 700 ms, one then", gaps(w, vendor), [700])
        check_equal(f"{name}: answered", sent.status, 201)
        metadata = sent.json["metadata"]
        check_equal(f"{name}: one retry", metadata["attempts"][0]["retries"], 1)
        check_equal(f"{name}: an agent without fallback", metadata["fallbackAttempted"], None)


@section
def both_down(w: World) -> None:
    """Nobody answers, nobody pays; the same key succeeds later."""
    w.host.start()
    session = w.session()
    w.simulator.plan("*", default={"status": 500})
    failed = w.message(session, "k")
    told = (failed.status, failed.error["code"])
    check_equal("503 ALL_PROVIDERS_FAILED", told, (503, "ALL_PROVIDERS_FAILED"))
    tries = w.simulator.count("vendor-a"), w.simulator.count("vendor-b")
    check_equal("three tries at each", tries, (3, 3))
    check_equal("no event", w.events(), [])
    check_equal("nothing in the roll-up", w.rollup()["totals"]["costUsd"], 0)
    w.simulator.plan("*", default=USUAL)
    sent = w.message(session, "k")
    check_equal("the same key succeeds later", (sent.status, is_replayed(sent)), (201, False))
    check_equal("billed once", costs(w.events()), [COST_A])
    check_equal("one answer", w.roles(session), ["user", "assistant"])


@section
def isolation(w: World) -> None:
    """Another tenant's id gives byte for byte the answer of an id that never existed."""
    w.host.start()
    agent = w.agent()
    session = w.session(agent)
    sent = w.message(session, "shared-key", "For Acme only")
    never = {one: one[:-1] + ("1" if one.endswith("0") else "0") for one in (agent, session)}
    calls = [
        (agent, "GET", "/v1/agents/ID", None),
        (agent, "PUT", "/v1/agents/ID", {"name": "Mine"}),
        (agent, "POST", "/v1/sessions", {"agentId": "ID", "customerId": "c"}),
        (session, "GET", "/v1/sessions/ID/transcript", None),
        (session, "POST", "/v1/sessions/ID/messages", {"role": "user", "content": "Hello"}),
        (session, "POST", "/v1/sessions/ID/messages", {"role": "user", "content": "For Acme only"}),
    ]
    for theirs, method, path, body in calls:
        told = []
        for one in (theirs, never[theirs]):
            filled = json.dumps(body).replace("ID", one) if body else None
            target = path.replace("ID", one)
            a = w.host.send(method, target, filled, w.other_key, Idempotency_Key="shared-key")
            told.append((a.status, a.raw.replace(one, "ID").replace(a.request_id, "REQUEST")))
        same = told[0] == told[1] and told[0][0] == 404
        check(f"{method} {path}: as if it did not exist", same, told)

    mine, w.key = w.key, w.other_key
    listed = [a["id"] for a in w.get("/v1/agents")["agents"]]
    check("agents: none of theirs", agent not in listed and len(listed) == 2, listed)
    check_equal("events: none of theirs", w.events(), [])
    check_equal("roll-up: none of theirs", w.rollup()["byProvider"], [])
    own = w.message(w.session(), "shared-key", "For Globex only")
    words = own.json["message"]["content"]
    check_equal("the same idempotency key is their own", words, "You said: For Globex only")
    w.key = mine
    again = w.message(session, "shared-key", "For Acme only")
    check("the first tenant's reply is untouched", is_replay(sent, again))
    check_equal("its agent too", w.get(f"/v1/agents/{agent}")["agent"]["name"], "vendorA first")


@section
def agents(w: World) -> None:
    """Agents are created, read, changed in part, and used as they are at the time."""
    w.host.start()
    body = {"name": "Zoë", "primaryProvider": "vendorA", "systemPrompt": "Be kind."}
    made = w.host.send("POST", "/v1/agents", body, w.key)
    check_equal("created", made.status, 201)
    check_shape("Agent", "Agent", made.json)
    agent = made.json["agent"]
    path = f"/v1/agents/{agent['id']}"
    check_equal("as asked for", agent, {**agent, **body, "fallbackProvider": None})
    check_equal("read", w.get(path), made.json)

    change = {"primaryProvider": "vendorB", "fallbackProvider": "vendorA"}
    put = w.host.send("PUT", path, change, w.key)
    changed = put.json["agent"]
    check_equal("changed", put.status, 200)
    check_equal("in part", changed, {**agent, **change, "updatedAt": changed["updatedAt"]})
    check_equal("listed", w.get("/v1/agents")["agents"][0], changed)
    sent = w.message(w.session(agent["id"]), "k")
    check_equal("used", sent.json["metadata"]["providerUsed"], "vendorB")
    check("with its prompt", "Be kind." in w.simulator.journal("vendor-b")[0]["body"])
    removed = w.host.send("PUT", path, {"fallbackProvider": None}, w.key)
    check_equal("null removes the fallback", removed.json["agent"]["fallbackProvider"], None)


def check_plain(what: str, raw: str) -> None:
    """No cost shows the traces of binary floating point: 2e-06, 0.30000000000000004."""
    printed = re.findall(r'"costUsd": ?([^,}]+)', raw)
    plain = all(re.fullmatch(r"\d+(\.\d{1,9})?", cost) for cost in printed)
    check(what, printed and plain, printed)


@section
def roll_up(w: World) -> None:
    """Totals are the sum of their parts, to the last digit."""
    w.host.start()
    used = {
        "vendorA": [(45, 67), (800, 3200), (1, 0), (123456789, 1)],
        "vendorB": [(434, 2478), (0, 1), (999, 999)],
    }
    price = {"vendorA": Decimal("0.002"), "vendorB": Decimal("0.003")}
    agent = {name: w.agent(name, None) for name in used}
    sent = []
    for vendor, name in (("vendor-a", "vendorA"), ("vendor-b", "vendorB")):
        session = w.session(agent[name])
        w.simulator.plan(vendor, *({"tokens_in": i, "tokens_out": o} for i, o in used[name]))
        for n, (tokens_in, tokens_out) in enumerate(used[name]):
            cost = (tokens_in + tokens_out) * price[name] / 1000
            answer = w.message(session, f"{name}-{n}")
            usage = answer.json["metadata"]["usage"]
            check_equal(f"{tokens_in} + {tokens_out} at {name}", usage["costUsd"], cost)
            check_plain("printed digit by digit", answer.raw)
            sent.append((name, tokens_in, tokens_out, cost))

    raw = w.host.send("GET", f"/v1/usage/rollup?{around_today()}", key=w.key).raw
    check_plain("the roll-up too", raw)
    report, events = parse(raw), w.events()
    facts = ("provider", "tokensIn", "tokensOut", "costUsd")
    told = [tuple(event[fact] for fact in facts) for event in reversed(events)]
    check_equal("events as sent", told, sent)
    for name in ("tokensIn", "tokensOut", "tokensTotal", "costUsd"):
        parts = {"providers": report["byProvider"], "events": events}
        if name in ("tokensTotal", "costUsd"):
            parts["agents"] = report["topAgentsByCost"]
        for what, rows in parts.items():
            total = sum(row[name] for row in rows)
            check_equal(f"{name}: totals are the sum of {what}", report["totals"][name], total)
    check_equal("the sum itself", report["totals"]["costUsd"], sum(s[3] for s in sent))
    counts = report["totals"]["messages"], report["totals"]["sessions"]
    check_equal("messages and sessions", counts, (7, 2))
    dearest = [row["agentId"] for row in report["topAgentsByCost"]]
    check_equal("the dearest agent first", dearest, [agent["vendorA"], agent["vendorB"]])

    paged, cursor = [], ""
    while cursor is not None:
        after = f"&cursor={cursor}" if cursor else ""
        page = w.get(f"/v1/usage/events?{around_today()}&limit=3{after}")
        paged += page["events"]
        cursor = page["nextCursor"]
    check_equal("pages of three give the same events", paged, events)


@section
def metadata(w: World) -> None:
    """Keys inside a session's metadata belong to the user."""
    w.host.start()
    given = {"a_b": 1, "aB": 2, "__proto__": {"constructor": 3}, "": "", "\U0001f600": [True, None]}
    body = {"agentId": w.agent(), "customerId": "c", "metadata": given}
    made = w.host.send("POST", "/v1/sessions", body, w.key).json["session"]
    check_equal("created as given", made["metadata"], given)
    read = w.get(f"/v1/sessions/{made['id']}/transcript")["session"]["metadata"]
    check_equal("read as given, in order", list(read.items()), list(given.items()))


# What is wrong | method | path | body | field that the details must name. `$` stands for a text of
# the table below.
BAD_REQUESTS = {
    "400 VALIDATION_ERROR": """
        malformed JSON         | POST | /v1/agents | {"name":                            | body
        no body                | POST | /v1/agents |                                     | body
        a list for a body      | POST | /v1/agents | []                                  | body
        half a character       | POST | /v1/agents | $half_character                     | body
        NaN                    | POST | /v1/sessions | {"metadata": {"x": NaN}}          | body
        600 nested objects     | POST | /v1/sessions | {$of, "metadata": $600}           |
        20,000 nested objects  | POST | /v1/sessions | {$of, "metadata": $20000}         |
        half a surrogate pair  | POST | $send | {"content": "\\ud800"}                   |
        a number for a name    | POST | /v1/agents | {"name": 7, $a}                     | name
        no name                | POST | /v1/agents | {$a}                                | name
        an empty name          | POST | /v1/agents | {"name": "", $a}                    | name
        a long name            | POST | /v1/agents | {"name": "$name", $a}               | name
        no provider            | POST | /v1/agents | {"name": "n"}           | primaryProvider
        unknown provider       | PUT | $agent | {"primaryProvider": "C"}       | primaryProvider
        unknown fallback       | PUT | $agent | {"fallbackProvider": "C"}     | fallbackProvider
        unknown field          | POST | /v1/agents | {"name": "n", $a, "admin": true}    | admin
        a session of no agent  | POST | /v1/sessions | {"customerId": "c"}            | agentId
        a long customer        | POST | /v1/sessions | {$of, "customerId": "$name"} | customerId
        a list for metadata    | POST | /v1/sessions | {$of, "metadata": [1]}        | metadata
        another role           | POST | $send | {"role": "system", "content": "Hi"}      | role
        no content             | POST | $send | {"role": "user"}                      | content
        empty content          | POST | $send | {"role": "user", "content": ""}       | content
        30 February            | GET | /v1/usage/rollup?from=2026-02-30&to=2026-03-01 |  | from
        no day                 | GET | /v1/usage/rollup?from=2026-02-01               |  | to
        days in the wrong order | GET | /v1/usage/events?from=2026-02-02&to=2026-02-01 |  |
        a limit of 0           | GET | /v1/usage/events?$days&limit=0                |  | limit
        many for a limit       | GET | /v1/usage/events?$days&limit=many             |  | limit
        a made-up cursor       | GET | $transcript?cursor=%27;--                     |  | cursor
        and another            | GET | /v1/usage/events?$days&cursor=%27;--          |  | cursor
    """,
    "404 RESOURCE_NOT_FOUND": """
        unknown route          | GET | /v1/nothing |  |
        unknown method         | DELETE | /v1/agents |  |
        root                   | GET | / |  |
        path upwards           | GET | /v1/../../etc/passwd |  |
        unknown transcript     | GET | /v1/sessions/ses_123/transcript |  |
        unknown session        | POST | /v1/sessions/ses_123/messages | {"content": "Hi"} |
    """,
    "404 AGENT_NOT_FOUND": """
        unknown agent          | GET | /v1/agents/agt_123 |  |
        changing it            | PUT | /v1/agents/agt_123 | {"name": "n"} |
        a session with it      | POST | /v1/sessions | {"agentId": "agt_123"} |
    """,
    "413 PAYLOAD_TOO_LARGE": """
        large metadata         | POST | /v1/sessions | {$of, "metadata": {"x": "$16k"}} | metadata
        content above 1 MiB    | POST | $send | {"content": "$1m"}                    | content
        a body above 1.5 MB    | POST | $send | {"content": "Hi", "more": "$1m$1m"}   |
    """,
}


def bad_requests_of(agent: str, session: str) -> Iterator[tuple[str, str, str, str, str, str]]:
    """(expected, what, method, path, body, field)"""
    texts = {
        "$half_character": '{"name": "\udcc3"}',
        "$600": '{"a":' * 600 + "1" + "}" * 600,
        "$20000": '{"a":' * 20_000 + "1" + "}" * 20_000,
        "$name": "n" * 256,
        "$agent": f"/v1/agents/{agent}",
        "$a": '"primaryProvider": "vendorA"',
        "$of": f'"agentId": "{agent}"',
        "$send": f"/v1/sessions/{session}/messages",
        "$transcript": f"/v1/sessions/{session}/transcript",
        "$days": "from=2026-11-01&to=2026-11-30",
        "$16k": "x" * 16_384,
        "$1m": "x" * 1_048_577,
    }
    for expected, table in BAD_REQUESTS.items():
        for line in table.strip().splitlines():
            what, *words = (word.strip() for word in line.split("|"))
            for name in sorted(texts, key=len, reverse=True):
                words = [word.replace(name, texts[name]) for word in words]
            yield (expected, what, *words)


@section
def bad_requests(w: World) -> None:
    """Each is refused with its code, and tells nothing."""
    w.host.start()
    agent = w.agent()
    session = w.session(agent)

    def refused(expected: str, what: str, answer: Answer, field: str = "") -> None:
        told = f"{answer.status} {answer.error.get('code')}"
        named = answer.error.get("details", {}).get("field", "")
        check(f"{expected}: {what}", told == expected and field in ("", named), answer.raw)

    for expected, what, method, path, body, field in bad_requests_of(agent, session):
        content = body.encode("utf-8", "surrogateescape") if body else None
        of_json = {"Content_Type": "application/json"} if content else {}
        answer = w.host.send(method, path, content, w.key, Idempotency_Key="bad", **of_json)
        refused(expected, what, answer, field)

    prompt = {"role": "user", "content": "Hello"}
    path = f"/v1/sessions/{session}/messages"
    absent = w.host.send("POST", path, prompt, w.key)
    refused("400 IDEMPOTENCY_KEY_REQUIRED", "none", absent)
    refused("400 IDEMPOTENCY_KEY_INVALID", "with a space", w.message(session, "a b"))
    refused("400 IDEMPOTENCY_KEY_INVALID", "256 bytes", w.message(session, "k" * 256))
    w.message(session, "used")
    other = w.message(session, "used", "Something else")
    refused("422 IDEMPOTENCY_KEY_REUSED", "for another message", other)
    other = w.message(w.session(agent), "used")
    refused("422 IDEMPOTENCY_KEY_REUSED", "in another session", other)

    w.host.secrets += ["CaNaRy00", "Wh1sper"]
    changed = w.key[:-8] + "CaNaRy00"
    for what, key in (("no key", ""), ("a changed key", changed), ("a made-up key", "CaNaRy00")):
        refused("401 UNAUTHORIZED", what, w.host.send("GET", "/v1/me", key=key))
    w.simulator.plan("*", default={"status": 400, "text": "Wh1sper: Traceback in /usr/lib/v.py"})
    refused("502 PROVIDER_REJECTED", "a vendor's definite no", w.message(session, "rejected"))
    check_equal("nothing of all this was billed", len(w.events()), 1)
    check_equal("the host still serves", w.host.send("GET", "/health").raw, '{"status":"ok"}')


@section
def broken_stores(w: World) -> None:
    """A store that cannot be opened, and one that is none: said so, and nothing of where it is."""
    rotten = w.folder / "rotten.db"
    rotten.write_bytes(b"no database, but long enough to be taken for one" * 1000)
    session = {"agentId": "agt_0", "customerId": "c"}
    for what, expected, store in (
        ("in no folder", "503 STORE_UNAVAILABLE", w.folder / "nowhere" / "dev.db"),
        ("a folder", "503 STORE_UNAVAILABLE", w.folder),
        ("no database", "500 STORE_CORRUPT", rotten),
    ):
        w.host.environment["DATABASE_URL"] = f"file:{store}"
        w.host.start()
        check_equal("the host lives", w.host.send("GET", "/health").raw, '{"status":"ok"}')
        for answer in (
            w.host.send("GET", "/v1/me", key=w.key),
            w.host.send("POST", "/v1/sessions", session, w.key),
            w.message("ses_0", "broken"),
        ):
            told = f"{answer.status} {answer.error.get('code')}"
            check_equal(what, told, expected)
        w.host.end(signal.SIGTERM)


@section
def broken_clients(w: World) -> None:
    """Bytes that are no request, and requests that are odd: no trace of the host's insides."""
    w.host.start()
    large = w.folder / "large"
    large.write_bytes(b"x" * 2_000_000)
    url = f"http://127.0.0.1:{w.host.port}/v1/agents"
    curl = ["curl", "-s", "-H", f"X-API-Key: {w.key}", "--data-binary", f"@{large}", url]
    told = subprocess.check_output(curl, env=w.host.environment).decode()
    check("curl, which asks before it sends a large body", "PAYLOAD_TOO_LARGE" in told, told)
    for path in ("/v1/agents/%ff", "/v1/agents/%zz", "/v1/agents/%00", "//v1/me", "/v1/me/"):
        status = w.host.send("GET", path, key=w.key).status
        check(f"GET {path}: refused", status in (400, 404), status)

    def whole(text: str) -> bytes:
        return text.replace("\n", "\r\n").encode()

    health = "GET /health HTTP/1.1\nHost: a\n"
    oddities = {
        "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00",
        "a header without a colon": whole(health + "Broken\n\n"),
        "headers without end": whole(health) + b"X-Long: " + b"y" * 200_000,
        "two lengths": whole(health + "Content-Length: 1\nContent-Length: 2\n\n"),
        "a negative length": whole(health + "Content-Length: -1\n\n"),
        "an unknown encoding": whole(health + "Transfer-Encoding: nonsense\n\n"),
        "half a body": whole("POST /v1/agents HTTP/1.1\nHost: a\nContent-Length: 9\n\n{"),
    }
    for what, bytes_sent in oddities.items():
        heard = converse(w.host.port, bytes_sent)
        w.host.unreadable += 1
        status = re.match(r"HTTP/1\.1 (\d+)", heard)
        refused = not heard or (status and 400 <= int(status[1]) < 600)
        check(f"{what}: refused", refused and not INNARDS.search(heard), heard)
    twice = converse(w.host.port, whole(f"{health}\n{health}Connection: close\n\n"))
    check_equal("two requests at once: two answers", twice.count('{"status":"ok"}'), 2)
    check_equal("the host still serves", w.host.send("GET", "/health").status, 200)


def converse(port: int, sent: bytes) -> str:
    """Sends, says that no more will come, and listens to the end."""
    heard = b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                heard += piece
        except OSError:
            pass  # refused without listening to the end
    return heard.decode("utf-8", "replace")


# --- Running it ---------------------------------------------------------------------------------


def newest(pattern: str, build: str) -> pathlib.Path | None:
    folders = [pathlib.Path(build)] if build else sorted(ROOT.glob("build/*"))
    found = [path for folder in folders for path in folder.glob(pattern) if path.is_file()]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def runs(*words: str, folder: pathlib.Path) -> bool:
    try:
        quiet = subprocess.DEVNULL
        return subprocess.run(words, cwd=folder, stdout=quiet, stderr=quiet).returncode == 0
    except OSError:
        return False


def commands_of(host: str, build: str, python: str) -> Commands | None:
    """How the host is started, or nothing when this machine has not what it needs."""
    folder = HOSTS / host
    if host == "cpp":
        program = newest("examples/hosts/vocalbridge/cpp/vocalbridge_host", build)
        return program and Commands([str(program)], [str(program), "seed"], folder)
    if host == "fastapi":
        interpreter = os.path.abspath(shutil.which(python) or python)
        serve = [interpreter, "-B", "-m", "vocalbridge"]
        there = runs(interpreter, "-c", "import conclave, fastapi, uvicorn", folder=folder)
        return Commands(serve, [*serve, "seed"], folder) if there else None
    there = runs("node", "-e", "require('conclave'); require('fastify')", folder=folder)
    seed = ["npm", "--silent", "run", "seed"]
    return Commands(["node", "server.js"], seed, folder) if there else None


def main() -> int:
    global section_name
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--host", choices=("cpp", "fastapi", "fastify"), required=True)
    parser.add_argument("--build", default="", help="build folder; the newest in build/ otherwise")
    parser.add_argument("--python", default=sys.executable, help="one with conclave and uvicorn")
    parser.add_argument("--only", help="one section", choices=[s.__name__ for s in SECTIONS])
    parser.add_argument("--keep", action="store_true", help="keep stores and logs, and say where")
    chosen = parser.parse_args()
    simulator = newest("tests/simulator/vendor_simulator", chosen.build)
    commands = commands_of(chosen.host, chosen.build, chosen.python)
    if not simulator or not commands or not shutil.which("curl"):
        what = "the vendor simulator" if not simulator else "curl" if commands else "its packages"
        print(f"skipped: the host {chosen.host} or {what} is not built or installed")
        return SKIPPED
    began = time.monotonic()
    for run in SECTIONS:
        section_name = run.__name__
        if chosen.only not in (None, section_name):
            continue
        try:
            with World(simulator, commands, chosen.keep) as world:
                run(world)
        except Exception:
            check("runs to its end", False, traceback.format_exc())
    told = f"{failures} checks failed" if failures else "all checks held"
    print(f"{chosen.host}: {told} after {time.monotonic() - began:.1f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
