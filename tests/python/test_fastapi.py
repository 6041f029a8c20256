"""The adapter for FastAPI: it maps, and does nothing else."""

import json
import pathlib
from typing import Annotated, Any

import pytest
from fastapi import Body, Depends, FastAPI
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient

import conclave
from conclave import AsyncTenantScope, TenantScope
from conclave.fastapi import conclave_auth, idempotency_key, install_error_handlers, sse_response

Key = Annotated[str | None, Depends(idempotency_key)]
Content = Annotated[str, Body(embed=True)]


def async_application(gw: conclave.AsyncGateway) -> FastAPI:
    app = FastAPI()
    install_error_handlers(app)
    authenticated = conclave_auth(gw)

    @app.post("/{session_id}")
    async def send(
        session_id: str,
        content: Content,
        key: Key,
        tenant: Annotated[AsyncTenantScope, Depends(authenticated)],
    ) -> dict[str, Any]:
        reply = await tenant.messages.send(session_id, content, idempotency_key=key)
        return reply.to_dict()

    @app.post("/{session_id}/stream")
    async def stream(
        session_id: str,
        content: Content,
        key: Key,
        tenant: Annotated[AsyncTenantScope, Depends(authenticated)],
    ) -> StreamingResponse:
        return sse_response(tenant.messages.stream(session_id, content, idempotency_key=key))

    return app


def blocking_application(gw: conclave.Gateway) -> FastAPI:
    app = FastAPI()
    install_error_handlers(app)
    authenticated = conclave_auth(gw, header="X-Key")

    @app.post("/{session_id}")
    def send(
        session_id: str,
        content: Content,
        key: Key,
        tenant: Annotated[TenantScope, Depends(authenticated)],
    ) -> dict[str, Any]:
        return tenant.messages.send(session_id, content, idempotency_key=key).to_dict()

    @app.post("/{session_id}/stream")
    def stream(
        session_id: str,
        content: Content,
        key: Key,
        tenant: Annotated[TenantScope, Depends(authenticated)],
    ) -> StreamingResponse:
        return sse_response(tenant.messages.stream(session_id, content, idempotency_key=key))

    return app


@pytest.mark.parametrize("kind", ["async", "blocking"])
def test_an_application(kind: str, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.db"
    with conclave.open(path) as seed:
        seed.providers.register("v", "scripted", echo=True)
        tenant = seed.tenant(seed.tenants.create("Acme").id)
        key = tenant.api_keys.create(name="server").secret
        agent = tenant.agents.create("Support", "v")
        session = tenant.sessions.create(agent.id).id
        if kind == "async":
            app, header = async_application(conclave.open_async(path)), "X-API-Key"
        else:
            app, header = blocking_application(conclave.open(path)), "X-Key"
        check(TestClient(app), session, {header: key})


def check(client: TestClient, session: str, auth: dict[str, str]) -> None:
    body = {"content": "Hello"}

    refused = client.post(f"/{session}", json=body)
    assert refused.status_code == 401 and refused.json()["error"]["code"] == "UNAUTHORIZED"
    refused = client.post(f"/{session}", json=body, headers={**dict.fromkeys(auth, "wrong")})
    assert refused.status_code == 401
    refused = client.post(f"/{session}", json=body, headers=auth)
    assert refused.json()["error"]["code"] == "IDEMPOTENCY_KEY_REQUIRED"
    keyed = {**auth, "Idempotency-Key": "k1"}
    refused = client.post("/ses_none", json=body, headers=keyed)
    assert refused.status_code == 404

    reply = client.post(f"/{session}", json=body, headers=keyed)
    assert reply.status_code == 200 and reply.json()["message"]["content"] == "Hello"
    assert isinstance(reply.json()["metadata"]["usage"]["tokens_in"], int)

    keyed = {**auth, "Idempotency-Key": "k2"}
    with client.stream("POST", f"/{session}/stream", json=body, headers=keyed) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        events = "".join(response.iter_text()).split("\n\n")
    assert events.pop() == ""
    last = dict(line.split(": ", 1) for line in events[-1].split("\n"))
    assert last["event"] == "done"
    assert json.loads(last["data"])["reply"]["message"]["content"] == "Hello"


def test_retry_after() -> None:
    app = FastAPI()
    install_error_handlers(app)

    @app.get("/")
    def busy() -> None:
        raise conclave.RateLimitedError("slow down", retry_after_ms=1500)

    response = TestClient(app).get("/")
    assert response.status_code == 429 and response.headers["retry-after"] == "2"
    assert response.json()["error"]["retry_after_ms"] == 1500
