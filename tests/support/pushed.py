"""Bodies of events of telephony sessions, as RingCentral pushes them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def a_party(number: str = "+16505550101", **more: Any) -> Json:
    """Return a party of a RingOut: by default the caller's phone, which rings."""
    return {
        "id": "p-1",
        "direction": "Inbound",
        "ringOutRole": "Initiator",
        "from": {"phoneNumber": "+14155550142"},
        "to": {"phoneNumber": number},
        "status": {"code": "Proceeding", "rcc": False},
        "muted": False,
        "standAlone": False,
        "accountId": "62264425016",
        "extensionId": "62264425016",
        "missedCall": False,
    } | more


def a_body(*parties: Json, sequence: int = 3, **more: Any) -> Json:
    """Return a ``TelephonySessionsEventBody`` of a RingOut's session."""
    return {
        "sequence": sequence,
        "sessionId": "1982734410016",
        "telephonySessionId": "s-a0d7f2c41b9e3z1a1f9e98222z1547720000",
        "serverId": "10.13.121.68.TAM",
        "eventTime": "2026-11-20T17:03:12.618Z",
        "parties": list(parties) or [a_party()],
        "origin": {"type": "RingOut"},
    } | more


def an_event(body: Json | None = None, **more: Any) -> Json:
    """Return a whole event, as it is delivered."""
    account = "/restapi/v1.0/account/62264425016"
    return {
        "uuid": "5482100039032118",
        "event": f"{account}/extension/62264425016/telephony/sessions",
        "timestamp": "2026-11-20T17:03:12.718Z",
        "subscriptionId": "6a1b0f54-7f53-4b9f-9a55-0d3a2f6f3c10",
        "ownerId": "62264425016",
        "body": body or a_body(),
    } | more
