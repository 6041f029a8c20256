"""Streams of events, blocking and async."""

from __future__ import annotations

import asyncio
import gc
import json
import queue
from collections.abc import AsyncIterator, Iterator

import pytest

import conclave
from conclave.handlers import ProviderAnswer
from conclave.records import ProviderRequest
from conftest import World, world_of

PIECES = ["Once ", "upon ", "a ", "time 🎈"]
TEXT = "".join(PIECES)


@pytest.fixture
def told(gw: conclave.Gateway) -> World:
    gw.providers.register("teller", "scripted", replies=[{"text": TEXT, "chunks": PIECES}])
    return world_of(gw, "teller")


def stream(world: World, key: str, last_event_id: str | None = None) -> conclave.Stream:
    return world.tenant.messages.stream(
        world.session_id, "Tell", idempotency_key=key, last_event_id=last_event_id
    )


def text_of(events: list[conclave.StreamEvent]) -> str:
    return "".join(event.text or "" for event in events if event.type == "delta")


def test_the_events_of_a_stream(told: World) -> None:
    events = stream(told, "k1")
    seen = list(events)
    assert seen[0].type == "started" and seen[0].replayed is False
    assert text_of(seen) == TEXT
    assert seen[-1].type == "done" and seen[-1].reply is events.reply
    assert events.reply is not None and events.reply.message.content == TEXT
    assert events.last_event_id == seen[-1].id
    assert list(events) == []
    reply = told.send("Tell", "k1")
    assert reply.metadata.idempotency.replayed and reply.message == events.reply.message


def test_a_replay_gives_the_same_text(told: World) -> None:
    first, again = list(stream(told, "k1")), list(stream(told, "k1"))
    assert text_of(first) == text_of(again) == TEXT
    assert again[0].replayed


def test_resuming_after_any_event(told: World) -> None:
    events = list(stream(told, "k1"))
    for number, event in enumerate(events[:-1], start=1):
        rest = list(stream(told, "k1", last_event_id=event.id))
        assert text_of(rest) == text_of(events[number:])
        assert rest[-1].type == "done"


def test_leaving_early(told: World) -> None:
    for event in stream(told, "k1"):
        if event.type == "delta":
            break
    gc.collect()
    assert told.send("Tell", "k1").message.content == TEXT
    with stream(told, "k2") as events:
        next(events)
    events.close()
    assert told.send("Tell", "k2").message.content == TEXT


def test_many_events(gw: conclave.Gateway) -> None:
    """More than are ever under way at once."""
    pieces = [f"{number} " for number in range(1000)]
    gw.providers.register("v", "scripted", replies=[{"text": "".join(pieces), "chunks": pieces}])
    assert text_of(list(stream(world_of(gw, "v"), "k1"))) == "".join(pieces)


def test_an_error_is_an_event(gw: conclave.Gateway) -> None:
    failure = {"http_status": 400, "code": "bad"}
    gw.providers.register("v", "scripted", replies=[{"error": failure}])
    events = list(stream(world_of(gw, "v"), "k1"))
    assert events[-1].type == "error"
    assert isinstance(events[-1].error, conclave.ProviderRejectedError)
    assert events[-1].to_dict()["error"]["code"] == "PROVIDER_REJECTED"


def test_what_is_wrong_from_the_start_is_raised(told: World) -> None:
    told.send("Tell", "k1")
    with pytest.raises(conclave.ValidationError):
        list(told.tenant.messages.stream(told.session_id, "", idempotency_key="k2"))
    with pytest.raises(conclave.IdempotencyKeyRequiredError):
        list(told.tenant.messages.stream(told.session_id, "Tell"))


def test_a_handler_streams(gw: conclave.Gateway) -> None:
    def pieces(request: ProviderRequest) -> Iterator[ProviderAnswer]:
        yield from PIECES
        yield {"tokens_in": 3, "tokens_out": 4}

    gw.providers.register("mine", "callback", handler=pieces)
    events = stream(world_of(gw, "mine"), "k1")
    assert text_of(list(events)) == TEXT
    assert events.reply is not None and events.reply.metadata.usage.tokens_total == 7


def test_a_plain_handler_is_asked_piece_by_piece(gw: conclave.Gateway) -> None:
    """What it shows is seen before it goes on."""
    seen = queue.SimpleQueue[str]()

    def pieces(request: ProviderRequest) -> Iterator[ProviderAnswer]:
        for piece in PIECES:
            yield piece
            assert seen.get(timeout=20) == piece

    gw.providers.register("mine", "callback", handler=pieces)
    events = stream(world_of(gw, "mine"), "k1")
    for event in events:
        if event.type == "delta":
            seen.put(event.text or "")
    assert events.reply is not None and events.reply.message.content == TEXT


def test_leaving_a_plain_handler(gw: conclave.Gateway) -> None:
    def pieces(request: ProviderRequest) -> Iterator[ProviderAnswer]:
        yield from PIECES

    gw.providers.register("mine", "callback", handler=pieces)
    world = world_of(gw, "mine")
    with stream(world, "k1") as events:
        while next(events).type != "delta":
            pass
    assert world.send("Tell", "k1").message.content == TEXT


def test_server_sent_events(told: World) -> None:
    for event in stream(told, "k1"):
        text = conclave.sse(event)
        name, kind, data = text.removesuffix("\n\n").split("\n")
        assert name == f"id: {event.id}" and kind == f"event: {event.type}"
        assert json.loads(data.removeprefix("data: ")) == event.to_dict()


def test_async_streams() -> None:
    async def main() -> None:
        async with conclave.open_async(":memory:", clock="virtual") as gw:
            replies = [{"text": TEXT, "chunks": PIECES}]
            await gw.providers.register("teller", "scripted", replies=replies)
            tenant = gw.tenant((await gw.tenants.create("Acme")).id)
            agent = await tenant.agents.create("Support", "teller")

            async def tell(number: int) -> str:
                session = await tenant.sessions.create(agent.id)
                events = tenant.messages.stream(session.id, "Tell", idempotency_key=f"k{number}")
                seen = [event async for event in events]
                assert seen[-1].type == "done" and [e async for e in events] == []
                return text_of(seen)

            assert set(await asyncio.gather(*(tell(number) for number in range(20)))) == {TEXT}
            session = await tenant.sessions.create(agent.id)
            async with tenant.messages.stream(session.id, "Tell", idempotency_key="k") as events:
                assert (await anext(events)).type == "started"
            await events.close()
            reply = await tenant.messages.send(session.id, "Tell", idempotency_key="k")
            assert reply.message.content == TEXT
            await gw.health()
            assert all(not port._calls for port in gw._engine._loops.values())

    asyncio.run(main())


def test_an_async_handler_streams() -> None:
    """One event at a time: the next piece is made when the last one was seen."""

    async def main() -> None:
        seen = asyncio.Queue[str]()

        async def pieces(request: ProviderRequest) -> AsyncIterator[ProviderAnswer]:
            for piece in PIECES:
                yield piece
                assert await seen.get() == piece

        async with conclave.open_async(":memory:") as gw:
            await gw.providers.register("mine", "callback", handler=pieces)
            tenant = gw.tenant((await gw.tenants.create("Acme")).id)
            agent = await tenant.agents.create("Support", "mine")
            session = await tenant.sessions.create(agent.id)
            text = ""
            async for event in tenant.messages.stream(session.id, "T", idempotency_key="k"):
                if event.type == "delta":
                    text += event.text or ""
                    seen.put_nowait(event.text or "")
            assert text == TEXT

    asyncio.run(main())
