"""What the doctor says of missed calls: who is told, and what an admin has to mend."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.calls.voicemail import VoicemailShow
from bot.doctor.check import CheckFailed
from bot.doctor.missed_checks import MissedChecks, missed_in_words
from bot.errors import Refused
from bot.settings.reading import read
from bot.storage.calls.store import Store
from bot.vault import new_key
from enough import ENOUGH
from missed import a_desk

ON = read(
    ENOUGH | {"RINGOUT_MISSED": "101=C0123,people", "RINGOUT_SECRET_KEY": new_key()}
)
WITH_VOICEMAILS = replace(ON, ringout_voicemail=VoicemailShow.TRANSCRIPTION)


def test_a_permission_that_is_missing_is_a_warning() -> None:
    """The operator asked for voicemails, and gets none; else nobody needs to know."""
    with pytest.raises(CheckFailed, match="read voicemails") as failed:
        missed_in_words(WITH_VOICEMAILS, [], [], ["ReadMessages", "ReadMessages"])

    assert failed.value.is_warning
    assert "Read Messages" in failed.value.then
    assert "2 accounts (ReadMessages) read voicemails" in str(failed.value)
    assert missed_in_words(ON, [], [], ["ReadMessages"]).startswith("told of")


def test_who_is_told_is_said() -> None:
    """And nothing at all where nobody is."""
    said = missed_in_words(ON, [], [], [])
    heard = missed_in_words(WITH_VOICEMAILS, [], [], [])

    assert said == "told of: 1 extensions in channels, people who ask for it"
    assert heard == f"{said}; with voicemails and what was said"
    assert MissedChecks(read(ENOUGH)).all() == {}


async def test_what_an_admin_has_to_mend_is_a_warning(store: Store) -> None:
    """A channel without the bot, and a log that RingCentral refuses."""
    settings = read(
        ENOUGH | {"RINGOUT_MISSED": "101=C0000"} | {"DATABASE_URL": store.url}
    )
    check = MissedChecks(settings).all()["missed calls"]
    async with a_desk(store) as desk:
        desk.open(settings.ringout_missed)
        desk.missed("one")
        await desk.later()
        with pytest.raises(CheckFailed, match="lets the bot not post in C0000"):
            await check()
        desk.log.trouble = Refused(403, "CMN-401", permission="ReadCallLog")
        await desk.later()
        with pytest.raises(CheckFailed, match=r"refuses 1 call logs \(ReadCallLog\)"):
            await check()
