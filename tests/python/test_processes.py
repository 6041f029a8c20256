"""Forks, and all the ways in which a process ends: no crash, no hang, nothing on stderr."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import signal
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from process import times

# Python 3.12 warns of every fork of a process with threads.
FORK_WARNING = "ignore:This process:DeprecationWarning"
RUNS = times(ci=3, deep=60)

PROLOGUE = """
import asyncio, os, sys, threading
import conclave

def world_of(gw, **options):
    tenant = gw.tenant(gw.tenants.create("Acme").id)
    agent = tenant.agents.create("Support", "v")
    return tenant, tenant.sessions.create(agent.id).id

SLOW = [{"text": "late", "latency_ms": 3_600_000}]
"""

EXITS = {
    "async operations in flight": """
async def main():
    gw = conclave.open_async(":memory:")
    await gw.providers.register("v", "scripted", replies=SLOW)
    tenant = gw.tenant((await gw.tenants.create("Acme")).id)
    agent = await tenant.agents.create("Support", "v")
    for number in range(20):
        session = await tenant.sessions.create(agent.id)
        send = tenant.messages.send(session.id, "Hello", idempotency_key=f"k{number}")
        tasks.append(asyncio.create_task(send))
    await asyncio.sleep(0)
    await gw.health()

tasks = []
asyncio.run(main())
""",
    "a daemon thread blocked in a call": """
gw = conclave.open(":memory:")
gw.providers.register("v", "scripted", replies=SLOW)
tenant, session = world_of(gw)
send = lambda: tenant.messages.send(session, "Hello", idempotency_key="k")
threading.Thread(target=send, daemon=True).start()
while gw.health().sends_in_flight == 0:
    pass
""",
    "a daemon thread in an event loop": """
gw = conclave.open_async(":memory:")
started = threading.Event()

async def main():
    await gw.providers.register("v", "scripted", replies=SLOW)
    tenant = gw.tenant((await gw.tenants.create("Acme")).id)
    agent = await tenant.agents.create("Support", "v")
    session = await tenant.sessions.create(agent.id)
    task = asyncio.create_task(tenant.messages.send(session.id, "Hi", idempotency_key="k"))
    await gw.health()
    started.set()
    await task

threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()
started.wait()
""",
    "sys.exit in a task": """
async def main():
    gw = conclave.open_async(":memory:")
    await gw.providers.register("v", "scripted", replies=SLOW)
    tenant = gw.tenant((await gw.tenants.create("Acme")).id)
    agent = await tenant.agents.create("Support", "v")
    session = await tenant.sessions.create(agent.id)
    send = tenant.messages.send(session.id, "Hello", idempotency_key="k")
    task = asyncio.create_task(send)
    await gw.health()
    sys.exit(0)

asyncio.run(main())
""",
    "an unclosed global": """
gw = conclave.open(sys.argv[1])
gw.providers.register("v", "scripted", echo=True)
tenant, session = world_of(gw)
tenant.messages.send(session, "Hello", idempotency_key="k")
stream = tenant.messages.stream(session, "Hello", idempotency_key="k2")
next(stream)
""",
    "a handler that never returns": """
gw = conclave.open(":memory:")
started = threading.Event()

async def never(request):
    started.set()
    await asyncio.Event().wait()

gw.providers.register("v", "callback", handler=never)
tenant, session = world_of(gw)
send = lambda: tenant.messages.send(session, "Hello", idempotency_key="k")
threading.Thread(target=send, daemon=True).start()
started.wait()
""",
    "a plain handler of a loop that never returns": """
async def main():
    gw = conclave.open_async(":memory:")
    started = asyncio.Event()
    loop = asyncio.get_running_loop()

    def never(request):
        loop.call_soon_threadsafe(started.set)
        threading.Event().wait()

    await gw.providers.register("v", "callback", handler=never)
    tenant = gw.tenant((await gw.tenants.create("Acme")).id)
    agent = await tenant.agents.create("Support", "v")
    session = await tenant.sessions.create(agent.id)
    send = tenant.messages.send(session.id, "Hello", idempotency_key="k")
    task = asyncio.create_task(send)
    await started.wait()

asyncio.run(main())
""",
    "handlers of blocking calls that never return": """
import time
gw = conclave.open(":memory:")

def never(request):
    threading.Event().wait()

async def never_async(request):
    await asyncio.Event().wait()

async def never_awaits(request):
    never(request)

handlers = {"a": never, "b": never_async, "c": lambda request: never_async(request),
            "d": never_awaits}
for name, handler in handlers.items():
    gw.providers.register("v", "callback", handler=handler)
    tenant, session = world_of(gw)
    try:
        tenant.messages.send(session, "Hello", idempotency_key=name, deadline_ms=20)
    except conclave.DeadlineExceededError:
        continue
    sys.exit("not ended")
""",
    "idle threads of handlers": """
async def answer(request):
    return "Hello"

gw = conclave.open(":memory:")
for handler in (lambda request: "Hello", answer):
    gw.providers.register("v", "callback", handler=handler)
    tenant, session = world_of(gw)
    tenant.messages.send(session, "Hello", idempotency_key=handler.__name__)
assert threading.active_count() > 2
""",
    "handlers that return while the process ends": """
import time
gw = conclave.open(":memory:")
asked = threading.Semaphore(0)

async def answer(request):
    return "late"

def slow(request):
    asked.release()
    time.sleep(number / 1000)
    return answer(request) if number % 2 else "late"

gw.providers.register("v", "callback", handler=slow)
for number in range(20):
    tenant, session = world_of(gw)
    send = lambda: tenant.messages.send(session, "Hello", idempotency_key="k")
    threading.Thread(target=send, daemon=True).start()
    asked.acquire()
""",
    "a handler that ends the program": """
gw = conclave.open(":memory:")
gw.providers.register("v", "callback", handler=lambda request: sys.exit(0))
tenant, session = world_of(gw)
tenant.messages.send(session, "Hello", idempotency_key="k")
sys.exit("not ended")
""",
    "an exit handler that uses the gateway": """
import atexit
gw = conclave.open(":memory:")
atexit.register(lambda: gw.tenants.create("late"))
""",
}


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", FORK_WARNING, "-c", PROLOGUE + script, *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("name", EXITS)
def test_the_end_of_a_process(name: str, tmp_path: pathlib.Path) -> None:
    for number in range(RUNS):
        done = run(EXITS[name], str(tmp_path / f"{number}.db"))
        assert (done.returncode, done.stderr, done.stdout) == (0, "", "")


def test_ctrl_c_at_the_prompt() -> None:
    script = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
gw = conclave.open(":memory:")
gw.providers.register("v", "scripted", replies=SLOW)
tenant, session = world_of(gw)
try:
    print("ready", flush=True)
    tenant.messages.send(session, "Hello", idempotency_key="k")
except KeyboardInterrupt:
    print("interrupted")
"""
    for _ in range(RUNS):
        process = subprocess.Popen(
            [sys.executable, "-c", PROLOGUE + script],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        output, noise = process.communicate(timeout=20)
        assert (process.returncode, output, noise) == (0, "interrupted\n", "")


def test_a_signal_at_any_moment_of_a_call_ends_it() -> None:
    script = """
import signal
signal.signal(signal.SIGALRM, signal.default_int_handler)
gw = conclave.open(":memory:")
gw.providers.register("v", "scripted", replies=SLOW)
tenant, session = world_of(gw)
ended = 0
for microsecond in range(1, 401, 2):
    try:
        signal.setitimer(signal.ITIMER_REAL, microsecond / 1e6)
        tenant.messages.send(session, "Hello", idempotency_key=str(microsecond))
    except KeyboardInterrupt:
        ended += 1
print(ended)
"""
    done = run(script)
    assert (done.returncode, done.stdout, done.stderr) == (0, "200\n", "")


FORKS = {
    "an unused gateway works in the child": """
gw = conclave.open(sys.argv[1])
gw.providers.register("v", "callback", handler=lambda request: "from " + str(os.getpid()))
child = os.fork()
tenant, session = world_of(gw)
reply = tenant.messages.send(session, "Hello", idempotency_key="k")
assert reply.message.content == f"from {os.getpid()}"
if child:
    assert os.waitpid(child, 0)[1] == 0
    assert len(gw.tenants.list()) == 2
    assert gw.check().ok
""",
    "threads race to be the first in the child": """
gw = conclave.open(sys.argv[1])
for number in range(20):
    gw.providers.register(f"v{number}", "callback", handler=lambda request: "Hello")

@gw.tool
def tool(x: int) -> int:
    return x

for _ in range(8):
    child = os.fork()
    if not child:
        break
    assert os.waitpid(child, 0)[1] == 0
else:
    sys.exit(0)

sys.setswitchinterval(1e-5)
barrier = threading.Barrier(8)
done = []

def work(number):
    barrier.wait()
    tenant = gw.tenant(gw.tenants.create("Acme").id)
    agent = tenant.agents.create("Support", f"v{number}", tools=["tool"])
    session = tenant.sessions.create(agent.id)
    reply = tenant.messages.send(session.id, "Hi", idempotency_key="k")
    done.append(reply.message.content)

threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert done == ["Hello"] * 8, done
assert len(gw.providers.list()) == 20
""",
    "a fork while another thread makes the first call": """
gw = conclave.open(sys.argv[1])
gw.providers.register("v", "callback", handler=lambda request: "Hello")
threading.Thread(target=gw.health).start()
child = os.fork()
if child:
    assert os.waitpid(child, 0)[1] == 0
else:
    try:
        gw.health()
    except conclave.HandleForkedError:
        pass
""",
    "a used gateway raises in the child": """
gw = conclave.open(sys.argv[1])
gw.health()
child = os.fork()
if child:
    assert os.waitpid(child, 0)[1] == 0
    gw.health()
else:
    try:
        gw.health()
    except conclave.HandleForkedError:
        pass
    else:
        sys.exit("not refused")
    with conclave.open(sys.argv[1] + ".child") as mine:
        mine.tenants.create("of the child")
    gw.close()
""",
    "multiprocessing": """
import multiprocessing

def work(number):
    with conclave.open(sys.argv[1]) as gw:
        return gw.tenants.create(f"tenant {number}").name

with multiprocessing.get_context("fork").Pool(2) as pool:
    assert len(set(pool.map(work, range(10)))) == 10
with conclave.open(sys.argv[1]) as gw:
    assert len(gw.tenants.list()) == 10
""",
    "a child of a process with calls under way": """
gw = conclave.open(sys.argv[1])
gw.providers.register("v", "scripted", replies=SLOW)
tenant, session = world_of(gw)
send = lambda: tenant.messages.send(session, "Hello", idempotency_key="k")
threading.Thread(target=send, daemon=True).start()
while gw.health().sends_in_flight == 0:
    pass
child = os.fork()
if child:
    assert os.waitpid(child, 0)[1] == 0
else:
    with conclave.open(":memory:") as mine:
        mine.tenants.create("of the child")
""",
}


@pytest.mark.parametrize("name", FORKS)
def test_forks(name: str, tmp_path: pathlib.Path) -> None:
    for number in range(RUNS):
        done = run(FORKS[name], str(tmp_path / f"{number}.db"))
        assert (done.returncode, done.stderr) == (0, "")


APPLICATION = """
import os
import conclave

gw = conclave.open(os.environ["STORE"])
gw.providers.register("v", "callback", handler=lambda request: f"worker {os.getpid()}")

def app(environ, start_response):
    tenant = gw.tenant(gw.tenants.create("Acme").id)
    agent = tenant.agents.create("Support", "v")
    session = tenant.sessions.create(agent.id)
    reply = tenant.messages.send(session.id, "Hello", idempotency_key="k-" + session.id)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [reply.message.content.encode()]
"""


@pytest.mark.skipif(not importlib.util.find_spec("gunicorn"), reason="gunicorn is not installed")
@pytest.mark.parametrize("threads", [1, 4])
def test_gunicorn_with_preload(tmp_path: pathlib.Path, threads: int) -> None:
    (tmp_path / "application.py").write_text(APPLICATION)
    command = [sys.executable, "-m", "gunicorn", "--preload", "-w", "2", "-b", "127.0.0.1:0"]
    process = subprocess.Popen(
        [*command, "--threads", str(threads), "application:app"],
        cwd=tmp_path,
        env={**os.environ, "STORE": str(tmp_path / "app.db")},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        lines = iter(process.stderr.readline, "")
        listening = next(line for line in lines if "Listening at:" in line)
        address = listening.split("Listening at: ")[1].split()[0]

        def ask(_: int) -> str:
            with urllib.request.urlopen(address, timeout=20) as response:
                text: bytes = response.read()
                return text.decode()

        workers = set()
        with ThreadPoolExecutor(8) as pool:  # the first calls come at once
            for _ in range(times(ci=25, deep=250)):
                workers |= set(pool.map(ask, range(8)))
                if len(workers) == 2:
                    break
        assert len(workers) == 2
    finally:
        process.terminate()
        noise = process.stderr.read()
        assert process.wait(20) == 0
    assert "Error" not in noise and "Traceback" not in noise
