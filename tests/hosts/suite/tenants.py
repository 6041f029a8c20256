"""Tenants apart, their agents, bills and metadata."""

from __future__ import annotations

import json
import re
from decimal import Decimal

from .document import parse
from .replies import is_replay
from .report import check, check_equal, check_shape
from .world import World, around_today


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


def metadata(w: World) -> None:
    """Keys inside a session's metadata belong to the user."""
    w.host.start()
    given = {"a_b": 1, "aB": 2, "__proto__": {"constructor": 3}, "": "", "\U0001f600": [True, None]}
    body = {"agentId": w.agent(), "customerId": "c", "metadata": given}
    made = w.host.send("POST", "/v1/sessions", body, w.key).json["session"]
    check_equal("created as given", made["metadata"], given)
    read = w.get(f"/v1/sessions/{made['id']}/transcript")["session"]["metadata"]
    check_equal("read as given, in order", list(read.items()), list(given.items()))
