"""`@gw.tool`, the same on both kinds of gateway."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, overload

from ._engine import Engine
from ._nouns import Tools

F = TypeVar("F", bound=Callable[..., Any])


class ToolDecorator:
    """Registers functions of the host. Touches no file, so it needs no event loop."""

    _engine: Engine

    @overload
    def tool(self, function: F, /) -> F: ...
    @overload
    def tool(
        self,
        /,
        *,
        name: str | None = None,
        description: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        timeout_ms: int | None = None,
        side_effects: bool | None = None,
        idempotent: bool | None = None,
    ) -> Callable[[F], F]: ...
    def tool(
        self,
        function: Any = None,
        /,
        *,
        name: str | None = None,
        description: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        timeout_ms: int | None = None,
        side_effects: bool | None = None,
        idempotent: bool | None = None,
    ) -> Any:
        """Registers a function, plain or async, as a tool: `@gw.tool` or `@gw.tool(name=...)`.

        Its schema comes from the type hints, its description and those of its arguments from the
        docstring. The function itself stays as it is. TypeError when a hint has no JSON Schema
        here. Since 0.1.
        """
        from ._tool import ToolOptions

        options = ToolOptions(name, description, parameters, timeout_ms, side_effects, idempotent)

        def register(function: F) -> F:
            Tools(self._engine).register(**options.arguments(function))
            return function

        return register if function is None else register(function)
