"""The dialer: opens its form, suggests numbers in it, and places the call that it asks for.

However often one form is submitted, it places one call. What its menu sends back is read
and checked again: the menu only saves typing.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bot.calls.call import Place
from bot.calls.people.names import NameSource, named
from bot.errors import BotError, MayBeStored, NotConnected, StoreUnavailable, UserError
from bot.policy.added import Added, Verdict
from bot.policy.refusals import DoubtfulNumber, PolicyAsks, PolicyRefuses
from bot.policy.rules import Rule
from bot.policy.wish import CallEntrance
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.posting.origin import stamped
from bot.slack.texts import account, answers, asking, dialer, faults, forms
from bot.slack.texts.asking_admin import offer_form
from bot.slack.texts.dialer import Dialed
from bot.slack.texts.faults import Wanted
from bot.slack.texts.text import Block, Message

CONVERSATION = re.compile(r"[CDG][A-Z0-9]{1,30}")
"""A conversation's id: Slack's menu offers no others."""


async def open_form(request: Request, services: Services) -> Message | None:
    """``Place a call`` and ``Call…``: open the form, or say how to connect first."""
    place = request.place
    try:
        view = dialer.dialer_form(await services.own_account.sheet(place))
    except NotConnected as error:
        view = connect(error, placing=False)
    await services.views.open(place, request.trigger, view)
    with contextlib.suppress(BotError):
        await services.suggesting.prepare(place)
    return None


async def suggest(request: Request, services: Services) -> Handled:
    """Answer what is typed in the form's first field: with numbers that are known here."""
    place = request.place
    found = await services.suggesting.of(place, request.text)
    seal = partial(services.seals.close, place.person)
    return Handled.suggest(dialer.options(found, seal, services.contact))


async def submit(request: Request, services: Services) -> Handled:
    """Place the call that the form asks for, or say at which field it can't be."""
    values = forms.values_of(request.state)
    channel = values.get(dialer.CHANNEL_FIELD, "")
    channel = channel if CONVERSATION.fullmatch(channel) else ""
    place = replace(request.place, channel=channel)
    try:
        asked = await _read(place, services, values, request.state)
        if asked is not None:
            await _check_channel(place, services, asked)
    except UserError as error:
        return Handled.complain(dialer.errors(error, services.contact, channel))
    except NotConnected as error:
        return Handled.show(stamped(connect(error), place))
    if asked is None:
        return Handled.complain({dialer.CALLEE_FIELD: dialer.CHOOSE})
    on_form = Surface(Handled.push, Handled.complain)
    return await dial(request, services, asked, on_form, sure=False)


async def answer(request: Request, services: Services) -> Handled:
    """``Call`` in a question on top of the form: place the call that it asks about."""
    asked = Dialed.load(request.held)

    def refuse(errors: dict[str, str]) -> Handled:
        said = dialer.not_now(" ".join(errors.values()))
        return Handled.show(stamped(said, request.place, asked.dump()))

    on_question = Surface(Handled.show, refuse)
    return await dial(request, services, asked, on_question, sure=True)


@dataclass(frozen=True, slots=True)
class Surface:
    """How a form, or a question on top of it, asks a question and refuses a call."""

    ask: Callable[[Block], Handled]
    refuse: Callable[[dict[str, str]], Handled]


async def _read(
    place: Place, services: Services, values: Mapping[str, str], state: Any
) -> Dialed | None:
    """Return what the form asks for; None if it names no number. Raises `UserError`."""
    value = values.get(dialer.CALLEE_FIELD, "")
    if value.startswith(dialer.NO_NUMBER):
        await _say_why(place, services, value.removeprefix(dialer.NO_NUMBER))
        return None
    sealed = services.seals.open(place.person, value) if value else None
    to = asking.number_of_button(sealed)
    if to is None:
        return None
    return Dialed(
        to,
        dialer.phone_in(values.get(dialer.FIRST_FIELD, ""), "from"),
        dialer.phone_in(values.get(dialer.CALLER_ID_FIELD, ""), "as"),
        named(values.get(dialer.FOR_FIELD, ""), NameSource.WRITTEN),
        place.channel,
        known_as=dialer.name_in(state, to),
    )


async def _check_channel(place: Place, services: Services, asked: Dialed) -> None:
    """Raise why the call may not be shown in the chosen channel, if one was chosen.

    A shortcut names no channel, and the person may have left the one that was chosen for
    them when the form was opened.
    """
    if place.channel:
        switchboard = services.switchboard
        try:
            switchboard.policy.check(place)
        except UserError as error:
            await switchboard.note_refusal(place, CallEntrance.DIALER, error)
            raise
        await services.presence.check(place, dialer.shown_here(asked))


async def _say_why(place: Place, services: Services, typed: str) -> None:
    """Raise why *typed* can't be dialed, as the menu said, if it was kept and can't."""
    if not typed:
        return
    told = (await services.suggesting.of(place, typed)).typed
    if told is not None and told.refused is not None:
        raise told.refused


async def dial(
    request: Request,
    services: Services,
    asked: Dialed,
    surface: Surface,
    *,
    sure: bool,
    entrance: CallEntrance = CallEntrance.DIALER,
) -> Handled:
    """Place the call that a form asks for; *sure*: its doubts were shown already."""
    place = replace(request.place, channel=asked.channel)
    try:
        added = await services.switchboard.place(
            f"dialog {request.dialog}",
            place,
            asked.to,
            asked.first,
            entrance=entrance,
            as_=asked.caller_id,
            again=asked.again,
            sure=sure,
            answered=asked.answered,
            name=asked.name,
            message_link=asked.message_link,
        )
    except DoubtfulNumber as error:
        known = asked.answered | error.decision.rules
        held = replace(asked, answered=known).dump()
        return surface.ask(stamped(dialer.doubtful(error, place.user), place, held))
    except PolicyAsks as error:
        held = replace(asked, answered=asked.answered | error.rules).dump()
        return surface.ask(stamped(dialer.policy_question(error), place, held))
    except (UserError, NotConnected) as error:
        return _refused(error, services, place, asked, surface)
    except StoreUnavailable as error:
        is_unknown = isinstance(error, MayBeStored)
        failed = (faults.too_slow if is_unknown else faults.no_store)(Wanted.CALL)
        return surface.refuse({dialer.CALLEE_FIELD: failed.text})
    most = services.switchboard.policy.calls_per_minute
    added = _with_name(added, asked)
    said = answers.added(added, most=most)
    return _outcome(added, said, place, asked, surface)


def _refused(
    error: UserError | NotConnected,
    services: Services,
    place: Place,
    asked: Dialed,
    surface: Surface,
) -> Handled:
    """Return what the form does if the call is refused: perhaps an admin can be asked."""
    if isinstance(error, NotConnected):
        return Handled.show(stamped(connect(error), place))
    if isinstance(error, PolicyRefuses) and error.wanted is not None:
        return surface.ask(stamped(offer_form(error), place, asked.dump()))
    return surface.refuse(dialer.errors(error, services.contact, asked.channel))


def _with_name(added: Added, asked: Dialed) -> Added:
    """Return *added* with the name that the person chose, for what they alone read."""
    call, known = added.call, named(asked.known_as, NameSource.ADDRESS_BOOK)
    if call.callee != asked.to or call.callee_name or not known:
        return added
    return replace(added, call=replace(call, callee_name=known))


def _outcome(
    added: Added, said: Message | None, place: Place, asked: Dialed, surface: Surface
) -> Handled:
    """Return what the form does once the store has answered."""
    match added.verdict:
        case Verdict.ALREADY_OPEN:
            known = asked.answered | {Rule.THROTTLE}  # they see which call is open
            held = replace(asked, again=True, answered=known).dump()
            return surface.ask(stamped(dialer.already_open(added.call), place, held))
        case Verdict.TOO_MANY:
            return surface.refuse({dialer.CALLEE_FIELD: said.text if said else ""})
        case Verdict.REPEATED if added.call.callee != asked.to:
            return Handled.show(dialer.called_another(added.call))
    is_told = added.verdict is Verdict.NEW and place.channel
    return Handled.clear(partial(_say, said), place) if is_told else Handled.clear()


async def _say(said: Message | None) -> Message | None:
    return said


def connect(error: NotConnected, *, placing: bool = True) -> Block:
    """Return the view that says how to connect first."""
    said = account.first(again=error.again, code=error.code, placing=placing)
    return forms.connect_first(said)
