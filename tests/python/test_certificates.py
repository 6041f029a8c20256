"""Whom TLS trusts: options first, then the environment, then the system."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

import conclave


@pytest.fixture(autouse=True)
def silent_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


def wrong_option(**options: Any) -> str | None:
    """The option that the engine finds wrong, if any."""
    with conclave.open(":memory:", **options) as gateway:
        try:
            gateway.health()
        except conclave.ValidationError as error:
            return str(error.details["field"])
        return None


@pytest.mark.parametrize(
    ("variable", "option"), [("SSL_CERT_FILE", "ca_file"), ("SSL_CERT_DIR", "ca_dir")]
)
def test_variables_stand_in_for_options(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, variable: str, option: str
) -> None:
    assert wrong_option() is None
    monkeypatch.setenv(variable, str(tmp_path / "missing"))
    assert wrong_option() == option
    monkeypatch.setenv(variable, "")
    assert wrong_option() is None


def test_an_option_is_asked_before_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / "missing"))
    assert wrong_option(ca_dir=str(tmp_path)) is None
    assert wrong_option(options={"ca_dir": str(tmp_path)}) is None
    assert wrong_option(extra_ca_file=str(tmp_path / "missing")) == "extra_ca_file"
