"""Handlers that never return: every timeout that was set ends the wait for them all the same."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

import conclave
from conclave.records import ProviderRequest
from conftest import World, world_of


class Stuck:
    """Handlers that block their thread until the test is over; `started` counts them."""

    def __init__(self) -> None:
        self.started = threading.Semaphore(0)
        self.release = threading.Event()

    def plain(self, request: object) -> str:
        self.started.release()
        self.release.wait()
        return "late"

    async def blocking_the_loop(self, request: object) -> str:
        return self.plain(request)

    def pieces(self, request: object) -> Iterator[str]:
        yield "Hel"
        yield self.plain(request)

    def awaitable(self, request: object) -> Any:
        return self.blocking_the_loop(request)


@pytest.fixture
def stuck() -> Iterator[Stuck]:
    handlers = Stuck()
    yield handlers
    handlers.release.set()


@contextmanager
def passing(gw: conclave.Gateway, stuck: Stuck, ms: int) -> Iterator[None]:
    """Moves the virtual clock on each time that a handler has begun to block."""
    over = threading.Event()

    def move() -> None:
        while stuck.started.acquire() and not over.is_set():
            gw.advance(ms)

    thread = threading.Thread(target=move)
    thread.start()
    try:
        yield
    finally:
        over.set()
        stuck.started.release()
        thread.join()


KINDS = ["plain", "pieces", "blocking_the_loop", "awaitable"]


def world_with(gw: conclave.Gateway, handler: Callable[[Any], Any], **policy: Any) -> World:
    gw.providers.register("stuck", "callback", handler=handler, policy={"retries": 0, **policy})
    return world_of(gw, "stuck")


@pytest.mark.parametrize("kind", KINDS)
def test_deadline(gw: conclave.Gateway, stuck: Stuck, kind: str) -> None:
    world = world_with(gw, getattr(stuck, kind))
    with passing(gw, stuck, 201), pytest.raises(conclave.DeadlineExceededError):
        world.send("Hello", "k1", deadline_ms=200)
    stuck.release.set()
    assert world.send("Hello", "k1").message.content.endswith("late")


@pytest.mark.parametrize(
    "limit, error",
    [
        ("attempt_timeout_ms", conclave.AllProvidersFailedError),
        ("total_timeout_ms", conclave.DeadlineExceededError),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_timeouts_of_the_policy(
    gw: conclave.Gateway, stuck: Stuck, kind: str, limit: str, error: type[conclave.Error]
) -> None:
    world = world_with(gw, getattr(stuck, kind), **{limit: 300})
    with passing(gw, stuck, 301), pytest.raises(error):
        world.send("Hello", "k1")


def test_another_provider_answers_instead(gw: conclave.Gateway, stuck: Stuck) -> None:
    gw.providers.register("spare", "scripted", echo=True)
    world = world_with(gw, stuck.plain, attempt_timeout_ms=300)
    agent = world.tenant.agents.create("Two", "stuck", fallbacks=["spare"])
    session = world.tenant.sessions.create(agent.id)
    with passing(gw, stuck, 301):
        reply = world.tenant.messages.send(session.id, "Hello", idempotency_key="k1")
    assert reply.message.content == "Hello" and reply.metadata.fallback_used
    assert reply.metadata.attempts[0].error_code == "TIMEOUT"


@pytest.mark.parametrize("kind", ["plain", "blocking_the_loop", "awaitable"])
def test_timeout_of_a_tool(gw: conclave.Gateway, stuck: Stuck, kind: str) -> None:
    gw.tools.register("stuck", handler=getattr(stuck, kind), timeout_ms=100)
    calling = {"text": "", "tool_calls": [{"name": "stuck", "arguments": {}}]}
    gw.providers.register("v", "scripted", replies=[calling, {"text": "Done"}])
    world = world_of(gw, "v")
    agent = world.tenant.agents.create("Tooled", "v", tools=["stuck"])
    session = world.tenant.sessions.create(agent.id)
    with passing(gw, stuck, 101):
        events = list(world.tenant.messages.stream(session.id, "Hello", idempotency_key="k1"))
    results = [event.tool_result for event in events if event.tool_result is not None]
    assert len(results) == 1 and results[0].is_error
    assert events[-1].reply is not None and events[-1].reply.message.content == "Done"


def test_a_stream(gw: conclave.Gateway, stuck: Stuck) -> None:
    world = world_with(gw, stuck.plain, attempt_timeout_ms=300)
    with passing(gw, stuck, 301):
        events = list(world.tenant.messages.stream(world.session_id, "Hello", idempotency_key="k1"))
    assert isinstance(events[-1].error, conclave.AllProvidersFailedError)


def test_in_real_time_on_any_thread(stuck: Stuck) -> None:
    """Twenty callers at once, each with a handler that blocks."""
    with conclave.open(":memory:") as gw:
        world = world_with(gw, stuck.plain)

        def send(number: int) -> float:
            session = world.tenant.sessions.create(world.agent_id)
            start = time.monotonic()
            with pytest.raises(conclave.DeadlineExceededError):
                world.tenant.messages.send(
                    session.id, "Hello", idempotency_key=f"k{number}", deadline_ms=500
                )
            return time.monotonic() - start

        with ThreadPoolExecutor(20) as pool:
            took = list(pool.map(send, range(20)))
        assert min(took) >= 0.5 and max(took) < 5
        stuck.release.set()


@pytest.mark.parametrize("kind", ["plain", "pieces"])
def test_deadline_of_an_async_call(stuck: Stuck, kind: str) -> None:
    async def main() -> None:
        async with conclave.open_async(":memory:", drain_ms=0) as gw:
            await gw.providers.register("stuck", "callback", handler=getattr(stuck, kind))
            tenant = gw.tenant((await gw.tenants.create("Acme")).id)
            agent = await tenant.agents.create("Support", "stuck")
            session = await tenant.sessions.create(agent.id)
            with pytest.raises(conclave.DeadlineExceededError):
                await tenant.messages.send(
                    session.id, "Hello", idempotency_key="k1", deadline_ms=200
                )
            stuck.release.set()
            reply = await tenant.messages.send(session.id, "Hello", idempotency_key="k1")
            assert reply.message.content.endswith("late")

    asyncio.run(main())


class Endless:
    """A handler that yields until nobody waits for its answer any more."""

    def __init__(self) -> None:
        self.started, self.closed = threading.Event(), threading.Event()

    def pieces(self, request: ProviderRequest) -> Iterator[str]:
        try:
            while True:
                yield ""
                self.started.set()
        finally:
            self.closed.set()


def test_a_handler_that_yields_is_ended(gw: conclave.Gateway) -> None:
    endless = Endless()
    world = world_with(gw, endless.pieces, attempt_timeout_ms=300)

    def pass_time() -> None:
        endless.started.wait()
        gw.advance(301)

    clock = threading.Thread(target=pass_time)
    clock.start()
    with pytest.raises(conclave.AllProvidersFailedError):
        world.send("Hello", "k1")
    clock.join()
    gw.health()  # takes what came for this thread meanwhile
    assert endless.closed.wait(20)


def test_a_handler_of_an_async_call_that_yields_is_ended() -> None:
    endless = Endless()

    async def main() -> None:
        async with conclave.open_async(":memory:", clock="virtual") as gw:
            policy = {"attempt_timeout_ms": 300, "retries": 0}
            await gw.providers.register("v", "callback", handler=endless.pieces, policy=policy)
            tenant = gw.tenant((await gw.tenants.create("Acme")).id)
            agent = await tenant.agents.create("Support", "v")
            session = await tenant.sessions.create(agent.id)
            send = tenant.messages.send(session.id, "Hello", idempotency_key="k1")
            task = asyncio.create_task(send)
            await asyncio.to_thread(endless.started.wait)
            await gw.advance(301)
            with pytest.raises(conclave.AllProvidersFailedError):
                await task

    asyncio.run(main())
    assert endless.closed.wait(20)
