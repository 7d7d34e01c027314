"""``/ringout-admin``: pause and resume calls, the audit, the do-not-call list."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from bot.calls.call import Place
from bot.policy.desk_command import AdminVerb, read_admin_command, reason_of
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.texts import desk, desk_audit
from bot.slack.texts.text import Message


async def handle(request: Request, services: Services) -> Handled:
    """Do what an admin typed.

    What changes something is stored before the ack, lists are read after it.
    """
    command = read_admin_command(request.text)
    work = partial(WORK[command.verb], request.place, services, command.rest)
    if command.verb in LISTS:
        return Handled(later=work)
    return Handled.say(await work())


async def resume(request: Request, services: Services) -> Message | None:
    """``Resume calls``, below the confirmation of a pause."""
    return await _resume(request.place, services, "")


async def next_page(request: Request, services: Services) -> Message | None:
    """``Next 25``, ``Newest``: put another page of the audit in the place of this one."""
    place = request.place
    wanted = desk_audit.load(services.seals.open(place.person, request.text))
    asked, since, before = wanted
    page = await services.desk.audit_page(
        place, asked, since, before, desk_audit.AUDITED_ROWS
    )
    shown = desk_audit.audited(page, asked, partial(services.seals.close, place.person))
    return replace(shown, replaces=True)


async def _help(_: Place, __: Services, ___: str) -> Message:
    return desk.ADMIN_HELP


async def _pause(place: Place, services: Services, typed: str) -> Message:
    return desk.paused(await services.desk.pause(place, reason_of(typed)))


async def _resume(place: Place, services: Services, _: str) -> Message:
    was_paused = await services.desk.resume(place)
    return desk.resumed() if was_paused else desk.NOT_PAUSED


async def _add(place: Place, services: Services, typed: str) -> Message:
    entry, is_new = await services.desk.add(place, typed)
    return desk.added(entry, is_new=is_new)


async def _remove(place: Place, services: Services, typed: str) -> Message:
    return desk.removed(await services.desk.remove(place, typed))


async def _audit(place: Place, services: Services, typed: str) -> Message:
    asked, page = await services.desk.audit(place, typed, desk_audit.AUDITED_ROWS)
    seal = partial(services.seals.close, place.person)
    return desk_audit.audited(page, asked, seal)


async def _list(place: Place, services: Services, typed: str) -> Message:
    searched = reason_of(typed)
    most = desk.LISTED_ENTRIES + 1
    entries = await services.desk.entries(place, as_stored(searched), most)
    return desk.listed(entries, searched)


def as_stored(searched: str) -> str:
    """Return what was typed as the list has it: numbers without spaces and dashes."""
    digits = re.sub(r"[^\d+]", "", searched)
    return digits if digits and not re.search(r"[^\W\d]", searched) else searched


WORK: dict[AdminVerb, Callable[[Place, Services, str], Awaitable[Message]]] = {
    AdminVerb.HELP: _help,
    AdminVerb.PAUSE: _pause,
    AdminVerb.RESUME: _resume,
    AdminVerb.AUDIT: _audit,
    AdminVerb.ADD: _add,
    AdminVerb.REMOVE: _remove,
    AdminVerb.LIST: _list,
}
LISTS = {AdminVerb.AUDIT, AdminVerb.LIST}
