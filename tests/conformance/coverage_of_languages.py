"""What C++, C, Python and Node.js have of the contract."""

from __future__ import annotations

import ast
import re

from project import Project, Report
from schema import Schemas

PYTHON_KEYWORDS = {"class": "class_", "from": "from_"}  # words of the language


def check_native(project: Project, report: Report) -> None:
    """The tables of C++ and C."""
    reachable = set(project.operations) - set(project.unreachable["operations"])
    source = project.text("tests/conformance/run_cpp.cpp")
    in_cpp = re.findall(r'^ +\{"([\w.]+)",\s+(?:by|of|own)\(', source, re.M)
    report.same("operations of C++", reachable - {"messages.stream"}, in_cpp)
    if 'operation: "messages.stream"' not in source:
        report.complain("operations of C++: messages.stream is missing")
    source = project.text("capi/src/operations.cpp")
    in_c = set(re.findall(r'^ +\{"([\w.]+)", on_', source, re.M))
    apart = {"messages.send", "messages.stream", "embeddings.create", "council.run"}  # by names of their own
    report.all_of("operations of C", reachable - apart, in_c)
    listed = {row["code"]: row for row in project.contract["errors"]}
    report.same("errors of the contract", project.errors, listed)
    header = project.text("capi/include/conclave_status.h")
    for name, row in project.errors.items():
        if not re.search(rf"CONCLAVE_{name} = {row['number']}\b", header):
            report.complain(f"errors of C: {name} is missing")
        if any(listed.get(name, {}).get(key, value) != value for key, value in row.items()):
            report.complain(f"errors of the contract: {name} is not the table's")


def check_python(project: Project, report: Report) -> None:
    """Methods with their arguments, records with their fields, exceptions."""
    folder = "bindings/python/conclave"
    if not (project.root / folder).is_dir():
        print("skipped: there is no Python package here")
        return
    for prefix in ("", "_async"):
        methods = python_methods(project, folder, prefix)
        report.all_of(f"operations of Python{prefix}", project.operations, methods)
        for operation, arguments in methods.items():
            document = project.operations[operation]["in"]["$ref"].rsplit("/", 1)[-1]
            fields = project.contract["$defs"][document].get("properties", {})
            wanted = {PYTHON_KEYWORDS.get(field, field) for field in fields}
            report.all_of(f"arguments of Python{prefix} {operation}", wanted, arguments)
    records = python_records(project.text(f"{folder}/records.py"))
    for document in needed_records(project):
        fields = project.contract["$defs"][document]["properties"]
        wanted = {PYTHON_KEYWORDS.get(field, field) for field in fields}
        name = "".join(word.title() for word in document.split("_"))
        report.all_of(f"fields of Python {name}", wanted, records.get(name, set()))
    classes = re.findall(r'^    code = "(\w+)"', project.text(f"{folder}/errors.py"), re.M)
    report.same("errors of Python", project.errors, classes)


def needed_records(project: Project) -> set[str]:
    """Documents that are given out as records: not pages, texts and errors, which have classes of
    their own."""
    fields = Schemas(project.contract).fields_of(project.documents("out", "stream"))
    names = {field.split(".")[0] for field in fields}
    return {
        name
        for name in names
        if not name.endswith(("_page", "_list"))
        and name not in {"document_text", "error", "nothing"}
    }


def python_methods(project: Project, folder: str, prefix: str) -> dict[str, set[str]]:
    """By operation: the arguments of the method whose body names it."""
    found: dict[str, set[str]] = {}
    for file in (f"{prefix}_nouns.py", f"{prefix}_gateway.py"):
        for node in ast.walk(ast.parse(project.text(f"{folder}/{file}"))):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            arguments = {one.arg for one in [*node.args.args, *node.args.kwonlyargs]} - {"self"}
            texts = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant)]
            operations = [operation for operation in project.operations if operation in texts]
            if node.name == "close":  # through the engine, which ends more than the handle
                operations.append("gateway.close")
            for operation in operations:
                found[operation] = arguments
    return found


def python_records(source: str) -> dict[str, set[str]]:
    return {
        node.name: {
            item.target.id
            for item in node.body
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        }
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef)
    }


def check_node(project: Project, report: Report) -> None:
    """The tables of operations and fields, the methods, the types and the error classes."""
    folder = "bindings/node/src"
    if not (project.root / folder).is_dir():
        print("skipped: there is no Node.js package here")
        return
    table = project.text(f"{folder}/operations.ts").split("as const")[0]
    named = re.findall(r"^  '?([\w.]+)'?: \{", table, re.M)
    report.same("operations of Node.js", project.operations, named)
    sources = "".join(path.read_text() for path in sorted((project.root / folder).glob("*.ts")))
    called = re.findall(r"(?:call|prepare)\(\s*'([\w.]+)'", sources)
    report.all_of("methods of Node.js", project.operations, called)
    inward = node_fields(project.text(f"{folder}/fields.ts"))
    outward = node_decoders(project.text(f"{folder}/decoders.ts"))
    for document, schema in project.contract["$defs"].items():
        wanted = {name: camel(name) for name in schema.get("properties", {})}
        for renamed in (inward, outward):
            if renamed.get(document, wanted) != wanted:
                report.complain(f"fields of Node.js {document} are not those of the contract")
        if document not in {*inward, *outward, *unnamed(project)}:
            report.complain(f"fields of Node.js: {document} is missing")
    for used, renamed in ((["in"], inward), (["out", "stream"], outward)):
        for field in Schemas(project.contract).fields_of(project.documents(*used)):
            if field.split(".")[0] not in renamed:
                report.complain(f"fields of Node.js: {field} is missing")
    types = project.text(f"{folder}/documents.ts") + project.text(f"{folder}/stream-event.ts")
    for field in Schemas(project.contract).fields_of(project.documents("in", "out", "stream")):
        if not re.search(rf"\b{camel(field.split('.')[1])}\??:", types):
            report.complain(f"types of Node.js: {field} is missing")
    classes = re.findall(r"super\('(\w+)', message", project.text(f"{folder}/error-classes.ts"))
    report.same("errors of Node.js", project.errors, classes)
    rows = re.findall(
        r"(\w+): \{ number: (\d+), httpStatus: (\d+), retryable: (\w+) \}",
        project.text(f"{folder}/error-table.ts"),
    )
    found = {
        code: {"number": int(number), "http_status": int(http), "retryable": retry == "true"}
        for code, number, http, retry in rows
    }
    if found != project.errors:
        report.complain("the error table of Node.js is not that of errors.def")


def unnamed(project: Project) -> set[str]:
    """Documents that no operation takes or gives: what a host writes for C."""
    used = {
        field.split(".")[0]
        for field in Schemas(project.contract).fields_of(
            [
                *project.documents("in", "out", "stream"),
                "open",
                "provider_request",
                "provider_answer",
            ]
        )
    }
    return set(project.contract["$defs"]) - used


def node_fields(source: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    document = ""
    for line in source.splitlines():
        if heading := re.fullmatch(r"  (\w+): \{(\},)?", line):
            document = heading[1]
            found[document] = {}
        elif field := re.match(r"    (\w+): \{ name: '(\w+)'", line):
            found[document][field[1]] = field[2]
    return found


def node_decoders(source: str) -> dict[str, dict[str, str]]:
    """What each function of the table `decoders` takes over, under which name."""
    bodies = re.findall(r"^function (decode\w+)\(.*?\): Made \{\n(.*?)^\}", source, re.M | re.S)
    fields = {
        name: {
            given: kept or placed
            for placed, kept, given in re.findall(
                r"(?:made\['(\w+)'\] =|^ +(\w+):) (?:inside\()?d\['(\w+)'\]", body, re.M
            )
        }
        for name, body in bodies
    }
    table = re.findall(r"^  (\w+): (\w+),$", source, re.M)
    return {document: fields[name] for document, name in table}


def camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)
