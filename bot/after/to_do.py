"""What a person's Home lists as left to do after calls."""

from __future__ import annotations

from bot.calls.after_call import may_add
from bot.calls.aftermath import Dispositions
from bot.calls.call import Call, Place
from bot.calls.overview import ToDo
from bot.calls.people.person import Person
from bot.storage.after.reminders import ReminderRows
from bot.storage.calls.follow_ups import FollowUps


class HomeLists:
    """Reads it; costs two database reads. Raises `StoreUnavailable`."""

    def __init__(
        self, reminders: ReminderRows, follow_ups: FollowUps, dispositions: Dispositions
    ) -> None:
        self._reminders = reminders
        self._follow_ups = follow_ups
        self._dispositions = dispositions

    async def of(self, person: Person) -> ToDo:
        """Return what is left to do for *person*; nothing that others keep to themselves."""
        reminders = await self._reminders.of_person(person)
        calls = await self._follow_ups.of(person)
        shown = [each for each in calls if self._is_for(person, each)]
        follow_ups = ((each, each.place.person.is_also(person)) for each in shown)
        return ToDo(tuple(reminders), tuple(follow_ups))

    def _is_for(self, person: Person, call: Call) -> bool:
        at_card = Place(person.team, call.card_channel, person.user, person.enterprise)
        return may_add(call, at_card, self._dispositions)
