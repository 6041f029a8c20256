"""The document's commands, duplicates, and hosts that are killed or stopped."""

from __future__ import annotations

import http.client
import re
import signal
import subprocess
import threading

from .document import COMMANDS, SAMPLES
from .replies import COST_A, USUAL, costs, is_replay, is_replayed
from .report import check, check_equal, check_shape
from .simulator import Answer, is_free, wait_for
from .world import World, around_today


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
