"""Holds answers against an OpenAPI document, as far as such documents of networks go."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]
TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def answer_faults(document: Document, method: str, path: str, body: Any) -> list[str]:
    """Give what is wrong with a good answer of `path`, written as in the document; nothing when it fits."""
    content = document["paths"][path][method.lower()]["responses"]["200"]["content"]["application/json"]
    return list(faults(document, content["schema"], body, path))


def faults(document: Document, schema: Document, value: Any, where: str) -> Iterator[str]:
    """Give what is wrong with a value, each with its place."""
    if "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        yield from faults(document, found, value, where)
        return
    for one in schema.get("allOf", ()):
        yield from faults(document, one, value, where)
    for key in ("oneOf", "anyOf"):
        choices = [list(faults(document, one, value, where)) for one in schema.get(key, ())]
        if choices and all(choices):
            yield min(choices, key=len)[0]
    yield from _own(document, schema, value, where)


def _own(document: Document, schema: Document, value: Any, where: str) -> Iterator[str]:
    """Give what is wrong by the schema itself, without what it is composed of."""
    kind = TYPES.get(schema.get("type", ""))
    if kind and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
        yield f"{where}: {schema['type']} expected, not {type(value).__name__}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is not one of {schema['enum']}"
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{where}: {value!r} does not match {schema['pattern']}"
    if isinstance(value, dict):
        yield from _members(document, schema, value, where)
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield f"{where}: too few items"
        for number, one in enumerate(value):
            yield from faults(document, schema.get("items", {}), one, f"{where}[{number}]")


def _members(document: Document, schema: Document, value: Document, where: str) -> Iterator[str]:
    """Give what is wrong with an object; a key that the document does not know is, unless it leaves room."""
    known = schema.get("properties", {})
    roomy = not known or bool({"additionalProperties", "allOf", "discriminator"} & schema.keys())
    yield from (f"{where}: {name} is missing" for name in schema.get("required", ()) if name not in value)
    for name, one in value.items():
        if name in known:
            yield from faults(document, known[name], one, f"{where}.{name}")
        elif not roomy:
            yield f"{where}: {name} is unknown"
