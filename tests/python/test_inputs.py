"""Arguments: carried exactly, or refused with the name of the field."""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

import conclave
from conftest import World

DEEP: list[Any] = []
for _ in range(100_000):
    DEEP = [DEEP]

REFUSED: dict[str, Any] = {
    "surrogate": "a\ud800b",
    "nan": float("nan"),
    "infinity": float("-inf"),
    "too large": 2**64,
    "too small": -(2**63) - 1,
    "bytes": b"x",
    "datetime": datetime(2026, 1, 1, tzinfo=timezone.utc),
    "decimal": Decimal("1.1"),
    "set": {1},
    "object": object(),
    "key": {1: "x"},
    "key that is null": {None: "x"},
    "surrogate in a key": {"\udc00": 1},
    "too deep": DEEP,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_json_cannot_carry_is_refused_in_metadata(world: World, name: str) -> None:
    with pytest.raises(conclave.ValidationError) as caught:
        world.tenant.sessions.create(world.agent_id, metadata={"x": ["y", REFUSED[name]]})
    assert caught.value.details["field"].startswith("metadata")
    assert len(world.tenant.sessions.list()) == 1


def test_the_path_names_the_innermost_field(world: World) -> None:
    with pytest.raises(conclave.ValidationError, match=r"metadata\.x\[1\]\.y "):
        world.tenant.sessions.create(world.agent_id, metadata={"x": [0, {"y": float("nan")}]})
    with pytest.raises(conclave.ValidationError) as caught:
        world.send("broken \udfff", "k1")
    assert caught.value.details["field"] == "content"


def test_naive_datetimes_are_refused(world: World) -> None:
    with pytest.raises(conclave.ValidationError) as caught:
        world.tenant.api_keys.create(expires_at=datetime(2030, 1, 1))
    assert caught.value.details["field"] == "expires_at"


def test_datetimes_of_any_zone(world: World) -> None:
    at = datetime(2030, 1, 1, 12, 30, 0, 123000, timezone(timedelta(hours=2)))
    assert world.tenant.api_keys.create(expires_at=at).api_key.expires_at == at
    text = "2030-01-01T10:30:00.123Z"
    assert world.tenant.api_keys.create(expires_at=text).api_key.expires_at == at


def test_money_is_text_or_decimal(gw: conclave.Gateway) -> None:
    gw.providers.register("v", "scripted", echo=True)
    assert gw.prices.set("v", "*", usd_per_1k_tokens="0.002").usd_per_1k_tokens == Decimal("0.002")
    price = gw.prices.set("v", "m", usd_per_1k_tokens=Decimal("2E-3"))
    assert price.to_dict()["usd_per_1k_tokens"] == "0.002"
    million = {"input": Decimal("0.15"), "output": "0.6"}
    assert gw.prices.set("v", "n", usd_per_million=million).usd_per_million is not None
    wrong: Any
    for wrong in (0.002, 1, Decimal("NaN"), "1e-3x"):
        with pytest.raises(conclave.ValidationError) as caught:
            gw.prices.set("v", "*", usd_per_1k_tokens=wrong)
        assert caught.value.details["field"] == "usd_per_1k_tokens"


def test_dates(world: World) -> None:
    usage = world.tenant.usage
    assert usage.rollup("2026-11-01", "2026-11-30") == usage.rollup(
        date(2026, 11, 1), date(2026, 11, 30)
    )
    with pytest.raises(conclave.ValidationError):
        usage.rollup("yesterday", "2026-11-30")


def test_records_are_arguments_too(world: World) -> None:
    first = world.tenant.agents.create("A", "vendor", policy={"preset": "strict", "retries": 1})
    second = world.tenant.agents.create("B", "vendor", policy=first.policy)
    assert second.policy == first.policy


def test_none_takes_a_council_away_and_nothing_leaves_it(world: World) -> None:
    agents = world.tenant.agents
    board = agents.create("Board", council={"members": ["vendor/a", "vendor/b"]})
    renamed = agents.update(board.id, name="Bench", description=None)
    assert renamed.council == board.council
    assert renamed.council is not None
    assert agents.update(board.id, council=None).council is None
    with pytest.raises(conclave.ValidationError) as caught:
        agents.update(board.id, council=object())  # type: ignore[arg-type]
    assert caught.value.details["field"] == "council"


def test_a_missing_key_is_the_engine_s_error(world: World) -> None:
    with pytest.raises(conclave.IdempotencyKeyRequiredError):
        world.tenant.messages.send(world.session_id, "Hello")


def test_options_of_open(tmp_path: pathlib.Path) -> None:
    with pytest.raises(conclave.ValidationError) as caught:
        conclave.open(tmp_path / "a.db", durabilty="full")  # type: ignore[call-arg]
    assert "durabilty" in str(caught.value.details)
    providers = {"v": {"kind": "scripted", "echo": True}}
    with conclave.open(tmp_path / "a.db", providers=providers) as gw:
        assert [provider.name for provider in gw.providers.list()] == ["v"]
        gw.health()
        gw.backup(tmp_path / "b.db")
    assert (tmp_path / "b.db").exists()


NO_TEXTS: list[Any] = ["a\0b", "\0", "a\ud800b", 5, b"x"]


@pytest.mark.parametrize("value", NO_TEXTS)
def test_ids_are_texts_and_never_cut(world: World, value: Any) -> None:
    with pytest.raises(conclave.ValidationError) as caught:
        world.gateway.tenant(value).sessions.list()
    assert caught.value.details["field"] == "tenant_id"
    with pytest.raises(conclave.ValidationError) as caught:
        world.gateway.tenant(world.tenant.id, request_id=value).sessions.list()
    assert caught.value.details["field"] == "request_id"
    with pytest.raises(conclave.ValidationError) as caught:
        world.send("Hello", value)
    assert caught.value.details["field"] == "idempotency_key"
    token = conclave.request_id.set(value)
    try:
        with pytest.raises(conclave.ValidationError) as caught:
            world.send("Hello", "k1")
    finally:
        conclave.request_id.reset(token)
    assert caught.value.details["field"] == "request_id"
    assert not world.tenant.sessions.transcript(world.session_id).messages


def test_a_tenant_id_is_not_cut_at_a_nul(world: World) -> None:
    with pytest.raises(conclave.ValidationError):
        world.gateway.tenant(world.tenant.id + "\0x").sessions.list()


def test_an_unknown_keyword_is_an_unknown_field(world: World) -> None:
    calls: list[Callable[..., object]] = [
        functools.partial(world.tenant.sessions.create, world.agent_id),
        functools.partial(world.tenant.messages.send, world.session_id, "a", idempotency_key="k"),
        lambda **unknown: list(
            world.tenant.messages.stream(world.session_id, "a", idempotency_key="k", **unknown)
        ),
        functools.partial(world.gateway.providers.register, "v", "scripted"),
        world.gateway.health,
        world.gateway.tenants.list,
    ]
    for call in calls:
        for name in ("agent_idd", '","metadata":{},"b"'):
            with pytest.raises(conclave.ValidationError) as caught:
                call(**{name: "x"})
            assert caught.value.details["field"] == name
    assert len(world.tenant.sessions.list()) == 1 and len(world.gateway.providers.list()) == 1


@pytest.mark.parametrize("microseconds, milliseconds", [(999, 0), (999_999, 999), (1_000, 1)])
def test_times_have_milliseconds(world: World, microseconds: int, milliseconds: int) -> None:
    """Finer ones are rounded down, so that no time ever lies in the future of what was meant."""
    at = datetime(2030, 1, 1, 10, 30, 0, microseconds, timezone.utc)
    kept = world.tenant.api_keys.create(expires_at=at).api_key.expires_at
    assert kept == at.replace(microsecond=milliseconds * 1000)
