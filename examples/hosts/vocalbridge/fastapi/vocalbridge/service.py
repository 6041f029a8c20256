"""The gateway as this system uses it: two vendors with their wire, policy and price.

A vendor needs no code: a request template and JSON pointers describe it.
"""

from __future__ import annotations

import conclave
from conclave.inputs import NewPriceDict, NewProviderDict

from .settings import Settings

VENDORS = ("vendorA", "vendorB")

PRICES: list[NewPriceDict] = [
    {"provider": "vendorA", "model": "*", "usd_per_1k_tokens": "0.002"},
    {"provider": "vendorB", "model": "*", "usd_per_1k_tokens": "0.003"},
]


def providers(settings: Settings) -> list[NewProviderDict]:
    return [
        {
            "name": "vendorA",
            "kind": "mapped",
            "base_url": settings.vendor_a_url,
            "policy": "vocalbridge",
            "mapped": {
                "request_template": '{"messages": "{{messages}}"}',
                "text": "/outputText",
                "tokens_in": "/tokensIn",
                "tokens_out": "/tokensOut",
                "error_code": "/error/code",
                "error_message": "/error/message",
            },
        },
        {
            "name": "vendorB",
            "kind": "mapped",
            "base_url": settings.vendor_b_url,
            "policy": "vocalbridge",
            "mapped": {
                "request_template": '{"input": "{{messages}}"}',
                "text": "/choices/0/message/content",
                "tokens_in": "/usage/input_tokens",
                "tokens_out": "/usage/output_tokens",
                "error_code": "/error/type",
                "error_message": "/error/message",
                "retry_after_ms": "/error/retryAfterMs",
            },
        },
    ]


def open_service(settings: Settings) -> conclave.AsyncGateway:
    """Opens the store with both vendors registered and priced. Never blocks."""
    return conclave.open_async(settings.store, providers=providers(settings), prices=PRICES)
