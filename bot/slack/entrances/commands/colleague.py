"""``/ringout @alice``: finds Alice's number, shows it, and dials it when that is confirmed.

Nothing is stored or counted until the button is pressed. It dials the number that was
shown, even if another one would be found by then, and only if the operator's rules still
allow it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.calls.doubt import doubt_of
from bot.calls.missed_card import card_of_key
from bot.calls.numbers.phone import NumberNotAllowed, PhoneNumber
from bot.calls.people.phones import NamedPhones
from bot.calls.typed.dialing import Command
from bot.calls.workflow_step import step_of_key
from bot.errors import ChatError, ChatRefused, UserError
from bot.policy.added import Added
from bot.policy.wish import CallEntrance
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import LONGEST_KEY, Request
from bot.slack.entrances.services import Services
from bot.slack.posting.permalinks import is_link
from bot.slack.texts import answers, colleague, refusals
from bot.slack.texts.asking import Chosen, Declining
from bot.slack.texts.colleague import Offer
from bot.slack.texts.contact import Contact
from bot.slack.texts.profile import Profile
from bot.slack.texts.text import Message
from bot.user_errors import AccessDenied, AccessRule

NO_SUCH_USER = {
    "user_not_found",
    "users_not_found",
    "user_not_visible",
    "user_disabled",
}
"""Slack's errors for a person that this workspace does not have (Slack docs,
"users.info", "Errors")."""


OF_EARLIER_VERSION = "no"
"""The value of the ``Not now`` buttons of 0.1.0."""


async def ask(request: Request, services: Services, command: Command) -> Handled:
    """Refuse at once if the person may not call; look the number up after the ack."""
    home = await services.switchboard.region_of(request.place, CallEntrance.COMMAND)
    colleague.check_length(command)
    if command.to == request.place.user:
        return Handled.say(colleague.THAT_IS_YOU)
    phones = await services.switchboard.phones_named(
        request.place, command.from_, command.as_, own_phone=command.is_from_loose
    )
    return Handled(later=lambda: _found(request, services, command, home, phones))


async def call_colleague(request: Request, services: Services) -> Message | None:
    """``Call``: dial what a question showed, once, for the person who was asked."""
    chosen = Chosen.load(request.text)
    if not chosen.is_for(request.place.person):
        raise AccessDenied(AccessRule.ASKED, chosen.asked.user)
    if chosen.grant:
        asked = await services.asking_admins.granted(request.place, chosen.grant)
        request = replace(request, place=asked.place)
    added = await place_chosen(request, services, chosen)
    return answers.pressed(added, most=services.switchboard.policy.calls_per_minute)


async def place_chosen(request: Request, services: Services, chosen: Chosen) -> Added:
    """Place the call of a question, by way of what the question came from."""
    place, answered, grant = request.place, chosen.answered, chosen.grant
    if card := card_of_key(chosen.key):
        return await services.missed.call_back(place, card, answered, grant)
    if step := step_of_key(chosen.key):
        return await services.steps.confirm(
            step, place, chosen.to, chosen.phones, chosen.name, answered, grant
        )
    return await services.switchboard.place(
        chosen.key or request.wish,
        place,
        chosen.to,
        chosen.phones.caller,
        entrance=CallEntrance.BUTTON,
        as_=chosen.phones.caller_id,
        again=chosen.again,
        sure=True,
        answered=answered,
        grant=grant,
        name=chosen.name,
        called=chosen.called,
        own_phone=chosen.own_phone,
        message_link=chosen.message_link if is_link(chosen.message_link) else "",
    )


async def call_nobody(request: Request, services: Services) -> Message | None:
    """``Not now``: settle the question, unless its ``Call`` has; say so in its place.

    The button of an earlier version does not say which question it is of.
    """
    if request.text == OF_EARLIER_VERSION:
        return colleague.NOT_DIALED
    declining = Declining.load(request.text)
    if not declining.asked.is_also(request.place.person):
        raise AccessDenied(AccessRule.ASKED, declining.asked.user)
    key = declining.key[:LONGEST_KEY]
    is_declined = await services.questions.decline(request.place, key)
    return colleague.NOT_DIALED if is_declined else colleague.CALLED_BEFORE


async def _found(
    request: Request,
    services: Services,
    command: Command,
    home: str,
    phones: NamedPhones,
) -> Message | None:
    """Return the question with the numbers that were found, or why there are none."""
    place, user, trouble = request.place, command.to, colleague.SLACK_BUSY
    try:
        profile = await services.profiles.of(place, user)
        known = True
    except ChatError as error:
        if isinstance(error, ChatRefused):
            if error.error in NO_SUCH_USER:
                return colleague.UNKNOWN_PERSON
            if error.error == "missing_scope":
                trouble = colleague.no_profiles(services.contact)
        profile, known = Profile(user), False
    nobody = colleague.not_callable(profile)
    if nobody is not None:
        return nobody
    direct = await services.switchboard.direct_number(place, user)
    heard = _Candidates(services.switchboard.policy.number, home, services.contact)
    if direct is not None:
        heard.of(direct.e164, colleague.BY_RINGCENTRAL)
    if profile.phone:
        heard.of(profile.phone, colleague.BY_SLACK)
    name = colleague.named(profile)
    if heard.offers:
        return colleague.question(
            profile, heard.offers, command, place.person, phones, request.key
        )
    return colleague.without_number(name, heard.reasons) if known else trouble


@dataclass(slots=True)
class _Candidates:
    """The numbers found for a colleague that may be dialed, and why others may not."""

    read: Callable[[str, str], PhoneNumber]
    """Reads a text as a number of a region. Raises `UserError` if it may not be dialed."""

    home: str
    contact: Contact
    offers: list[Offer] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def of(self, text: str, source: str) -> None:
        """Add a number, given as free text, and where it was found."""
        try:
            number = self.read(text, self.home)
        except NumberNotAllowed as error:
            self.reasons.append(refusals.told(error, self.contact))
        except UserError:
            self.reasons.append(colleague.unclear(text))
        else:
            if number in [each.number for each in self.offers]:
                self.offers = [
                    Offer(number, colleague.BY_BOTH, self.home, doubt_of(number))
                ]
            else:
                doubt = doubt_of(number)
                self.offers.append(Offer(number, source, self.home, doubt))
