"""Blocking calls from many threads, and what ends their waits."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import pathlib
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

import conclave
from conclave.records import ProviderRequest
from conftest import World, passing_time, world_of
from process import open_descriptors

CLOSED = (conclave.HandleClosedError, conclave.OutcomeUnknownError)


def test_many_threads_one_bill_per_key(tmp_path: pathlib.Path) -> None:
    gw = conclave.open(tmp_path / "a.db", durability="process")
    gw.providers.register("vendor", "scripted", echo=True)
    world = world_of(gw, "vendor")

    def send(number: int) -> bool:
        return world.send("Hello", f"k{number % 50}").metadata.idempotency.replayed

    with ThreadPoolExecutor(16) as pool:
        replayed = list(pool.map(send, range(200)))
    assert replayed.count(False) == 50
    today = datetime.now(timezone.utc).date()
    days = (today - timedelta(days=1), today + timedelta(days=1))
    assert len(world.tenant.usage.events(*days, limit=1000)) == 50
    assert gw.check().ok
    gw.close()


def test_two_gateways_in_one_thread(tmp_path: pathlib.Path) -> None:
    with conclave.open(tmp_path / "a.db") as a, conclave.open(tmp_path / "b.db") as b:
        a.tenants.create("A")
        b.tenants.create("B")
        assert [t.name for t in a.tenants.list()] == ["A"]
        assert [t.name for t in b.tenants.list()] == ["B"]


def test_the_same_store_twice_is_one_engine(tmp_path: pathlib.Path) -> None:
    with conclave.open(tmp_path / "a.db") as first:
        first.providers.register("v", "callback", handler=lambda request: "from the first")
        world = world_of(first, "v")
        with conclave.open(tmp_path / "a.db") as second:
            messages = second.tenant(world.tenant.id).messages
            reply = messages.send(world.session_id, "Hello", idempotency_key="k")
            assert reply.message.content == "from the first"
        assert world.send("Hello", "k").metadata.idempotency.replayed


class Blocked:
    """A send with the key k1 whose provider answers when it is told to. Others join it."""

    def __init__(self, gw: conclave.Gateway) -> None:
        self.started, self.release = threading.Event(), threading.Event()

        def handler(request: ProviderRequest) -> str:
            self.started.set()
            self.release.wait()
            return "late"

        gw.providers.register("slow", "callback", handler=handler)
        self.world = world_of(gw, "slow")
        self.owner = threading.Thread(target=self._own)

    def _own(self) -> None:
        with contextlib.suppress(*CLOSED):
            self.world.send("Hello", "k1")

    def join(self, deadline_ms: int | None = None) -> conclave.Reply:
        return self.world.send("Hello", "k1", deadline_ms)

    def __enter__(self) -> Blocked:
        self.owner.start()
        self.started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self.owner.join()


def signal_main_thread(number: signal.Signals) -> None:
    signal.pthread_kill(threading.main_thread().ident or 0, number)


def test_ctrl_c_ends_a_blocked_call(gw: conclave.Gateway) -> None:
    # A shell starts background jobs with the signal ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Blocked(gw) as blocked:
            timer = threading.Timer(0.05, signal_main_thread, (signal.SIGINT,))
            timer.start()
            with pytest.raises(KeyboardInterrupt):
                blocked.join()
            timer.join()
    finally:
        signal.signal(signal.SIGINT, before)
    assert blocked.join().message.content == "late"


def test_a_signal_that_raises_nothing_is_handled_during_the_wait(gw: conclave.Gateway) -> None:
    with Blocked(gw) as blocked:
        before = signal.signal(signal.SIGUSR1, lambda *_: blocked.release.set())
        try:
            timer = threading.Timer(0.05, signal_main_thread, (signal.SIGUSR1,))
            timer.start()
            assert blocked.join().message.content == "late"
            timer.join()
        finally:
            signal.signal(signal.SIGUSR1, before)


def test_ctrl_c_ends_a_call_with_an_async_handler(gw: conclave.Gateway) -> None:
    cancelled = threading.Event()

    async def handler(request: ProviderRequest) -> str:
        asyncio.get_running_loop().call_later(0.05, signal_main_thread, signal.SIGINT)
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return "never"

    gw.providers.register("slow", "callback", handler=handler)
    world = world_of(gw, "slow")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            world.send("Hello", "k1")
    finally:
        signal.signal(signal.SIGINT, before)
    gw.close(drain_ms=0)
    assert cancelled.wait(10)


def test_ctrl_c_ends_a_call_whose_own_handler_blocks(gw: conclave.Gateway) -> None:
    release = threading.Event()

    def handler(request: ProviderRequest) -> str:
        signal_main_thread(signal.SIGINT)
        release.wait()
        return "late"

    gw.providers.register("slow", "callback", handler=handler)
    world = world_of(gw, "slow")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            world.send("Hello", "k1")
    finally:
        signal.signal(signal.SIGINT, before)
    release.set()
    assert world.send("Hello", "k1").message.content == "late"


def test_other_signals_do_not_disturb(gw: conclave.Gateway) -> None:
    with Blocked(gw) as blocked:

        def handle(number: int, frame: object) -> None:
            blocked.release.set()

        before = signal.signal(signal.SIGUSR1, handle)
        timer = threading.Timer(0.05, signal_main_thread, (signal.SIGUSR1,))
        timer.start()
        try:
            assert blocked.join().message.content == "late"
        finally:
            timer.join()
            signal.signal(signal.SIGUSR1, before)


def test_closing_ends_the_waits_of_other_threads(gw: conclave.Gateway) -> None:
    outcome: list[BaseException] = []

    def wait() -> None:
        with pytest.raises(CLOSED) as caught:
            blocked.join()
        outcome.append(caught.value)

    with Blocked(gw) as blocked:
        thread = threading.Thread(target=wait)
        thread.start()
        gw.close(drain_ms=0)
        thread.join()
    assert outcome


def test_a_deadline_ends_only_the_wait(gw: conclave.Gateway) -> None:
    with Blocked(gw) as blocked:
        with passing_time(gw, 100), pytest.raises(conclave.DeadlineExceededError) as caught:
            blocked.join(deadline_ms=1000)
        assert caught.value.retryable
        blocked.release.set()
        assert blocked.join().message.content == "late"


def test_ports_go_with_their_threads(world: World) -> None:
    before = open_descriptors()
    for _ in range(50):
        thread = threading.Thread(target=world.gateway.health)
        thread.start()
        thread.join()
    assert open_descriptors() <= before + 1


@pytest.mark.parametrize("drain_ms", [-1, 2**40, "soon", 1.5])
def test_a_refused_close_closes_nothing(world: World, drain_ms: Any) -> None:
    for _ in range(2):
        with pytest.raises(conclave.ValidationError) as caught:
            world.gateway.close(drain_ms=drain_ms)
        assert caught.value.details["field"] == "drain_ms"
    assert world.send("Hello", "k1").message.content == "Hello"
    world.gateway.close(drain_ms=0)
    with pytest.raises(conclave.HandleClosedError):
        world.gateway.health()


def test_the_request_id_of_the_context(world: World) -> None:
    def send() -> str:
        conclave.request_id.set("req_of_mine")
        return world.send("Hello", "k1").metadata.request_id

    assert contextvars.copy_context().run(send) == "req_of_mine"
    assert world.send("Hello", "k2").metadata.request_id != "req_of_mine"


def test_the_request_id_of_a_scope(world: World) -> None:
    secret = world.tenant.api_keys.create().secret
    of_tenant = world.gateway.tenant(world.tenant.id, request_id="req_one")
    of_key = world.gateway.authenticate(secret, request_id="req_two")
    token = conclave.request_id.set("req_of_the_context")
    try:
        for scope, expected in ((of_tenant, "req_one"), (of_key, "req_two")):
            send = scope.messages.send(world.session_id, "Hello", idempotency_key=expected)
            assert send.metadata.request_id == expected
            events = scope.messages.stream(world.session_id, "A", idempotency_key=f"{expected}-s")
            assert next(events).request_id == expected
            with pytest.raises(conclave.ResourceNotFoundError) as caught:
                scope.sessions.get("ses_none")
            assert caught.value.request_id == expected
    finally:
        conclave.request_id.reset(token)
    with pytest.raises(conclave.UnauthorizedError) as refused:
        world.gateway.authenticate("nonsense", request_id="req_three")
    assert refused.value.request_id == "req_three"
