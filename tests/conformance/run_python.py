#!/usr/bin/env python3
"""Runs the conformance cases through the Python package, blocking and in an event loop.

usage: run_python.py [--case NAME] [--only sync|async] [-v]

Exit status 77 means skipped: the package is not installed here.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import inspect
import logging
import re
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suite import Case, Mismatch, brief, fill_in, find, joined, load_cases, match, match_error

try:
    import conclave
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

KEYWORDS = {"from": "from_"}  # fields that are words of the language


class Refused(Exception):
    """The language itself refuses the arguments, before there is a call."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.document = {"code": "VALIDATION_ERROR", "details": {"field": field}}


@contextlib.contextmanager
def request_id(order: dict[str, Any]) -> Iterator[None]:
    """What is called inside carries the order's request id."""
    token = conclave.request_id.set(order.get("request_id"))
    try:
        yield
    finally:
        conclave.request_id.reset(token)


class Host:
    """One gateway, and what a case knows of it. `is_async` says which of the two facades."""

    def __init__(self, is_async: bool, handlers: dict[str, Any]) -> None:
        self.is_async = is_async
        self.handlers = handlers
        self.asked: list[Exception] = []
        self.gateways: list[Any] = []

    @property
    def gateway(self) -> Any:
        return self.gateways[-1]

    def open(self, document: dict[str, Any]) -> None:
        opener = conclave.open_async if self.is_async else conclave.open
        arguments = dict(document)
        if "providers" in arguments:
            arguments["providers"] = [self.with_handler(p) for p in arguments["providers"]]
        self.gateways.append(opener(**arguments))

    async def close(self) -> None:
        for gateway in self.gateways:
            await self.settled(gateway.close(0))

    async def settled(self, result: Any) -> Any:
        return await result if inspect.isawaitable(result) else result

    def with_handler(self, document: dict[str, Any], is_tool: bool = False) -> dict[str, Any]:
        """The provider or tool with what the case plans for it."""
        if not isinstance(document, dict) or not (is_tool or document.get("kind") == "callback"):
            return document
        answers = iter(self.handlers.get(str(document.get("name")), []))

        def handler(request: Any) -> Any:
            planned = next(answers)
            try:
                match(planned["request"], request if is_tool else request.to_dict(), "request")
            except Mismatch as mismatch:
                self.asked.append(mismatch)
            if failure := planned.get("error"):
                raise conclave.Error.from_document(failure)
            return planned["answer"]

        return {**document, "handler": handler}

    async def scope(self, order: dict[str, Any]) -> Any:
        if "api_key" in order:
            return await self.settled(self.gateway.authenticate(order["api_key"]))
        return self.gateway.tenant(order["tenant"]) if "tenant" in order else self.gateway

    async def bound(self, operation: str, order: dict[str, Any]) -> Any:
        """The call with its arguments, not made yet."""
        *nouns, verb = operation.split(".")
        target = await self.scope(order)
        for noun in nouns:
            target = target if noun == "gateway" else getattr(target, noun)
        method = getattr(target, verb)
        fields: dict[str, Any] = dict(order.get("in", {}))
        if operation in ("providers.register", "tools.register"):
            fields = self.with_handler(fields, operation == "tools.register")
        arguments: dict[str, Any] = {
            KEYWORDS.get(name, name): value for name, value in fields.items()
        }
        try:
            inspect.signature(method).bind(**arguments)
        except TypeError as error:
            field = re.search(r"'(\w+)'", str(error))
            raise Refused(field[1].rstrip("_") if field else "") from None
        return lambda: method(**arguments)

    async def call(self, operation: str, order: dict[str, Any]) -> Any:
        call = await self.bound(operation, order)
        with request_id(order):
            result = await self.settled(call())
        return await self.document(operation, result)

    async def document(self, operation: str, result: Any) -> Any:
        """What the contract's document is of a result that Python gives in another form."""
        if operation == "authenticate":
            result = await self.settled(self.gateway.tenants.get(result.id))
        if result is None:
            return {}
        return {"text": result} if isinstance(result, str) else result.to_dict()

    async def stream(self, operation: str, order: dict[str, Any]) -> list[dict[str, Any]]:
        begin = await self.bound(operation, order)
        with request_id(order):
            stream = begin()
        if self.is_async:
            return joined([event.to_dict() async for event in stream])
        return joined([event.to_dict() for event in stream])


class Run:
    """One case on its way."""

    def __init__(self, case: Case, host: Host, folder: str) -> None:
        self.host = host
        self.values: dict[str, Any] = {"tmp": folder}
        self.started: dict[str, asyncio.Task[tuple[Any, Any]]] = {}
        for name, text in case.files.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        host.open(fill_in(case.open, self.values))

    async def step(self, step: dict[str, Any]) -> None:
        order: dict[str, Any] = {
            key: fill_in(step[key], self.values)
            for key in ("tenant", "api_key", "request_id", "in", "open")
            if key in step
        }
        if "cancel" in step:
            self.started[step["cancel"]].cancel()
        elif "advance" in step:
            await self.host.call("gateway.advance", {"in": {"ms": step["advance"]}})
        elif "as" in step:
            self.started[step["as"]] = asyncio.create_task(self.outcome(step, order))
            await asyncio.sleep(0)  # it begins before what comes next
        elif "await" in step:
            self.judge(step, *await self.waited(self.started[step["await"]]))
        else:
            self.judge(step, *await self.outcome(step, order))
        if self.host.asked:
            raise self.host.asked[0]

    async def waited(self, task: asyncio.Task[tuple[Any, Any]]) -> tuple[Any, Any]:
        try:
            return await task
        except asyncio.CancelledError:  # what Python calls the code CANCELLED
            return None, {"code": "CANCELLED", "details": {}}

    async def outcome(self, step: dict[str, Any], order: dict[str, Any]) -> tuple[Any, Any]:
        """The document or the error."""
        try:
            if "open" in step:
                self.host.open(order["open"])
                return {}, None
            if "stream" in step:
                return await self.host.stream(step["stream"], order), None
            return await self.host.call(step["call"], order), None
        except Refused as refused:
            return None, refused.document
        except conclave.Error as error:
            if type(error) is conclave.Error:
                raise Mismatch(f"{error.code} has no class of its own") from None
            return None, error.to_dict()

    def judge(self, step: dict[str, Any], document: Any, error: Any) -> None:
        if error is not None:
            if "error" not in step:
                raise Mismatch(f"failed: {brief(error)}")
            match_error(fill_in(step["error"], self.values), error)
            return
        if "error" in step:
            raise Mismatch(f"succeeded: {brief(document)}")
        for key in ("out", "events"):
            if key in step:
                match(fill_in(step[key], self.values), document)
        for name, pointer in step.get("save", {}).items():
            self.values[name] = find(document, pointer)


async def run_case(case: Case, is_async: bool) -> str | None:
    """What went wrong, or None."""
    host = Host(is_async, case.handlers)
    at = "open"
    with tempfile.TemporaryDirectory() as folder:
        try:
            run = Run(case, host, folder)
            for number, step in enumerate(case.steps):
                what = next(iter(step.items()))
                at = f"step {number} ({what[0]} {what[1] if isinstance(what[1], str) else ''})"
                await run.step(step)
            return None
        except Mismatch as mismatch:
            return f"{at}: {mismatch}"
        except Exception:
            return f"{at}: {traceback.format_exc()}"
        finally:
            await host.close()


def can_run(case: Case, is_async: bool) -> bool:
    """Calls that begin and are not waited for need an event loop."""
    return is_async or not any("as" in step for step in case.steps)


def main() -> int:
    parser = argparse.ArgumentParser(description="conformance of the Python package")
    parser.add_argument("--case", default="", help="only cases whose name has this")
    parser.add_argument("--only", choices=("sync", "async"))
    parser.add_argument("-v", action="store_true", help="name the cases that passed, too")
    arguments = parser.parse_args()
    logging.getLogger("conclave").propagate = False  # handlers of the cases fail on purpose
    passed = failed = skipped = 0
    for case in load_cases():
        if arguments.case not in case.name:
            continue
        for facade in ("sync", "async"):
            if arguments.only not in (None, facade):
                continue
            if not can_run(case, facade == "async"):
                skipped += 1
                continue
            problem = asyncio.run(run_case(case, facade == "async"))
            passed += problem is None
            failed += problem is not None
            if problem is not None:
                print(f"FAILED {case.name} ({facade}): {problem}")
            elif arguments.v:
                print(f"passed {case.name} ({facade})")
    print(f"python: {passed} passed, {failed} failed, {skipped} need an event loop")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
