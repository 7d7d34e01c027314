"""``/ringout @alice``: her number is found, shown, and dialled once that is confirmed.

Nothing is stored or counted before the button is pressed. What it dials is what was
shown, not what is found by then; and the operator's rules are asked again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.calls.call import Place
from bot.calls.dialling import Command
from bot.calls.phone import NumberNotAllowed, PhoneNumber
from bot.errors import ChatError, ChatRefused, UserError
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.texts import answers, colleague, refusals
from bot.slack.texts.colleague import Chosen, Offer
from bot.slack.texts.profile import Profile
from bot.slack.texts.text import Message, escape
from bot.user_errors import AccessDenied, AccessRule

NO_SUCH_USER = {
    "user_not_found",
    "users_not_found",
    "user_not_visible",
    "user_disabled",
}
"""Slack's words for somebody whom this workspace does not have (Slack docs,
"users.info", "Errors")."""

BY_RINGCENTRAL = "their direct number at RingCentral"
BY_SLACK = "as their Slack profile says"
BY_BOTH = f"{BY_RINGCENTRAL} and in their Slack profile"


async def ask(request: Request, services: Services, command: Command) -> Handled:
    """Refuse who may not call at once; the look-up takes Slack a moment."""
    home = await services.switchboard.home(request.place)
    colleague.check_length(command)
    if command.to == request.place.user:
        return Handled.say(colleague.THAT_IS_YOU)
    return Handled(later=lambda: _found(request.place, services, command, home))


async def call_colleague(request: Request, services: Services) -> Message | None:
    """``Call``: dial what was shown, for the person it was shown to."""
    chosen = Chosen.load(request.text)
    if not chosen.is_for(request.place.person):
        raise AccessDenied(AccessRule.ASKED)
    switchboard = services.switchboard
    added = await switchboard.place(
        request.key, request.place, chosen.to, chosen.from_, as_=chosen.as_
    )
    most = switchboard.policy.calls_per_minute
    said = answers.added(
        added, most=most, to=chosen.to, from_=chosen.from_, as_=chosen.as_
    )
    is_answered = added.verdict in answers.NOTHING_LEFT_TO_ASK
    return replace(said, replaces=True) if said and is_answered else said


async def call_nobody(request: Request, services: Services) -> Message | None:
    """``Not now``: the question goes away, and that is all."""
    del request, services
    return colleague.NOT_DIALLED


async def _found(
    place: Place, services: Services, command: Command, home: str
) -> Message | None:
    """Return the question, or why there is none."""
    user, trouble = command.to, colleague.SLACK_BUSY
    try:
        profile = await services.profiles.of(place, user)
        known = True
    except ChatError as error:
        if isinstance(error, ChatRefused):
            if error.error in NO_SUCH_USER:
                return colleague.UNKNOWN_PERSON
            if error.error == "missing_scope":
                trouble = colleague.NO_PROFILE_SCOPE
        profile, known = Profile(user), False
    nobody = colleague.not_callable(profile)
    if nobody is not None:
        return nobody
    direct = await services.switchboard.direct_number(place, user)
    heard = _Candidates(services.switchboard.policy.number, home)
    if direct is not None:
        heard.of(direct.e164, BY_RINGCENTRAL)
    if profile.phone:
        heard.of(profile.phone, BY_SLACK)
    name = colleague.named(profile)
    if heard.offers:
        return colleague.question(name, heard.offers, command, place.person)
    return colleague.without_number(name, heard.reasons) if known else trouble


@dataclass(slots=True)
class _Candidates:
    """What was heard of somebody's number: what may be dialled, and why not the rest."""

    read: Callable[[str, str], PhoneNumber]
    """The operator's rules: raises `UserError` for what may not be dialled."""

    home: str
    offers: list[Offer] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def of(self, text: str, source: str) -> None:
        """Take in one number, as free text."""
        try:
            number = self.read(text, self.home)
        except NumberNotAllowed as error:
            self.reasons.append(escape(refusals.words(error)))
        except UserError:
            self.reasons.append(colleague.unclear(text))
        else:
            if number in [each.number for each in self.offers]:
                self.offers = [Offer(number, BY_BOTH)]
            else:
                self.offers.append(Offer(number, source))
