"""The RingCentral double: the message store, which only a permission opens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.clock import iso
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.messages import READ_MESSAGES
from openapi_check import checker
from ringcentral_api import SAM, USER, Api, logged_in

SYNC = f"{USER}/message-sync"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Return a client that may read messages."""
    double = RingCentralDouble(limits=Limits.off(), validator=checker())
    double.logins.scopes.add(READ_MESSAGES)
    async with logged_in(double) as api:
        yield api


async def test_the_message_store_answers_as_the_documents_say(api: Api) -> None:
    """What the bot reads of a made-up answer would prove nothing."""
    old = api.double.messages.leave(SAM, ago=timedelta(hours=25))
    new = api.double.messages.leave("", said="Call me")
    full = {"messageType": "VoiceMail", "syncType": "FSync", "recordCount": "250"}
    day = await api.send("GET", SYNC, params=full)
    week = {"dateFrom": iso(datetime.now(UTC) - timedelta(days=7))}
    whole = await api.send("GET", SYNC, params=full | week)
    faxes = await api.send("GET", SYNC, params=full | {"messageType": "Fax"})
    token = {"syncType": "ISync", "syncToken": whole.body["syncInfo"]["syncToken"]}
    nothing = await api.send("GET", SYNC, params=token)
    stale = await api.send("GET", SYNC, params=token | {"syncToken": "long ago"})
    store = f"{USER}/message-store/{new['id']}/content"
    kinds = [
        (await api.send("GET", f"{store}/{each['id']}")).headers["Content-Type"]
        for each in new["attachments"]
    ]

    assert [each["id"] for each in day.body["records"]] == [new["id"]]
    assert [each["id"] for each in whole.body["records"]] == [new["id"], old["id"]]
    assert faxes.body["records"] == nothing.body["records"] == []
    assert stale.status == 400
    assert [each.partition(";")[0] for each in kinds] == ["audio/wav", "text/plain"]
    assert api.double.complaints == []


async def test_who_may_not_read_messages_is_refused(api: Api) -> None:
    """As every operation that the app lacks the permission for."""
    new = api.double.messages.leave(SAM, said="Call me")
    content = f"{USER}/message-store/{new['id']}/content/{new['attachments'][1]['id']}"
    missing = await api.send("GET", f"{USER}/message-store/1/content/1")
    api.double.logins.scopes.discard(READ_MESSAGES)
    refused = [await api.send("GET", each) for each in (SYNC, content)]

    assert missing.status == 404
    assert [each.status for each in refused] == [403, 403]
    assert {each.body["permissionName"] for each in refused} == {READ_MESSAGES}
    assert api.double.complaints == []
