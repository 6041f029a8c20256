"""The gateway for event loops."""

from __future__ import annotations

from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING

from ._async_nouns import (
    AsyncAgents,
    AsyncApiKeys,
    AsyncCouncil,
    AsyncEmbeddings,
    AsyncGatewayOperations,
    AsyncMessages,
    AsyncPrices,
    AsyncProviders,
    AsyncSessions,
    AsyncTenants,
    AsyncTools,
    AsyncUsage,
)
from ._engine import Caller, Engine
from ._nouns import Providers
from ._options import read_options
from ._tool_decorator import ToolDecorator
from .records import Tenant

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from .inputs import OpenOptions


def open_async(store: str | PathLike[str], **options: Unpack[OpenOptions]) -> AsyncGateway:
    """Opens a store for event loops, as `open` does. No coroutine: it never blocks. Since 0.1."""
    opening = read_options(store, options)
    gateway = AsyncGateway(Engine(opening.config))
    for provider in opening.callbacks:
        Providers(gateway._engine).register(**provider)
    return gateway


class AsyncGateway(AsyncGatewayOperations, ToolDecorator):
    """An open store whose calls are coroutines: `providers`, `tools`, `prices`, `tenants`, and
    scopes of its tenants. For any number of event loops, in turn and at once.

    Close it, or use it in `async with`; what is still open when the interpreter ends is closed
    then. Forks are as with `Gateway`. Since 0.1.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.providers = AsyncProviders(engine)
        self.tools = AsyncTools(engine)
        self.prices = AsyncPrices(engine)
        self.tenants = AsyncTenants(engine)

    def tenant(self, id: str, *, request_id: str | None = None) -> AsyncTenantScope:
        """The scope of a tenant that the host has authenticated itself. Checks nothing: calls on
        a tenant that does not exist fail. Those of the scope carry `request_id` into replies,
        errors and logs, in place of `conclave.request_id`.
        """
        return AsyncTenantScope(self._engine, id, request_id)

    async def authenticate(
        self, api_key: str, *, request_id: str | None = None
    ) -> AsyncTenantScope:
        """The scope of the tenant that the key opens; `request_id` as with `tenant`.
        UnauthorizedError, ApiKeyRevokedError, ApiKeyExpiredError, TenantSuspendedError.
        """
        caller = AsyncGatewayOperations(self._engine, Caller(request_id=request_id))
        tenant = await caller._call("authenticate", {"api_key": api_key}, Tenant.from_document)
        return self.tenant(tenant.id, request_id=request_id)

    async def close(self, drain_ms: int | None = None) -> None:
        """Ends the gateway. Sends in flight may finish for `drain_ms`, by default as `open` says;
        then those that a provider may have answered are written as unknown, and their callers see
        OutcomeUnknownError; all others see HandleClosedError. Closing again does nothing.
        """
        await self._engine.close_async(drain_ms)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


class AsyncTenantScope:
    """One tenant's data: `api_keys`, `agents`, `sessions`, `messages`, `council`, `embeddings`,
    `usage`. There     is no other way to reach it. Since 0.1.
    """

    def __init__(self, engine: Engine, id: str, request_id: str | None = None) -> None:
        self.id = id
        caller = Caller(id, request_id)
        self.api_keys = AsyncApiKeys(engine, caller)
        self.agents = AsyncAgents(engine, caller)
        self.sessions = AsyncSessions(engine, caller)
        self.messages = AsyncMessages(engine, caller)
        self.council = AsyncCouncil(engine, caller)
        self.embeddings = AsyncEmbeddings(engine, caller)
        self.usage = AsyncUsage(engine, caller)
