"""The REST surface: routes, and what each of them does."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import conclave
from conclave import AsyncGateway, AsyncTenantScope
from conclave.fastapi import conclave_auth, idempotency_key
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from starlette.exceptions import HTTPException

from . import documents
from .body import Body, refuse
from .errors import error_answer, unknown_route
from .exact_json import ExactJSON
from .log import log
from .requests import Requests
from .service import VENDORS

AGENT_FIELDS = ("name", "primaryProvider", "fallbackProvider", "systemPrompt")

router = APIRouter(prefix="/v1", redirect_slashes=False)


# --- Pieces of requests ---------------------------------------------------------------------------


def gateway_of(request: Request) -> AsyncGateway:
    gateway: AsyncGateway = request.app.state.gateway
    return gateway


async def tenant_of(request: Request) -> AsyncTenantScope:
    return await conclave_auth(gateway_of(request))(request)


Gateway = Annotated[AsyncGateway, Depends(gateway_of)]
Tenant = Annotated[AsyncTenantScope, Depends(tenant_of)]
IdempotencyKey = Annotated[str | None, Depends(idempotency_key)]


def vendor(name: str, field: str) -> str:
    return name if name in VENDORS else refuse(field, f"must be one of {' '.join(VENDORS)}")


def fallbacks(body: Body) -> list[str] | None:
    """Absent: no change. null: no fallback."""
    field = "fallbackProvider"
    if body.is_null(field):
        return []
    name = body.maybe_text(field)
    return None if name is None else [vendor(name, field)]


def day(request: Request, name: str) -> str:
    return request.query_params.get(name) or refuse(name, "is missing")


def limit(request: Request) -> int | None:
    text = request.query_params.get("limit")
    if text is not None and not re.fullmatch(r"-?[0-9]{1,18}", text):
        refuse("limit", "must be a whole number")
    return None if text is None else int(text)


# --- Handlers -------------------------------------------------------------------------------------


@router.get("/me")
async def me(gateway: Gateway, tenant: Tenant) -> Response:
    record = await gateway.tenants.get(tenant.id)
    return ExactJSON(documents.me(record, await gateway.prices.list()))


@router.get("/agents")
async def list_agents(tenant: Tenant) -> Response:
    agents, cursor = [], None
    while True:
        page = await tenant.agents.list(limit=1000, cursor=cursor)
        agents += [documents.agent(a) for a in page]
        cursor = page.next_cursor
        if cursor is None:
            return ExactJSON({"agents": agents})


@router.post("/agents")
async def create_agent(request: Request, tenant: Tenant) -> Response:
    body = Body(await request.body(), *AGENT_FIELDS)
    agent = await tenant.agents.create(
        name=body.text("name"),
        primary=vendor(body.text("primaryProvider"), "primaryProvider"),
        fallbacks=fallbacks(body),
        instructions=body.maybe_text("systemPrompt"),
    )
    return ExactJSON({"agent": documents.agent(agent)}, 201)


@router.get("/agents/{id}")
async def get_agent(id: str, tenant: Tenant) -> Response:
    return ExactJSON({"agent": documents.agent(await tenant.agents.get(id))})


@router.put("/agents/{id}")
async def update_agent(id: str, request: Request, tenant: Tenant) -> Response:
    body = Body(await request.body(), *AGENT_FIELDS)
    primary = body.maybe_text("primaryProvider")
    agent = await tenant.agents.update(
        id,
        name=body.maybe_text("name"),
        primary=None if primary is None else vendor(primary, "primaryProvider"),
        fallbacks=fallbacks(body),
        instructions=body.maybe_text("systemPrompt"),
    )
    return ExactJSON({"agent": documents.agent(agent)})


@router.post("/sessions")
async def create_session(request: Request, tenant: Tenant) -> Response:
    body = Body(await request.body(), "agentId", "customerId", "metadata")
    session = await tenant.sessions.create(
        agent_id=body.text("agentId"),
        customer_id=body.maybe_text("customerId"),
        metadata=body.maybe_object("metadata"),
    )
    return ExactJSON({"session": documents.session(session)}, 201)


@router.get("/sessions/{id}/transcript")
async def transcript(id: str, request: Request, tenant: Tenant) -> Response:
    cursor = request.query_params.get("cursor")
    page = await tenant.sessions.transcript(id, cursor=cursor, limit=limit(request))
    return ExactJSON(
        {
            "session": documents.session(page.session),
            "messages": [documents.message(m) for m in page.messages],
            "nextCursor": page.next_cursor,
        }
    )


@router.post("/sessions/{id}/messages")
async def send_message(id: str, request: Request, tenant: Tenant, key: IdempotencyKey) -> Response:
    if not key:
        field = "Idempotency-Key"
        raise conclave.IdempotencyKeyRequiredError(f"{field} is missing", details={"field": field})
    body = Body(await request.body(), "role", "content")
    if "role" in body and body.text("role") != "user":
        refuse("role", "must be `user`")
    reply = await tenant.messages.send(id, body.text("content"), idempotency_key=key)
    status = 200 if reply.metadata.idempotency.replayed else 201
    return ExactJSON(documents.reply(reply), status)


@router.get("/usage/rollup")
async def rollup(request: Request, tenant: Tenant) -> Response:
    report = await tenant.usage.rollup(day(request, "from"), day(request, "to"))
    return ExactJSON(documents.rollup(report))


@router.get("/usage/events")
async def events(request: Request, tenant: Tenant) -> Response:
    cursor = request.query_params.get("cursor")
    first, last = day(request, "from"), day(request, "to")
    page = await tenant.usage.events(first, last, limit=limit(request), cursor=cursor)
    found = [documents.event(e) for e in page]
    return ExactJSON({"events": found, "nextCursor": page.next_cursor})


async def health() -> Response:
    return ExactJSON({"status": "ok"})


# --- The application ------------------------------------------------------------------------------


async def answer_error(_: Request, error: Exception) -> Response:
    """Errors of conclave as they are; what FastAPI refuses itself is a route it does not have."""
    known = error if isinstance(error, conclave.Error) else unknown_route()
    return error_answer(known, conclave.request_id.get() or "")


def create_app(gateway: AsyncGateway) -> FastAPI:
    """Closes the gateway when it ends."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with gateway:
            log(logging.INFO, event="started")
            yield
        log(logging.INFO, event="stopped")

    app = FastAPI(lifespan=lifespan, openapi_url=None, redirect_slashes=False)
    app.state.gateway = gateway
    app.add_api_route("/health", health)
    app.include_router(router)
    app.add_exception_handler(conclave.Error, answer_error)
    app.add_exception_handler(HTTPException, answer_error)
    app.add_middleware(Requests)
    return app
