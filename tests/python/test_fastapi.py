"""The adapter for FastAPI: it maps, and does nothing else."""

import json
import pathlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, NamedTuple

import httpx
import pytest
import uvicorn
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


class Served(NamedTuple):
    app: FastAPI
    session: str
    auth: dict[str, str]


@pytest.fixture(params=["async", "blocking"])
def served(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[Served]:
    path = tmp_path / "a.db"
    with conclave.open(path) as seed:
        seed.providers.register("v", "scripted", echo=True)
        tenant = seed.tenant(seed.tenants.create("Acme").id)
        key = tenant.api_keys.create(name="server").secret
        agent = tenant.agents.create("Support", "v")
        session = tenant.sessions.create(agent.id).id
        if request.param == "async":
            app, header = async_application(conclave.open_async(path)), "X-API-Key"
        else:
            app, header = blocking_application(conclave.open(path)), "X-Key"
        yield Served(app, session, {header: key})


@contextmanager
def client_of(app: FastAPI, server: str) -> Iterator[httpx.Client]:
    """A client in the process, or of a server with a socket."""
    if server == "test client":
        yield TestClient(app)
        return
    listening = socket.create_server(("127.0.0.1", 0))
    host, port = listening.getsockname()
    uvicorn_server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=uvicorn_server.run, args=[[listening]])
    thread.start()
    try:
        with httpx.Client(base_url=f"http://{host}:{port}", timeout=20) as client:
            yield client
    finally:
        uvicorn_server.should_exit = True
        thread.join()


BODY = {"content": "Hello"}
SERVERS = pytest.mark.parametrize("server", ["test client", "uvicorn"])


def test_sends_and_errors(served: Served) -> None:
    app, session, auth = served
    client = TestClient(app)
    refused = client.post(f"/{session}", json=BODY)
    assert refused.status_code == 401 and refused.json()["error"]["code"] == "UNAUTHORIZED"
    refused = client.post(f"/{session}", json=BODY, headers={**dict.fromkeys(auth, "wrong")})
    assert refused.status_code == 401
    refused = client.post(f"/{session}", json=BODY, headers=auth)
    assert refused.json()["error"]["code"] == "IDEMPOTENCY_KEY_REQUIRED"
    keyed = {**auth, "Idempotency-Key": "k1"}
    refused = client.post("/ses_none", json=BODY, headers=keyed)
    assert refused.status_code == 404

    reply = client.post(f"/{session}", json=BODY, headers=keyed)
    assert reply.status_code == 200 and reply.json()["message"]["content"] == "Hello"
    assert isinstance(reply.json()["metadata"]["usage"]["tokens_in"], int)


@SERVERS
def test_a_stream(served: Served, server: str) -> None:
    app, session, auth = served
    keyed = {**auth, "Idempotency-Key": "k2", "X-Request-Id": "req_of_the_client"}
    with (
        client_of(app, server) as client,
        client.stream("POST", f"/{session}/stream", json=BODY, headers=keyed) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        events = "".join(response.iter_text()).split("\n\n")
    assert events.pop() == ""
    first, *_, last = [dict(line.split(": ", 1) for line in e.split("\n")) for e in events]
    assert first["event"] == "started" and last["event"] == "done"
    assert json.loads(first["data"])["request_id"] == "req_of_the_client"
    assert json.loads(last["data"])["reply"]["message"]["content"] == "Hello"


@SERVERS
def test_what_is_wrong_before_a_stream_has_its_own_status(served: Served, server: str) -> None:
    app, session, auth = served
    wrong = {
        "IDEMPOTENCY_KEY_REQUIRED": (session, BODY, auth),
        "IDEMPOTENCY_KEY_INVALID": (session, BODY, {**auth, "Idempotency-Key": "a b"}),
        "RESOURCE_NOT_FOUND": ("ses_none", BODY, {**auth, "Idempotency-Key": "k"}),
        "VALIDATION_ERROR": (session, {"content": ""}, {**auth, "Idempotency-Key": "k"}),
        "UNAUTHORIZED": (session, BODY, {"Idempotency-Key": "k"}),
    }
    with client_of(app, server) as client:
        for code, (path, body, headers) in wrong.items():
            headers = {**headers, "X-Request-Id": "req_of_the_client"}
            answer = client.post(f"/{path}/stream", json=body, headers=headers)
            error = answer.json()["error"]
            assert error["code"] == code and error["message"]
            assert answer.status_code == error["http_status"] >= 400
            assert answer.headers["content-type"] == "application/json"
            assert answer.headers["x-request-id"] == error["request_id"] == "req_of_the_client"


def test_request_ids(served: Served) -> None:
    app, session, auth = served
    client = TestClient(app)
    mine = {"X-Request-Id": "req_of_the_client"}
    keyed = {**auth, **mine, "Idempotency-Key": "k1"}
    reply = client.post(f"/{session}", json=BODY, headers=keyed)
    assert reply.json()["metadata"]["request_id"] == "req_of_the_client"
    for path, headers in (("ses_none", keyed), (session, mine)):
        refused = client.post(f"/{path}", json=BODY, headers=headers)
        assert refused.json()["error"]["request_id"] == "req_of_the_client"
        assert refused.headers["x-request-id"] == "req_of_the_client"
    other = client.post(f"/{session}", json=BODY, headers={**auth, "Idempotency-Key": "k2"})
    assert other.json()["metadata"]["request_id"] != "req_of_the_client"


def test_a_request_id_that_fits_into_no_header() -> None:
    app = FastAPI()
    install_error_handlers(app)

    @app.get("/")
    def busy() -> None:
        raise conclave.ConflictError("busy", request_id="anfrage-ü-🎈")

    response = TestClient(app).get("/")
    assert response.status_code == 409 and "x-request-id" not in response.headers
    assert response.json()["error"]["request_id"] == "anfrage-ü-🎈"


def test_an_error_is_the_document_of_the_core(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "no such folder" / "a.db"
    with conclave.open(path) as gw:
        client = TestClient(blocking_application(gw))
        answer = client.post("/s", json=BODY, headers={"X-Key": "k", "X-Request-Id": "req_x"})
        with pytest.raises(conclave.Error) as caught:
            gw.authenticate("k", request_id="req_x")
    assert answer.status_code == caught.value.http_status
    assert answer.json() == {"error": caught.value.to_dict()}


def test_retry_after() -> None:
    app = FastAPI()
    install_error_handlers(app)

    @app.get("/")
    def busy() -> None:
        raise conclave.RateLimitedError("slow down", retry_after_ms=1500)

    response = TestClient(app).get("/")
    assert response.status_code == 429 and response.headers["retry-after"] == "2"
    assert response.json()["error"]["retry_after_ms"] == 1500
