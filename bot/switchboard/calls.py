"""What people do about calls: place one, place it again, cancel it, list the last ones."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.accounts.callers import Caller
from bot.accounts.names import Names
from bot.accounts.registry import Accounts
from bot.calls.call import Call, Place
from bot.calls.doubt import doubt_of
from bot.calls.hanging_up import can_be_hung_up
from bot.calls.lists.request import ListFlaw, ListRequest, UnreadableList
from bot.calls.lists.work_list import After, Recent, number_of, usual_phones
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import Name
from bot.calls.people.person import Person, Shows
from bot.calls.people.phones import NO_PHONES, Choice, NamedPhones
from bot.calls.telling import Canceled, HungUp
from bot.clock import Clock
from bot.errors import UserError
from bot.policy.added import Added, Verdict
from bot.policy.decision import ALLOWED
from bot.policy.prospect import Prospect
from bot.policy.refusals import DoubtfulNumber, PolicyAsks
from bot.policy.rules import Rule
from bot.policy.wish import CallEntrance, Wish
from bot.policy.workspace import AuditAction, AuditRow, WorkspaceId
from bot.storage.calls.store import Store
from bot.storage.policy.audit import Audit
from bot.switchboard.call_ids import new_id
from bot.switchboard.choosing import Choosing, WantedPhones, as_text
from bot.switchboard.control import Control
from bot.switchboard.gating import Facts, Gating, wish_of
from bot.switchboard.history import Asker, History
from bot.switchboard.policy import Policy
from bot.telemetry import call_context
from bot.user_errors import (
    AccessDenied,
    AccessRule,
    Restarting,
    SameNumber,
    UnknownCall,
)

log = logging.getLogger(__name__)


class Switchboard:
    """What people do about calls. Each method checks who asks, and raises `UserError`.

    Once *closing* is set, it takes no more calls.
    """

    def __init__(
        self,
        *,
        store: Store,
        accounts: Accounts,
        policy: Policy,
        history: History,
        names: Names,
        facts: Facts,
        clock: Clock,
        me: str,
        begin: Callable[[Call], None],
        changed: Callable[[Call], None],
        closing: asyncio.Event,
    ) -> None:
        self._store = store
        self.accounts = accounts
        self.policy = policy
        self._choosing = Choosing(accounts, policy)
        self._gating = Gating(store, policy, facts, clock)
        self._control = Control(store, accounts, clock, changed)
        self._history = history
        self._names = names
        self._clock = clock
        self._me = me
        self._begin = begin
        self._closing = closing

    async def place(
        self,
        key: str,
        place: Place,
        to: str | PhoneNumber,
        from_: str | PhoneNumber | None = None,
        *,
        entrance: CallEntrance,
        as_: str | PhoneNumber | None = None,
        again: bool = False,
        sure: bool = False,
        answered: frozenset[Rule] = frozenset(),
        grant: str = "",
        name: Name | None = None,
        called: str = "",
        own_phone: bool = False,
        message_link: str = "",
        result_in_dm: bool = False,
        card_channel: str = "",
    ) -> Added:
        """Store the intent to ring *from_* (or the default), then *to*, and begin.

        An ack may wait for this: it usually needs only the database. *as_* is what *to*
        sees. A second command with the same *key* is dropped. *again* allows a second
        call to a number that the person is already calling. *name* is the other party's,
        where the person told it; *called* is the Slack id of the colleague whom they named.
        *sure*: they were asked whether they mean *to*; *answered* are other rules that they
        were asked about, and pressed *Call*; *grant* is the request by which an admin has
        opened some for this call.
        *own_phone*: *from_* has to be one of their phones, even if any number may ring.
        *message_link* leads to the message that the call is begun from. *result_in_dm*: if
        they keep results to themselves, the card is in their DM, too. *card_channel* is
        where the card goes, if that is not the channel of *place*. Text is what they typed
        now; a number is what they were asked about before.

        Raises:
            DoubtfulNumber: Ask the person whether they mean it.
            PolicyAsks: Ask them what rules ask.
            PolicyRefuses: A rule forbids it.
            UserError: The person can fix it.
            NotConnected: They have no account to call with.
            StoreUnavailable: Nothing was stored, nothing will be dialed.
        """
        wanted = WantedPhones(from_, as_, own_phone=own_phone)
        caller, callee, choice = await self._chosen(place, to, wanted, entrance)
        wish = self._wish(place, entrance, callee, caller, answered, grant, called)
        now = self._clock.now()
        phones = wanted.named(choice)
        question = PolicyAsks(
            ALLOWED,
            callee,
            now,
            place.person,
            key,
            phones,
            name,
            own_phone=own_phone,
            again=again,
            answered=answered,
            grant=grant,
            called=called,
            message_link=message_link,
        )
        if not sure and (doubt := doubt_of(callee)):
            decision = await self._gating.weigh(wish, question)
            raise DoubtfulNumber(callee, doubt, phones, decision, now)
        call = Call(
            id=new_id(),
            key=key,
            place=place,
            callee=callee,
            callee_name=name,
            caller=choice.caller,
            account=caller.account,
            in_name_of=caller.name[:64],
            caller_id=choice.caller_id,
            prompt=choice.prompt,
            shows=_shows(caller, result_in_dm=result_in_dm),
            message_link=message_link,
            card_channel=card_channel,
            asked_at=now,
            taken_by=self._me,
            held_by=self._me,
            attempt=1,
            next_at=now + self._store.takeover.unsent,
        )
        added = await self._gating.add(call, wish, question)
        added = replace(added, phone=choice.label, wanted=call)
        call_context.from_here(added.call.id)
        if added.verdict is Verdict.NEW:
            log.info("call %s: asked by %s", call.id, place.user)
            self._begin(call)
        return added

    async def prospect(
        self,
        place: Place,
        to: str | PhoneNumber,
        from_: str | PhoneNumber | None = None,
        as_: str | PhoneNumber | None = None,
        *,
        entrance: CallEntrance,
        own_phone: bool = False,
    ) -> Prospect:
        """Return what `place` would dial now, and what the gate says to it; nothing rings.

        Only a dry run (`CallEntrance.CHECK`) is told of a refusal: other entrances raise
        `PolicyRefuses`. Costs and raises the same as `place` else, except `DoubtfulNumber`
        and `PolicyAsks`.
        """
        wanted = WantedPhones(from_, as_, own_phone=own_phone)
        caller, callee, choice = await self._chosen(place, to, wanted, entrance)
        now = self._clock.now()
        wish = self._wish(place, entrance, callee, caller, frozenset())
        phones = wanted.named(choice)
        question = PolicyAsks(
            ALLOWED, callee, now, place.person, "", phones, own_phone=own_phone
        )
        decision = await self._gating.weigh(wish, question)
        return Prospect(
            callee,
            phones,
            doubt_of(callee),
            caller.chosen.shows,
            decision,
            now,
            can_ask=self._gating.refusal(decision, question).wanted is not None,
        )

    async def note_refusal(
        self, place: Place, entrance: CallEntrance, error: UserError
    ) -> None:
        """Have the audit name who was refused before anything was asked of this class."""
        with contextlib.suppress(UserError):
            async with self._gating.audited(place, entrance, ""):
                raise error

    async def region_of(
        self, place: Place, entrance: CallEntrance | None = None
    ) -> str:
        """Return the region by which this person's numbers are read.

        With *entrance* they want to call: the audit names a refusal.
        Raises `AccessDenied`, `Restarting` and `NotConnected` as `place` does.
        """
        try:
            self._open_for(place)
        except UserError as error:
            if entrance is not None:
                await self.note_refusal(place, entrance, error)
            raise
        return self._choosing.region(await self.accounts.of(place.person))

    async def phones_named(
        self,
        place: Place,
        from_: str | None,
        as_: str | None,
        *,
        own_phone: bool = False,
    ) -> NamedPhones:
        """Return which of their numbers a person means; raises what `place` does."""
        if not from_ and not as_:
            return NO_PHONES
        self._open_for(place)
        caller = await self.accounts.of(place.person)
        wanted = WantedPhones(from_, as_, own_phone=own_phone)
        return wanted.named(await self._choosing.choice(place, caller, wanted))

    async def direct_number(self, place: Place, user: str) -> PhoneNumber | None:
        """Return the direct number of *user* in that workspace, if they connected."""
        colleague = Person(place.enterprise, place.team, user)
        return await self.accounts.direct_number(colleague)

    async def place_again(
        self, key: str, place: Place, call_id: str, *, entrance: CallEntrance
    ) -> Added:
        """Place the call *call_id* again, as a call of the person who asks for it.

        Whoever else placed the first one: it rings the phones that this person has
        chosen, by their own account. A name that is not public stays with its owner.
        """
        async with self._gating.audited(place, entrance, ""):
            self._open_for(place)
        old = await self._here(place, call_id)
        if old.place.user != place.user:
            name = old.callee_name
            public = name if name and name.is_public else None
            return await self.place(
                key, place, old.callee, name=public, sure=True, entrance=entrance
            )
        return await self.place(
            key,
            place,
            old.callee,
            old.caller,
            entrance=entrance,
            as_=old.caller_id,
            name=old.callee_name,
            sure=True,
        )

    def age(self, call: Call) -> timedelta:
        """Return how long ago *call* was asked for."""
        return self._clock.now() - call.asked_at

    async def latest(
        self, place: Place, most: int, *, open_first: bool = False
    ) -> list[Call]:
        """Return up to *most* calls that this person placed here, the newest first.

        *open_first*: before these, those that may be going on, however old they are.
        """
        self.policy.check_user(place)
        return await self._store.of_person(place.person, most, open_first=open_first)

    async def stop(self, place: Place, call_id: str) -> Canceled | HungUp:
        """Stop a call of this person's; see `bot.switchboard.control.Control.stop`.

        An admin may stop another person's where it can be hung up, not before: a card
        that hides the result has no other button for that.
        """
        self.policy.check_user(place)
        call = await self._here(place, call_id)
        owner = call.place.user
        if owner != place.user:
            if not (self.policy.is_admin(place) and can_be_hung_up(call)):
                raise AccessDenied(AccessRule.PLACER, owner)
            log.info("call %s: to be stopped by %s", call.id, place.user)
        return await self._control.stop(call)

    async def hang_up(self, place: Place, call_id: str) -> Canceled | HungUp:
        """End a call of this person's; see `bot.switchboard.control.Control.end`.

        An admin may end another person's once it can be hung up.
        """
        self.policy.check_user(place)
        call = await self._here(place, call_id)
        owner = call.place.user
        if owner == place.user:
            return await self._control.end(call)
        if not self.policy.is_admin(place):
            raise AccessDenied(AccessRule.HANG_UP, owner)
        log.info("call %s: to be hung up by %s", call.id, place.user)
        return await self._control.hang_up(call)

    async def reveal(self, place: Place, call_id: str) -> Call:
        """Return a call whose number this person may see; log and audit say that they did.

        The audit has a row only if it is another person's call.
        """
        self.policy.check_user(place)
        call = await self._here(place, call_id)
        owner = call.place.user
        if owner != place.user and not self.policy.sees_all_numbers(place):
            raise AccessDenied(AccessRule.NUMBERS, owner)
        log.info("call %s: its number was shown to %s", call.id, place.user)
        if owner != place.user:
            await Audit(self._store.writer).add(
                AuditRow(
                    at=self._clock.now(),
                    where=WorkspaceId.of(place),
                    user=place.user,
                    action=AuditAction.REVEAL,
                    number=call.callee.e164,
                    call=call.id,
                )
            )
        return call

    async def recent(
        self, place: Place, request: ListRequest, after: After | None = None
    ) -> Recent:
        """Return a page of the calls of the account that this person calls with.

        See `bot.switchboard.history.History.page`. Also raises `AccessDenied` and
        `NotConnected`.
        """
        if request.company:
            self.policy.check_admin(place)
        else:
            self.policy.check(place)
        caller = await self.accounts.of(place.person)
        if caller.account and not request.company and request.people - {place.user}:
            raise UnreadableList(ListFlaw.OWN_ACCOUNT)
        region = self._choosing.region(caller)
        first = caller.choose(None, None, region).caller
        phones = tuple(each for each in caller.phones if each.rings or each.direct)
        usual = usual_phones(first, phones)
        own = caller.extension
        asker = Asker(place, caller.account, phones, usual, region, own)
        page = await self._history.page(asker, request, after)
        others = {number_of(row.other, region) for row in page.rows}
        numbers = [each for each in others if each is not None]
        names = await self._names.of_all(caller.account, numbers)
        return replace(page, names=names)

    async def _chosen(
        self,
        place: Place,
        to: str | PhoneNumber,
        wanted: WantedPhones,
        entrance: CallEntrance,
    ) -> tuple[Caller, PhoneNumber, Choice]:
        """Return who calls, whom, and with which phones, by the rules of this moment."""
        async with self._gating.audited(place, entrance, to):
            self._open_for(place)
            caller = await self.accounts.of(place.person)
            region = self._choosing.region(caller)
            callee = self.policy.number(as_text(to), region)
        choice = await self._choosing.choice(place, caller, wanted)
        if choice.caller == callee:
            raise SameNumber
        return caller, callee, choice

    def _wish(
        self,
        place: Place,
        entrance: CallEntrance,
        callee: PhoneNumber,
        caller: Caller,
        answered: frozenset[Rule],
        grant: str = "",
        called: str = "",
    ) -> Wish:
        return wish_of(
            place,
            entrance,
            callee,
            caller,
            region=self._choosing.region(caller),
            groups=self.policy.groups_of(place),
            answered=answered | {Rule.DOUBT},  # asked about before the gate
            grant=grant,
            called=called,
            lets_guests=self.policy.bounds.guests,
        )

    def _open_for(self, place: Place) -> None:
        self.policy.check(place)
        if self._closing.is_set():
            raise Restarting

    async def _here(self, place: Place, call_id: str) -> Call:
        call = await self._store.get(call_id)
        if call is None or not call.place.is_beside(place):
            raise UnknownCall
        return call


def _shows(caller: Caller, *, result_in_dm: bool) -> Shows:
    """Return where somebody sees a call of theirs."""
    shows = caller.chosen.shows
    return Shows.DM if result_in_dm and shows is Shows.PRIVATE else shows
