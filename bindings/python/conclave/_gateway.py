"""The blocking gateway."""

from __future__ import annotations

from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING

from ._engine import Caller, Engine
from ._nouns import (
    Agents,
    ApiKeys,
    Council,
    Embeddings,
    GatewayOperations,
    Messages,
    Prices,
    Providers,
    Sessions,
    Tenants,
    Tools,
    Usage,
)
from ._options import read_options
from ._tool_decorator import ToolDecorator
from .records import Tenant

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from .inputs import OpenOptions


def open(store: str | PathLike[str], **options: Unpack[OpenOptions]) -> Gateway:
    """Opens a store: "app.db", "sqlite:app.db" or ":memory:".

    Never blocks: the file is opened, and threads begin, with the first call that needs them. So it
    may be done before a fork. ValidationError names a wrong option; ConflictError when the file is
    open in this process with other options. Since 0.1.
    """
    opening = read_options(store, options)
    gateway = Gateway(Engine(opening.config))
    for provider in opening.callbacks:
        gateway.providers.register(**provider)
    return gateway


class Gateway(GatewayOperations, ToolDecorator):
    """An open store: `providers`, `tools`, `prices`, `tenants`, and scopes of its tenants. For any
    thread; calls block theirs, without the lock of the interpreter.

    Close it, or use it in `with`; what is still open when the interpreter ends is closed then. One
    that was opened but not used before a fork works in the child, a used one raises
    HandleForkedError there. Since 0.1.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.providers = Providers(engine)
        self.tools = Tools(engine)
        self.prices = Prices(engine)
        self.tenants = Tenants(engine)

    def tenant(self, id: str, *, request_id: str | None = None) -> TenantScope:
        """The scope of a tenant that the host has authenticated itself. Never blocks and checks
        nothing: calls on a tenant that does not exist fail. Those of the scope carry `request_id`
        into replies, errors and logs, in place of `conclave.request_id`.
        """
        return TenantScope(self._engine, id, request_id)

    def authenticate(self, api_key: str, *, request_id: str | None = None) -> TenantScope:
        """The scope of the tenant that the key opens; `request_id` as with `tenant`.
        UnauthorizedError, ApiKeyRevokedError, ApiKeyExpiredError, TenantSuspendedError.
        """
        caller = GatewayOperations(self._engine, Caller(request_id=request_id))
        tenant = caller._call("authenticate", {"api_key": api_key}, Tenant.from_document)
        return self.tenant(tenant.id, request_id=request_id)

    def close(self, drain_ms: int | None = None) -> None:
        """Ends the gateway. Sends in flight may finish for `drain_ms`, by default as `open` says;
        then those that a provider may have answered are written as unknown, and their callers see
        OutcomeUnknownError; all others see HandleClosedError. Closing again does nothing.
        """
        self._engine.close(drain_ms)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class TenantScope:
    """One tenant's data: `api_keys`, `agents`, `sessions`, `messages`, `council`, `embeddings`,
    `usage`. There     is no other way to reach it. For any thread. Since 0.1.
    """

    def __init__(self, engine: Engine, id: str, request_id: str | None = None) -> None:
        self.id = id
        caller = Caller(id, request_id)
        self.api_keys = ApiKeys(engine, caller)
        self.agents = Agents(engine, caller)
        self.sessions = Sessions(engine, caller)
        self.messages = Messages(engine, caller)
        self.council = Council(engine, caller)
        self.embeddings = Embeddings(engine, caller)
        self.usage = Usage(engine, caller)
