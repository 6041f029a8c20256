"""Structured log lines on standard output, one JSON object each."""

from __future__ import annotations

import json
import logging
import sys
import time

import conclave

logger = logging.getLogger("vocalbridge")


class JsonFormatter(logging.Formatter):
    """Time, level and, within a request, its id; then the `facts` or the message of the record."""

    def format(self, record: logging.LogRecord) -> str:
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {"time": f"{seconds}.{int(record.msecs):03}Z", "level": record.levelname.lower()}
        if request_id := conclave.request_id.get():
            line["requestId"] = request_id
        line.update(getattr(record, "facts", None) or {"message": record.getMessage()})
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False)


def log_to_stdout() -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logger.setLevel(logging.INFO)


def log(level: int, **facts: object) -> None:
    logger.log(level, "", extra={"facts": facts})
