"""Functions as tools: their schemas, and calls inside a send."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, TypedDict

import pytest

import conclave
from conclave._tool import ToolOptions, schema_of
from conftest import world_of

who: contextvars.ContextVar[str] = contextvars.ContextVar("who", default="nobody")


class Place(TypedDict):
    city: str
    country: str


def weather(
    city: str,
    days: int = 1,
    unit: Literal["celsius", "fahrenheit"] = "celsius",
    near: list[Place] | None = None,
    note: Annotated[str, "For the log"] = "",
    extra: dict[str, float] | None = None,
) -> str:
    """The weather
    of some days.

    More about it.

    Args:
        city: Where,
            exactly.
        days (int): How many.
    """
    return f"{city} {days} {unit} for {who.get()}"


SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "description": "Where,"},
        "days": {"type": "integer", "description": "How many."},
        "unit": {"enum": ["celsius", "fahrenheit"]},
        "near": {
            "anyOf": [
                {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"city": {"type": "string"}, "country": {"type": "string"}},
                        "required": ["city", "country"],
                        "additionalProperties": False,
                    },
                },
                {"type": "null"},
            ]
        },
        "note": {"type": "string", "description": "For the log"},
        "extra": {
            "anyOf": [
                {"type": "object", "additionalProperties": {"type": "number"}},
                {"type": "null"},
            ]
        },
    },
    "required": ["city"],
    "additionalProperties": False,
}


def test_the_schema_of_a_function() -> None:
    arguments = ToolOptions().arguments(weather)
    assert arguments["name"] == "weather"
    assert arguments["description"] == "The weather of some days."
    assert arguments["parameters"] == SCHEMA


def test_hints_without_a_schema_are_refused(gw: conclave.Gateway) -> None:
    def odd(value: complex) -> None: ...

    def untyped(value) -> None: ...  # type: ignore[no-untyped-def]

    def rest(*values: int) -> None: ...

    for function in (odd, untyped, rest):
        with pytest.raises(TypeError):
            gw.tool(function)
    assert len(gw.tools.list()) == 0
    assert gw.tool(parameters={"type": "object"})(odd) is odd


@pytest.mark.parametrize(
    "hint, schema",
    [
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (
            tuple[int, str],
            {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "string"}],
                "minItems": 2,
                "maxItems": 2,
            },
        ),
        (tuple[()], {"type": "array", "minItems": 0, "maxItems": 0}),
        (tuple, {"type": "array"}),
        (Sequence[str], {"type": "array", "items": {"type": "string"}}),
        (Mapping[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
    ],
)
def test_schemas_of_hints(hint: Any, schema: dict[str, Any]) -> None:
    assert schema_of(hint, "x") == schema


class Named(NamedTuple):
    x: int


class Text(str):
    pass


@pytest.mark.parametrize(
    "hint", [Named, Text, bytes, set[int], dict[int, str], tuple[int, complex]]
)
def test_hints_that_would_mean_something_else(hint: Any) -> None:
    with pytest.raises(TypeError, match=r"the argument x: .*parameters="):
        schema_of(hint, "x")


def test_functions_without_a_name(gw: conclave.Gateway) -> None:
    class Lookup:
        """Looks up."""

        def __call__(self, city: str) -> str:
            return city

    def forecast(city: str, days: int) -> str:
        """The weather to come."""
        return f"{city} {days}"

    in_bonn = functools.partial(forecast, "Bonn")
    for function in (in_bonn, Lookup()):
        with pytest.raises(TypeError, match="name="):
            gw.tool(function)
    gw.tool(name="in_bonn")(in_bonn)
    gw.tool(name="lookup")(Lookup())
    tools = {tool.name: tool for tool in gw.tools.list()}
    assert tools["in_bonn"].description == "The weather to come."
    assert tools["in_bonn"].parameters["properties"] == {"days": {"type": "integer"}}
    assert tools["lookup"].description == "Looks up."
    assert tools["lookup"].parameters["required"] == ["city"]


def calling(name: str, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"text": "", "tool_calls": [{"name": name, "arguments": arguments}]}, {"text": "Done"}]


def test_registering(gw: conclave.Gateway) -> None:
    assert gw.tool(weather) is weather

    @gw.tool(name="other", timeout_ms=5000, side_effects=True, idempotent=True)
    async def function() -> None:
        """Does something."""

    tools = {tool.name: tool for tool in gw.tools.list()}
    assert set(tools) == {"weather", "other"}
    assert tools["weather"].parameters == SCHEMA
    assert tools["other"].timeout_ms == 5000 and tools["other"].side_effects
    assert tools["other"].description == "Does something."


def test_a_tool_runs_inside_the_send(gw: conclave.Gateway) -> None:
    seen: list[dict[str, Any]] = []

    @gw.tool
    async def lookup(city: str, days: int = 1) -> dict[str, Any]:
        """Looks up."""
        seen.append({"city": city, "days": days, "who": who.get()})
        return {"temperature": 21.5}

    gw.providers.register("v", "scripted", replies=calling("lookup", {"city": "Bonn"}))
    world = world_of(gw, "v")
    agent = world.tenant.agents.create("Tooled", "v", tools=["lookup"])
    session = world.tenant.sessions.create(agent.id)

    def send() -> conclave.Reply:
        who.set("me")
        return world.tenant.messages.send(session.id, "How warm?", idempotency_key="k1")

    reply = contextvars.copy_context().run(send)
    assert reply.message.content == "Done"
    assert seen == [{"city": "Bonn", "days": 1, "who": "me"}]


def test_the_model_sees_what_a_tool_returns(gw: conclave.Gateway) -> None:
    requests = []

    def model(request: conclave.records.ProviderRequest) -> dict[str, Any]:
        requests.append(request)
        if request.messages[-1].role == "tool":
            return {"text": request.messages[-1].content}
        return {"text": "", "tool_calls": [{"name": "lookup", "arguments": {"a_b": {"aB": 1}}}]}

    gw.providers.register("v", "callback", handler=model)
    gw.tools.register("lookup", parameters={"type": "object"}, handler=lambda given: given)
    world = world_of(gw, "v")
    agent = world.tenant.agents.create("Tooled", "v", tools=["lookup"])
    session = world.tenant.sessions.create(agent.id)
    reply = world.tenant.messages.send(session.id, "Hello", idempotency_key="k1")
    assert json.loads(reply.message.content) == {"a_b": {"aB": 1}}
    assert requests[0].tools[0].name == "lookup"


def test_tools_of_an_async_gateway() -> None:
    async def main() -> None:
        async with conclave.open_async(":memory:") as gw:

            @gw.tool
            async def add(a: int, b: int) -> int:
                await asyncio.sleep(0)
                return a + b

            replies = calling("add", {"a": 1, "b": 2})
            await gw.providers.register("v", "scripted", replies=replies)
            tenant = gw.tenant((await gw.tenants.create("Acme")).id)
            agent = await tenant.agents.create("Tooled", "v", tools=["add"])
            session = await tenant.sessions.create(agent.id)
            reply = await tenant.messages.send(session.id, "1 + 2?", idempotency_key="k")
            assert reply.message.content == "Done"
            assert await add(1, 2) == 3

    asyncio.run(main())


def test_what_a_tool_names_as_its_sources_is_in_the_reply(gw: conclave.Gateway) -> None:
    answers: list[Any] = [
        {"content": {"a_b": 1}, "sources": [{"title": "Almanac"}]},
        {"content": "rain", "sources": [], "more": 1},
    ]
    gw.providers.register("v", "scripted", replies=calling("lookup", {}))
    gw.tools.register("lookup", handler=lambda given: answers.pop(0))
    world = world_of(gw, "v")
    agent = world.tenant.agents.create("Tooled", "v", tools=["lookup"])
    session = world.tenant.sessions.create(agent.id)
    first = world.tenant.messages.send(session.id, "Hello", idempotency_key="k1")
    assert [(s.tool, s.title, s.url) for s in first.metadata.sources or []] == [
        ("lookup", "Almanac", "")
    ]
    second = world.tenant.messages.send(session.id, "Hello", idempotency_key="k2")
    assert not second.metadata.sources


def test_an_answer_that_fits_is_the_output(gw: conclave.Gateway) -> None:
    gw.providers.register("v", "scripted", replies=[{"text": "no"}, {"text": '{"a_b": [1.5]}'}])
    world = world_of(gw, "v")
    reply = world.tenant.messages.send(
        world.session_id,
        "Hello",
        idempotency_key="k",
        output_schema={"type": "object", "required": ["a_b"]},
    )
    assert reply.metadata.output == {"a_b": [1.5]}
    assert reply.message.content == '{"a_b": [1.5]}'
