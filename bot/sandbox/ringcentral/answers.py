"""What RingCentral answers: a body and a status; and its errors.

Shape: RingCentral developer guide, "Error codes": ``errorCode``, ``message`` and
``errors[]`` at the top, further attributes at both levels. The top-level code may be
a word; the code that counts is in ``errors[]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.ledger import Seen
from bot.sandbox.limits import Limiter

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request that was let in: as seen, with the ids in its path.

    ``base`` is the double's own address, for the absolute links in answers; ``now``
    is in real seconds, monotonic; ``owner`` is the extension id of the user in whose
    name it came, ``limiter`` theirs.
    """

    seen: Seen
    ids: Mapping[str, str]
    base: str
    now: float
    owner: str
    limiter: Limiter = field(repr=False)
    authorization: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer before it is sent.

    Attributes:
        body: JSON; None for an empty body.
        text: What is sent in its stead: HTML.
        garbage: What is sent in the stead of both, by the name of JSON.
        off_spec: Deliberately not what the documents allow.
        loss: How the answer gets lost: ``reset`` (of the connection), ``hang``
            (nothing comes for `seconds`, for good if 0, then a reset); empty for an
            answer that arrives.
    """

    status: int = 200
    body: Any = None
    text: str = ""
    garbage: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    off_spec: bool = False
    loss: str = ""
    seconds: float = 0.0


def error(
    status: int,
    code: str,
    message: str,
    *,
    word: str = "",
    headers: Mapping[str, str] | None = None,
    **attributes: str,
) -> Reply:
    """Return an error answer; *word* replaces *code* at the top level."""
    body: Json = {
        "errorCode": word or code,
        "message": message,
        "errors": [{"errorCode": code, "message": message, **attributes}],
        **attributes,
    }
    return Reply(status=status, body=body, headers=headers or {})


def invalid(parameter: str, status: int = 400) -> Reply:
    """Return the answer to a parameter that has an impossible value."""
    return error(
        status,
        "CMN-101",
        f"Parameter [{parameter}] value is invalid.",
        word="InvalidParameter",
        parameterName=parameter,
    )


def not_found(parameter: str) -> Reply:
    """Return the answer to an id that names nothing, or nothing any longer."""
    message = f"Resource for parameter [{parameter}] is not found"
    return error(404, "CMN-102", message, parameterName=parameter)


def no_feature(feature: str) -> Reply:
    """Return the answer to what the user's plan or settings do not include."""
    message = f"Feature [{feature}] is not available"
    return error(403, "CMN-109", message, word="FeatureNotAvailable", feature=feature)


def no_scope(scope: str) -> Reply:
    """Return the answer to an app that lacks a permission."""
    message = (
        "In order to call this API endpoint, application needs to have"
        f" [{scope}] permission"
    )
    word = "InsufficientPermissions"
    return error(403, "CMN-401", message, word=word, permissionName=scope)


def no_permission(permission: str) -> Reply:
    """Return the answer to a user who lacks a permission."""
    message = (
        "In order to call this API endpoint, user needs to have"
        f" [{permission}] permission for requested resource"
    )
    word = "InsufficientPermissions"
    return error(403, "CMN-408", message, word=word, permissionName=permission)


def too_many(headers: Mapping[str, str]) -> Reply:
    """Return the answer to one request too many; it was not executed."""
    return error(429, "CMN-301", "Request rate exceeded", headers=headers)


def oauth_error(status: int, name: str, code: str, message: str) -> Reply:
    """Return an error of the OAuth endpoints, which also speak RFC 6749."""
    plain = error(status, code, message)
    body = {"error": name, "error_description": message, **plain.body}
    return Reply(status=status, body=body)
