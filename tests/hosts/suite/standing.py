"""What holds for every section: logs and errors."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from .document import SAMPLES, differs
from .report import check

if TYPE_CHECKING:
    from .world import Host

OF_A_REQUEST = {"method", "path", "url", "status", "req", "res", "err"}
INNARDS = re.compile(
    r"Traceback|File \\?\"|\bat [\w.<>$]+ \(|node:|node_modules|site-packages"
    r"|\.(?:py|js|mjs|ts|cpp|hpp)\b|SQL|sqlite|dev\.db|std::|conclave::|0x[0-9a-f]{6,}"
    r"|/(?:tmp|usr|home|root|var|opt|etc)/"
)


def check_logs(host: Host) -> None:
    lines, logged, problems, others = host.log_lines(), set(), [], 0
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            problems.append(line)
            continue
        logged.add(record.get("requestId"))
        others += "requestId" not in record
        if "requestId" not in record and OF_A_REQUEST & record.keys():
            problems.append(line)
    check("every log line is JSON, each of a request carries its id", not problems, problems)
    expected = 3 * host.starts + host.unreadable
    check("the other lines tell of start, end and what is no request", others <= expected, others)
    missing = host.request_ids - logged
    check("every X-Request-Id stands in the log", not missing, missing)
    complaints = "".join(file.read_text() for file in host.folder.glob("*.err"))
    check("nothing on standard error", not complaints, complaints)
    secrets = [line for line in lines if any(secret in line for secret in host.secrets)]
    check("no secret in the log", not secrets, secrets)


def check_errors(host: Host) -> None:
    """Of every error this host has answered."""
    wrong, leaks = [], []
    for answer in host.errors:
        try:
            problem = differs(SAMPLES["Errors"], answer.json)
        except ValueError:
            problem = "no JSON"
        if problem or answer.error["requestId"] != answer.request_id:
            wrong.append((problem, answer))
        told = [str(host.folder), *host.secrets]
        if INNARDS.search(answer.raw) or any(secret in answer.raw for secret in told):
            leaks.append(answer)
    count = len(host.errors)
    check(f"{count} errors have the document's structure and X-Request-Id", not wrong, wrong)
    check("no stack trace, path or secret in them", not leaks, leaks)
