"""Exceptions: one per code, raised by what the table says."""

from __future__ import annotations

import json
import pickle

import pytest

import conclave
from conclave import _native, errors
from conclave._contract import STATUS_NUMBERS
from conclave._errors import Error
from conftest import World


def test_every_code_has_its_class() -> None:
    described = {error["code"]: error for error in json.loads(_native.describe()).get("errors", [])}
    for code in described or STATUS_NUMBERS:
        error = Error.from_document({"code": code, "message": "m"})
        assert type(error) is not Error and error.code == code
        assert type(error).__name__ in conclave.__all__
        if code in described:
            assert error.http_status == described[code]["http_status"]
            assert error.retryable == described[code]["retryable"]


def test_names_and_bases() -> None:
    assert issubclass(conclave.ValidationError, ValueError)
    assert issubclass(conclave.ResourceNotFoundError, LookupError)
    assert issubclass(conclave.AgentNotFoundError, LookupError)
    assert conclave.InternalError.code == "INTERNAL_ERROR"
    assert conclave.IdempotencyKeyReusedError.http_status == 422
    assert conclave.RateLimitedError.retryable


def test_an_error_of_the_engine(world: World) -> None:
    world.send("Hello", "k1")
    token = conclave.request_id.set("req_of_mine")
    try:
        with pytest.raises(conclave.IdempotencyKeyReusedError) as caught:
            world.send("Other", "k1")
    finally:
        conclave.request_id.reset(token)
    error = caught.value
    assert (error.code, error.http_status, error.retryable) == (
        "IDEMPOTENCY_KEY_REUSED",
        422,
        False,
    )
    assert error.request_id == "req_of_mine"
    assert error.message and str(error) == f"IDEMPOTENCY_KEY_REUSED: {error.message}"
    assert error.to_dict() == {
        "code": error.code,
        "message": error.message,
        "details": error.details,
        "request_id": error.request_id,
        "retryable": False,
        "retry_after_ms": None,
        "http_status": 422,
    }
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error) and again.to_dict() == error.to_dict()


def test_not_found(world: World) -> None:
    with pytest.raises(LookupError):
        world.tenant.sessions.get("ses_none")
    with pytest.raises(conclave.AgentNotFoundError):
        world.tenant.sessions.create("agt_none")


def test_a_code_of_a_newer_library_is_the_base() -> None:
    error = Error.from_document({"code": "BRAND_NEW", "message": "m", "http_status": 418})
    assert type(error) is Error and error.code == "BRAND_NEW" and error.http_status == 418


def test_the_other_tenant_sees_nothing(world: World) -> None:
    other = world.gateway.tenant(world.gateway.tenants.create("Other").id)
    with pytest.raises(conclave.ResourceNotFoundError) as foreign:
        other.sessions.get(world.session_id)
    with pytest.raises(conclave.ResourceNotFoundError) as unknown:
        other.sessions.get("ses_" + "0" * 26)
    assert foreign.value.message == unknown.value.message


def test_after_close() -> None:
    gw = conclave.open(":memory:")
    gw.close()
    gw.close()
    with pytest.raises(conclave.HandleClosedError):
        gw.health()


def test_every_error_has_a_request_id(world: World) -> None:
    for call in (
        lambda: world.tenant.sessions.get("ses_none"),
        lambda: world.gateway.authenticate("nonsense"),
        lambda: world.gateway.close(drain_ms=-1),
    ):
        with pytest.raises(conclave.Error) as caught:
            call()
        assert caught.value.request_id.startswith("req_")
    scope = world.gateway.tenant(world.tenant.id, request_id="req_of_mine")
    with pytest.raises(conclave.ValidationError) as refused:  # here, not by the engine
        scope.sessions.create(world.agent_id, metadata={"x": float("nan")})
    assert refused.value.request_id == "req_of_mine"


def test_errors_are_exported() -> None:
    assert set(errors.__all__) <= set(conclave.__all__)
