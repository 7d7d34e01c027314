"""Requests, answers, and RingCentral's errors.

Source: RingCentral developer guide, "Error codes": ``errorCode``, ``message`` and
``errors[]`` at the top, further attributes at both levels. The top-level code may be
a word; the code that counts is in ``errors[]``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.ledger import Seen
from bot.sandbox.limits import Limiter

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request that the rate limits have admitted.

    Attributes:
        ids: The ids in its path, by name.
        base: The double's own URL, for absolute links in answers.
        now: Real seconds of a monotonic clock.
        owner: The extension id of the user whose token came with it.
        limiter: This user's rate limits.
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
        text: HTML that is sent instead of `body`; or text of another *kind*.
        garbage: Bytes that are sent instead of both, labeled as JSON.
        off_spec: It contradicts RingCentral's documents on purpose.
        loss: How the answer gets lost: ``reset`` breaks the connection, ``hang`` does
            so after `seconds` without an answer (0: when the double stops), ``drip``
            sends a byte every `seconds`. Empty: the answer arrives.
        then: What is done before the answer is known; it returns the answer.
    """

    status: int = 200
    body: Any = None
    text: str = ""
    kind: str = "text/html"
    garbage: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    off_spec: bool = False
    loss: str = ""
    seconds: float = 0.0
    then: Callable[[], Awaitable[Reply]] | None = None


def error(
    status: int,
    code: str,
    message: str,
    *,
    word: str = "",
    headers: Mapping[str, str] | None = None,
    **attributes: str,
) -> Reply:
    """Return an error answer. *word* replaces *code* at the top level."""
    body: Json = {
        "errorCode": word or code,
        "message": message,
        "errors": [{"errorCode": code, "message": message, **attributes}],
        **attributes,
    }
    return Reply(status=status, body=body, headers=headers or {})


def invalid(parameter: str, status: int = 400) -> Reply:
    """Return the answer to a parameter with an invalid value."""
    return error(
        status,
        "CMN-101",
        f"Parameter [{parameter}] value is invalid.",
        word="InvalidParameter",
        parameterName=parameter,
    )


def not_found(parameter: str) -> Reply:
    """Return the answer to an id that does not exist, or no longer does."""
    message = f"Resource for parameter [{parameter}] is not found"
    return error(404, "CMN-102", message, parameterName=parameter)


def no_feature(feature: str) -> Reply:
    """Return the answer to a request for a feature that the user's plan lacks."""
    message = f"Feature [{feature}] is not available"
    return error(403, "CMN-109", message, word="FeatureNotAvailable", feature=feature)


def no_scope(scope: str) -> Reply:
    """Return the answer to an app without the permission *scope*."""
    message = (
        "In order to call this API endpoint, application needs to have"
        f" [{scope}] permission"
    )
    word = "InsufficientPermissions"
    return error(403, "CMN-401", message, word=word, permissionName=scope)


def no_permission(permission: str) -> Reply:
    """Return the answer to a user without *permission*."""
    message = (
        "In order to call this API endpoint, user needs to have"
        f" [{permission}] permission for requested resource"
    )
    word = "InsufficientPermissions"
    return error(403, "CMN-408", message, word=word, permissionName=permission)


def too_many(headers: Mapping[str, str]) -> Reply:
    """Return the answer to a request over the rate limit; it was not executed."""
    return error(429, "CMN-301", "Request rate exceeded", headers=headers)


def oauth_error(status: int, name: str, code: str, message: str) -> Reply:
    """Return an OAuth endpoint's error: RFC 6749's fields beside RingCentral's."""
    plain = error(status, code, message)
    body = {"error": name, "error_description": message, **plain.body}
    return Reply(status=status, body=body)
