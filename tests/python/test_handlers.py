"""Callback providers: functions of the host inside the send."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import conclave
from conclave.handlers import ProviderAnswer
from conclave.records import ProviderRequest
from conftest import world_of

who: contextvars.ContextVar[str] = contextvars.ContextVar("who", default="nobody")
HASTY = {"attempt_timeout_ms": 1000, "retries": 0}


def plain(request: ProviderRequest) -> ProviderAnswer:
    return {"text": f"{who.get()}: {request.messages[-1].content}", "tokens_in": 1, "tokens_out": 2}


async def asynchronous(request: ProviderRequest) -> ProviderAnswer:
    await asyncio.sleep(0)
    return plain(request)


def pieces(request: ProviderRequest) -> Iterator[ProviderAnswer]:
    yield who.get()
    yield f": {request['messages'][-1]['content']}"
    yield {"tokens_in": 1, "tokens_out": 2}


async def async_pieces(request: ProviderRequest) -> AsyncIterator[ProviderAnswer]:
    for piece in pieces(request):
        await asyncio.sleep(0)
        yield piece


async def async_to_async_pieces(request: ProviderRequest) -> Any:
    return async_pieces(request)


class Callable_:
    async def __call__(self, request: ProviderRequest) -> ProviderAnswer:
        return plain(request)


HANDLERS: dict[str, Any] = {
    "plain": plain,
    "async": asynchronous,
    "pieces": pieces,
    "async pieces": async_pieces,
    "object": Callable_(),
    "plain to awaitable": lambda request: asynchronous(request),
    "plain to async pieces": lambda request: async_pieces(request),
    "async to async pieces": async_to_async_pieces,
    "partial": functools.partial(plain),
    "async partial": functools.partial(asynchronous),
    "iterator": lambda request: iter([plain(request)]),
}


@pytest.mark.parametrize("name", HANDLERS)
def test_a_handler_of_a_blocking_call(gw: conclave.Gateway, name: str) -> None:
    gw.providers.register("mine", "callback", handler=HANDLERS[name])
    world = world_of(gw, "mine")

    def send() -> conclave.Reply:
        who.set("me")
        return world.send("Hello", "k1")

    reply = contextvars.copy_context().run(send)
    assert reply.message.content == "me: Hello"
    assert (reply.metadata.usage.tokens_in, reply.metadata.usage.tokens_out) == (1, 2)


@pytest.mark.parametrize("name", HANDLERS)
def test_a_handler_of_an_async_call(name: str) -> None:
    async def main() -> None:
        async with conclave.open_async(":memory:") as gw:
            await gw.providers.register("mine", "callback", handler=HANDLERS[name])
            tenant = gw.tenant((await gw.tenants.create("Acme")).id)
            agent = await tenant.agents.create("Support", "mine")

            async def send(name: str) -> str:
                who.set(name)
                session = await tenant.sessions.create(agent.id)
                reply = await tenant.messages.send(session.id, "Hello", idempotency_key=name)
                return reply.message.content

            names = [f"user{number}" for number in range(20)]
            answers = await asyncio.gather(*(send(name) for name in names))
            assert answers == [f"{name}: Hello" for name in names]

    asyncio.run(main())


def test_threads_of_handlers(gw: conclave.Gateway) -> None:
    """A plain handler has one of its own, and leaves it to the next; async ones share a loop."""
    seen: list[tuple[int, object]] = []

    def plain(request: ProviderRequest) -> str:
        seen.append((threading.get_ident(), None))
        return "Hello"

    async def asynchronous(request: ProviderRequest) -> str:
        seen.append((threading.get_ident(), asyncio.get_running_loop()))
        return "Hello"

    for handler in (plain, asynchronous):
        gw.providers.register("mine", "callback", handler=handler)
        world = world_of(gw, "mine")
        for number in range(3):
            world.send("Hello", f"{handler.__name__}-{number}")
    assert len(set(seen[:3])) == 1 and len(set(seen[3:])) == 1 and seen[0] != seen[3]
    assert threading.get_ident() not in dict(seen)


def test_threads_of_handlers_end_with_the_gateway() -> None:
    before = set(threading.enumerate())
    gw = conclave.open(":memory:")
    for handler in (plain, asynchronous):
        gw.providers.register("mine", "callback", handler=handler)
        world_of(gw, "mine").send("Hello", handler.__name__)
    threads = set(threading.enumerate()) - before
    assert len(threads) >= 2
    gw.close()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


def test_a_handler_may_call_the_gateway(gw: conclave.Gateway) -> None:
    gw.providers.register("inner", "callback", handler=lambda request: "inner")

    def outer(request: ProviderRequest) -> str:
        return "outer and " + inner.send("Hello", "k-inner").message.content

    async def outer_async(request: ProviderRequest) -> str:
        return outer(request)

    inner = world_of(gw, "inner")
    gw.providers.register("outer", "callback", handler=outer)
    assert world_of(gw, "outer").send("Hello", "k1").message.content == "outer and inner"
    gw.providers.register("outer", "callback", handler=outer_async)
    assert world_of(gw, "outer").send("Hello", "k2").message.content == "outer and inner"


def failing(error: BaseException) -> Any:
    def handler(request: ProviderRequest) -> str:
        raise error

    return handler


def test_a_handler_that_refuses_is_final(gw: conclave.Gateway) -> None:
    calls = []

    def handler(request: ProviderRequest) -> str:
        calls.append(request)
        raise conclave.ProviderRejectedError("not this one")

    gw.providers.register("mine", "callback", handler=handler)
    with pytest.raises(conclave.ProviderRejectedError):
        world_of(gw, "mine").send("Hello", "k1")
    assert len(calls) == 1


@pytest.mark.parametrize(
    "answer",
    [object(), 5, {"text": {1, 2}}, {"text": float("nan")}, {"text": "\ud800"}, {"txt": "x"}, None],
)
def test_a_wrong_answer_is_told_to_the_engine(
    gw: conclave.Gateway, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    calls = []

    def handler(request: ProviderRequest) -> Any:
        calls.append(request)
        return answer

    gw.providers.register("mine", "callback", handler=handler)
    with (
        caplog.at_level(logging.ERROR, "conclave"),
        pytest.raises(conclave.ProviderRejectedError),
    ):
        world_of(gw, "mine").send("Hello", "k1")
    # Asked again it would give the same, and what it costs may have been paid.
    assert len(calls) == 1
    assert "provider 'mine'" in caplog.text


def test_an_exception_is_told_without_its_text(
    gw: conclave.Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    secret = RuntimeError("password=hunter2")
    gw.providers.register("mine", "callback", handler=failing(secret), policy={"retries": 0})
    with caplog.at_level(logging.ERROR, "conclave"), pytest.raises(conclave.Error) as caught:
        world_of(gw, "mine").send("Hello", "k1")
    assert "hunter2" not in str(caught.value.to_dict())
    assert "hunter2" in caplog.text


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("is_async", [False, True])
def test_an_interrupt_in_a_handler_is_the_caller_s(
    gw: conclave.Gateway, is_async: bool, interrupt: type[BaseException]
) -> None:
    async def raising(request: ProviderRequest) -> str:
        raise interrupt

    handler = raising if is_async else failing(interrupt())
    gw.providers.register("mine", "callback", handler=handler)
    world = world_of(gw, "mine")
    with pytest.raises(interrupt):
        world.send("Hello", "k1")
    other = world.tenant.sessions.create(world.agent_id)
    with pytest.raises(interrupt):
        list(world.tenant.messages.stream(other.id, "Hello", idempotency_key="k2"))


def test_the_engine_s_timeout_ends_an_async_handler(gw: conclave.Gateway) -> None:
    started, cancelled = threading.Event(), threading.Event()

    async def never(request: ProviderRequest) -> str:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return "never"

    def pass_time() -> None:
        started.wait()
        gw.advance(1001)

    gw.providers.register("mine", "callback", handler=never, policy=HASTY)
    clock = threading.Thread(target=pass_time)
    clock.start()
    with pytest.raises(conclave.AllProvidersFailedError):
        world_of(gw, "mine").send("Hello", "k1")
    clock.join()
    assert cancelled.wait(10)


@pytest.mark.parametrize("blocking", [True, False])
def test_the_engine_s_timeout_ends_a_handler_of_an_async_call(blocking: bool) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        started, cancelled, release = asyncio.Event(), asyncio.Event(), threading.Event()

        async def never(request: ProviderRequest) -> str:
            started.set()
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()
            return "never"

        def never_plain(request: ProviderRequest) -> str:
            loop.call_soon_threadsafe(started.set)
            release.wait()
            return "late"

        handler: Any = never_plain if blocking else never
        async with conclave.open_async(":memory:", clock="virtual") as gw:
            await gw.providers.register("mine", "callback", handler=handler, policy=HASTY)
            tenant = gw.tenant((await gw.tenants.create("Acme")).id)
            agent = await tenant.agents.create("Support", "mine")
            session = await tenant.sessions.create(agent.id)
            task = asyncio.create_task(
                tenant.messages.send(session.id, "Hello", idempotency_key="k")
            )
            await started.wait()
            await gw.advance(1001)
            with pytest.raises(conclave.AllProvidersFailedError):
                await task
            if not blocking:
                await cancelled.wait()
            release.set()

    asyncio.run(main())


def test_the_answer_of_a_cancelled_caller_still_counts(gw: conclave.Gateway) -> None:
    """Its port is not served any more; the gateway's own thread runs later handlers."""
    release = threading.Event()

    async def slow(request: ProviderRequest) -> str:
        await asyncio.to_thread(release.wait)
        return "after all"

    gw.providers.register("mine", "callback", handler=slow)
    world = world_of(gw, "mine")

    def pass_time() -> None:
        while gw.health().sends_in_flight == 0:
            pass
        gw.advance(1001)

    clock = threading.Thread(target=pass_time)
    clock.start()
    with pytest.raises(conclave.DeadlineExceededError):
        world.send("Hello", "k1", deadline_ms=1000)
    clock.join()
    release.set()
    assert world.send("Hello", "k1").message.content == "after all"


def test_registering(gw: conclave.Gateway) -> None:
    with pytest.raises(conclave.ValidationError) as caught:
        gw.providers.register("mine", "callback")
    assert caught.value.details["field"] == "handler"
    with pytest.raises(conclave.ValidationError):
        gw.providers.register("mine", "scripted", echo=True, handler=plain)
    with pytest.raises(conclave.ValidationError):
        gw.providers.register("no spaces", "callback", handler=plain)
    assert not gw._engine.handlers and not gw.providers.list().items
    gw.providers.register("mine", "callback", handler=plain)
    gw.providers.register("mine", "scripted", echo=True)
    assert not gw._engine.handlers
    assert world_of(gw, "mine").send("Hello", "k1").message.content == "Hello"


def test_handlers_in_open() -> None:
    with conclave.open(":memory:", providers={"v": {"kind": "callback", "handler": plain}}) as gw:
        assert world_of(gw, "v").send("Hello", "k1").message.content == "nobody: Hello"
