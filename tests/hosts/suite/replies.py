"""What sections ask of replies and bills."""

from __future__ import annotations

import re
from decimal import Decimal

from .simulator import Answer


def is_replay(first: Answer, later: Answer) -> bool:
    """The same bytes, only that it says so."""
    flag = re.compile(r'"replayed": ?(true|false)')
    told = [flag.findall(answer.raw) for answer in (first, later)]
    same = flag.sub("", first.raw) == flag.sub("", later.raw)
    return same and told == [["false"], ["true"]]


def is_replayed(answer: Answer) -> bool:
    return answer.json["metadata"]["idempotency"]["replayed"]


def costs(events: list[dict]) -> list[Decimal]:
    return [event["costUsd"] for event in events]


COST_A, COST_B = Decimal("0.000224"), Decimal("0.000336")  # of the document's 45 + 67 tokens
USUAL = {"text": "Hi!", "tokens_in": 45, "tokens_out": 67}
