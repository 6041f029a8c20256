"""Records: typed, immutable, and exactly the contract's documents again."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import pprint
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

import conclave
from conclave import _native, records
from conclave._codec import Items
from conftest import World

ODD_METADATA: dict[str, Any] = {
    "a_b": 1,
    "aB": 2,
    "__proto__": {"x": 1},
    "": "empty",
    "🎈": "balloon ",
    "nul": "a\x00b",
    "nested": {"from": [1, 2.5, None, True, {"class": "x"}]},
    "exact": 2**53 - 1,
    "negative": -(2**53 - 1),
    "tiny": 5e-324,
}


def test_odd_metadata_comes_back_unchanged(world: World) -> None:
    session = world.tenant.sessions.create(world.agent_id, metadata=ODD_METADATA)
    assert session.metadata == ODD_METADATA
    again = world.tenant.sessions.get(session.id).metadata
    assert json.dumps(again, sort_keys=True) == json.dumps(ODD_METADATA, sort_keys=True)


@pytest.mark.parametrize(
    "number", [2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 10**40]
)
def test_an_integer_is_kept_exactly_or_refused(world: World, number: int) -> None:
    try:
        session = world.tenant.sessions.create(world.agent_id, metadata={"n": number})
    except conclave.ValidationError as error:
        assert "metadata" in error.details["field"]
    else:
        kept = world.tenant.sessions.get(session.id).metadata["n"]
        assert kept == number and isinstance(kept, int)


def test_types_of_a_reply(world: World) -> None:
    reply = world.send("Hello", "k1")
    assert reply.message.content == "Hello"
    assert reply.message.created_at.utcoffset() == timedelta(0)
    assert isinstance(reply.metadata.usage.cost_usd, Decimal)
    assert reply.metadata.attempts[0].class_ == "ok"
    assert reply.metadata.attempts[0]["class"] == "ok"
    assert reply.metadata.tool_calls == []
    assert reply.metadata.fallback_attempted is None
    rollup = world.tenant.usage.rollup(date(2025, 12, 31), "2026-11-30")
    assert rollup.range.from_ == date(2025, 12, 31)
    assert rollup.totals.cost_usd == reply.metadata.usage.cost_usd


def test_records_are_immutable(world: World) -> None:
    reply = world.send("Hello", "k1")
    with pytest.raises(dataclasses.FrozenInstanceError):
        reply.message.content = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        print(reply.mesage)  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        reply.metadata.attempts.append(None)  # type: ignore[attr-defined]
    reply.to_dict()["metadata"]["attempts"].clear()
    assert len(reply.metadata.attempts) == 1


CHANGES: list[Callable[[Any], object]] = [
    lambda data: data.update(evil=1),
    lambda data: data.__setitem__("evil", 1),
    lambda data: data.__delitem__("a"),
    lambda data: data.pop("a"),
    lambda data: data.setdefault("evil", 1),
    lambda data: data.__ior__({"evil": 1}),
    lambda data: data["a"]["b"].append(1),
    lambda data: data["a"]["b"].__setitem__(0, 1),
    lambda data: data["a"]["b"].__iadd__([1]),
    lambda data: data["a"]["b"].sort(),
    lambda data: data["a"]["b"][1].clear(),
]


def test_data_of_records_is_immutable(world: World) -> None:
    metadata = {"a": {"b": [1, {"c": 2}]}}
    session = world.tenant.sessions.create(world.agent_id, metadata=metadata)
    given = dataclasses.replace(session, metadata=metadata)
    for record in (session, given):
        for change in CHANGES:
            with pytest.raises(TypeError, match="read-only"):
                change(record.metadata)
        data = record.metadata
        assert data == metadata == record.to_dict()["metadata"]
        assert isinstance(data, dict) and isinstance(data["a"]["b"], list)
        assert json.loads(json.dumps(data)) == metadata
        assert copy.deepcopy(data) == metadata and pickle.loads(pickle.dumps(data)) == metadata
        record.to_dict()["metadata"]["a"]["b"].append("mine")
    metadata["a"]["b"].append("mine")
    assert given == session
    again = world.tenant.sessions.create(world.agent_id, metadata=session.metadata)
    assert again.metadata == session.metadata


def test_records_are_hashable(world: World) -> None:
    session = world.tenant.sessions.create(world.agent_id, metadata=ODD_METADATA)
    again = world.tenant.sessions.get(session.id)
    assert session == again and hash(session) == hash(again) and {session: 1}[again] == 1
    other = world.tenant.sessions.create(world.agent_id, metadata={"nested": [1]})
    assert other != session and len({session, again, other}) == 2
    hash(world.tenant.sessions.list())
    hash(world.send("Hello", "k1"))


def test_secrets_are_not_shown(world: World) -> None:
    created = world.tenant.api_keys.create(name="server")
    for shown in (repr(created), str(created), f"{created}", pprint.pformat(created)):
        assert created.secret not in shown and "name='server'" in shown
    assert created.to_dict()["secret"] == created.secret == created["secret"]
    assert records.CreatedApiKey.from_document(created.to_dict()) == created
    world.gateway.providers.register(
        "o", "openai", base_url="http://127.0.0.1:1/v1", api_key="sk-x", headers={"A": "sk-y"}
    )
    assert "sk-" not in repr(world.gateway.providers.list())


def test_records_are_values(world: World) -> None:
    first, second = world.send("Hello", "k1"), world.send("Hello", "k1")
    assert not first.metadata.idempotency.replayed and second.metadata.idempotency.replayed
    assert first.message == second.message
    assert pickle.loads(pickle.dumps(first)) == first
    assert copy.deepcopy(first) == first
    assert records.Reply.from_document(first.to_dict()) == first
    assert dataclasses.is_dataclass(first)
    assert dataclasses.asdict(first)["message"]["content"] == "Hello"
    changed = dataclasses.replace(first.message, content="other")
    assert changed.to_dict()["content"] == "other"


def test_pages(world: World) -> None:
    for number in range(5):
        world.tenant.sessions.create(world.agent_id, title=str(number))
    page = world.tenant.sessions.list(limit=4)
    assert len(page) == 4 and [session.id for session in page] == [s.id for s in page.items]
    assert page[0] == page.items[0] and len(page[1:]) == 3
    rest = world.tenant.sessions.list(limit=4, cursor=page.next_cursor)
    assert len(rest) == 2 and rest.next_cursor is None
    assert page.to_dict()["items"][0] == page[0].to_dict()


def test_items_equal_lists_and_tuples() -> None:
    items = Items(["a", "b"])
    assert items == ["a", "b"] and items == ("a", "b") and items != ["a"] and items != "ab"
    assert (items != ["a", "b"]) is False
    assert hash(items) == hash(("a", "b"))
    assert json.dumps(items) == '["a", "b"]'


def test_fields_of_a_newer_library_do_not_disturb() -> None:
    document = {"id": "t", "name": "n", "status": "new", "metadata": {}, "plan": "x"}
    tenant = records.Tenant.from_document({**document, "created_at": "2026-11-21T07:00:00.000Z"})
    assert tenant["status"] == "new"
    assert tenant.created_at == datetime(2026, 11, 21, 7, tzinfo=timezone.utc)
    assert not hasattr(tenant, "plan") and tenant.to_dict()["plan"] == "x"


def sample(schema: dict[str, Any], definitions: dict[str, Any], full: bool) -> Any:
    """A document of the schema: with all its fields, or with the required ones and nulls."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix("#/$defs/")]
    choices = schema.get("anyOf", [])
    kinds = schema.get("type", "string")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if not full and ("null" in kinds or {"type": "null"} in choices):
        return None
    if choices:
        return sample([c for c in choices if c != {"type": "null"}][-1], definitions, full)
    if schema.get("x-data"):
        return {"a_b": [1, {"aB": None}]}
    formats = {"usd": "0.000000001", "date-time": "2026-11-21T07:00:00.001Z", "date": "2026-11-21"}
    if schema.get("format") == "nano-usd":
        return str(2**53 + 1) if full else 7
    if "format" in schema:
        return formats[schema["format"]]
    if "enum" in schema:
        return schema["enum"][0]
    if kinds[0] == "object":
        wanted = schema["properties"] if full else schema["required"]
        return {key: sample(schema["properties"][key], definitions, full) for key in wanted}
    if kinds[0] == "array":
        return [sample(schema["items"], definitions, full)] * 2
    return {"string": "x", "integer": 3, "number": 0.5, "boolean": True}[kinds[0]]


CONTRACT = json.loads(_native.describe())
NAMES = {name: "".join(part.capitalize() for part in name.split("_")) for name in CONTRACT["$defs"]}


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("name", [name for name in NAMES if NAMES[name] in records.__all__])
def test_every_record_gives_its_document_back(name: str, full: bool) -> None:
    document = sample(CONTRACT["$defs"][name], CONTRACT["$defs"], full)
    if name == "stream_event" and full:
        document["error"].update(code="CANCELLED", details={})
    kind = getattr(records, NAMES[name])
    record = kind.from_document(document)
    assert record.to_dict() == document
    # And the same from nothing but its fields.
    fields = {field.name: getattr(record, field.name) for field in dataclasses.fields(kind)}
    assert kind(**fields).to_dict() == document
    assert kind(**fields) == record and hash(kind(**fields)) == hash(record)
