"""What the doctor says of missed calls: who is told, and what an admin has to mend."""

from __future__ import annotations

import pytest

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


def test_who_is_told_is_said() -> None:
    """And nothing at all where nobody is."""
    said = missed_in_words(ON, [], [])

    assert said == "told of: 1 extensions in channels, people who ask for it"
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
