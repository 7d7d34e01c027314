"""Signs events in the form of Standard Webhooks, by its own library."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from standardwebhooks import Webhook


def signed(
    message: str, body: bytes, secrets: Sequence[str], now: datetime
) -> dict[str, str]:
    """Return the headers of a try; each secret signs, so that secrets can be rotated."""
    data = body.decode()
    signatures = [Webhook(each).sign(message, now, data) for each in secrets]
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
