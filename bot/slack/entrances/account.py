"""Handlers for a person's own account: commands, buttons, forms and the App Home."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import replace
from functools import partial

from bot.calls.overview import Sheet
from bot.errors import ChatError, RingCentralError, UserError
from bot.policy.wish import CallEntrance
from bot.slack.entrances.event import SlackEvent
from bot.slack.entrances.events import AfterAck, EventHandler
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.texts import account, answers, forms, refusals
from bot.slack.texts.text import Block, Message

log = logging.getLogger(__name__)

# Commands


async def offer(request: Request, services: Services) -> Handled:
    """``/ringout connect``: offer the link to RingCentral's sign-in, or the form."""
    own_account = services.own_account
    own_account.check_may_connect(request.place)
    if not own_account.by_browser:
        return Handled.say(account.offer_form())
    link = await own_account.link(request.place, request.label)
    return Handled.say(account.offer(link.url))


async def disconnect_later(request: Request, services: Services) -> Handled:
    """``/ringout disconnect``: disconnect after the ack, for RingCentral may be slow."""
    return Handled(later=lambda: disconnect(request, services))


async def open_settings(request: Request, services: Services) -> Handled:
    """``/ringout settings``: open the form after the ack."""
    return Handled(later=lambda: settings(request, services))


# Buttons


async def connect(request: Request, services: Services) -> Message | None:
    """``Connect RingCentral``: open the form, or a modal with the link, which is private.

    A modal that has the button gets the new link itself.
    """
    own_account = services.own_account
    own_account.check_may_connect(request.place)
    if own_account.by_browser:
        link = await own_account.link(request.place, request.label)
        view = forms.sign_in(account.offer(link.url), link.form)
    else:
        view = forms.jwt_form(own_account.client_id)
    if request.view:
        await services.views.update(request.place, request.view, view)
        return None
    await services.views.open(request.place, request.trigger, view)
    return None


async def follow_link(request: Request, services: Services) -> Message | None:
    """The link to RingCentral: Slack opens it and reports the click.

    A message with the link is replaced, for the link works once. A form is replaced when
    the link is used (`bot.app.people`).
    """
    del services
    return None if request.view else replace(account.in_browser(), replaces=True)


async def test_call(request: Request, services: Services) -> Message | None:
    """``Test call to myself``: place an ordinary call to another number of the person."""
    number = await services.own_account.myself(request.place)
    switchboard = services.switchboard
    added = await switchboard.place(
        request.key, request.place, number, sure=True, entrance=CallEntrance.TEST_CALL
    )
    most = switchboard.policy.calls_per_minute
    return answers.added(added, most=most)


async def settings(request: Request, services: Services) -> Message | None:
    """``Settings``: open the form with the present settings."""
    sheet = await services.own_account.sheet(request.place)
    view = await _settings_form(sheet, request, services)
    await services.views.open(request.place, request.trigger, view)
    return None


async def refresh_phones(request: Request, services: Services) -> Message | None:
    """``Refresh phone list``: list the phones anew and update the form."""
    if not request.view:
        return await settings(request, services)
    sheet = await services.own_account.sheet(request.place, anew=True)
    view = await _settings_form(sheet, request, services)
    await services.views.update(request.place, request.view, view)
    return None


async def disconnect(request: Request, services: Services) -> Message | None:
    """``Disconnect``: revoke the sign-in, erase it, and say what was done."""
    ended = await services.own_account.disconnect(request.place)
    services.homes.changed(request.place.person)
    if ended is None:
        return account.nothing_to_disconnect()
    return account.disconnected(
        is_revoked=ended.is_revoked,
        is_retried=ended.is_retried,
        by_credential=ended.by_credential,
    )


async def _settings_form(sheet: Sheet, request: Request, services: Services) -> Block:
    """Return the form, with the person's time zone if Slack answers in time."""
    zone = ""
    with contextlib.suppress(ChatError, TimeoutError):
        async with asyncio.timeout(services.waits.zone):
            zone = (await services.profiles.of(request.place, request.place.user)).tz
    return forms.settings_form(sheet, zone)


# Forms


async def submit_credential(request: Request, services: Services) -> Handled:
    """Connect with the pasted credential, which RingCentral checks at once."""
    jwt = forms.pasted(request.state)
    trying = asyncio.ensure_future(
        services.own_account.by_credential(request.place, jwt)
    )
    done, _ = await asyncio.wait({trying}, timeout=services.waits.credential)

    async def later() -> Message | None:
        await trying  # the adapter words what it raises
        services.homes.changed(request.place.person)
        return None

    if not done:
        view = forms.note(account.CHECKING_FORM, account.CHECKING)
        return Handled.show(view, later)
    try:
        await trying
    except UserError as error:
        return Handled.complain({forms.JWT_BLOCK: _under_input(error, services)})
    except RingCentralError:
        log.info("a credential could not be tried just now")
        return Handled.complain({forms.JWT_BLOCK: answers.UNREACHABLE})
    services.homes.changed(request.place.person)
    return Handled.show(forms.note(account.CONNECTED_FORM, account.NOW_CONNECTED))


def _under_input(error: UserError, services: Services) -> str:
    return refusals.told_plainly(error, services.contact)[: forms.LONGEST_ERROR]


async def submit_settings(request: Request, services: Services) -> Handled:
    """Store the settings, if the chosen numbers are still the person's own."""
    sheet = await services.own_account.sheet(request.place)
    now = services.missed.now()
    chosen, wrong = forms.read_settings(request.state, sheet.phones, sheet.chosen, now)
    if wrong:
        return Handled.complain(wrong)
    await services.own_account.save(request.place, chosen)
    services.homes.changed(request.place.person)
    return Handled()


# Events


def events(services: Services) -> dict[str, EventHandler]:
    """Return the handlers of events about people."""

    async def home_opened(event: SlackEvent) -> AfterAck | None:
        if event.tab != "home" or not event.user:
            return None
        return partial(services.homes.opened, event.place.person)

    return {"app_home_opened": home_opened}
