"""What the quick check of requests and answers takes is right by the slow one, too."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator, oas30_format_checker

from openapi_quick import Quick, is_right

PARTS: dict[str, Any] = {
    "Id": {"type": "integer", "format": "int32"},
    "Call": {
        "type": "object",
        "required": ["id"],
        "additionalProperties": False,
        "properties": {
            "id": {"$ref": "#/components/schemas/Id", "minimum": 1},
            "at": {"type": "string", "format": "date-time"},
            "to": {"type": "string", "nullable": True, "maxLength": 3},
            "kind": {"enum": ["in", "out", 1]},
        },
    },
    "Calls": {"type": "array", "items": {"$ref": "#/components/schemas/Call"}},
    "Either": {
        "anyOf": [{"$ref": "#/components/schemas/Call"}],
        "discriminator": {"propertyName": "kind"},
    },
}
VALUES: list[Any] = [
    *(None, True, 0, 1, 1.0, 2**31, 10**400, "", "in", "four", "\ud800", [], {}),
    *("2026-11-20T12:00:00Z", "2026-11-20T25:00:00Z", "2026-11-20 12:00:00Z"),
]
FIELDS = ("id", "at", "to", "kind", "other")
SPEC = {"components": {"schemas": PARTS}}


@pytest.mark.parametrize("name", PARTS)
def test_nothing_is_taken_that_is_wrong(name: str) -> None:
    """Otherwise a request that RingCentral refuses would pass for a good one."""
    reference = {"$ref": f"#/components/schemas/{name}"}
    quick = Quick(SPEC).validator(reference)
    slow = OAS30Validator(reference | SPEC, format_checker=oas30_format_checker)
    calls = [{"id": 7, key: value} for key, value in product(FIELDS, VALUES)]

    for value in (*VALUES, *calls, *([each] for each in calls)):
        if is_right(quick, value):
            assert slow.is_valid(value), value


def test_what_is_usual_is_taken() -> None:
    """Or every check would be a slow one."""
    quick = Quick(SPEC).validator({"$ref": "#/components/schemas/Calls"})

    assert is_right(quick, [{"id": 7, "at": "2026-11-20T12:00:00Z", "to": "Bob"}])
