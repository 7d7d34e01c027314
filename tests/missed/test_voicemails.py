"""Voicemails on missed-call cards: how long, where, and what was said, if that is wanted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.calls.log.leg import Party
from bot.calls.missed_places import MissedPlaces
from bot.calls.voicemail import Transcribed, VoicemailShow
from bot.errors import NotFound, RateLimited, Refused, Unreachable
from bot.missed.voicemails import AWAIT_VOICEMAILS_FOR
from bot.storage.calls.store import Store
from bot.storage.missed.card_rows import store_card
from bot.storage.missed.voicemails import VoicemailSyncs
from bot.storage.retention import Retention
from missed import BO, MissedDesk, a_desk, labels, shown, the_card

SAID: dict[str, Any] = {"transcribed": Transcribed.YES, "transcription": "2"}
LEFT: dict[str, Any] = {"result": "Voicemail"}
CY = "+14155550143"


def switch(desk: MissedDesk, show: VoicemailShow) -> None:
    """Start the bot anew with another setting."""
    desk.open(MissedPlaces({"101": desk.slack.channel("sales").id}), show)


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[MissedDesk]:
    """Give a bot whose cards show how long voicemails are."""
    async with a_desk(store) as made:
        switch(made, VoicemailShow.ON)
        yield made


def text_of(desk: MissedDesk) -> str:
    """Return all that people read of the one card."""
    card = shown(desk)
    return card.text + str(card.blocks)


async def test_a_card_is_posted_with_its_voicemail(desk: MissedDesk) -> None:
    """Once: nobody reads a card first that lacks what is there already."""
    desk.missed("one", **LEFT)
    desk.voicemail("vm1")
    await desk.later()

    card = shown(desk)
    assert "left a voicemail, 0:42" in card.text
    address = "https%3A%2F%2Fmedia.ringcentral.com%2Fvoicemail%2Fvm1"
    assert f"<https://listen.example/?media={address}|Voicemail>" in str(card.blocks)
    assert card.edits == []
    assert labels(card) == ["I'll take it", "Call back", "Not needed"]
    assert desk.voicemails.heard == []


async def test_a_voicemail_that_comes_later_is_one_edit(desk: MissedDesk) -> None:
    """RingCentral stores it a while after the call, and its log may be faster."""
    desk.missed("one", **LEFT)
    await desk.later()
    assert "went to voicemail" in shown(desk).text
    desk.voicemail("vm1")
    for _ in range(3):
        await desk.later()

    assert "left a voicemail, 0:42" in shown(desk).text
    assert len(shown(desk).edits) == 1
    assert desk.voicemails.asked == ["all", "new"]


async def test_nothing_is_asked_where_it_is_off(desk: MissedDesk) -> None:
    """Nor before a call was missed, nor long after one without a voicemail."""
    await desk.later()
    assert desk.voicemails.asked == []
    desk.missed("one")
    for _ in range(5):
        await desk.later()
    assert desk.voicemails.asked == ["all"]
    desk.missed("two", caller=Party(CY), **LEFT)
    for _ in range(9):
        await desk.later()
    looks = AWAIT_VOICEMAILS_FOR.total_seconds() / 180 + 1
    assert len(desk.voicemails.asked) == 1 + looks

    switch(desk, VoicemailShow.OFF)
    desk.missed("three", caller=Party("+14155550144"), **LEFT)
    desk.voicemail("vm3", by=Party("+14155550144"))
    await desk.later()
    assert len(desk.voicemails.asked) == 1 + looks
    assert "went to voicemail" in desk.told()[-1].text


async def test_what_was_said_is_shown_only_if_that_is_wanted(
    desk: MissedDesk,
) -> None:
    """In a channel without whole numbers, and never where a lock screen shows it."""
    desk.voicemails.said["vm1"] = desk.voicemails.said["vm2"] = "Call 415 555 0142 soon"
    desk.missed("one", **LEFT)
    desk.voicemail("vm1", **SAID)
    await desk.later()
    assert desk.voicemails.heard == []

    switch(desk, VoicemailShow.TRANSCRIPTION)
    desk.missed("two", caller=Party(CY), **LEFT)
    desk.voicemail("vm2", by=Party(CY), **SAID)
    await desk.later()

    card = desk.told()[-1]
    assert desk.voicemails.heard == ["vm2"]
    assert "> Call ••• ••• 0142 soon" in str(card.blocks)
    assert "soon" not in card.text
    assert "soon" not in str(desk.told()[0].blocks)


async def test_a_transcription_that_comes_later_is_one_edit(desk: MissedDesk) -> None:
    """The length is there at once; RingCentral takes minutes for the text."""
    switch(desk, VoicemailShow.TRANSCRIPTION)
    desk.missed("one", **LEFT)
    left = desk.voicemail("vm1", transcribed=Transcribed.NOT_YET)
    await desk.later()
    assert "left a voicemail, 0:42" in shown(desk).text
    assert desk.voicemails.heard == []

    desk.voicemails.said["vm1"] = "Call me"
    desk.voicemails.changes.append(replace(left, **SAID))
    await desk.later()
    desk.voicemails.changes.append(replace(left, **SAID))  # somebody has listened to it
    await desk.later()

    assert "Call me" in text_of(desk)
    assert (len(shown(desk).edits), desk.voicemails.heard) == (1, ["vm1"])


@pytest.mark.parametrize("trouble", [RateLimited(70), Unreachable("502")])
async def test_a_transcription_is_asked_for_again(
    desk: MissedDesk, trouble: Any
) -> None:
    """The length does not wait for it."""
    switch(desk, VoicemailShow.TRANSCRIPTION)
    desk.voicemails.unheard = trouble
    desk.voicemails.said["vm1"] = "Call me"
    desk.missed("one", **LEFT)
    desk.voicemail("vm1", **SAID)
    await desk.later()
    assert "left a voicemail, 0:42" in shown(desk).text

    desk.voicemails.unheard = None
    await desk.later()
    assert "Call me" in text_of(desk)
    assert desk.voicemails.heard == ["vm1", "vm1"]


async def test_a_transcription_that_is_gone_is_not(desk: MissedDesk) -> None:
    """Somebody has deleted the voicemail."""
    switch(desk, VoicemailShow.TRANSCRIPTION)
    desk.voicemails.unheard = NotFound(404, "CMN-102")
    desk.missed("one", **LEFT)
    desk.voicemail("vm1", **SAID)
    for _ in range(3):
        await desk.later()

    assert desk.voicemails.heard == ["vm1"]
    assert "left a voicemail, 0:42" in shown(desk).text


@pytest.mark.parametrize("how", ["scope", "403", "user"])
async def test_without_the_permission_nobody_asks_again(
    desk: MissedDesk, how: str
) -> None:
    """Missed calls are told all the same, and the doctor knows why no voicemail is."""
    refusals: dict[str, Refused] = {
        "403": Refused(403, "CMN-401", permission="ReadMessages"),
        "user": Refused(403, "CMN-408", permission="ReadMessageContent"),
    }
    desk.voicemails.trouble = refusals.get(how)
    desk.scopes = frozenset({"ReadCallLog"} if how == "scope" else ())
    for name, caller in (("one", BO), ("two", CY)):
        desk.missed(name, caller=Party(caller), **LEFT)
        desk.voicemail(f"vm-{name}", by=Party(caller))
        await desk.later()

    assert ["went to voicemail" in each.text for each in desk.told()] == [True, True]
    assert desk.voicemails.asked == ([] if how == "scope" else ["all"])
    [trouble] = await VoicemailSyncs(desk.store.writer).troubles()
    assert trouble in ("ReadMessages", "ReadMessageContent")

    desk.voicemails.trouble = None
    desk.scopes = frozenset({"ReadCallLog", "ReadMessages"})
    switch(desk, VoicemailShow.ON)  # an admin has granted it, and started the bot anew
    desk.missed("three", caller=Party("+14155550144"), **LEFT)
    desk.voicemail("vm3", by=Party("+14155550144"))
    await desk.later()
    assert "left a voicemail, 0:42" in desk.told()[-1].text
    assert await VoicemailSyncs(desk.store.writer).troubles() == []


async def test_a_voicemail_that_is_there_before_its_call_is_not_lost(
    desk: MissedDesk,
) -> None:
    """The log is half a minute late; the look that another call brought saw it already."""
    desk.missed("one", **LEFT)
    desk.voicemail("vm1")
    desk.voicemail("vm2", by=Party(CY))
    await desk.later()
    desk.missed("two", 200, caller=Party(CY), **LEFT)
    await desk.later()
    for _ in range(4):
        await desk.later()

    assert ["left a voicemail, 0:42" in each.text for each in desk.told()] == [
        True,
        True,
    ]
    assert [each.edits for each in desk.told()] == [[], []]


async def test_a_voicemail_is_on_no_card_of_another_account(desk: MissedDesk) -> None:
    """Bo has rung two people in the same minute: each reads their own voicemail alone."""
    desk.missed("one", **LEFT)
    desk.voicemail("vm1")
    await desk.later()
    card = await the_card(desk)
    others = replace(card, id="others", account="other", voicemail=None, ts="")
    others = replace(others, voicemail_ids=())
    now = desk.clock.now()
    await desk.store.writer.run(lambda c: store_card(c, others, now))
    desk.missed("two", **LEFT)
    desk.voicemail("vm2")
    await desk.later()

    found = await desk.cards.get("others")
    assert found is not None
    assert (found.voicemail, found.voicemail_ids) == (None, ())
    assert "left 2 voicemails" in desk.told()[0].text


async def test_who_connects_again_with_the_permission_needs_no_restart(
    desk: MissedDesk,
) -> None:
    """Their account is the same one, but not its token."""
    desk.scopes = frozenset({"ReadCallLog"})
    desk.missed("one", **LEFT)
    desk.voicemail("vm1")
    await desk.later()
    assert desk.voicemails.asked == []

    desk.scopes |= {"ReadMessages"}
    desk.missed("two", caller=Party(CY), **LEFT)
    desk.voicemail("vm2", by=Party(CY))
    await desk.later()
    assert ["left a voicemail" in each.text for each in desk.told()] == [True, True]


@pytest.mark.parametrize("trouble", [RateLimited(70), Unreachable("502")])
async def test_voicemails_that_cannot_be_read_hold_up_no_card(
    desk: MissedDesk, trouble: Any
) -> None:
    """They are looked for again at the next look."""
    desk.voicemails.trouble = trouble
    desk.missed("one", **LEFT)
    desk.voicemail("vm1")
    await desk.later()
    assert "went to voicemail" in shown(desk).text

    desk.voicemails.trouble = None
    await desk.later()
    assert "left a voicemail, 0:42" in shown(desk).text


async def test_a_stale_token_begins_anew(desk: MissedDesk) -> None:
    """And what was shown before is not shown as another one."""
    desk.missed("one", **LEFT)
    desk.voicemail("vm1", 20)
    await desk.later()
    desk.voicemails.stale = True
    desk.missed("two", **LEFT)
    desk.voicemail("vm2", length=None)
    await desk.later()

    assert desk.voicemails.asked == ["all", "new", "all"]
    assert "left 2 voicemails" in shown(desk).text
    assert "0:42" not in shown(desk).text  # RingCentral tells no length of the last one


async def test_the_voicemail_that_the_log_names_is_joined_by_its_id(
    desk: MissedDesk,
) -> None:
    """Also where the number is withheld, or written in another way."""
    desk.missed("one", caller=Party(), voicemail="vm1", **LEFT)
    desk.missed("two", caller=Party(), ago=29, **LEFT)
    desk.voicemail("vm1", by=Party("anonymous"))
    await desk.later()

    texts = sorted("left a voicemail" in each.text for each in desk.told())
    assert texts == [False, True]


async def test_what_was_said_is_erased_with_a_number_in_it(
    desk: MissedDesk, store: Store
) -> None:
    """Cy asked Bo to call them back, on Bo's card."""
    switch(desk, VoicemailShow.TRANSCRIPTION)
    desk.voicemails.said["vm1"] = "Please call Cy at 415 555 0143"
    desk.missed("one", **LEFT)
    desk.voicemail("vm1", **SAID)
    await desk.later()

    retention = Retention(store.writer)
    assert (await retention.erase(CY, dry=True)).missed == 1
    assert (await retention.erase(CY, dry=False)).missed == 1
    assert (await retention.erase(CY, dry=False)).missed == 0
