"""Bad requests, broken stores and broken clients: refused in words that may be shown."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from collections.abc import Iterator

from .report import check, check_equal
from .simulator import Answer
from .standing import INNARDS
from .world import World

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
