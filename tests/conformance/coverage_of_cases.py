"""What the cases call, set, see and run into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from project import Project, Report
from schema import Schemas
from suite import Case, fill_in, load_cases


def check_cases(project: Project, report: Report) -> None:
    """What the cases call, set, see and run into."""
    taken, given = Schemas(project.contract), Schemas(project.contract)
    for keyword in taken.unknown_keywords():
        report.complain(f"schema.py does not know the keyword {keyword}")
    succeeded: set[str] = set()
    failed: set[str] = set()
    told: set[str] = set()
    names: set[str] = set()
    for case in load_cases():
        if case.name in names:
            report.complain(f"two cases are called {case.name}")
        names.add(case.name)
        for step, operation in calls_of(case.open, case.steps):
            check_step(project, report, case.name, operation, step, taken, given)
            if "error" in step:
                failed.add(step["error"]["code"])
                told |= check_error(project, report, case.name, step["error"])
            elif operation in project.operations and ("out" in step or "events" in step):
                succeeded.add(operation)
        check_handlers(case, taken, given, report)
    unreachable = project.unreachable
    report.same(
        "operations that succeed", project.operations, succeeded | set(unreachable["operations"])
    )
    report.same("errors that come up", project.errors, failed | set(unreachable["errors"]))
    for code in sorted(failed & set(unreachable["errors"])):
        report.complain(f"{code} comes up and is called unreachable")
    report.all_of("errors told with http_status and retryable", failed - {"CANCELLED"}, told)
    inward = [*project.documents("in"), "open", "provider_answer"]
    outward = [*project.documents("out", "stream"), "provider_request"]
    known: set[str] = set()
    for what, schemas, documents in (("set", taken, inward), ("seen", given, outward)):
        wanted = schemas.fields_of(documents) | schemas.words_of(documents)
        report.same(
            f"fields that are {what}", wanted - set(unreachable["fields"]), schemas.seen & wanted
        )
        known |= wanted
    report.all_of("fields called unreachable", unreachable["fields"], known)


class Names(dict[str, str]):
    """Stands for saved values: each is its own name."""

    def __missing__(self, name: str) -> str:
        return f"${name}"


def calls_of(
    opened: dict[str, Any], steps: list[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], str]]:
    """Every step that has documents, with its operation; what is awaited counts as its start."""
    yield {"in": opened}, "open"
    started: dict[str, str] = {}
    for step in steps:
        operation = step.get("call") or step.get("stream", "")
        if "as" in step:
            started[step["as"]] = operation
        if "await" in step:
            yield step, started[step["await"]]
        elif "open" in step:
            yield {**step, "in": step["open"]}, "open"
        elif operation:
            yield step, operation


def check_step(
    project: Project,
    report: Report,
    name: str,
    operation: str,
    step: dict[str, Any],
    taken: Schemas,
    given: Schemas,
) -> None:
    if operation == "open":
        entry = {"in": project.contract["open"]}
    else:
        entry = project.operations[operation]
    documents: list[tuple[Schemas, Any, Any]] = []
    if "error" not in step and "await" not in step:
        documents.append((taken, entry["in"], step.get("in", {})))
    if "out" in step:
        documents.append((given, entry["out"], step["out"]))
    documents += [(given, entry["stream"], event) for event in step.get("events", [])]
    for schemas, schema, document in documents:
        for problem in schemas.problems(schema, expanded(document)):
            report.complain(f"{name}: {operation}: {problem}")


def expanded(document: Any) -> Any:
    """With {"$repeat"} written out and names of saved values left as they are."""
    return fill_in(document, Names())


def check_error(project: Project, report: Report, name: str, error: dict[str, Any]) -> set[str]:
    """The code, if its HTTP status and whether to retry are told; they must be the table's."""
    row = project.errors.get(error["code"])
    if row is None:
        report.complain(f"{name}: there is no error {error['code']}")
        return set()
    for key in ("http_status", "retryable"):
        if error.get(key, row[key]) != row[key]:
            report.complain(f"{name}: {key} of {error['code']} is not {error[key]}")
    return {error["code"]} if {"http_status", "retryable"} <= error.keys() else set()


def check_handlers(case: Case, taken: Schemas, given: Schemas, report: Report) -> None:
    """What callback providers are asked and answer; tools have documents of their own."""
    registered = [step for step in case.steps if step.get("call") == "tools.register"]
    tools = {step.get("in", {}).get("name") for step in registered}
    for name in case.handlers.keys() - tools:
        for planned in case.handlers[name]:
            pairs = [(given, "provider_request", planned["request"])]
            if "answer" in planned:
                pairs.append((taken, "provider_answer", planned["answer"]))
            for schemas, document, value in pairs:
                for problem in schemas.problems({"$ref": f"#/$defs/{document}"}, value):
                    report.complain(f"{case.name}: {document}: {problem}")
