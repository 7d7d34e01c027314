"""Checks requests and answers against RingCentral's public OpenAPI document.

The document is test data that lies beside the checkout, or where
``RINGOUT_TEST_DATA`` says; without it `checker` returns None, and tests skip.

Hand `checker()` to the double as its ``validator``: what is wrong with a request that
was sent to it, or with an answer that it gave, ends up in its ``complaints``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Protocol

import jsonschema_rs
import yaml
from openapi_schema_validator import OAS30Validator, oas30_format_checker

from checkout import SHARED
from openapi_quick import Quick, is_right

SPEC = SHARED / "ringcentral-openapi.yaml"

Json = Any


class Exchanged(Protocol):
    """A request as a server saw it, and what it answered (status 0: nothing)."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    body: Any
    headers: Mapping[str, str]
    status: int
    answer: Any
    off_spec: bool


def checker() -> Callable[[Exchanged], list[str]] | None:
    """Return a function that lists an exchange's faults; None without the document."""
    return check if SPEC.exists() else None


def check(seen: Exchanged) -> list[str]:
    """Return what is wrong with the request, then with its answer."""
    operation = _operation(seen.method, seen.path)
    if operation is None:
        return ["there is no such operation"]
    return [
        *_query_errors(operation, seen.query),
        *_body_errors(operation, seen),
        *_answer_errors(operation, seen),
    ]


def schema_errors(name: str, value: Json) -> list[str]:
    """Return what is wrong with *value*, which should be of the schema *name*."""
    return _errors({"$ref": f"#/components/schemas/{name}"}, value)


@cache
def spec() -> dict[str, Json]:
    """Return the document, loaded once."""
    with SPEC.open(encoding="utf-8") as file:
        loaded: dict[str, Json] = yaml.load(file, Loader=yaml.CSafeLoader)
    return loaded


@cache
def _paths() -> list[tuple[re.Pattern[str], dict[str, Json]]]:
    return [
        (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), operations)
        for path, operations in spec()["paths"].items()
    ]


@lru_cache(1_000)
def _operation(method: str, path: str) -> dict[str, Json] | None:
    for pattern, operations in _paths():
        if pattern.fullmatch(path) and method.lower() in operations:
            found: dict[str, Json] = operations[method.lower()]
            return found
    return None


def _resolved(part: dict[str, Json]) -> dict[str, Json]:
    """Return *part*, or the target of its ``$ref``."""
    if "$ref" not in part:
        return part
    found: Json = spec()
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    resolved: dict[str, Json] = found
    return resolved


def _query_errors(
    operation: dict[str, Json], query: Mapping[str, list[str]]
) -> Iterator[str]:
    known = {
        parameter["name"]: parameter
        for parameter in map(_resolved, operation.get("parameters", ()))
        if parameter["in"] == "query"
    }
    for name, parameter in known.items():
        if parameter.get("required") and name not in query:
            yield f"query parameter {name} is missing"
    for name, values in query.items():
        if name not in known:
            yield f"query parameter {name} is unknown"
        else:
            yield from _parameter_errors(known[name], values)


def _parameter_errors(parameter: dict[str, Json], values: list[str]) -> Iterator[str]:
    schema = _resolved(parameter["schema"])
    one = schema["items"] if schema.get("type") == "array" else schema
    if one is schema and len(values) > 1:
        yield f"query parameter {parameter['name']} is given {len(values)} times"
    for value in values:
        if all(_errors(one, reading) for reading in _readings(value)):
            yield f"query parameter {parameter['name']} can't be {value!r}"


def _readings(text: str) -> Iterator[Json]:
    """Yield the JSON values that a parameter's text may stand for."""
    yield text
    if re.fullmatch(r"-?\d+", text):
        yield int(text)
    if text in ("true", "false"):
        yield text == "true"


def _body_errors(operation: dict[str, Json], seen: Exchanged) -> Iterator[str]:
    wanted = operation.get("requestBody")
    if wanted is None:
        if seen.body is not None:
            yield "there should be no body"
        return
    if seen.body is None:
        if wanted.get("required"):
            yield "the body is missing"
        return
    content_type = seen.headers.get("content-type", "").partition(";")[0]
    if content_type not in wanted["content"]:
        yield f"the body can't be {content_type!r}"
        return
    schema = wanted["content"][content_type]["schema"]
    body = _numbers_in(seen.body) if "form" in content_type else seen.body
    yield from (f"body: {one}" for one in _errors(schema, body))
    properties = _resolved(schema).get("properties")
    if properties is not None and isinstance(body, dict):
        yield from (f"body: {name} is unknown" for name in set(body) - set(properties))


def _numbers_in(form: dict[str, str]) -> dict[str, Json]:
    """Return a form, with the fields converted that OAuth defines as numbers."""
    return {
        name: int(value) if name.endswith("_ttl") and value.isdigit() else value
        for name, value in form.items()
    }


def _answer_errors(operation: dict[str, Json], seen: Exchanged) -> Iterator[str]:
    """Return what is wrong with the answer; all error answers share one schema."""
    if not seen.status or seen.off_spec:
        return
    documented = operation["responses"].get(str(seen.status))
    if documented is not None:
        content = _resolved(documented).get("content", {})
        if "application/json" in content:
            schema = content["application/json"]["schema"]
            yield from (f"answer: {one}" for one in _errors(schema, seen.answer))
    elif seen.status >= 400:
        yield from (
            f"answer: {one}"
            for one in schema_errors("ApiErrorResponseModel", seen.answer)
        )
    else:
        yield f"answer: status {seen.status} is unknown"


_FOUND: dict[tuple[int, str], list[str]] = {}
"""What was wrong with a value by a schema: polls get the same answer many times."""


@dataclass(frozen=True, eq=False)
class Validators:
    """Two for one schema: the quick one only says what is surely right."""

    quick: jsonschema_rs.Draft4Validator
    slow: OAS30Validator


def _errors(schema: dict[str, Json], value: Json) -> list[str]:
    validators = _validators(schema)
    key = id(validators), json.dumps(value, default=repr)
    if key not in _FOUND:
        _FOUND[key] = _found(validators, value)
    return _FOUND[key]


def _found(validators: Validators, value: Json) -> list[str]:
    if is_right(validators.quick, value):
        return []
    return [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in validators.slow.iter_errors(value)
    ]


_VALIDATORS: dict[int, Validators] = {}


def _validators(schema: dict[str, Json]) -> Validators:
    """Return the validators of a schema; those of the document's own are cached."""
    if "$ref" in schema:
        return _of_reference(schema["$ref"])
    if id(schema) not in _VALIDATORS:
        _VALIDATORS[id(schema)] = _made(schema)
    return _VALIDATORS[id(schema)]


@cache
def _of_reference(reference: str) -> Validators:
    return _made({"$ref": reference})


def _made(schema: dict[str, Json]) -> Validators:
    whole = {"allOf": [schema], "components": spec()["components"]}
    slow = OAS30Validator(whole, format_checker=oas30_format_checker)
    return Validators(_quick().validator(schema), slow)


@cache
def _quick() -> Quick:
    return Quick(spec())
