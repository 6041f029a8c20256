"""A gateway in memory with a tenant, an agent and a session; all clocks are virtual."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

import conclave


@dataclass
class World:
    gateway: conclave.Gateway
    tenant: conclave.TenantScope
    agent_id: str
    session_id: str

    def send(self, content: str, key: str, deadline_ms: int | None = None) -> conclave.Reply:
        return self.tenant.messages.send(
            self.session_id, content, idempotency_key=key, deadline_ms=deadline_ms
        )


@pytest.fixture
def gw() -> Iterator[conclave.Gateway]:
    with conclave.open(":memory:", clock="virtual") as gateway:
        yield gateway


@pytest.fixture
def world(gw: conclave.Gateway) -> World:
    gw.providers.register("vendor", "scripted", echo=True)
    return world_of(gw, "vendor")


def world_of(gw: conclave.Gateway, primary: str) -> World:
    gw.prices.set(primary, "*", usd_per_1k_tokens="0.002")
    tenant = gw.tenant(gw.tenants.create("Acme").id)
    agent = tenant.agents.create("Support", primary)
    return World(gw, tenant, agent.id, tenant.sessions.create(agent.id).id)


@contextmanager
def passing_time(gw: conclave.Gateway, ms: int) -> Iterator[None]:
    """Moves the virtual clock on and on, from another thread."""
    over = threading.Event()

    def move() -> None:
        while not over.is_set():
            gw.advance(ms)

    thread = threading.Thread(target=move)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
