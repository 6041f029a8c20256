"""The JSON Schemas of the contract: the few keywords that it uses, and which fields a document has.

A document may be a pattern of the cases: a placeholder or a saved value stands for any value of its
kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

KEYWORDS = {
    "$ref", "additionalProperties", "anyOf", "description", "enum", "format", "items", "maxItems",
    "maximum", "minLength", "minimum", "properties", "required", "type", "x-data", "x-max-bytes",
}  # fmt: skip
TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
FORMATS = {
    "usd": re.compile(r"-?\d+(\.\d+)?"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z"),
    "nano-usd": re.compile(r"-?\d+"),
}
STAND_IN = re.compile(r"\$\w+|<[a-z]+(:[a-z]{3})?>")


def is_stand_in(value: Any) -> bool:
    return isinstance(value, str) and STAND_IN.fullmatch(value) is not None


class Schemas:
    """The documents of a contract by name. Collects what was seen in each: "document.field", and
    "document.field=word" of a field that is one of a few words.
    """

    def __init__(self, contract: Mapping[str, Any]) -> None:
        self.documents = contract["$defs"]
        self.seen: set[str] = set()

    def fields_of(self, names: Iterable[str]) -> set[str]:
        """The fields of these documents and of all inside them."""
        return {f"{name}.{field}" for name, field, _ in self._properties(names)}

    def words_of(self, names: Iterable[str]) -> set[str]:
        """The words that their fields may be."""
        return {
            f"{name}.{field}={word}"
            for name, field, schema in self._properties(names)
            for word in schema.get("enum", [])
            if word is not None
        }

    def _properties(self, names: Iterable[str]) -> Iterator[tuple[str, str, Any]]:
        done: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name in done:
                continue
            done.add(name)
            for field, schema in self.documents[name].get("properties", {}).items():
                yield name, field, schema
            todo += re.findall(r"#/\$defs/(\w+)", str(self.documents[name]))

    def unknown_keywords(self) -> set[str]:
        """Keywords that this file does not know."""
        found: set[str] = set()

        def look(schema: Any) -> None:
            found.update(schema.keys() - KEYWORDS)
            inner = [schema.get("items"), schema.get("additionalProperties")]
            inner += [*schema.get("anyOf", []), *schema.get("properties", {}).values()]
            for one in inner:
                if isinstance(one, dict):
                    look(one)

        for schema in self.documents.values():
            look(schema)
        return found

    def problems(self, schema: Mapping[str, Any], value: Any, where: str = "") -> list[str]:
        """What is wrong with the value."""
        name = ""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            schema = self.documents[name]
        if "anyOf" in schema:
            return self._choose(schema["anyOf"], value, where)
        if is_stand_in(value):
            return self._stand_in(schema, value, where)
        if isinstance(value, dict) and list(value) == ["<each>"]:
            return self.problems(schema["items"], value["<each>"], f"{where}/<each>")
        if problem := wrong_value(schema, value):
            return [f"{where or '/'}: {problem}"]
        found = []
        if isinstance(value, list):
            for index, item in enumerate(value):
                found += self.problems(schema.get("items", {}), item, f"{where}/{index}")
        if isinstance(value, dict) and not schema.get("x-data"):
            found += self._object(schema, value, where, name)
        return found

    def _object(self, schema: Any, value: Any, where: str, name: str) -> list[str]:
        fields = schema.get("properties", {})
        found = [
            f"{where}/{key} is missing" for key in schema.get("required", []) if key not in value
        ]
        for key, inner in value.items():
            if key in fields:
                if inner != "<any>":
                    self.seen.add(f"{name}.{key}")
                if isinstance(inner, str) and inner in fields[key].get("enum", []):
                    self.seen.add(f"{name}.{key}={inner}")
                found += self.problems(fields[key], inner, f"{where}/{key}")
            elif schema.get("additionalProperties", True) is False:
                found.append(f"{where}/{key} is not in the schema")
        return found

    def _choose(self, schemas: list[Any], value: Any, where: str) -> list[str]:
        """The problems of the branch that fits best."""
        before = set(self.seen)
        best: tuple[list[str], set[str]] | None = None
        for schema in schemas:
            self.seen = set(before)
            found = self.problems(schema, value, where)
            if best is None or len(found) < len(best[0]):
                best = found, self.seen
        assert best is not None
        self.seen = best[1]
        return best[0]

    def _stand_in(self, schema: Any, value: str, where: str) -> list[str]:
        types = types_of(schema)
        if not types or value == "<any>" or value.startswith("$"):
            return []
        wanted = {"integer", "number"} if value == "<int>" else {"string"}
        return [] if wanted & set(types) else [f"{where} is {value} but of type {types}"]


def wrong_value(schema: Mapping[str, Any], value: Any) -> str | None:
    types = types_of(schema)
    if types and not any(is_of(value, one) for one in types):
        return f"is {value!r}, not of type {types}"
    if "enum" in schema and value not in schema["enum"]:
        return f"is {value!r}, none of {schema['enum']}"
    if is_of(value, "number") and not (
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
    ):
        return f"is {value}, out of range"
    if isinstance(value, list) and len(value) > schema.get("maxItems", len(value)):
        return f"has {len(value)} items"
    if isinstance(value, str):
        return wrong_text(schema, value)
    return None


def types_of(schema: Mapping[str, Any]) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def is_of(value: Any, kind: str) -> bool:
    if isinstance(value, bool) and kind != "boolean":
        return False
    return isinstance(value, TYPES[kind])


def wrong_text(schema: Mapping[str, Any], text: str) -> str | None:
    if len(text) < schema.get("minLength", 0):
        return "is too short"
    if len(text.encode()) > schema.get("x-max-bytes", len(text.encode())):
        return "is too long"
    expression = FORMATS.get(schema.get("format", ""))
    if expression and not expression.fullmatch(text):
        return f"is {text!r}, no {schema['format']}"
    return None
