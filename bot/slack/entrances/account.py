"""What people do about their own account in Slack: commands, buttons, forms, Home."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from functools import partial

from bot.calls.overview import Sheet
from bot.errors import ChatError, RingCentralError, UserError
from bot.slack.entrances.event import SlackEvent
from bot.slack.entrances.events import AfterAck, EventHandler
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.texts import account, answers, forms, refusals
from bot.slack.texts.text import Block, Message

log = logging.getLogger(__name__)

CHECK_WITHIN = 2.0
"""Seconds in which a credential is tried; Slack waits three for the form's answer."""

ZONE_WITHIN = 1.0
"""Seconds: a form must be open three seconds after it was asked for."""


# Commands


async def offer(request: Request, services: Services) -> Handled:
    """``/ringout connect``: the link to RingCentral's sign-in, or to the form."""
    own_account = services.own_account
    own_account.check_may_connect(request.place)
    if not own_account.by_browser:
        return Handled.say(account.offer_form())
    return Handled.say(
        account.offer(await own_account.link(request.place, request.label))
    )


async def leave(request: Request, services: Services) -> Handled:
    """``/ringout disconnect``: revoked and erased, which takes RingCentral a moment."""
    return Handled(later=lambda: disconnect(request, services))


async def open_settings(request: Request, services: Services) -> Handled:
    """``/ringout settings``: the form, after the ack."""
    return Handled(later=lambda: settings(request, services))


# Buttons


async def start(request: Request, services: Services) -> Message | None:
    """``Connect RingCentral``: the form, or the link in a modal, for it is private."""
    own_account = services.own_account
    own_account.check_may_connect(request.place)
    if own_account.by_browser:
        url = await own_account.link(request.place, request.label)
        view = forms.titled("Connect RingCentral", account.offer(url).blocks)
    else:
        view = forms.jwt_form(own_account.client_id)
    await services.views.open(request.place, request.trigger, view)
    return None


async def nothing(request: Request, services: Services) -> Message | None:
    """Take notice of a link that was followed: Slack wants an ack for it."""
    del request, services
    return None


async def test_call(request: Request, services: Services) -> Message | None:
    """``Test call to myself``: an ordinary call, to a number of their own."""
    number = await services.own_account.myself(request.place)
    switchboard = services.switchboard
    added = await switchboard.place(request.key, request.place, number)
    most = switchboard.policy.calls_per_minute
    return answers.added(added, most=most, to=number, from_=None)


async def settings(request: Request, services: Services) -> Message | None:
    """``Settings``: the form, filled in as they are."""
    sheet = await services.own_account.sheet(request.place)
    view = await _settings_form(sheet, request, services)
    await services.views.open(request.place, request.trigger, view)
    return None


async def refresh_phones(request: Request, services: Services) -> Message | None:
    """``Read my phones again``: the same form, by what RingCentral lists now."""
    if not request.view:
        return await settings(request, services)
    sheet = await services.own_account.sheet(request.place, anew=True)
    view = await _settings_form(sheet, request, services)
    await services.views.update(request.place, request.view, view)
    return None


async def disconnect(request: Request, services: Services) -> Message | None:
    """``Disconnect``: erased here, ended at RingCentral; what is said is what happened."""
    bye = await services.own_account.disconnect(request.place)
    services.homes.changed(request.place.person)
    if bye is None:
        return account.nothing_to_disconnect()
    return account.disconnected(
        is_revoked=bye.is_revoked,
        is_retried=bye.is_retried,
        by_credential=bye.by_credential,
    )


async def _settings_form(sheet: Sheet, request: Request, services: Services) -> Block:
    """Return the form; Slack's word on their time zone is waited for a moment only."""
    zone = ""
    with contextlib.suppress(ChatError, TimeoutError):
        async with asyncio.timeout(ZONE_WITHIN):
            zone = (await services.profiles.of(request.place, request.place.user)).tz
    return forms.settings_form(sheet.phones, sheet.chosen, sheet.region, zone)


# Forms


async def submit_credential(request: Request, services: Services) -> Handled:
    """Connect by the pasted credential; RingCentral is asked at once."""
    jwt = forms.pasted(request.state)
    trying = asyncio.ensure_future(
        services.own_account.by_credential(request.place, jwt)
    )
    done, _ = await asyncio.wait({trying}, timeout=CHECK_WITHIN)

    async def later() -> Message | None:
        await trying  # what it raises is worded by whoever awaits this
        services.homes.changed(request.place.person)
        return None

    if not done:
        view = forms.note("Checking", account.CHECKING)
        return Handled.show(view, later)
    try:
        await trying
    except UserError as error:
        return Handled.complain(
            {forms.JWT_BLOCK: refusals.words(error)[: forms.LONGEST_ERROR]}
        )
    except RingCentralError:
        log.info("a credential could not be tried just now")
        return Handled.complain({forms.JWT_BLOCK: answers.UNREACHABLE})
    services.homes.changed(request.place.person)
    return Handled.show(forms.note("Connected", account.NOW_CONNECTED))


async def submit_settings(request: Request, services: Services) -> Handled:
    """Store what was chosen, if it still is theirs to choose."""
    sheet = await services.own_account.sheet(request.place)
    chosen, wrong = forms.read_settings(request.state, sheet.phones, sheet.chosen)
    if wrong:
        return Handled.complain(wrong)
    await services.own_account.save(request.place, chosen)
    services.homes.changed(request.place.person)
    return Handled()


# Events


def events(services: Services) -> dict[str, EventHandler]:
    """Return what is done about what Slack tells of people."""

    async def home_opened(event: SlackEvent) -> AfterAck | None:
        if event.tab != "home" or not event.user:
            return None
        return partial(services.homes.opened, event.place.person)

    return {"app_home_opened": home_opened}
