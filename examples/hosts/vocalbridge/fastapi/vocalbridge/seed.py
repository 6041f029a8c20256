"""Two tenants to try the system with."""

from __future__ import annotations

import conclave

from .settings import Settings


def seed(settings: Settings) -> None:
    """Creates two tenants, two agents each, and prints their API keys as `name: key`, which are
    shown this once. Each run makes new ones.
    """
    with conclave.open(settings.store) as gateway:
        for name in ("Acme Corporation", "Globex Industries"):
            tenant = gateway.tenant(gateway.tenants.create(name=name).id)
            tenant.agents.create(
                name="Sales Agent",
                primary="vendorB",
                fallbacks=["vendorA"],
                instructions="You are a friendly sales agent.",
            )
            tenant.agents.create(
                name="Customer Support Agent",
                primary="vendorA",
                fallbacks=["vendorB"],
                instructions="You are a helpful customer support agent.",
            )
            print(f"{name}: {tenant.api_keys.create(name='seed').secret}")
