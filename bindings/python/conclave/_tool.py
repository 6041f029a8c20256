"""A function as a tool: its JSON Schema from type hints, its texts from the docstring."""

from __future__ import annotations

import functools
import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from ._handlers import is_async

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
OBJECT_TYPES = (dict, Mapping, MutableMapping)
ARRAY_TYPES = (list, Sequence, MutableSequence)
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
        description, described = read_docstring(inspect.getdoc(written(function)) or "")
        given = self._asdict()
        if self.name is None:
            given["name"] = name_of(function)
        if self.description is None:
            given["description"] = description
        if self.parameters is None:
            given["parameters"] = parameters_of(function, described)
        return {**given, "handler": handler_of(function)}


def written(function: Callable[..., Any]) -> Callable[..., Any]:
    """What has the docstring and the type hints: the function below any `functools.partial`."""
    while isinstance(function, functools.partial):
        function = function.func
    return function


def name_of(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", None)
    if not isinstance(name, str):
        raise TypeError(f"{function!r} has no name; give name=...")
    return name


def handler_of(function: Callable[..., Any]) -> ToolHandler:
    """The function with the tool's arguments by name."""
    if is_async(function):

        async def handle_async(arguments: dict[str, Any]) -> Any:
            return await function(**arguments)

        return handle_async

    def handle(arguments: dict[str, Any]) -> Any:
        return function(**arguments)

    return handle


def parameters_of(function: Callable[..., Any], described: Mapping[str, str]) -> Schema:
    """The JSON Schema of the function's arguments."""
    hints = hints_of(function)
    title = getattr(function, "__name__", repr(function))
    properties: dict[str, Schema] = {}
    required = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise TypeError(f"{title}: a tool takes arguments by name, not {parameter}")
        if name not in hints:
            raise TypeError(f"{title}: the argument {name} needs a type hint")
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


def hints_of(function: Callable[..., Any]) -> dict[str, Any]:
    hinted = written(function)
    if not inspect.isroutine(hinted) and not inspect.isclass(hinted):
        hinted = type(hinted).__call__
    return typing.get_type_hints(hinted, include_extras=True)


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
    if origin is tuple:
        return _schema_of_tuple(hint, name)
    if origin in OBJECT_TYPES and arguments[:1] in ((), (str,)):
        values = {"additionalProperties": schema_of(arguments[1], name)} if arguments else {}
        return {"type": "object", **values}
    if origin in ARRAY_TYPES:
        items = {"items": schema_of(arguments[0], name)} if arguments else {}
        return {"type": "array", **items}
    raise TypeError(f"the argument {name}: {hint} has no JSON Schema here; give parameters=...")


def _schema_of_tuple(hint: Any, name: str) -> Schema:
    arguments = get_args(hint)
    if arguments[1:] == (...,):
        return {"type": "array", "items": schema_of(arguments[0], name)}
    if hint in (tuple, typing.Tuple):  # noqa: UP006
        return {"type": "array"}
    items = [schema_of(argument, name) for argument in arguments]
    length = {"minItems": len(items), "maxItems": len(items)}
    return {"type": "array", **({"prefixItems": items} if items else {}), **length}


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
