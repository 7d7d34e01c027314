"""After a call, in Slack: what came of it, a note, a reminder that calls back."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.slack.texts.after import (
    CALLED_BACK_BUTTON,
    CLAIM_BUTTON,
    NOTE_BLOCK,
    OUTCOME_MENU,
)
from bot.slack.texts.card_buttons import MORE_MENU, NOTE, REMIND_ME
from bot.slack.texts.reminder import (
    CALL_REMINDED_BUTTON,
    CANCEL_REMINDER_BUTTON,
    SOON_FIELD,
    TIME_FIELD,
)
from bot.storage.after.reminders import ReminderRows
from bot.storage.after.tables import reminders
from own import dm, modal, whispered
from town import Town


@pytest.fixture
async def asking(closed_town: Town) -> tuple[Town, str]:
    """Give a bot that asks what came of calls, and the id of Ann's call, which is over."""
    await closed_town.open(RINGOUT_OUTCOMES="default")
    await closed_town.types()
    card = await closed_town.finished()
    assert card.metadata is not None
    return closed_town, card.metadata["event_payload"]["call"]


async def test_what_came_of_a_call_is_on_its_card_in_lists_and_in_the_home(
    asking: tuple[Town, str],
) -> None:
    """Ann tells her channel once; nobody else may speak for her."""
    town, call = asking
    card = town.cards()[0]

    await town.slack.click("bob", card, OUTCOME_MENU, value=f"{call} Spoke")
    await whispered(town, f"Only <@{town.slack.workspace.user('ann').id}>", "bob")
    await town.slack.click("ann", card, OUTCOME_MENU, value=f"{call} Call back")
    await town.until(lambda: "Outcome: *Call back*" in str(card.blocks))
    await town.slack.click("ann", card, MORE_MENU, value=f"{NOTE.key} {call}")
    form = await modal(town)
    town.slack.fill_in(form, {NOTE_BLOCK: "Ask for Bo"})
    saved = await town.slack.submit(form)
    await town.until(lambda: "Ask for Bo" in str(card.blocks))
    await town.slack.click("ann", card, CLAIM_BUTTON)
    await town.until(lambda: "calls back" in card.text)
    claimed = card.text
    await town.slack.open_home("ann")
    home = await town.until(lambda: town.slack.home_of("ann"))
    assert home is not None
    await town.slack.click_in_view(home, CALLED_BACK_BUTTON)
    await town.until(lambda: "has called back" in card.text)
    await town.types("", command="/callstatus")
    listed = await whispered(town, "outcome: Call back")
    await town.slack.click("ann", card, OUTCOME_MENU, value=call)
    await town.until(lambda: "utcome" not in card.text)

    assert saved.ok
    assert town.slack.modal("ann") is None
    assert "Ask for Bo" not in listed.text
    ann = town.slack.workspace.user("ann").id
    said = f"Outcome: Call back · <@{ann}> calls back. Note: Ask for Bo"
    assert claimed.endswith(said)


async def test_a_reminder_is_listed_comes_and_calls_once(
    asking: tuple[Town, str],
) -> None:
    """However often its button is pressed, one phone rings, by the rules of then."""
    town, call = asking
    card = town.cards()[0]
    await town.slack.click("ann", card, MORE_MENU, value=f"{REMIND_ME.key} {call}")
    form = await modal(town)
    town.slack.fill_in(form, {TIME_FIELD: "1"})
    twice = await town.slack.submit(form)
    town.slack.fill_in(form, {SOON_FIELD: "at"})
    past = await town.slack.submit(form)
    town.slack.fill_in(form, {SOON_FIELD: "1 hour", TIME_FIELD: None})
    taken = await town.slack.submit(form)
    await whispered(town, "I'll remind you")
    await town.slack.open_home("ann")
    home = await town.until(lambda: town.slack.home_of("ann"))
    assert town.bot is not None
    rows = ReminderRows(town.bot._store.writer, town.bot._store.unreadable)
    assert home is not None
    person = (await town.bot._store.get(call)).place.person  # type: ignore[union-attr]
    [(reminder, _)] = await rows.of_person(person)

    assert list(twice.errors) == [SOON_FIELD]
    assert list(past.errors) == [TIME_FIELD]
    assert taken.ok
    assert CANCEL_REMINDER_BUTTON in str(home.source)
    await _due(town, reminder.id)
    told = await dm(town, "Reminder to call")
    await town.slack.click("ann", told, CALL_REMINDED_BUTTON)
    await town.slack.click("ann", told, CALL_REMINDED_BUTTON)
    await town.finished(1)

    assert town.posts == 2
    assert len(town.cards()) == 2


async def _due(town: Town, reminder: str) -> None:
    """Make a reminder due, and have the bot look."""
    assert town.bot is not None
    assert town.bot.services is not None
    now = town.bot.services.reminders.now()
    soon = update(reminders).where(reminders.c.id == reminder).values(next_at=now)
    await town.bot._store.writer.run(lambda c: c.execute(soon))
    town.bot.services.reminders._rounds.wake()  # type: ignore[attr-defined]
