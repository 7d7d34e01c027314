"""The admin's desk on Home: its buttons and its forms."""

from __future__ import annotations

from dataclasses import dataclass

from bot.calls.call import Place
from bot.errors import UserError
from bot.policy.desk_command import AdminFlaw, UnreadableAdminCommand, reason_of
from bot.policy.rule_fields import RULE_FIELDS, RuleGroup
from bot.policy.wish import DoNotCall
from bot.slack.entrances.commands.admin import as_stored
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.posting.origin import stamped
from bot.slack.texts import desk, desk_forms, desk_lists, forms, refusals
from bot.slack.texts.desk_lists import EntryDeed
from bot.slack.texts.text import Message
from bot.user_errors import OutdatedButton


@dataclass(frozen=True, slots=True)
class Held:
    """What a form of rules keeps: their version, and the group or the person."""

    version: int
    about: str

    def dump(self) -> str:
        """Return it as the form keeps it."""
        return f"{self.version} {self.about}"

    @classmethod
    def load(cls, held: str) -> Held:
        """Read what `dump` wrote. Raises `OutdatedButton`."""
        version, _, about = held.partition(" ")
        if not (version.isascii() and version.isdecimal() and about):
            raise OutdatedButton
        return cls(int(version), about)


# Pause


async def open_pause(request: Request, services: Services) -> Message | None:
    """``Pause calls…``: ask for a reason."""
    view = desk_forms.pause_form()
    await services.views.open(request.place, request.trigger, view)
    return None


async def submit_pause(request: Request, services: Services) -> Handled:
    """Pause calls; what was stored before stays if they are paused already."""
    reason = forms.values_of(request.state).get(desk_forms.REASON_BLOCK, "")
    paused = await services.desk.pause(request.place, reason_of(reason))
    if paused.is_new:
        return Handled()
    return Handled.show(forms.not_done(desk.paused(paused)))


# Rules


async def open_rules(request: Request, services: Services) -> Message | None:
    """``Change…``: open the form of one group of rules."""
    if request.text not in set(RuleGroup):
        raise OutdatedButton
    sheet = await services.desk_rules.sheet(request.place)
    view = desk_forms.rules_form(sheet, RuleGroup(request.text))
    held = Held(sheet.version, request.text).dump()
    await services.views.open(request.place, request.trigger, view, held)
    return None


async def submit_rules(request: Request, services: Services) -> Handled:
    """Save the rules of a form, unless something is wrong with one of them."""
    held = Held.load(request.held)
    given = {
        name: text
        for name, text in desk_forms.given_in(request.state).items()
        if name in RULE_FIELDS and RULE_FIELDS[name].group == held.about
    }
    wrong = await services.desk_rules.save(request.place, held.version, given)
    if not wrong:
        return Handled()
    sheet = await services.desk_rules.sheet(request.place)
    return Handled.complain(desk_forms.complaints(wrong, sheet))


async def undo(request: Request, services: Services) -> Message | None:
    """``Undo last change``: of the rules as they stood when the Home was published."""
    version = Held.load(f"{request.text} undo").version
    await services.desk_rules.undo(request.place, version)
    return None


# The do-not-call list


async def open_entries(request: Request, services: Services) -> Message | None:
    """``Open list…``: show the newest entries, and a form to add, remove and search."""
    entries = await _entries(request.place, services, "")
    view = desk_lists.entries_form(entries)
    await services.views.open(request.place, request.trigger, view)
    return None


async def submit_entries(request: Request, services: Services) -> Handled:
    """Add, remove or search what was typed; the form stays open and shows the list."""
    values = forms.values_of(request.state)
    typed = values.get(desk_lists.NUMBER_BLOCK, "").strip()
    word, reason = values.get(desk_lists.DEED_BLOCK, ""), values.get("reason", "")
    deed = EntryDeed(word) if word in set(EntryDeed) else EntryDeed.SEARCH
    searched = typed if deed is EntryDeed.SEARCH else ""
    try:
        said = await _done(deed, request.place, typed, reason, services)
    except UserError as error:
        told = _wrong_number(error, services)[: forms.LONGEST_ERROR]
        return Handled.complain({desk_lists.NUMBER_BLOCK: told})
    found = await _entries(request.place, services, as_stored(searched))
    view = desk_lists.entries_form(found, said=said, searched=searched, deed=deed)
    return Handled.show(stamped(view, request.place))


def _wrong_number(error: UserError, services: Services) -> str:
    """Return what is wrong: where a command would be shown whole, a number will do here."""
    match error:
        case UnreadableAdminCommand(flaw=AdminFlaw.NO_NUMBER):
            return desk_lists.TYPE_A_NUMBER
    return refusals.told_plainly(error, services.contact)


async def _done(
    deed: EntryDeed, place: Place, typed: str, reason: str, services: Services
) -> str:
    match deed:
        case EntryDeed.ADD:
            entry, is_new = await services.desk.add(place, typed, reason)
            return desk.added(entry, is_new=is_new).text
        case EntryDeed.REMOVE:
            return desk.removed(await services.desk.remove(place, typed)).text
    return ""


async def _entries(place: Place, services: Services, text: str) -> list[DoNotCall]:
    return list(await services.desk.entries(place, text, desk.LISTED_ENTRIES + 1))


# People


async def open_people(request: Request, services: Services) -> Message | None:
    """``People…``: show who is connected, and a menu to choose somebody."""
    people = await services.desk_people.signed_in(request.place)
    sheet = await services.desk_rules.sheet(request.place)
    view = desk_lists.people_form(people, sheet)
    await services.views.open(request.place, request.trigger, view)
    return None


async def submit_people(request: Request, services: Services) -> Handled:
    """Show the form of whoever was chosen."""
    user = forms.values_of(request.state).get(desk_lists.PERSON_BLOCK, "")
    if not user:
        return Handled.complain({desk_lists.PERSON_BLOCK: desk_lists.NOBODY_CHOSEN})
    people = await services.desk_people.signed_in(request.place)
    sheet = await services.desk_rules.sheet(request.place)
    found = next((each for each in people if each.user == user), None)
    view = desk_lists.limits_form(sheet, user, found)
    held = Held(sheet.version, user).dump()
    return Handled.show(stamped(view, request.place, held))


async def submit_limits(request: Request, services: Services) -> Handled:
    """Save one person's limits."""
    held = Held.load(request.held)
    given = forms.values_of(request.state)
    wrong = await services.desk_rules.limit(
        request.place, held.version, held.about, given
    )
    complaints = dict.fromkeys(wrong, desk_lists.NO_LIMIT_THAT)
    return Handled.complain(complaints) if wrong else Handled()


async def disconnect(request: Request, services: Services) -> Message | None:
    """``Disconnect``: end somebody's connection, and say so in the form."""
    was_there = await services.desk_people.disconnect(request.place, request.text)
    said = (
        desk_lists.PERSON_DISCONNECTED if was_there else desk_lists.PERSON_NOT_CONNECTED
    )
    await services.views.update(
        request.place, request.view, forms.note(desk_lists.ONE_PERSON, said)
    )
    return None
