"""conclave: an embeddable, multi-tenant AI agent gateway.

    import conclave

    with conclave.open("app.db") as gw:
        gw.providers.register("vendorA", kind="scripted", echo=True)
        acme = gw.tenant(gw.tenants.create(name="Acme Corporation").id)
        agent = acme.agents.create(name="Support", primary="vendorA")
        session = acme.sessions.create(agent_id=agent.id)
        reply = acme.messages.send(session.id, "Hello", idempotency_key="unique-key-123")
        print(reply.message.content)

`open_async` gives the same nouns and verbs as coroutines. What comes back are the immutable classes
of `conclave.records`, what goes wrong the exceptions of `conclave.errors`, which are also here.

What cannot be carried as it is, is refused with a `ValidationError` whose `details["field"]` names
it, and so is a keyword that is no field. Only times are rounded: they have milliseconds, and what
is finer is cut off. They need a time zone and come back in UTC.
"""

from typing import TYPE_CHECKING, Any

from . import _native, errors, records
from ._engine import request_id
from ._gateway import Gateway, TenantScope, open
from ._noun import Stream
from ._sse import sse
from .errors import *  # noqa: F403
from .records import Page, Reply, StreamEvent

if TYPE_CHECKING:
    from . import inputs
    from ._async_gateway import AsyncGateway, AsyncTenantScope, open_async
    from ._async_noun import AsyncStream

__version__ = _native.version()

__all__ = [
    "AsyncGateway",
    "AsyncStream",
    "AsyncTenantScope",
    "Gateway",
    "Page",
    "Reply",
    "Stream",
    "StreamEvent",
    "TenantScope",
    "__version__",
    "errors",
    "inputs",
    "open",
    "open_async",
    "records",
    "request_id",
    "sse",
]
__all__ += errors.__all__

# Imported on first use: asyncio takes longer than all the rest, and inputs are for type checkers.
_LATE = {
    "AsyncGateway": "_async_gateway",
    "AsyncStream": "_async_noun",
    "AsyncTenantScope": "_async_gateway",
    "open_async": "_async_gateway",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "inputs":
        return import_module(".inputs", __name__)
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value = getattr(import_module(f".{_LATE[name]}", __name__), name)
    return value


def __dir__() -> list[str]:
    return __all__
