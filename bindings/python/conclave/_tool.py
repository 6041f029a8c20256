"""A function as a tool: its JSON Schema from type hints, its texts from the docstring."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

if TYPE_CHECKING:
    from .handlers import ToolHandler

Schema = dict[str, Any]

PLAIN_TYPES: Mapping[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
}
PARAMETER_LINE = re.compile(r"^\s*(?::param\s+)?\**(\w+)(?:\s*\([^)]*\))?:\s+(\S.*)$")


class ToolOptions(NamedTuple):
    """What `@gw.tool(...)` takes in place of what the function says itself."""

    name: str | None = None
    description: str | None = None
    parameters: Mapping[str, Any] | None = None
    timeout_ms: int | None = None
    side_effects: bool | None = None
    idempotent: bool | None = None

    def arguments(self, function: Callable[..., Any]) -> dict[str, Any]:
        """Those of tools.register."""
        description, described = read_docstring(inspect.getdoc(function) or "")
        given = self._asdict()
        if self.name is None:
            given["name"] = function.__name__
        if self.description is None:
            given["description"] = description
        if self.parameters is None:
            given["parameters"] = parameters_of(function, described)
        return {**given, "handler": handler_of(function)}


def handler_of(function: Callable[..., Any]) -> ToolHandler:
    """The function with the tool's arguments by name."""
    if inspect.iscoroutinefunction(function):

        async def handle_async(arguments: dict[str, Any]) -> Any:
            return await function(**arguments)

        return handle_async

    def handle(arguments: dict[str, Any]) -> Any:
        return function(**arguments)

    return handle


def parameters_of(function: Callable[..., Any], described: Mapping[str, str]) -> Schema:
    """The JSON Schema of the function's arguments."""
    hints = typing.get_type_hints(function, include_extras=True)
    properties: dict[str, Schema] = {}
    required = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise TypeError(f"{function.__name__}: a tool takes arguments by name, not {parameter}")
        if name not in hints:
            raise TypeError(f"{function.__name__}: the argument {name} needs a type hint")
        properties[name] = schema_of(hints[name], name)
        if name in described:
            properties[name].setdefault("description", described[name])
        if parameter.default is parameter.empty:
            required.append(name)
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def schema_of(hint: Any, name: str) -> Schema:
    """The JSON Schema of one type hint."""
    if hint is Any:
        return {}
    if hint in PLAIN_TYPES:
        return {"type": PLAIN_TYPES[hint]}
    if typing.is_typeddict(hint):
        return _schema_of_typed_dict(hint, name)
    origin, arguments = get_origin(hint) or hint, get_args(hint)
    if origin is Annotated:
        texts = [note for note in arguments[1:] if isinstance(note, str)]
        return {**schema_of(arguments[0], name), **({"description": texts[0]} if texts else {})}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(argument, name) for argument in arguments]}
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        values = {"additionalProperties": schema_of(arguments[1], name)} if arguments else {}
        return {"type": "object", **values}
    if inspect.isclass(origin) and issubclass(origin, Sequence):
        items = {"items": schema_of(arguments[0], name)} if arguments else {}
        return {"type": "array", **items}
    raise TypeError(f"the argument {name}: {hint} has no JSON Schema here; give parameters=...")


def _schema_of_typed_dict(hint: Any, name: str) -> Schema:
    fields = typing.get_type_hints(hint, include_extras=True)
    return {
        "type": "object",
        "properties": {key: schema_of(field, f"{name}.{key}") for key, field in fields.items()},
        "required": sorted(hint.__required_keys__),
        "additionalProperties": False,
    }


def read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """The first paragraph, and the sentences of arguments: `name: ...` or `:param name: ...`."""
    first, _, rest = text.partition("\n\n")
    matches = [PARAMETER_LINE.match(line) for line in rest.splitlines()]
    described = {match[1]: match[2].strip() for match in matches if match}
    return " ".join(first.split()), described
