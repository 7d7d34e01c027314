"""What `bot.slack` needs of the rest of the bot: its actions and the operator's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

from bot.calls.call import Call, Place
from bot.calls.lists.request import ListRequest
from bot.calls.lists.work_list import After, Recent
from bot.calls.missed_card import MissedCard
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.overview import DisconnectResult, Overview, Sheet, SignInLink
from bot.calls.people.names import Name
from bot.calls.people.person import Preferences
from bot.calls.people.phones import NamedPhones
from bot.calls.reporting import CallReport, ReportRequest
from bot.calls.suggestions import Suggested
from bot.calls.telling import Canceled, Disposed, HungUp
from bot.errors import UserError
from bot.policy.added import Added
from bot.policy.admin_request import AdminAnswer, AdminAsked, AdminRequest
from bot.policy.desk_command import AuditRequest
from bot.policy.desk_sheet import (
    AuditPage,
    Paused,
    Removed,
    RulesSheet,
    SignedInPerson,
)
from bot.policy.prospect import Prospect
from bot.policy.rule_fields import FieldFlaw
from bot.policy.rules import Rule
from bot.policy.wish import CallEntrance, DoNotCall
from bot.slack.texts.asking import Chosen


class Policy(Protocol):
    """The operator's rules. Checks raise `errors.UserError`."""

    @property
    def region(self) -> str: ...

    @property
    def calls_per_minute(self) -> int: ...

    def sees_all_numbers(self, place: Place) -> bool: ...

    def check(self, place: Place) -> None: ...

    def check_admin(self, place: Place) -> None: ...

    def number(self, text: str, region: str = "") -> PhoneNumber: ...


class Switchboard(Protocol):
    """What people do about calls. Raises `errors.UserError`."""

    @property
    def policy(self) -> Policy: ...

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
    ) -> Added: ...

    async def prospect(
        self,
        place: Place,
        to: str | PhoneNumber,
        from_: str | PhoneNumber | None = None,
        as_: str | PhoneNumber | None = None,
        *,
        entrance: CallEntrance,
        own_phone: bool = False,
    ) -> Prospect: ...

    async def place_again(
        self, key: str, place: Place, call_id: str, *, entrance: CallEntrance
    ) -> Added: ...

    def age(self, call: Call) -> timedelta: ...

    async def latest(
        self, place: Place, most: int, *, open_first: bool = False
    ) -> list[Call]: ...

    async def stop(self, place: Place, call_id: str) -> Canceled | HungUp: ...

    async def hang_up(self, place: Place, call_id: str) -> Canceled | HungUp: ...

    async def reveal(self, place: Place, call_id: str) -> Call: ...

    async def recent(
        self, place: Place, request: ListRequest, after: After | None = None
    ) -> Recent: ...

    async def note_refusal(
        self, place: Place, entrance: CallEntrance, error: UserError
    ) -> None: ...

    async def region_of(
        self, place: Place, entrance: CallEntrance | None = None
    ) -> str: ...

    async def phones_named(
        self,
        place: Place,
        from_: str | None,
        as_: str | None,
        *,
        own_phone: bool = False,
    ) -> NamedPhones: ...

    async def direct_number(self, place: Place, user: str) -> PhoneNumber | None: ...


class Questions(Protocol):
    """Questions whether to call. Raises `errors.StoreUnavailable`."""

    async def decline(self, place: Place, key: str) -> bool: ...


class StepSwitchboard(Protocol):
    """What a workflow step does about its call. Raises `errors.UserError`."""

    async def prospect(
        self, place: Place, to: str | PhoneNumber, *, entrance: CallEntrance
    ) -> Prospect: ...

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
        card_channel: str = "",
    ) -> Added: ...


class Steps(Protocol):
    """The runs of the workflow step."""

    async def ask(
        self, step_id: str, place: Place, number: str, reason: str
    ) -> None: ...

    async def confirm(
        self,
        step_id: str,
        place: Place,
        to: PhoneNumber,
        phones: NamedPhones,
        name: Name | None,
        answered: frozenset[Rule],
        grant: str = "",
    ) -> Added: ...

    async def decline(self, step_id: str, place: Place) -> None: ...


class AfterCall(Protocol):
    """What people say of a call that is over. Raises `errors.UserError`."""

    async def choose(self, place: Place, call_id: str, word: str) -> Disposed: ...

    async def readable(self, place: Place, call_id: str) -> Call: ...

    async def claim(self, place: Place, call_id: str) -> Call: ...

    async def release(self, place: Place, call_id: str) -> Call: ...

    async def called_back(self, place: Place, call_id: str) -> Call: ...

    async def note(
        self, place: Place, call_id: str, text: str, seen: datetime | None
    ) -> Call: ...


class Reminders(Protocol):
    """Reminders of calls. Raises `errors.UserError`."""

    def now(self) -> datetime: ...

    async def last(self, call_id: str) -> datetime: ...

    async def remind(
        self, key: str, place: Place, call_id: str, at: datetime
    ) -> None: ...

    async def cancel(self, place: Place, reminder_id: str) -> None: ...

    async def where(self, place: Place, call_id: str) -> Place: ...


class Reports(Protocol):
    """Sums over people's calls. Raises `errors.UserError`."""

    async def of(
        self, place: Place, asked: ReportRequest, zone: tzinfo
    ) -> CallReport: ...


class MissedCalls(Protocol):
    """What people do about missed calls. Raises `errors.UserError`."""

    def now(self) -> datetime: ...

    async def take(self, place: Place, card_id: str) -> MissedCard: ...

    async def release(self, place: Place, card_id: str) -> MissedCard: ...

    async def drop(self, place: Place, card_id: str) -> MissedCard: ...

    async def call_back(
        self,
        place: Place,
        card_id: str,
        answered: frozenset[Rule] = frozenset(),
        grant: str = "",
    ) -> Added: ...


class AskingAdmins(Protocol):
    """What people ask admins to allow, and what these answer. Raises `errors.UserError`."""

    async def ask(self, place: Place, wanted: Chosen) -> AdminAsked: ...

    async def answer(
        self, place: Place, request_id: str, answer: AdminAnswer
    ) -> None: ...

    async def granted(self, place: Place, request_id: str) -> AdminRequest: ...


class Desk(Protocol):
    """What admins do at their desk. Raises `errors.UserError`."""

    async def pause(self, place: Place, reason: str) -> Paused: ...

    async def resume(self, place: Place) -> bool: ...

    async def audit(
        self, place: Place, typed: str, most: int
    ) -> tuple[AuditRequest, AuditPage]: ...

    async def audit_page(
        self,
        place: Place,
        asked: AuditRequest,
        since: datetime | None,
        before: int | None,
        most: int,
    ) -> AuditPage: ...

    async def entries(
        self, place: Place, text: str, most: int
    ) -> Sequence[DoNotCall]: ...

    async def add(
        self, place: Place, typed: str, reason: str = ""
    ) -> tuple[DoNotCall, bool]: ...

    async def remove(self, place: Place, typed: str) -> Removed: ...


class DeskRules(Protocol):
    """The rules as admins change them. Raises `errors.UserError`."""

    async def sheet(self, place: Place) -> RulesSheet: ...

    async def save(
        self, place: Place, version: int, given: Mapping[str, str]
    ) -> dict[str, FieldFlaw]: ...

    async def limit(
        self, place: Place, version: int, user: str, given: Mapping[str, str]
    ) -> dict[str, FieldFlaw]: ...

    async def undo(self, place: Place, version: int) -> None: ...


class DeskPeople(Protocol):
    """People as admins see them. Raises `errors.UserError`."""

    async def signed_in(self, place: Place) -> Sequence[SignedInPerson]: ...

    async def disconnect(self, place: Place, user: str) -> bool: ...


class OwnAccount(Protocol):
    """What people do about their own account. Raises `errors.UserError`."""

    @property
    def client_id(self) -> str: ...

    @property
    def by_browser(self) -> bool: ...

    def check_may_connect(self, place: Place) -> None: ...

    async def link(self, place: Place, label: str) -> SignInLink: ...

    async def by_credential(self, place: Place, jwt: str) -> None: ...

    async def disconnect(self, place: Place) -> DisconnectResult | None: ...

    async def sheet(self, place: Place, *, anew: bool = False) -> Sheet: ...

    async def save(self, place: Place, chosen: Preferences) -> None: ...

    async def myself(self, place: Place) -> str: ...

    async def overview(self, place: Place) -> Overview: ...


class Suggesting(Protocol):
    """What the dialer suggests. Raises `errors.UserError`."""

    async def prepare(self, place: Place) -> None: ...

    async def of(self, place: Place, typed: str) -> Suggested: ...
