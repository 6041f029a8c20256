"""The document `open` from the arguments of `conclave.open`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .inputs import OpenOptions


class Opening(NamedTuple):
    config: dict[str, Any]
    callbacks: list[dict[str, Any]]
    """Providers with handlers; they are registered afterwards."""


def read_options(store: str | os.PathLike[str], options: OpenOptions) -> Opening:
    config: dict[str, Any] = {"store": os.fspath(store), **options}
    callbacks = []
    if "providers" in config:
        providers = _as_list(config["providers"])
        callbacks = [provider for provider in providers if "handler" in provider]
        config["providers"] = [provider for provider in providers if "handler" not in provider]
    # The engine reads no environment; this is the variable that OpenSSL's own tools know.
    if config.get("ca_file") is None and os.environ.get("SSL_CERT_FILE"):
        config["ca_file"] = os.environ["SSL_CERT_FILE"]
    return Opening(config, callbacks)


def _as_list(providers: Any) -> list[dict[str, Any]]:
    if isinstance(providers, Mapping):
        return [{"name": name, **provider} for name, provider in providers.items()]
    return [dict(provider) for provider in providers]
