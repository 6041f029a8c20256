#!/usr/bin/env python3
"""Sends through the Python package against sends in C++, in one run.

usage: benchmark.py [--baseline PROGRAM] [--seconds N]

PROGRAM prints what C++ reaches with the same work, as the target node_baseline of CMake does:
`PROGRAM full|process SECONDS CALLERS` gives {"p50_us", "per_second"}.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

import conclave

CALLERS = 64
ROUNDS = 5  # by turns with C++: what disturbs a shared machine disturbs both
TURNS_PER_SESSION = 8
REPLIES = [{"text": "a" * 1024, "tokens_in": 45, "tokens_out": 67}]

START = """
import sys, threading, time
begin = time.perf_counter()
import conclave
loaded = time.perf_counter()
threads = threading.active_count(), len(__import__("os").listdir("/proc/self/task"))
gateway = conclave.open(sys.argv[1])
gateway.tenants.list(limit=1)
opened = time.perf_counter()
print((loaded - begin) * 1000, (opened - loaded) * 1000, *threads)
"""


def seed(path: pathlib.Path, durability: Any) -> tuple[conclave.Gateway, str, str]:
    gw = conclave.open(path, durability=durability)
    gw.providers.register("vendor", "scripted", replies=REPLIES)
    gw.prices.set("vendor", "*", usd_per_1k_tokens="0.002")
    tenant = gw.tenant(gw.tenants.create("Benchmark").id)
    return gw, tenant.id, tenant.agents.create("Agent", "vendor").id


def one_caller(path: pathlib.Path, durability: str, seconds: float) -> float:
    """The p50 of a send, in microseconds, after a quarter of the time."""
    gw, tenant_id, agent = seed(path, durability)
    tenant = gw.tenant(tenant_id)
    session = tenant.sessions.create(agent).id
    each = []
    warm = time.perf_counter() + seconds / 4
    end = warm + seconds * 3 / 4
    for number in itertools.count(1):
        start = time.perf_counter()
        tenant.messages.send(session, "Hello", idempotency_key=f"key-{number}")
        if number % TURNS_PER_SESSION == 0:
            session = tenant.sessions.create(agent).id
        stop = time.perf_counter()
        if start > warm:
            each.append(stop - start)
        if stop > end:
            break
    gw.close()
    return statistics.median(each) * 1e6


def threads(path: pathlib.Path, durability: str, seconds: float) -> float:
    """Sends per second of 64 threads, after a quarter of the time."""
    gw, tenant_id, agent = seed(path, durability)
    tenant = gw.tenant(tenant_id)
    sessions = [tenant.sessions.create(agent).id for _ in range(CALLERS)]
    counts = [0] * CALLERS

    def call(caller: int, end: float) -> None:
        while time.perf_counter() < end:
            key = f"{caller}-{counts[caller]}"
            tenant.messages.send(sessions[caller], "Hello", idempotency_key=key)
            counts[caller] += 1
            if counts[caller] % TURNS_PER_SESSION == 0:
                sessions[caller] = tenant.sessions.create(agent).id

    def run(for_seconds: float) -> float:
        before = sum(counts)
        begin = time.perf_counter()
        end = begin + for_seconds
        callers = [threading.Thread(target=call, args=(c, end)) for c in range(CALLERS)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        return (sum(counts) - before) / (time.perf_counter() - begin)

    run(seconds / 4)
    per_second = run(seconds * 3 / 4)
    gw.close()
    return per_second


async def tasks(path: pathlib.Path, durability: Any, seconds: float) -> tuple[float, float]:
    """Sends per second of 64 tasks, after a quarter of the time, and the worst delay of a 1 ms
    ticker beside them, in ms."""
    seeded, tenant_id, agent = seed(path, durability)
    gw = conclave.open_async(path, durability=durability)
    tenant = gw.tenant(tenant_id)
    sessions = [(await tenant.sessions.create(agent)).id for _ in range(CALLERS)]
    counts = [0] * CALLERS
    late = [0.0]

    async def tick(end: float) -> None:
        while time.perf_counter() < end:
            due = time.perf_counter() + 0.001
            await asyncio.sleep(0.001)
            late.append(time.perf_counter() - due)

    async def call(caller: int, end: float) -> None:
        while time.perf_counter() < end:
            key = f"{caller}-{counts[caller]}"
            await tenant.messages.send(sessions[caller], "Hello", idempotency_key=key)
            counts[caller] += 1
            if counts[caller] % TURNS_PER_SESSION == 0:
                sessions[caller] = (await tenant.sessions.create(agent)).id

    async def run(for_seconds: float) -> float:
        before = sum(counts)
        begin = time.perf_counter()
        end = begin + for_seconds
        await asyncio.gather(tick(end), *(call(caller, end) for caller in range(CALLERS)))
        return (sum(counts) - before) / (time.perf_counter() - begin)

    await run(seconds / 4)
    late[:] = [0.0]
    per_second = await run(seconds * 3 / 4)
    await gw.close()
    seeded.close()
    return per_second, max(late) * 1000


def start_times(path: pathlib.Path) -> list[float]:
    """Medians: import, open to first call on an existing file, threads after the import."""
    runs = [
        subprocess.run(
            [sys.executable, "-c", START, str(path)], capture_output=True, text=True, check=True
        )
        for _ in range(9)
    ]
    columns = zip(*([float(word) for word in run.stdout.split()] for run in runs), strict=True)
    return [statistics.median(column) for column in columns]


def baseline(program: str, durability: str, seconds: float, callers: int) -> dict[str, float]:
    command = [program, durability, str(seconds), str(callers)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def report(what: str, value: float, unit: str, note: str = "") -> None:
    print(f"  {what:<44} {value:>9,.1f} {unit}{note}")


def measure_latency(
    new_path: Callable[[], pathlib.Path], program: str | None, durability: str, seconds: float
) -> None:
    ours, theirs, added = [], [], []
    for _ in range(ROUNDS):
        if program is not None:
            theirs.append(baseline(program, durability, seconds / ROUNDS, 1)["p50_us"])
        ours.append(one_caller(new_path(), durability, seconds / ROUNDS))
        if program is not None:
            added.append(ours[-1] - theirs[-1])
    if program is not None:
        report("C++: p50 of a send, one caller", statistics.median(theirs), "us")
    report("Python: p50 of a send, one caller", statistics.median(ours), "us")
    if program is not None:
        note = f"   (below 60; rounds {', '.join(f'{us:.0f}' for us in sorted(added))})"
        report("added to the p50, median of the rounds", statistics.median(added), "us", note)


def measure_throughput(
    new_path: Callable[[], pathlib.Path], program: str | None, durability: str, seconds: float
) -> None:
    each: dict[str, list[float]] = {"C++": [], "64 threads": [], "64 tasks": []}
    latest = 0.0
    for _ in range(ROUNDS):
        if program is not None:
            each["C++"].append(baseline(program, durability, seconds, CALLERS)["per_second"])
        each["64 threads"].append(threads(new_path(), durability, seconds))
        per_second, late = asyncio.run(tasks(new_path(), durability, seconds))
        each["64 tasks"].append(per_second)
        latest = max(latest, late)
    if program is not None:
        report("C++: sends, 64 threads", statistics.median(each["C++"]), "/s")
    for what in ("64 threads", "64 tasks"):
        note = ""
        if program is not None:
            ratios = sorted(ours / cpp for ours, cpp in zip(each[what], each["C++"], strict=True))
            rounds = ", ".join(f"{ratio:.2f}" for ratio in ratios)
            note = f"   {statistics.median(ratios):.2f} of C++ (at least 0.70; rounds {rounds})"
        report(f"Python: sends, {what}", statistics.median(each[what]), "/s", note)
    report("1 ms ticker beside 64 tasks: latest", latest, "ms", "   (below 20)")


def measure(folder: pathlib.Path, program: str | None, durability: str, seconds: float) -> None:
    print(f"durability {durability}")
    numbers = itertools.count()
    path: Callable[[], pathlib.Path] = lambda: folder / f"{durability}-{next(numbers)}.db"  # noqa: E731
    measure_latency(path, program, durability, seconds)
    measure_throughput(path, program, durability, seconds / 2)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--baseline")
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    # Beside the working directory: /tmp may lie in memory, where a sync costs nothing.
    with tempfile.TemporaryDirectory(dir=pathlib.Path.cwd(), prefix="benchmark-") as name:
        folder = pathlib.Path(name)
        seed(folder / "start.db", "full")[0].close()
        loaded, opened, python_threads, system_threads = start_times(folder / "start.db")
        report("import conclave", loaded, "ms", "   (below 40)")
        report("open to first call on an existing file", opened, "ms", "   (below 30)")
        note = f"of Python, {system_threads:.0f} in all"
        report("threads after the import", python_threads, note)
        for durability in ("full", "process"):
            measure(folder, options.baseline, durability, options.seconds)


if __name__ == "__main__":
    main()
