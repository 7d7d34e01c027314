"""Slack's request signature, and forged ones.

Source: Slack docs, "Verifying requests from Slack".
"""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Literal

Forgery = Literal[
    "bad-signature",
    "wrong-secret",
    "stale",
    "future",
    "not-a-number",
    "no-timestamp",
    "unsigned",
]
"""``stale`` and ``future`` have a valid signature over a time ten minutes off,
``not-a-number`` one over a timestamp that is not a number."""

WRONG_BY_SECONDS = 600
TIMESTAMP = "X-Slack-Request-Timestamp"
SIGNATURE = "X-Slack-Signature"


def sign(secret: str, timestamp: str, body: str) -> str:
    """Return the signature of a body."""
    base = f"v0:{timestamp}:{body}".encode()
    return f"v0={hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()}"


def signed(
    secret: str,
    body: str,
    *,
    timestamp: str | None = None,
    forgery: Forgery | None = None,
) -> dict[str, str]:
    """Return the signature headers of a body, genuine or forged."""
    now = int(time.time())
    shifted = {"stale": now - WRONG_BY_SECONDS, "future": now + WRONG_BY_SECONDS}.get(
        forgery or "", now
    )
    stamp = timestamp or ("soon" if forgery == "not-a-number" else str(shifted))
    if forgery == "wrong-secret":
        secret = "0" * len(secret)
    signature = sign(secret, stamp, body)
    if forgery == "bad-signature":
        signature = f"{signature[:-4]}0000"
    headers = {TIMESTAMP: stamp, SIGNATURE: signature}
    if forgery in ("no-timestamp", "unsigned"):
        headers.pop(TIMESTAMP)
    if forgery == "unsigned":
        headers.pop(SIGNATURE)
    return headers
