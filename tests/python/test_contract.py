"""Nothing of the contract is missing here, and nothing is here that it does not have."""

from __future__ import annotations

import inspect
import json
import keyword
from collections.abc import Callable
from typing import Any

import pytest

import conclave
from conclave import _native, inputs

CONTRACT = json.loads(_native.describe())
OPERATIONS = CONTRACT["operations"]


def method_of(operation: str, gateway: type, tenant: type) -> Callable[..., Any]:
    noun, _, verb = operation.partition(".")
    if not verb:
        return getattr(gateway, noun)  # type: ignore[no-any-return]
    if noun == "gateway":
        return getattr(gateway, verb)  # type: ignore[no-any-return]
    prefix = "Async" if "Async" in gateway.__name__ else ""
    owner = tenant if OPERATIONS[operation]["scope"] == "tenant" else gateway
    source = inspect.getsource(owner.__init__)  # type: ignore[misc]
    name = prefix + "".join(part.capitalize() for part in noun.split("_"))
    assert f"self.{noun} = {name}(" in source
    module = inspect.getmodule(owner)
    return getattr(getattr(module, name), verb)  # type: ignore[no-any-return]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_every_operation_with_every_field(operation: str, kind: str) -> None:
    gateway, tenant = {
        "sync": (conclave.Gateway, conclave.TenantScope),
        "async": (conclave.AsyncGateway, conclave.AsyncTenantScope),
    }[kind]
    method = method_of(operation, gateway, tenant)
    schema = CONTRACT["$defs"][OPERATIONS[operation]["in"]["$ref"].removeprefix("#/$defs/")]
    parameters = set(inspect.signature(method).parameters) - {"self"}
    wanted = {f"{key}_" if keyword.iskeyword(key) else key for key in schema["properties"]}
    of_the_host = {"handler", "unknown", "request_id"}
    assert parameters - of_the_host == wanted
    streams = "stream" in OPERATIONS[operation]
    assert inspect.iscoroutinefunction(method) == (kind == "async" and not streams)
    assert method.__doc__


def test_every_option_of_open() -> None:
    options = set(inputs.OpenOptions.__annotations__) | {"store"}
    assert options == set(CONTRACT["$defs"]["open"]["properties"])
