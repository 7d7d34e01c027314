"""Signatures: what any library of Standard Webhooks accepts, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from bot.hooks.signing import signed

NEW, OLD, OTHER = (f"whsec_{each * 8}" for each in ("bmV3", "b2xk", "b3Ro"))
BODY = '{"type": "test", "text": "•"}'.encode()


def test_each_secret_signs_and_the_library_verifies() -> None:
    """While the secret is changed, the receiver may know either."""
    headers = signed("msg_1", BODY, (NEW, OLD), datetime.now(UTC))

    for secret in (NEW, OLD):
        assert Webhook(secret).verify(BODY, headers) == {"type": "test", "text": "•"}
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(BODY, headers)


def test_it_is_the_hmac_that_the_standard_describes() -> None:
    """A receiver without a library computes it so: id, timestamp and body."""
    now = datetime(2026, 11, 30, 9, tzinfo=UTC)

    headers = signed("msg_1", BODY, (NEW,), now)

    key = base64.b64decode(NEW.removeprefix("whsec_"))
    text = f"msg_1.{int(now.timestamp())}.".encode() + BODY
    mac = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    assert headers == {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": f"v1,{mac}",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(int(datetime.now(UTC).timestamp()) - 1)},
    ],
)
def test_a_replayed_or_changed_event_is_refused(change: dict[str, str]) -> None:
    """Whoever recorded an event can't send it tomorrow, nor under another id."""
    headers = signed("msg_1", BODY, (NEW,), datetime.now(UTC))
    old = signed("msg_1", BODY, (NEW,), datetime.now(UTC) - timedelta(minutes=6))

    for given, body in ((headers | change, BODY), (headers, BODY + b" "), (old, BODY)):
        with pytest.raises(WebhookVerificationError):
            Webhook(NEW).verify(body, given)
