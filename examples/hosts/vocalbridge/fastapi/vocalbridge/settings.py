"""What the environment says. The library never reads it; a host may."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    host: str
    port: int
    store: str
    vendor_a_url: str
    vendor_b_url: str

    @staticmethod
    def of_environment() -> Settings:
        read = os.environ.get
        return Settings(
            host=read("HOST") or "127.0.0.1",
            port=int(read("PORT") or 3000),
            store=(read("DATABASE_URL") or "file:./dev.db").removeprefix("file:"),
            vendor_a_url=read("VENDOR_A_URL") or "http://127.0.0.1:9101/vendor-a/generate",
            vendor_b_url=read("VENDOR_B_URL") or "http://127.0.0.1:9101/vendor-b/complete",
        )
