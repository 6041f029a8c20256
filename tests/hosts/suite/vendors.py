"""Vendors that fail, hang and limit: what the host retries, when, and its fallback."""

from __future__ import annotations

from decimal import Decimal

from .replies import COST_A, COST_B, USUAL, costs, is_replayed
from .report import check, check_equal, check_shape
from .simulator import Answer
from .world import World


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


def failing_vendor(w: World) -> None:
    """Vendor A always answers 500."""
    w.host.start()
    w.simulator.plan("vendor-a", default={"status": 500})
    w.simulator.plan("vendor-b", default=USUAL)
    sent = w.message(w.session(), "k")
    check_gaps("waits of 200 and 400 ms, then the fallback at once", gaps(w), [200, 400, 0])
    check_fallback(w, sent, "UPSTREAM_5XX", 500)


def hanging_vendor(w: World) -> None:
    """Vendor A never answers."""
    w.host.start()
    w.simulator.plan("vendor-a", default={"hang": True})
    w.simulator.plan("vendor-b", default=USUAL)
    sent = w.message(w.session(), "k")
    check_gaps("each try is cut at 2.0 s", gaps(w), [2200, 2400, 2000])
    check_fallback(w, sent, "TIMEOUT", None)


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
