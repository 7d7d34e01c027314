"""Prints every sentence that people can read in Slack and in a browser, with a count.

``uv run python tests/support/sentences.py`` drives every text over the values that it
can have. To be read aloud; a test checks that no function and no literal is left out.
"""

from __future__ import annotations

import html
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asking_sentences
import desk_sentences
import objections
from bot.calls.aftermath import (
    Aftermath,
    CallBack,
    Dispositions,
    Remark,
)
from bot.calls.call import Call, End, Place, Refusal, State, Status, Why
from bot.calls.digest import Digest, MissedSums
from bot.calls.doubt import Doubt
from bot.calls.figures import Figures
from bot.calls.lists.history import Direction, Row
from bot.calls.lists.request import (
    ListedDay,
    ListedKind,
    ListFlaw,
    ListRequest,
    UnreadableList,
)
from bot.calls.lists.work_list import After, Recent
from bot.calls.log.ending import Ending
from bot.calls.log.leg import Party
from bot.calls.log.outcome import Outcome, Side
from bot.calls.missed_card import LeftVoicemail, MissedCard
from bot.calls.numbers.in_message import FoundNumber, FoundNumbers
from bot.calls.numbers.phone import (
    CountryNotAllowed,
    PhoneNumber,
    PremiumRate,
    TariffNotAllowed,
)
from bot.calls.numbers.refusal import (
    AmbiguousNumber,
    Flaw,
    HasExtension,
    InvalidNumber,
    Length,
    OldMexicanNumber,
    ShortCode,
    UnreadableNumber,
)
from bot.calls.numbers.tariff import Tariff
from bot.calls.overview import Overview, Sheet, ToDo
from bot.calls.people.names import Name, NameSource
from bot.calls.people.person import Preferences, Shows
from bot.calls.people.phones import NO_PHONES, NotYourPhone, Phone, SeveralPhones
from bot.calls.reminding import Reminder
from bot.calls.reporting import CallReport, Period
from bot.calls.suggestions import (
    Suggested,
    Suggestion,
    SuggestionSource,
    Typed,
    UnknownName,
)
from bot.calls.telling import Canceled, Disposed, HungUp, Note
from bot.calls.typed.dialing import BadCommand, Command, Slip
from bot.calls.typed.emergency import EmergencyNumber
from bot.calls.voicemail import VoicemailShow
from bot.calls.workflow_step import WorkflowStep
from bot.errors import (
    CredentialsRefused,
    NotConnected,
    RateLimited,
    Unreachable,
    UserError,
)
from bot.policy.added import Added, Verdict
from bot.policy.prospect import Prospect
from bot.policy.refusals import DoubtfulNumber
from bot.serving import oauth_flow, page_texts
from bot.serving import refusals as in_browser
from bot.settings.readers import USUAL_DISPOSITIONS
from bot.slack.entrances.entrance import refuse_form
from bot.slack.texts import (
    account,
    answers,
    asking,
    call_list,
    card,
    checked,
    colleague,
    dialer,
    digest,
    faults,
    forms,
    home,
    list_buttons,
    list_words,
    message_numbers,
    missed,
    open_calls,
    refusals,
    refused_call,
    refused_option,
    reminder,
    reply,
    report,
    sentence_numbers,
    sign_in_causes,
    words,
    workflow_step,
)
from bot.slack.texts import (
    after as after_call,
)
from bot.slack.texts.call_list import Viewer
from bot.slack.texts.colleague import Offer
from bot.slack.texts.contact import NO_CONTACT, Contact
from bot.slack.texts.faults import Wanted
from bot.slack.texts.profile import Profile
from bot.slack.texts.sentence_numbers import SentenceAsker
from bot.slack.texts.text import Message, section, shown
from bot.slack.texts.voicemail import VoicemailTexts
from bot.user_errors import (
    Absence,
    AccessDenied,
    AccessRule,
    Blame,
    CancelLimited,
    ChannelUnknown,
    CodeRefused,
    CredentialRefused,
    InstallNotBegun,
    InstallRefused,
    InstallSentBack,
    LinkUsed,
    NoCookie,
    NotInChannel,
    OtherBrowser,
    OtherSite,
    PhonesRefused,
    RequestAnswered,
    SentBack,
    Unseen,
)
from bot.workspaces.manifest import STEP_FUNCTION

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(seconds=50)
CALLER, CALLEE = PhoneNumber("+16505550101"), PhoneNumber("+14155550142")
LONDON = PhoneNumber("+442079460018")
CHANNEL = Place("T1", "C1", "U0ANN")
DM = Place("T1", "D1", "U0ANN")
ANN = CHANNEL.person
PHONES = (
    Phone(CALLER, "Mobile", "Mobile", rings=True, shows=True),
    Phone(LONDON, rings=True, shows=True),
)
NORTHWIND = Name("Northwind", NameSource.WRITTEN)
CONTACTS = (NO_CONTACT, Contact("U0DANA"), Contact("C0HELP"), Contact("the help desk"))
BASE = Call(
    id="bcdfghjklmnp",
    key="k",
    place=CHANNEL,
    callee=CALLEE,
    caller=CALLER,
    asked_at=NOON,
    next_at=NOON,
)
URL = "https://bot.example/x"
READ_AS = {
    "text",
    "placeholder",
    "hint",
    "title",
    "submit",
    "close",
    "label",
    "name",
    "caption",
    "description",
}
"""Keys of Block Kit under which a reader finds words."""

WORDS_IN = (
    "blocks",
    "elements",
    "fields",
    "rows",
    "options",
    "confirm",
    "element",
    "chart",
    "series",
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """What people read, and where: a private answer, a card, a form, a page."""

    where: str
    text: str


def everything() -> Iterator[Sentence]:
    """Yield every sentence, each as often as it is found."""
    for where, found in SURFACES.items():
        for each in found():
            for text in spoken(each):
                yield Sentence(where, text)


def private() -> Iterator[Sentence]:
    """Yield what one person reads alone, or in a browser, who need not be an admin."""
    return (each for each in everything() if each.where not in IN_CHANNELS)


def spoken(said: Any) -> Iterator[str]:
    """Yield the texts in a sentence, a message, a view or a page."""
    match said:
        case str():
            yield said
        case Message():
            yield said.text
            for blocks in (said.blocks, said.plainer):
                yield from itertools.chain.from_iterable(map(spoken, blocks))
        case Mapping():
            yield from _of_block(said)
        case list() | tuple():
            for each in said:
                yield from spoken(each)


def _of_block(block: Mapping[str, Any]) -> Iterator[str]:
    for key, value in block.items():
        if key in READ_AS and isinstance(value, str):
            yield value
        elif (key in READ_AS and isinstance(value, Mapping)) or key in WORDS_IN:
            yield from spoken(value)
        elif isinstance(value, Mapping):
            yield from _of_block(value)


# Errors


def errors() -> Iterator[UserError]:
    """Yield every error for people that a command, a button or a form can raise."""
    for kind in refusals.FIXED:
        yield kind()
    for word in ("from", "as"):
        yield from (BadCommand("x", word, each) for each in {*Slip} - {Slip.NO_WORDS})
    yield from (BadCommand("x", "for", each) for each in Slip)
    yield EmergencyNumber("911", "US")
    yield EmergencyNumber("110", "US")
    yield EmergencyNumber("101", "US", "101")
    yield EmergencyNumber("933", "US", "933")
    yield from (UnreadableNumber("bob 415", each) for each in Flaw)
    yield UnreadableNumber("@cleo", Flaw.NO_DIGITS)
    yield from (HasExtension("415-555-0142 x5"), ShortCode("2021"))
    yield ShortCode("116117", "DE")
    yield AmbiguousNumber("65 6234 5678", ("+65 6234 5678", "+1 656-234-5678"))
    yield AmbiguousNumber("020 7946 0018", ("+44 20 7946 0018",))
    yield from (DoubtfulNumber(PhoneNumber("+493012"), each) for each in Doubt)
    for region, length, whole in itertools.product(
        ("US", "DE", "001"), Length, (False, True)
    ):
        yield InvalidNumber("555-0142", region, length, is_whole=whole)
    yield UnknownName("bob")
    yield OldMexicanNumber("+52 1 55 1234 5678", "+52 55 1234 5678")
    yield PremiumRate(PhoneNumber("+19005550142"))
    yield from (TariffNotAllowed(LONDON, each) for each in {*Tariff} - {Tariff.PREMIUM})
    yield from objections.refusals(CALLEE)
    yield from objections.refusals(PhoneNumber("+491805123456"))
    yield from objections.asks(CALLEE)
    yield CountryNotAllowed(LONDON)
    yield CountryNotAllowed(PhoneNumber("+870773111632"))
    yield from (NotYourPhone("from", PHONES), NotYourPhone("as", ()))
    yield SeveralPhones("from", PHONES)
    yield SeveralPhones("as", PHONES * 8)
    for rule, who in itertools.product(AccessRule, ("", "U0BOB")):
        yield AccessDenied(rule, who)
    yield from map(NotInChannel, Absence)
    yield from map(ChannelUnknown, Unseen)
    yield CancelLimited(41.6)
    for blame, answer in itertools.product(
        Blame, ("400", *(f"400 {each}" for each in sign_in_causes.CAUSES))
    ):
        yield CredentialRefused(answer, blame)
    yield PhonesRefused()
    yield UnreadableList(ListFlaw.OWN_ACCOUNT)
    yield from (UnreadableList(each, "next week") for each in ListFlaw)
    yield from (
        RequestAnswered(by, each) for by in ("", "U0BOB") for each in (True, False)
    )
    yield from desk_sentences.errors()


def pages() -> Iterator[str]:
    """Yield what a browser shows, without its tags."""
    failed: list[UserError] = [LinkUsed(), NoCookie(), OtherBrowser(), OtherSite()]
    reasons = (*oauth_flow.CODES, oauth_flow.OTHER_ERROR, oauth_flow.NO_ERROR)
    failed += [SentBack(each) for each in reasons]
    failed += [InstallSentBack(each) for each in reasons]
    failed += [
        CodeRefused(answer, blame)
        for answer, blame in itertools.product(("400", "400 OAU-236"), Blame)
    ]
    failed += [InstallNotBegun(), InstallRefused(), *errors()]
    bodies = [
        page_texts.asked("@ann (sandbox)"),
        page_texts.connected("Ann Archer"),
        page_texts.connected(""),
        page_texts.installed("Acme", everywhere=False),
        page_texts.installed("Acme", everywhere=True),
        page_texts.begin_again("/slack/install"),
        page_texts.sentence(in_browser.SIGN_IN_LATER),
        page_texts.sentence(in_browser.INSTALL_LATER),
    ]
    for contact in CONTACTS:
        bodies += [
            page_texts.sentence(in_browser.told(each, contact)) for each in failed
        ]
    for body in bodies:
        for part in re.split(r"</?(?:p|form|button)\b[^>]*>", body):
            yield html.unescape(re.sub(r"<[^>]+>", "", part))
    yield page_texts.ASKED_TITLE
    yield page_texts.CONNECTED_TITLE
    yield page_texts.NOT_CONNECTED_TITLE
    yield page_texts.INSTALLED_TITLE
    yield page_texts.NOT_INSTALLED_TITLE


# Private answers


def private_answers() -> Iterator[Message | str | None]:
    """Yield what commands and buttons are answered."""
    for error, contact in itertools.product(errors(), CONTACTS):
        yield answers.sorry(error, contact)
        yield refusals.told_plainly(error, contact)
    for contact in CONTACTS:
        for wanted in Wanted:
            yield faults.our_fault(wanted, "1a2b3c4d", contact)
        yield answers.refused(contact)
        for code in ("", *sign_in_causes.CAUSES):
            refused = CredentialsRefused("RingCentral", f"400 {code}")
            yield answers.trouble(refused, contact)
        yield colleague.no_profiles(contact)
        for note, shows, place in itertools.product(Note, Shows, (CHANNEL, DM)):
            yield answers.note(replace(BASE, shows=shows, place=place), note, contact)
    for wanted in Wanted:
        yield from (faults.not_installed(wanted, url) for url in ("", URL))
        yield from (faults.no_store(wanted), faults.too_slow(wanted))
    yield faults.restarting()
    yield answers.limited(RateLimited(12))
    yield answers.trouble(Unreachable("timeout"), NO_CONTACT)
    yield from (answers.not_taken(), answers.RINGOUT_HELP, answers.MESSAGE_HELP)
    yield from (account.to_connect(), account.to_settings())
    yield from (
        answers.NO_LAST_CALL,
        answers.NOTHING_TO_CANCEL,
        answers.NOTHING_TO_HANG_UP,
    )
    yield from (answers.CALL_BACK, answers.LOG_OUT)
    yield from _of_open_calls()
    yield from (answers.whole_number(BASE, own=own) for own in (False, True))
    yield from _added()
    yield from _questions()
    yield from _of_account()


def _of_open_calls() -> Iterator[Message]:
    for stage in (State.FOLLOWING, State.RECORDING):
        for connected in (False, True):
            going_on = replace(
                BASE, state=stage, connected=connected, cancelled_at=NOON
            )
            yield answers.still_open(going_on)
    for typed, done in itertools.product((False, True), (*Canceled, *HungUp)):
        yield answers.stopped(done, "c1", typed=typed)
    yield answers.still_open(replace(BASE, hung_up_at=NOON))
    talking = replace(BASE, connected=True, state=State.FOLLOWING)
    for calls in itertools.product((BASE, talking), (BASE, talking)):
        yield from (open_calls.which(calls, each) for each in ("cancel", "hang up"))
        yield open_calls.going_on(calls)
        yield open_calls.going_on(calls[:1])
    table = (section("one"), section("two"))
    yield open_calls.over(Message("2 calls.", table[:1], plainer=(table, table)))
    yield open_calls.over(Message("No calls."))


def _added() -> Iterator[Message | None]:
    calls = [BASE, replace(BASE, caller=None), replace(BASE, callee_name=NORTHWIND)]
    calls += [replace(BASE, connected=True), replace(BASE, state=State.RECORDING)]
    calls.append(replace(BASE, state=State.DONE))
    for verdict, call, phone in itertools.product(Verdict, calls, ("", "Mobile")):
        added = Added(verdict, call, phone)
        yield answers.added(added, most=10)
        yield answers.pressed(added, most=10)


def _questions() -> Iterator[Message | str | None]:
    command = Command("dial", "x", "desk", "main", "Northwind")
    for doubt in Doubt:
        found = Prospect(PhoneNumber("+493012"), doubt=doubt)
        yield asking.offered(found, command, ANN, "key")
    yield from (colleague.NOT_DIALED, colleague.CALLED_BEFORE)
    yield from (asking.again(each, ANN, "key") for each in (BASE, _named(BASE)))
    asker = SentenceAsker(ANN, NO_PHONES, "key")
    in_words = [FoundNumber("x", each) for each in (CALLEE, LONDON)]
    refused = FoundNumber("911", None, EmergencyNumber("911", "US"))
    for numbers in (in_words, [*in_words, refused], [refused, refused]):
        found_here = FoundNumbers(tuple(numbers), ("0142",), has_more=True)
        yield sentence_numbers.which(found_here, command, asker, NO_CONTACT)
    lost = replace(asker, trouble=NotYourPhone("from", PHONES))
    yield sentence_numbers.which(
        FoundNumbers(tuple(in_words)), command, lost, NO_CONTACT
    )
    bob = Profile("U0BOB", "Bob Baker")
    nobody = replace(bob, name="")
    offers = [
        Offer(CALLEE, colleague.BY_RINGCENTRAL, "US"),
        Offer(LONDON, colleague.BY_SLACK, "US", Doubt.SHORT),
        Offer(CALLEE, colleague.BY_BOTH, "US"),
    ]
    for profile in (bob, nobody):
        yield colleague.question(profile, offers[:2], command, ANN)
        yield from (colleague.question(profile, [o], command, ANN) for o in offers)
        yield colleague.not_callable(replace(profile, is_bot=True))
        yield colleague.not_callable(replace(profile, deleted=True))
        yield colleague.not_callable(replace(profile, is_stranger=True))
        yield colleague.not_callable(profile)
    yield colleague.without_number("Bob Baker", [])
    yield colleague.without_number("Bob Baker", [colleague.unclear("my desk")])
    yield from (colleague.THAT_IS_YOU, colleague.UNKNOWN_PERSON, colleague.SLACK_BUSY)
    yield colleague.NOT_DIALED
    colleague.check_length(command)
    yield from _of_steps()
    yield from _of_after()


def _of_after() -> Iterator[Any]:
    """Yield what people say of a call, on its card, in its DM, in lists, in the form."""
    words_ = Dispositions(USUAL_DISPOSITIONS)
    answered = Outcome(Side(Ending.ANSWERED), Side(Ending.ANSWERED), timedelta(63))
    over = replace(BASE, end=End.RECORDED, state=State.DONE, outcome=answered)
    spoke, note = Remark("Spoke", "U0BOB", NOON), Remark("Call at five.", "U0ANN", NOON)
    back = Remark("Call back", "U0ANN", NOON)
    claims = [Remark(each, "U0BOB", NOON) for each in CallBack]
    follow_ups = [Aftermath(back, None, claim) for claim in (None, *claims)]
    for said in (None, Aftermath(spoke, note), *follow_ups):
        told = replace(over, aftermath=said, card_channel="C1")
        yield card.card(told, full=False, dispositions=words_)
        hidden = replace(told, shows=Shows.PRIVATE)
        yield reply.reply(
            hidden, full=False, give_up=timedelta(900), dispositions=words_
        )
        yield after_call.note_form(told)
        yield after_call.note_form(hidden)
        yield after_call.word(told)
        for who in (CHANNEL, Place("T1", "C1", "U0BOB")):
            due = Reminder("r", told.id, who, NOON)
            for late in (False, True):
                yield reminder.reminder(told, due, full=False, is_late=late)
            yield reminder.listed([(due, told)])
    never = Aftermath(Remark("Do not call", "U0ANN", NOON))
    for now, before in ((never, Aftermath()), (Aftermath(), never)):
        yield after_call.listed(Disposed(replace(over, aftermath=now), before))
    yield from _missed_calls()
    yield reminder.will_remind(LATER)
    yield from (reminder.reminder_form(each) for each in (None, ZoneInfo("UTC")))
    yield reminder.read_form({})
    yield (
        reminder.WITHOUT_TIME,
        reminder.TWO_TIMES,
        reminder.PAST,
        reminder.TOO_FAR.format(day="Nov 20, 2026"),
    )


def _of_steps() -> Iterator[Message | str | None]:
    step = WorkflowStep.begun("Fx1", CHANNEL, NOON)
    for reason, doubt in (("", None), ("Northwind", Doubt.SHORT)):
        found = Prospect(CALLEE, doubt=doubt)
        for shows in Shows:
            asked = replace(found, shows=shows)
            yield workflow_step.question(asked, reason, ANN, step)
    yield workflow_step.shown_here(CALLEE)
    yield from workflow_step.WHY_FAILED.values()
    yield workflow_step.STEP_NOT_ASKED
    yield workflow_step.lacking(replace(CHANNEL, user=""))
    yield workflow_step.lacking(replace(CHANNEL, channel=""))
    failed: list[UserError | NotConnected] = [NotConnected(), *errors()]
    for error in failed:
        yield workflow_step.refused(error, NO_CONTACT)
    answered = Outcome(Side(Ending.ANSWERED), Side(Ending.ANSWERED), timedelta(63))
    for call in (
        BASE,
        replace(BASE, outcome=answered),
        replace(BASE, shows=Shows.PRIVATE, card_channel="C1"),
    ):
        yield str(workflow_step.outputs(call, URL))


def _named(call: Call) -> Call:
    return replace(call, callee_name=NORTHWIND, caller_id=CALLER)


def _sums() -> Iterator[Figures]:
    yield Figures()
    yield Figures(calls=1, judged=1, answered=1, connected=1, talked=timedelta(63))
    words_ = Counter({f"Word {number}": number for number in range(1, 28)})
    yield Figures(9, 1, 1, 1, 5, 6, 4, timedelta(hours=1), words_)


def _of_reports() -> Iterator[Message]:
    for period, user, known in itertools.product(Period, ("", "U0BOB"), (False, True)):
        for sums in _sums():
            shown = CallReport(period, user, NOON, sums, 2, 7, is_whole=known)
            yield report.report(shown, by_utc=not known)


def _of_digests() -> Iterator[Message]:
    for named, late, weekly in itertools.product(
        (0, 2, 22), (False, True), (False, True)
    ):
        for sums in _sums():
            people = tuple((f"U0{number}", sums) for number in range(named))
            days = ((NOON.date(), sums),)
            missed = MissedSums(named, named // 2) if weekly else None
            told = Digest(NOON, LATER, sums, people, days, 2, missed, is_late=late)
            yield digest.digest(told, is_weekly=weekly)


def _of_account() -> Iterator[Message | str]:
    for again, placing in itertools.product((False, True), repeat=2):
        yield account.first(again=again, placing=placing)
    yield from (account.offer(URL), account.offer_form())
    for code in ("", *sign_in_causes.CAUSES):
        yield from (account.first(again=True, code=code), account.ended(code))
    for name, extension, phone in itertools.product(
        ("", "Ann Archer"), ("", "101"), ("", "Mobile (+1 650-555-0101)")
    ):
        yield account.connected(name, extension, phone)
    yield from (account.ending(NOON), account.nothing_to_disconnect())
    for one, two, three in itertools.product((False, True), repeat=3):
        yield account.disconnected(is_revoked=one, is_retried=two, by_credential=three)
        yield account.disconnected(
            is_revoked=one, is_retried=two, by_credential=three, by="U0ADMIN"
        )
    yield from (account.CHECKING, account.NOW_CONNECTED)


NEW_HERE = Overview(
    name="",
    connected=False,
    ended=False,
    can_call=True,
    can_connect=True,
    first="",
    open_calls=(),
    last_calls=(),
)


def views() -> Iterator[Any]:
    """Yield the forms, the modals and the Home tab."""
    yield forms.jwt_form("client-id")
    yield forms.note("Checking", account.CHECKING)
    yield forms.note("Connected", account.NOW_CONNECTED)
    for said in (account.offer(URL), account.in_browser()):
        yield forms.sign_in(said, "form")
    yield refuse_form(answers.not_taken()).ack
    chosen = Preferences(prompt=True, region="GB")
    for sheet in (
        Sheet(PHONES, Preferences(), "US", PHONES[0]),
        Sheet((), replace(chosen, missed_since=1.0), "US", can_be_told=True),
        Sheet(PHONES * 60, replace(chosen, first=LONDON.e164), "US", PHONES[1]),
    ):
        for zone in ("", "Europe/London"):
            yield forms.settings_form(sheet, zone)
    values = {"first": "+1", "caller_id": "+1", "region": "QQ", "shows": "x"}
    state = {"values": {k: {k: {"value": v}} for k, v in values.items()}}
    yield list(forms.read_settings(state, PHONES, chosen, NOON)[1].values())
    yield forms.pasted(state)
    yield from _dialer()
    yield from _message_numbers()
    yield from _homes()
    yield from desk_sentences.forms()
    yield from (home.view(NEW_HERE, each) for each in desk_sentences.sheets())


def _missed_calls() -> Iterator[Any]:
    """All states of a card, in a channel and in a DM."""
    place = Place("T1", "C1", "")
    card = MissedCard(
        id="m",
        account="a",
        place=place,
        first_at=NOON,
        last_at=LATER,
        told_at=LATER,
        caller=CALLEE,
        name="Bo Example",
        rang=timedelta(seconds=22),
    )
    taken = replace(card, taken_by="U0BOB", taken_at=NOON)
    called = replace(taken, call="c1")
    for each in (
        card,
        replace(card, caller=None, name=""),
        replace(card, caller=None, extension="102", count=3, has_voicemail=True),
        replace(card, is_late=True, place=replace(place, channel="", user="U0ANN")),
        replace(card, is_rest=True, count=14),
        taken,
        replace(taken, is_over=True),
    ):
        yield missed.missed_card(each, None, full=False)
    heard = VoicemailTexts(
        VoicemailShow.TRANSCRIPTION, "https://listen.example/?media="
    )
    address = "https://media.ringcentral.com/restapi/v1.0/account/1"
    left = LeftVoicemail("7", NOON, timedelta(seconds=42), address, "Hi, call me back.")
    for ids in (("7",), ("6", "7")):
        with_voicemail = replace(card, voicemail=left, voicemail_ids=ids)
        yield missed.missed_card(with_voicemail, None, full=False, voicemails=heard)
    ended = replace(BASE, end=End.UNCONFIRMED, state=State.DONE)
    for call in (BASE, ended, replace(ended, shows=Shows.PRIVATE)):
        yield missed.missed_card(called, call, full=False)


def _message_numbers() -> Iterator[Any]:
    sheet = Sheet(PHONES, Preferences(), "US", PHONES[0])
    wrong = UnreadableNumber("0142", Flaw.TWO_NUMBERS)
    found = (
        FoundNumber("(415) 555-0142", CALLEE, before="Bob: ", extension="22"),
        FoundNumber("020 7946 0018", PhoneNumber("+4420794600"), after=" in London"),
        FoundNumber("+44 20 7946 0018", LONDON, CountryNotAllowed(LONDON)),
        FoundNumber("0142", None, wrong),
    )
    for seen in (
        FoundNumbers(),
        FoundNumbers(found[2:], ("0142",)),
        FoundNumbers(found, ("0142", "0143"), has_more=True),
    ):
        yield message_numbers.numbers_form(seen, sheet, str.upper, NO_CONTACT)
    yield message_numbers.CHOOSE_ONE


def _dialer() -> Iterator[Any]:
    for shows, default in ((Shows.CHANNEL, PHONES[0]), (Shows.DM, None)):
        chosen = Preferences(shows=shows, caller_id=LONDON.e164)
        yield dialer.dialer_form(Sheet(PHONES, chosen, "US", default))
    known = [Suggestion.of(CALLEE.e164, "Northwind", each) for each in SuggestionSource]
    wrong = UnreadableNumber("bob", Flaw.NO_DIGITS)
    for typed in (
        None,
        Typed("415", CALLEE, "Northwind" * 9),
        *(Typed("415", LONDON, doubt=each) for each in Doubt),
        Typed("bob", refused=wrong),
        Typed("b" * 200, refused=wrong),
    ):
        found = Suggested(typed, tuple(known))
        yield dialer.options(found, str.upper, NO_CONTACT)
    asked = dialer.Dialed(CALLEE, None, None, None, "C1")
    for known_as in ("", "Milo Hart"):
        yield dialer.shown_here(replace(asked, known_as=known_as))
    yield dialer.complaint(answers.not_taken())
    yield dialer.CHOOSE
    longest = ("+39 06 1234 5678 9012 34", "+881 6 1234 5678 901 234")
    for error in (*errors(), AmbiguousNumber("1" * 30, longest)):
        yield [dialer.in_option(error, NO_CONTACT), refused_option.brief(error)]
    for error, channel in itertools.product(errors(), ("", "C1")):
        yield list(dialer.errors(error, NO_CONTACT, channel).values())
    for doubt in Doubt:
        yield dialer.doubtful(DoubtfulNumber(LONDON, doubt), "U0ANN")
    for error in objections.asks(LONDON):
        yield dialer.policy_question(error)
        yield asking.policy_question(error)
    yield from asking_sentences.all_of(LONDON)
    for wanted in objections.prospects(LONDON):
        yield checked.said(wanted, "U1", NO_CONTACT)
        yield asking.offered(wanted, Command("dial"), objections.ANNS, "key")
    yield from (dialer.already_open(BASE), dialer.called_another(BASE))
    yield dialer.not_now(dialer.sentence(wrong, NO_CONTACT))
    dialer.Dialed(CALLEE, CALLER, CALLER, NORTHWIND, "C1").dump()


def _homes() -> Iterator[Any]:
    open_calls = (BASE, replace(BASE, state=State.FOLLOWING, cancelled_at=NOON))
    told = Outcome(Side(Ending.ANSWERED, "Accepted"), Side(Ending.BUSY, "Busy"))
    over = [replace(BASE, state=State.DONE, end=end) for end in (None, *End)]
    over.append(replace(BASE, end=End.RECORDED, outcome=told))
    flags = itertools.product((False, True), repeat=4)
    yield home.refused(AccessDenied(AccessRule.GUESTS), NO_CONTACT)
    for connected, ended, can_call, can_connect in flags:
        for first, calls in (("", ()), ("Mobile (+1 650-555-0101)", open_calls)):
            last = tuple(over) if calls else ()
            yield home.view(
                Overview(
                    name="Ann Archer",
                    connected=connected,
                    ended=ended,
                    can_call=can_call,
                    can_connect=can_connect,
                    first=first,
                    open_calls=calls,
                    last_calls=last,
                    to_do=ToDo((), tuple(_to_call_back())) if calls else ToDo(),
                )
            )


def _to_call_back() -> Iterator[tuple[Call, bool]]:
    """Yield a call that nobody calls back yet, and one that somebody does."""
    back = Remark("Call back", "U0ANN", NOON)
    for claim in (None, Remark(CallBack.TAKEN, "U0BOB", NOON)):
        said = Aftermath(back, None, claim)
        told = replace(BASE, end=End.UNCONFIRMED, state=State.DONE, aftermath=said)
        yield told, claim is None


# Cards, replies and lists


def calls() -> Iterator[Call]:
    """Yield calls in every state, with every live word and every result."""
    shown_as: list[dict[str, Any]] = [
        {},
        {"place": DM, "card_channel": "D1", "callee_name": NORTHWIND},
        {"shows": Shows.PRIVATE, "account": "a", "in_name_of": "Ann"},
    ]
    for call, changes in zip(_calls(), itertools.cycle(shown_as), strict=False):
        yield replace(call, **changes)
    ringing = Status("InProgress", "Success", "InProgress")
    open_ = replace(BASE, state=State.FOLLOWING, ringout_id="s-1", status=ringing)
    yield replace(open_, is_controllable=True)
    yield replace(open_, is_controllable=True, hung_up_at=NOON)


def _calls() -> Iterator[Call]:
    yield from (BASE, replace(BASE, caller=None), _named(BASE))
    yield replace(BASE, wait_until=LATER, limited_at=NOON)
    yield replace(BASE, state=State.PLACING)
    sent = replace(BASE, sent_at=NOON, state=State.FOLLOWING)
    placed = replace(sent, ringout_id="s-1", placed_at=NOON)
    live = [*words.LIVE, "", "invalid", "Odd"]
    for word in live:
        for status in (
            Status("InProgress", word, "InProgress"),
            Status("InProgress", "Success", word),
            Status(word, "InProgress", "InProgress"),
            Status(word, "Success", "Success"),
        ):
            for changes in _live_changes():
                yield replace(placed, status=status, **changes)
    for call, why in itertools.product((sent, placed), (None, *Why)):
        for end in (None, *End):
            done = replace(call, state=State.DONE, end=end, why=why, ended_at=LATER)
            yield done
            yield replace(done, silent_since=NOON, status=Status("X", "Busy", ""))
            yield replace(done, account="a")
            if end is End.UNCONFIRMED and why is None:
                yield replace(done, terminal_at=LATER, seen=True)
    for code in sign_in_causes.CAUSES:
        unsigned = replace(BASE, state=State.DONE, end=End.NOT_PLACED, why=Why.LOGIN)
        yield replace(unsigned, refusal=Refusal(400, code))
    left = replace(placed, state=State.RECORDING, why=Why.LOGIN, ended_at=LATER)
    yield from (left, replace(left, silent_since=NOON))
    for refusal in _refusals():
        yield replace(BASE, state=State.DONE, end=End.REFUSED, refusal=refusal)
    for outcome in _outcomes():
        yield replace(placed, state=State.DONE, end=End.RECORDED, outcome=outcome)


def _live_changes() -> Iterator[dict[str, Any]]:
    yield {}
    yield {"cancelled_at": NOON}
    yield {"terminal_at": LATER}
    yield {"silent_since": NOON}
    yield {"state": State.RECORDING, "ended_at": LATER, "terminal_at": LATER}
    yield {"state": State.RECORDING, "ended_at": LATER}
    talks = {"connected": True, "connected_at": NOON, "alive_at": LATER}
    yield talks
    yield talks | {"cancelled_at": NOON}
    yield talks | {"terminal_at": LATER}
    yield talks | {"terminal_at": LATER, "silent_since": NOON}
    yield {"state": State.RECORDING, "ringout_id": ""}
    yield {"state": State.RECORDING, "ringout_id": "", "silent_since": NOON}
    yield {"state": State.RECORDING, "ended_at": LATER, "silent_since": NOON}


def _refusals() -> Iterator[Refusal]:
    codes = ["", *refused_call.APP_LACKS, *refused_call.USER_LACKS]
    codes += [*refused_call.FEATURE_CODES, *refused_call.NOT_ALLOWED, "NoCredit"]
    for code in codes:
        yield Refusal(403, code)
        yield Refusal(403, code, permission="RingOut")
        yield Refusal(403, code, feature="InternationalCalls")
    for name in refused_call.PARAMETERS:
        yield Refusal(400, "CMN-101", parameter=name)
    yield Refusal(400, "CMN-101")


def _outcomes() -> Iterator[Outcome]:
    answered = Side(Ending.ANSWERED, "Accepted")
    machine = Side(Ending.ANSWERED, "Call connected")
    yield Outcome(answered, answered, timedelta(seconds=62))
    yield Outcome(answered, machine, timedelta(hours=1, minutes=2))
    yield Outcome(answered, machine)
    odd = [Side(Ending.UNKNOWN, "Odd", "odder"), Side(Ending.UNKNOWN, "")]
    odd += [Side(Ending.FAX, raw) for raw in words.FAXES]
    for ending in (*(Side(each, "") for each in Ending), *odd):
        yield Outcome(answered, ending)
        yield Outcome(ending, Side(Ending.NOT_DIALED, ""))
        yield Outcome(ending, answered)
        yield Outcome(ending, ending)


def cards() -> Iterator[Message]:
    """Yield the cards, which a channel reads."""
    for call in calls():
        yield card.card(call, full=False)


def replies() -> Iterator[Message]:
    """Yield the replies in threads."""
    for call in calls():
        if call.end is not None:
            yield reply.reply(call, full=False, give_up=timedelta(minutes=15))
    recorded = replace(BASE, end=End.UNCONFIRMED, recording="https://media.example/1")
    base = "https://reader.example/?media="
    yield reply.reply(
        recorded, full=False, give_up=timedelta(minutes=15), recordings=base
    )


def lists() -> Iterator[Any]:
    """Yield the lists of calls, and what is said of a list."""
    yield list_words.LIST_HELP
    yield from _of_reports()
    yield from _of_digests()
    shown = LONDON.international
    yield list_buttons.question(LONDON, shown, ANN, "trigger", _seal)
    viewer = Viewer(ANN, whole=False, seal=_seal, may_call=lambda _: True)
    requests = [
        ListRequest(),
        ListRequest(company=True, kinds=frozenset(ListedKind)),
        ListRequest(days=frozenset(ListedDay), people=frozenset({"U0BOB", "U0ANN"})),
        ListRequest(e164=CALLEE.e164, ending="0142"),
    ]
    pages_ = [(None, None, None), (After(NOON), After(NOON, "r"), NOON)]
    rows = tuple(_rows())
    for request, (after, more, searched), own in itertools.product(
        requests, pages_, (False, True)
    ):
        for some in ((), rows[:1], rows):
            page = Recent(
                request=request,
                rows=some,
                read_at=NOON,
                looked_back=timedelta(days=90),
                region="US",
                searched_to=searched,
                own=own,
                phones=PHONES,
                usual=frozenset({CALLER.e164} if own else ()),
                after=after,
                more=more,
            )
            yield call_list.listed(page, replace(viewer, by_utc=own, whole=own))
    assert list_buttons.load(list_buttons.dump(requests[0], None))[1] is None


def _seal(text: str) -> str:
    return text


def _left_unanswered() -> Call:
    rejected = Status("InProgress", "Success", "Rejected")
    bobs = replace(CHANNEL, user="U0BOB")
    return replace(BASE, state=State.FOLLOWING, status=rejected, place=bobs)


def _rows() -> Iterator[Row]:
    ann = Party(CALLER.e164, name="Ann")
    bob = Party(CALLEE.e164, name="Bob Baker")
    odd = Party("", extension="101")
    end = Side(Ending.ANSWERED, "Accepted")
    base = Row(
        id="r",
        started_at=NOON,
        caller=ann,
        callee=bob,
        caller_side=end,
        callee_side=end,
        talked=timedelta(seconds=40),
        in_progress=False,
    )
    yield base
    placed = replace(BASE, place=replace(CHANNEL, user="U0BOB"))
    yield from (replace(base, direction=each, call=placed) for each in Direction)
    yield replace(base, callee=odd, caller=Party("+44207XXXX"), talked=None)
    yield replace(base, callee=Party(""), callee_side=None)
    yield replace(base, caller_side=Side(Ending.BUSY, "Busy"), callee_side=end)
    away = Side(Ending.NOT_DIALED, "")
    yield replace(base, caller_side=Side(Ending.BUSY, "Busy"), callee_side=away)
    for call in (BASE, _left_unanswered()):
        yield replace(base, in_progress=True, call=call, talked=None)
    alike = replace(base, callee=Party("+13125550142"))
    yield from (alike, replace(alike, callee=Party("+1312555XXXX0142", name="1234567")))
    yield from (replace(base, callee_side=Side(each, "Odd")) for each in Ending)


def step() -> Iterator[Any]:
    """Yield what Slack's builder says of the step."""
    yield STEP_FUNCTION
    for kind in ("input_parameters", "output_parameters"):
        yield list(STEP_FUNCTION[kind].values())


SURFACES: Mapping[str, Any] = {
    "card": cards,
    "reply": replies,
    "answer": private_answers,
    "list": lists,
    "desk": desk_sentences.answers,
    "form or Home": views,
    "page": pages,
    "step": step,
}
IN_CHANNELS = {"card", "reply"}


def distinct(found: Iterable[Sentence]) -> dict[str, list[str]]:
    """Return the sentences by where they are read, each once."""
    by_place: dict[str, dict[str, None]] = {}
    for each in found:
        text = " ".join(each.text.split())
        if text:
            by_place.setdefault(each.where, {})[text] = None
    return {where: list(texts) for where, texts in by_place.items()}


def main() -> None:
    """Print all of them."""
    found = distinct(everything())
    for where, texts in found.items():
        print(f"\n== {where}: {len(texts)}\n")  # noqa: T201 - it is what this is for
        print("\n".join(texts))  # noqa: T201 - so is this
    total = len({text for texts in found.values() for text in texts})
    print(f"\n{total} sentences")  # noqa: T201 - and this
    shown(None, full=False)


if __name__ == "__main__":
    main()
