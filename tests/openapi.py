"""Holds requests and answers against an OpenAPI document, as far as such documents of networks go."""

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
    "null": type(None),
}


def answer_faults(document: Document, method: str, path: str, body: Any) -> list[str]:
    """Give what is wrong with a good answer of `path`, written as in the document; nothing when it fits."""
    content = document["paths"][path][method.lower()]["responses"]["200"]["content"]["application/json"]
    return list(faults(document, content["schema"], body, path))


def path_of(document: Document, method: str, path: str) -> str | None:
    """Give a path as the document writes it, the one with the fewest gaps; None when it knows none."""
    known = [
        one
        for one, methods in document["paths"].items()
        if method.lower() in methods and re.fullmatch(re.sub(r"{\w+}", "[^/]+", one), path)
    ]
    return min(known, key=lambda one: one.count("{"), default=None)


def request_faults(document: Document, method: str, path: str, query: Document, form: Document) -> list[str]:
    """Give what is wrong with a request of `path`, written as in the document: names, gaps and values."""
    known = document["paths"][path][method.lower()]
    params = {one["name"]: one for one in known.get("parameters", ()) if one["in"] == "query"}
    wrong = [f"{path}: {name} is unknown" for name in query if name not in params]
    wrong += [
        f"{path}: {name} is missing"
        for name, one in params.items()
        if one.get("required") and name not in query
    ]
    for name, text in query.items():
        if name in params:
            schema = params[name]["schema"]
            wrong += faults(document, schema, _typed(document, schema, text), f"{path}?{name}")
    body = known.get("requestBody", {}).get("content", {}).get("application/json")
    if body is None:
        return wrong + [f"{path}: {name} is not asked for" for name in form]
    return wrong + list(faults(document, body["schema"], _values(document, body["schema"], form), path))


def _values(document: Document, schema: Document, form: Document) -> Document:
    """Give the fields of a form as values of the kinds that the document names."""
    choices = [schema, *schema.get("oneOf", ()), *schema.get("allOf", ())]
    found = [_resolved(document, one).get("properties", {}) for one in choices]
    known = {name: one for properties in reversed(found) for name, one in properties.items()}
    return {name: _typed(document, known.get(name, {}), text) for name, text in form.items()}


def _typed(document: Document, schema: Document, text: str) -> Any:
    """Read a text as the kind that a schema names, where it can be one."""
    kind = _resolved(document, schema).get("type")
    kind = [kind] if isinstance(kind, str) else kind or []
    if "integer" in kind and text.isdecimal():
        return int(text)
    if "boolean" in kind and text in {"true", "false"}:
        return text == "true"
    return [text] if "array" in kind else text


def _resolved(document: Document, schema: Document) -> Document:
    found: Any = document
    for part in schema.get("$ref", "").removeprefix("#/").split("/"):
        found = found[part] if part else schema
    return found


def faults(document: Document, schema: Document, value: Any, where: str) -> Iterator[str]:
    """Give what is wrong with a value, each with its place."""
    if "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        yield from faults(document, found, value, where)
        return
    for one in schema.get("allOf", ()):  # each knows a part of the names only
        part = {**_resolved(document, one), "additionalProperties": True}
        yield from faults(document, part, value, where)
    for key in ("oneOf", "anyOf"):
        choices = [list(faults(document, one, value, where)) for one in schema.get(key, ())]
        if choices and all(choices):
            yield min(choices, key=len)[0]
    yield from _own(document, schema, value, where)


def _own(document: Document, schema: Document, value: Any, where: str) -> Iterator[str]:
    """Give what is wrong by the schema itself, without what it is composed of."""
    named = schema.get("type", [])
    kinds = [TYPES[name] for name in ([named] if isinstance(named, str) else named)]
    if kinds and not any(_is(value, kind) for kind in kinds):
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


def _is(value: Any, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


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
