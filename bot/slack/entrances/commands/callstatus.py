"""``/callstatus``: lists the last calls, turns the pages, calls one of them, sums up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import partial

from bot.calls.call import Place
from bot.calls.lists.report_request import read_report_request
from bot.calls.lists.request import (
    ListRequest,
    UnreadableList,
    asks_help,
    read_list_request,
    resolved,
)
from bot.calls.lists.work_list import After
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.reporting import ReportRequest
from bot.errors import UserError
from bot.policy.wish import CallEntrance
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.entrances.zones import zone_of
from bot.slack.texts import (
    answers,
    call_list,
    list_buttons,
    list_words,
    refusals,
    report,
)
from bot.slack.texts.call_list import Viewer
from bot.slack.texts.text import Message, escape


async def handle(request: Request, services: Services) -> Handled:
    """Check whether the person may ask; list the calls after the ack."""
    if asks_help(request.text):
        return Handled.say(list_words.LIST_HELP)
    try:
        summed = read_report_request(request.text)
        wanted = read_list_request("" if summed else request.text)
    except UnreadableList as error:
        return Handled.say(Message(escape(refusals.words(error))))
    if summed is not None:
        return Handled(later=partial(_report, request.place, services, summed))
    policy = services.switchboard.policy
    if wanted.company:
        policy.check_admin(request.place)
    else:
        policy.check(request.place)
    return Handled(later=partial(_first_page, request.place, services, wanted))


async def next_page(request: Request, services: Services) -> Message | None:
    """``Next 10``, ``Newest``: put another page in the place of the one that is shown."""
    value = services.seals.open(request.place.person, request.text)
    wanted, after = list_buttons.load(value)
    shown = await _page(request.place, services, wanted, after)
    return replace(shown, replaces=True)


async def ask_before_call(request: Request, services: Services) -> Message | None:
    """``Call one of these…``: ask, and dial nothing yet.

    The question shows the number as far as the list has: a colleague's masked one stays so.
    """
    place, policy = request.place, services.switchboard.policy
    policy.check(place)
    value = services.seals.open(place.person, request.text)
    number = policy.number(value.removesuffix(list_buttons.SHOWN_WHOLE))
    whole = value.endswith(list_buttons.SHOWN_WHOLE)
    shown = number.international if whole else request.option or number.masked
    seal = partial(services.seals.close, place.person)
    return list_buttons.question(number, shown, place.person, request.key, seal)


async def call_listed(request: Request, services: Services) -> Message | None:
    """``Call``: dial the number that the question showed, once for each choice.

    A question of an earlier version has no key.
    """
    place, switchboard = request.place, services.switchboard
    value = services.seals.open(place.person, request.text)
    number, _, key = value.partition(" ")
    added = await switchboard.place(
        key or request.wish, place, number, sure=True, entrance=CallEntrance.BUTTON
    )
    return answers.pressed(added, most=switchboard.policy.calls_per_minute)


async def _report(
    place: Place, services: Services, asked: ReportRequest
) -> Message | None:
    zone = await zone_of(place, services)
    found = await services.reports.of(place, asked, zone or UTC)
    return report.report(found, by_utc=zone is None)


async def _first_page(
    place: Place, services: Services, wanted: ListRequest
) -> Message | None:
    zone: tzinfo | None = UTC
    if wanted.days:
        zone = await zone_of(place, services)
    region = services.switchboard.policy.region
    if wanted.number:
        region = await services.switchboard.region_of(place)
    asked = resolved(wanted, region=region, now=datetime.now(UTC), zone=zone or UTC)
    return await _page(place, services, asked, None, by_utc=zone is None)


async def _page(
    place: Place,
    services: Services,
    wanted: ListRequest,
    after: After | None,
    *,
    by_utc: bool = False,
) -> Message:
    switchboard = services.switchboard
    recent = await switchboard.recent(place, wanted, after)
    viewer = Viewer(
        person=place.person,
        whole=switchboard.policy.sees_all_numbers(place),
        seal=partial(services.seals.close, place.person),
        may_call=partial(_may_call, services),
        by_utc=by_utc,
    )
    return call_list.listed(recent, viewer)


def _may_call(services: Services, number: PhoneNumber) -> bool:
    try:
        services.switchboard.policy.number(number.e164)
    except UserError:
        return False
    return True
