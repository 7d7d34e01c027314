"""The buttons that people can press, by their action ids."""

from __future__ import annotations

import json
from dataclasses import replace

from bot.calls.people.names import sent_back
from bot.policy.rules import Rule
from bot.policy.wish import CallEntrance
from bot.slack.entrances import (
    account,
    after,
    asking_admin,
    desk,
    dialer,
    missed,
    reminders,
    steps,
)
from bot.slack.entrances.commands import admin, callstatus
from bot.slack.entrances.commands.colleague import call_colleague, call_nobody
from bot.slack.entrances.request import LONGEST_KEY, Request
from bot.slack.entrances.services import ButtonHandler, Services
from bot.slack.texts import (
    answers,
    asking,
    colleague,
    desk_audit,
    desk_home,
    desk_lists,
    forms,
    list_buttons,
    workflow_step,
)
from bot.slack.texts import asking_admin as texts
from bot.slack.texts.account import (
    CONNECT_BUTTON,
    CONNECT_LINK_BUTTON,
    DISCONNECT_BUTTON,
    SETTINGS_BUTTON,
    TEST_CALL_BUTTON,
)
from bot.slack.texts.after import (
    CALLED_BACK_BUTTON,
    CLAIM_BUTTON,
    OUTCOME_MENU,
    RELEASE_BUTTON,
)
from bot.slack.texts.card_buttons import (
    CALL_AGAIN_BUTTON,
    CANCEL_BUTTON,
    HANG_UP_BUTTON,
    MORE_MENU,
    NOTE,
    REMIND_ME,
    SHOW_NUMBER,
)
from bot.slack.texts.desk import RESUME_BUTTON
from bot.slack.texts.dialer import DIALER_BUTTON
from bot.slack.texts.missed import (
    CALL_MISSED_BUTTON,
    DROP_MISSED_BUTTON,
    RELEASE_MISSED_BUTTON,
    TAKE_MISSED_BUTTON,
)
from bot.slack.texts.reminder import CALL_REMINDED_BUTTON, CANCEL_REMINDER_BUTTON
from bot.slack.texts.text import Message
from bot.user_errors import OutdatedButton


async def cancel(request: Request, services: Services) -> Message | None:
    """``Cancel`` on a card: stop its call, if it is not too late.

    A card that hides the result has no other button, however far its call is: once both
    sides talk, the answer has ``Hang up``.
    """
    done = await services.switchboard.stop(request.place, request.text)
    return answers.stopped(done, request.text)


async def hang_up(request: Request, services: Services) -> Message | None:
    """``Hang up`` on a card: end its call for both sides, whatever else they are in."""
    done = await services.switchboard.hang_up(request.place, request.text)
    return answers.stopped(done, request.text)


async def show_number(request: Request, services: Services) -> Message | None:
    """``Show number`` in ``More``: tell the number to who may see it, and to them alone."""
    call = await services.switchboard.reveal(request.place, request.text)
    return answers.whole_number(call, own=call.place.user == request.place.user)


MORE: dict[str, ButtonHandler] = {
    NOTE.key: after.open_note,
    REMIND_ME.key: reminders.open_form,
    SHOW_NUMBER.key: show_number,
}
"""What the rows of a card's menu do, by their keys."""


async def more(request: Request, services: Services) -> Message | None:
    """``More`` on a card: do what the chosen row says."""
    key, _, call = request.text.partition(" ")
    if key not in MORE:
        raise OutdatedButton
    return await MORE[key](replace(request, text=call), services)


async def call_again(request: Request, services: Services) -> Message | None:
    """``Call again`` on a card: place the same call once more."""
    switchboard = services.switchboard
    added = await switchboard.place_again(
        request.key, request.place, request.text, entrance=CallEntrance.AGAIN
    )
    return answers.added(added, most=switchboard.policy.calls_per_minute)


async def call_anyway(request: Request, services: Services) -> Message | None:
    """``Call anyway``: place a call though one to the same number is open.

    It is one call for each request that led to the question, however often that was
    delivered and however many questions were answered. A question of an earlier version
    has no key.
    """
    try:
        value = json.loads(request.text)
        kept = (value["to"], value["from"], value.get("as"))
        to, from_, as_ = (asking.number_of_button(each) for each in kept)
        name = sent_back(value.get("name"))
        key = str(value.get("key") or request.wish)[:LONGEST_KEY]
    except (ValueError, KeyError, TypeError):
        raise OutdatedButton from None
    if to is None:
        raise OutdatedButton
    switchboard = services.switchboard
    added = await switchboard.place(
        key,
        request.place,
        to,
        from_,
        entrance=CallEntrance.BUTTON,
        as_=as_,
        again=True,
        sure=True,
        answered=frozenset({Rule.THROTTLE}),
        name=name,
    )
    return answers.pressed(added, most=switchboard.policy.calls_per_minute)


ACTIONS: dict[str, ButtonHandler] = {
    CANCEL_BUTTON: cancel,
    HANG_UP_BUTTON: hang_up,
    CALL_AGAIN_BUTTON: call_again,
    MORE_MENU: more,
    OUTCOME_MENU: after.choose,
    CLAIM_BUTTON: after.claim,
    RELEASE_BUTTON: after.release,
    CALLED_BACK_BUTTON: after.called_back,
    CALL_REMINDED_BUTTON: reminders.call,
    CANCEL_REMINDER_BUTTON: reminders.cancel,
    TAKE_MISSED_BUTTON: missed.take,
    RELEASE_MISSED_BUTTON: missed.release,
    CALL_MISSED_BUTTON: missed.call,
    DROP_MISSED_BUTTON: missed.drop,
    answers.CALL_ANYWAY_BUTTON: call_anyway,
    workflow_step.STEP_CALL_BUTTON: steps.call,
    workflow_step.STEP_DECLINE_BUTTON: steps.decline,
    colleague.CALL_BUTTON: call_colleague,
    colleague.CALL_OTHER_BUTTON: call_colleague,
    asking.CALL_DOUBTFUL_BUTTON: call_colleague,
    asking.NOT_NOW_BUTTON: call_nobody,
    texts.ASK_ADMIN_BUTTON: asking_admin.ask,
    texts.APPROVE_BUTTON: asking_admin.approve,
    texts.DECLINE_BUTTON: asking_admin.decline,
    texts.CALL_GRANTED_BUTTON: asking_admin.call,
    list_buttons.MORE_BUTTON: callstatus.next_page,
    list_buttons.NEWEST_BUTTON: callstatus.next_page,
    list_buttons.CALL_MENU: callstatus.ask_before_call,
    list_buttons.CALL_LISTED_BUTTON: callstatus.call_listed,
    CONNECT_BUTTON: account.connect,
    CONNECT_LINK_BUTTON: account.follow_link,
    TEST_CALL_BUTTON: account.test_call,
    SETTINGS_BUTTON: account.settings,
    DISCONNECT_BUTTON: account.disconnect,
    forms.REFRESH_BUTTON: account.refresh_phones,
    DIALER_BUTTON: dialer.open_form,
    RESUME_BUTTON: admin.resume,
    desk_audit.OLDER_BUTTON: admin.next_page,
    desk_audit.NEWEST_AUDIT_BUTTON: admin.next_page,
    desk_home.PAUSE_BUTTON: desk.open_pause,
    desk_home.RULES_BUTTON: desk.open_rules,
    desk_home.UNDO_BUTTON: desk.undo,
    desk_home.ENTRIES_BUTTON: desk.open_entries,
    desk_home.PEOPLE_BUTTON: desk.open_people,
    desk_lists.DISCONNECT_PERSON_BUTTON: desk.disconnect,
}
