"""Voicemails as RingCentral's double has them, and where the access token is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.voicemail import Transcribed, Voicemail
from bot.errors import NotFound, Refused
from bot.ringcentral.client import RingCentral
from bot.ringcentral.sender import media_server
from bot.ringcentral.sign_in.in_memory import by_jwt
from bot.ringcentral.transport import messages, wire
from bot.ringcentral.transport.network import Network, RingCentralApp
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.messages import READ_MESSAGES
from openapi_check import checker

BO = "+14155550142"
HOUR = timedelta(hours=1)


@pytest.fixture
async def far() -> AsyncIterator[RingCentralDouble]:
    """Give a RingCentral double that validates each request."""
    double = RingCentralDouble(limits=Limits.off(), validator=checker())
    double.logins.scopes.add(READ_MESSAGES)
    async with double:
        yield double
        assert double.complaints == []


@pytest.fixture
async def near(far: RingCentralDouble) -> AsyncIterator[RingCentral]:
    """Give the bot's client of it."""
    app = RingCentralApp(far.url, far.logins.client_id, far.logins.client_secret)
    network = Network(app)
    yield RingCentral(network, by_jwt(far.logins.jwt))
    network.close()


async def test_a_sync_brings_voicemails_and_then_what_has_changed(
    far: RingCentralDouble, near: RingCentral
) -> None:
    """By one Light request each, and without any of the audio."""
    body = far.messages.leave(BO, seconds=42, transcription="InProgress")
    far.messages.leave(BO, ago=2 * HOUR)
    first = await near.messages.voicemails_since(datetime.now(UTC) - HOUR)
    nothing = await near.messages.voicemails_after(first.token)
    far.messages.transcribe(body, "Call me")
    assert nothing is not None
    later = await near.messages.voicemails_after(nothing.token)
    stale = await near.messages.voicemails_after("long ago")

    [voicemail] = first.voicemails
    assert voicemail.length == timedelta(seconds=42)
    assert voicemail.by.number == BO
    assert voicemail.address.startswith("https://media.ringcentral.com/restapi/v1.0/")
    assert voicemail.transcribed is Transcribed.NOT_YET
    assert (nothing.voicemails, stale) == ((), None)
    assert later is not None
    [done] = later.voicemails
    assert (done.id, done.transcribed) == (voicemail.id, Transcribed.YES)
    assert await near.messages.transcription(done) == "Call me"
    syncs = far.requests_of("GET", "message-sync")
    assert {each.group for each in syncs} == {"Light"}
    [content] = far.requests_of("GET", "/content/")
    assert content.group == "Medium"


async def test_without_the_permission_it_is_refused(
    far: RingCentralDouble, near: RingCentral
) -> None:
    """And named, so that the doctor can say which."""
    far.logins.scopes.discard(READ_MESSAGES)

    with pytest.raises(Refused) as refused:
        await near.messages.voicemails_since(datetime.now(UTC) - HOUR)
    assert refused.value.permission == READ_MESSAGES

    far.logins.scopes.add(READ_MESSAGES)
    gone = Voicemail(id="7", at=datetime.now(UTC), transcription="8")
    with pytest.raises(NotFound):
        await near.messages.transcription(gone)


@pytest.mark.parametrize(
    ("server", "media"),
    [
        ("https://platform.ringcentral.com", "https://media.ringcentral.com"),
        ("https://platform.ringcentral.com/", "https://media.ringcentral.com"),
        ("https://platform.example:8443", "https://media.example:8443"),
        (
            "https://ringcentral.example/platform.",
            "https://ringcentral.example/platform.",
        ),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://platform.example", "http://platform.example"),
    ],
)
def test_the_token_goes_to_ringcentrals_own_media_server(
    server: str, media: str
) -> None:
    """It comes of the operator's setting alone: whatever an answer names gets no token."""
    assert media_server(server) == media


GOOD: dict[str, Any] = {
    "id": 1724099032020,
    "type": "VoiceMail",
    "direction": "Inbound",
    "availability": "Alive",
    "creationTime": "2026-11-20T12:00:00.000Z",
    "from": {"phoneNumber": BO, "name": "Bo"},
    "vmTranscriptionStatus": "CompletedPartially",
    "attachments": [
        {
            "id": 1,
            "type": "AudioRecording",
            "uri": "https://media.ringcentral.com/restapi/v1.0/account/1/x",
            "vmDuration": 42,
        },
        {"id": 2, "type": "AudioTranscription", "uri": "https://evil.example/"},
    ],
}
AUDIO = GOOD["attachments"][0]


@pytest.mark.parametrize(
    ("changes", "length", "address", "transcribed"),
    [
        ({}, 42, True, Transcribed.YES),
        ({"vmTranscriptionStatus": "Failed"}, 42, True, Transcribed.NO),
        ({"vmTranscriptionStatus": None}, 42, True, Transcribed.NO),
        ({"attachments": []}, None, False, Transcribed.YES),
        ({"attachments": [AUDIO | {"vmDuration": -1}]}, None, True, Transcribed.YES),
        ({"attachments": [AUDIO | {"vmDuration": True}]}, None, True, Transcribed.YES),
        (
            {"attachments": [AUDIO | {"uri": "https://media.ringcentral.com.evil/x"}]},
            42,
            False,
            Transcribed.YES,
        ),
        (
            {"attachments": [AUDIO | {"uri": "https://media.ringcentral.com/x|y>"}]},
            42,
            True,
            Transcribed.YES,
        ),
    ],
)
def test_what_is_read_of_a_voicemail(
    changes: dict[str, Any],
    length: int | None,
    address: bool,  # noqa: FBT001 - parametrized
    transcribed: Transcribed,
) -> None:
    """A link is only made to RingCentral's media server."""
    [found] = messages.voicemails({"records": [GOOD | changes]})

    assert found.length == (None if length is None else timedelta(seconds=length))
    assert bool(found.address) is address
    assert found.transcribed is transcribed


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "SMS"},
        {"type": "Fax"},
        {"direction": "Outbound"},
        {"availability": "Deleted"},
        {"availability": "Purged"},
        {"creationTime": "yesterday"},
        {"id": "two words"},
        {"id": None},
    ],
)
def test_what_is_no_voicemail_is_left_out(changes: dict[str, Any]) -> None:
    """The permission opens texts and faxes, too: none is ever read."""
    assert list(messages.voicemails({"records": [GOOD | changes]})) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from([*GOOD, "x"]), inner)
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from([*GOOD]))
def test_any_answer_is_read(value: Any, name: str) -> None:
    """Whatever stands in one field, or in place of all."""
    list(messages.voicemails(value))
    list(messages.voicemails({"records": [value, GOOD | {name: value}]}))


def test_the_log_names_a_calls_voicemail() -> None:
    """On the record or on one of its legs."""
    record = {"id": "r", "startTime": "2026-11-20T12:00:00.000Z"}
    message = {"message": {"id": "7", "type": "VoiceMail"}}
    fax = {"message": {"id": "8", "type": "Fax"}}

    def read(data: dict[str, Any]) -> str:
        found = wire.record(record | data)
        assert found is not None
        return found.voicemail

    assert read(message) == "7"
    assert read({"legs": [{}, message]}) == "7"
    assert read(fax) == read({}) == ""
