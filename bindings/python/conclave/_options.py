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
    return Opening({**config, **_environment_authorities(config)}, callbacks)


def _environment_authorities(config: Mapping[str, Any]) -> dict[str, str]:
    """The engine reads no environment; these variables, which OpenSSL's own tools know, take the
    system's place where no option says whom to trust.
    """
    gathered = config.get("options")
    told = (config, gathered if isinstance(gathered, Mapping) else {})
    options = ("ca_file", "ca_dir", "extra_ca_file")
    if any(some.get(option) is not None for some in told for option in options):
        return {}
    variables = {"ca_file": "SSL_CERT_FILE", "ca_dir": "SSL_CERT_DIR"}
    return {option: os.environ[name] for option, name in variables.items() if os.environ.get(name)}


def _as_list(providers: Any) -> list[dict[str, Any]]:
    if isinstance(providers, Mapping):
        return [{"name": name, **provider} for name, provider in providers.items()]
    return [dict(provider) for provider in providers]
