"""The async gateway in event loops: in turn, at once, cancelled."""

from __future__ import annotations

import asyncio
import gc
import os
import pathlib
import random
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

import conclave
from conclave.records import ProviderRequest
from process import open_descriptors, times


@dataclass
class AsyncWorld:
    gateway: conclave.AsyncGateway
    tenant: conclave.AsyncTenantScope
    agent_id: str
    session_id: str

    async def send(self, key: str) -> conclave.Reply:
        return await self.tenant.messages.send(self.session_id, "Hello", idempotency_key=key)


async def world_of(gw: conclave.AsyncGateway) -> AsyncWorld:
    await gw.providers.register("v", "scripted", replies=[{"text": "Hi"}])
    tenant = gw.tenant((await gw.tenants.create("Acme")).id)
    agent = await tenant.agents.create("Support", "v")
    session = await tenant.sessions.create(agent.id)
    return AsyncWorld(gw, tenant, agent.id, session.id)


@asynccontextmanager
async def opened() -> AsyncIterator[AsyncWorld]:
    async with conclave.open_async(":memory:", clock="virtual") as gw:
        yield await world_of(gw)


class Blocked:
    """A provider that answers when it is told to."""

    def __init__(self) -> None:
        self.started, self.release = asyncio.Event(), asyncio.Event()

    async def take_the_place(self, world: AsyncWorld) -> None:
        await world.gateway.providers.register("v", "callback", handler=self.answer)

    async def answer(self, request: ProviderRequest) -> str:
        self.started.set()
        await self.release.wait()
        return "late"


def requests_under_way(gw: conclave.AsyncGateway) -> int:
    return sum(len(port._calls) for port in gw._engine._loops.values())


def test_a_send() -> None:
    async def main() -> None:
        async with opened() as world:
            secret = (await world.tenant.api_keys.create(name="server")).secret
            scope = await world.gateway.authenticate(secret)
            assert scope.id == world.tenant.id
            assert (await world.send("k1")).message.content == "Hi"
            with pytest.raises(conclave.UnauthorizedError):
                await world.gateway.authenticate("nonsense")

    asyncio.run(main())


def test_three_loops_in_a_row(tmp_path: pathlib.Path) -> None:
    gw = conclave.open_async(tmp_path / "a.db")

    async def main(number: int) -> str:
        world = await world_of(gw)
        await asyncio.gather(*(world.send(f"{number}-{i}") for i in range(10)))
        return world.tenant.id

    assert len({asyncio.run(main(number)) for number in range(3)}) == 3
    gc.collect()
    assert len(gw._engine._loops) <= 1
    asyncio.run(gw.close())


def test_two_loops_at_once_and_threads_besides(tmp_path: pathlib.Path) -> None:
    gw = conclave.open_async(tmp_path / "a.db")
    blocking = conclave.open(tmp_path / "a.db")
    failures: list[BaseException] = []

    async def main() -> None:
        world = await world_of(gw)
        replies = await asyncio.gather(*(world.send(f"k{i}") for i in range(50)))
        assert {reply.message.content for reply in replies} == {"Hi"}

    def guard(work: object) -> None:
        try:
            asyncio.run(main()) if work == "loop" else [blocking.health() for _ in range(50)]
        except BaseException as failure:
            failures.append(failure)

    works = ["loop", "loop", "thread", "thread"]
    threads = [threading.Thread(target=guard, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert blocking.check().ok
    blocking.close()
    asyncio.run(gw.close())


def test_cancelling_a_task_ends_the_wait_not_the_send() -> None:
    async def main() -> None:
        async with opened() as world:
            blocked = Blocked()
            await blocked.take_the_place(world)
            task = asyncio.create_task(world.send("k1"))
            await blocked.started.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            blocked.release.set()
            assert (await world.send("k1")).message.content == "late"
            assert requests_under_way(world.gateway) == 0

    asyncio.run(main())


def test_timeouts_of_asyncio() -> None:
    async def main() -> None:
        async with opened() as world:
            blocked = Blocked()
            await blocked.take_the_place(world)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(world.send("k1"), 0.01)

    asyncio.run(main())


def test_random_cancels() -> None:
    """Whatever is cancelled whenever: the tables empty themselves and the ledger is right."""
    seed = int(os.environ.get("CONCLAVE_SEED", random.randrange(2**32)))
    print("CONCLAVE_SEED", seed)
    choose = random.Random(seed)

    async def send_and_cancel(world: AsyncWorld, batch: int) -> None:
        sessions = [(await world.tenant.sessions.create(world.agent_id)).id for _ in range(20)]
        tasks = [
            asyncio.create_task(
                world.tenant.messages.send(session, "Hello", idempotency_key=f"{batch}-{number}")
            )
            for number, session in enumerate(sessions * 5)
        ]
        for task in choose.sample(tasks, len(tasks)):
            for _ in range(choose.randrange(3)):
                await asyncio.sleep(0)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        while requests_under_way(world.gateway):
            await world.gateway.health()

    async def main() -> None:
        async with conclave.open_async(":memory:", durability="process") as gw:
            world = await world_of(gw)
            for batch in range(times(ci=2_000, deep=100_000) // 100):
                await send_and_cancel(world, batch)
            assert (await gw.check()).ok

    asyncio.run(main())


def test_ports_go_with_their_loops() -> None:
    gw = conclave.open_async(":memory:")
    asyncio.run(gw.health())
    before = open_descriptors()
    for _ in range(30):
        asyncio.run(gw.health())
    gc.collect()
    assert open_descriptors() <= before + 1
    asyncio.run(gw.close())


def test_closing_ends_the_waits_of_other_tasks() -> None:
    async def main() -> None:
        async with opened() as world:
            blocked = Blocked()
            await blocked.take_the_place(world)
            task = asyncio.create_task(world.send("k1"))
            await blocked.started.wait()
            await world.gateway.close(drain_ms=0)
            with pytest.raises((conclave.HandleClosedError, conclave.OutcomeUnknownError)):
                await task
            with pytest.raises(conclave.HandleClosedError):
                await world.send("k2")

    asyncio.run(main())


def test_a_refused_close_closes_nothing() -> None:
    async def main() -> None:
        async with opened() as world:
            with pytest.raises(conclave.ValidationError) as caught:
                await world.gateway.close(drain_ms=-1)
            assert caught.value.details["field"] == "drain_ms"
            assert (await world.send("k1")).message.content == "Hi"

    asyncio.run(main())


def test_the_request_id_of_a_scope() -> None:
    async def main() -> None:
        async with opened() as world:
            secret = (await world.tenant.api_keys.create()).secret
            scope = await world.gateway.authenticate(secret, request_id="req_one")
            reply = await scope.messages.send(world.session_id, "Hello", idempotency_key="k")
            assert reply.metadata.request_id == "req_one"
            with pytest.raises(conclave.UnauthorizedError) as refused:
                await world.gateway.authenticate("nonsense", request_id="req_two")
            assert refused.value.request_id == "req_two"

    asyncio.run(main())
