"""Homes over several processes and restarts: the newest state is what one sees."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal

import pytest

from bolt_bot import a_slack, client_of
from bot.background import Background
from bot.calls.call import Call, End, Place, State, Status
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.overview import Overview
from bot.calls.people.person import Person
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.ledger import Called
from bot.slack.posting.homes import HOME_DELAY, Homes
from bot.slack.posting.spaces import OneSpace
from bot.slack.texts.contact import Contact
from bot.slack.texts.home import view
from bot.storage.calls.store import Store
from bot.storage.people.connections import Connections
from bot.storage.people.home_views import HOME_KEPT_FRESH_FOR, HomeViews
from bot.storage.retention import Retention
from bot.switchboard.own_account import FINISHED_ON_HOME, LOOKED_AT
from bot.user_errors import AccessDenied, AccessRule, StandingUnknown
from bot.vault import Vault
from fakes import FakeClock
from fleet import Fleet, number, talking
from intents import a_call, add_call
from scene import Scene
from talking import TALKING, hang_up
from town import Town

SPACE = ("", "T1")
ANN, BOB = Person(*SPACE, "U0ANN"), Person(*SPACE, "U0BOB")
NOTHING = Overview(
    name="Ann",
    connected=True,
    ended=False,
    can_call=True,
    can_connect=True,
    first="",
    open_calls=(),
    last_calls=(),
)


@dataclass
class Street:
    """Some processes' Homes, on one database and one Slack; what they show."""

    slack: SlackDouble
    store: Store
    clock: FakeClock = field(default_factory=FakeClock)
    background: Background = field(default_factory=Background)
    now: Overview = NOTHING
    kept_out: Exception | None = None

    async def admit(self, place: Place) -> None:
        """Let everybody in, unless a test keeps them out."""
        del place
        if self.kept_out is not None:
            raise self.kept_out

    async def overview(self, place: Place) -> Overview:
        """Return what there is to show, of anybody."""
        del place
        return self.now

    async def desk(self, place: Place) -> None:
        """Show no desk: nobody is an admin."""

    def process(self, clock: Any = None) -> Homes:
        """Return one more process's."""
        return Homes(
            OneSpace(client_of(self.slack)),
            self.overview,
            HomeViews(self.store.writer),
            clock or self.clock,
            self.background,
            admit=self.admit,
            desk=self.desk,
            contact=Contact("the help desk"),
        )

    def name(self, name: str) -> None:
        """Change what there is to show."""
        self.now = replace(self.now, name=name)

    def says(self, part: str, user: str = "ann") -> bool:
        """Whether somebody's Home says *part*."""
        home = self.slack.home_of(user)
        return home is not None and part in str(home.source["blocks"])

    @property
    def published(self) -> int:
        """How often Slack was asked."""
        return len(self.slack.calls_of("views.publish"))

    async def settled(self) -> None:
        """Wait until all is shown."""
        assert not await self.background.settle(10)


@pytest.fixture
async def street(store: Store) -> AsyncIterator[Street]:
    """Give a street without a process yet."""
    async with a_slack() as slack:
        made = Street(slack, store)
        yield made
        await made.background.settle(1)


async def test_a_home_opened_at_one_process_is_kept_up_by_another(
    street: Street,
) -> None:
    """Slack tells any one of them; what changes may happen in the other."""
    here, there = street.process(), street.process()
    await here.opened(ANN)
    street.name("Ann Archer")

    there.changed(ANN)
    await street.settled()

    assert street.says("Ann Archer")


async def test_what_another_process_has_shown_is_not_taken_for_ones_own(
    street: Street,
) -> None:
    """Disconnected there and connected here again: it looks as it did, and must say so."""
    here, there = street.process(), street.process()
    await here.opened(ANN)
    street.name("Nobody")
    there.changed(ANN)
    await street.settled()
    street.name("Ann")

    here.changed(ANN)
    await street.settled()

    assert street.says("Ann")
    assert not street.says("Nobody")


async def test_of_two_that_publish_at_once_the_newest_is_what_stays(
    street: Street,
) -> None:
    """If an older state lands after a newer one, the Home must be corrected."""
    here, there = street.process(), street.process()
    held, free = asyncio.Event(), asyncio.Event()

    async def hold(called: Called) -> None:
        if called.method == "views.publish" and not held.is_set():
            held.set()
            await free.wait()

    street.slack.door.on_call = hold
    first = asyncio.create_task(here.opened(ANN))
    await held.wait()
    street.name("Newer")
    there.changed(ANN)
    await street.settled()
    assert street.says("Newer")
    free.set()
    await first

    assert street.says("Newer")


async def test_a_guest_sees_why_and_no_calls(street: Street) -> None:
    """Also who becomes one while their Home is kept up to date."""
    homes = street.process()
    await homes.opened(ANN)
    seen = street.says("Ann")
    street.kept_out = AccessDenied(AccessRule.GUESTS)

    homes.changed(ANN)
    await street.settled()

    assert seen
    assert street.says("Guests and people from other companies can't use RingOut here")
    assert street.says("Ask the help desk.")
    assert not street.says("Last calls")


async def test_a_home_waits_until_slack_says_who_somebody_is(street: Street) -> None:
    """Until then nothing is shown; then it is, without being opened again."""
    homes = street.process()
    street.kept_out = StandingUnknown()
    await homes.opened(ANN)
    before = street.published
    street.kept_out = None

    await street.settled()

    assert before == 0
    assert street.says("Ann")


async def test_who_does_not_look_costs_slack_nothing(street: Street) -> None:
    """About a hundred a minute are let in; after an hour nobody is thought to look."""
    homes = street.process()
    await homes.opened(ANN)
    homes.changed(BOB)
    homes.changed(replace(ANN, team="T2"))
    street.clock.pass_by(HOME_KEPT_FRESH_FOR.total_seconds())
    street.name("Later")
    homes.changed(ANN)
    await street.settled()

    assert street.published == 1


async def test_nothing_is_shown_twice_that_looks_the_same(street: Street) -> None:
    """Most polls change nothing that is seen, in whatever process they happen."""
    here, there = street.process(), street.process()
    await here.opened(ANN)
    for homes in (here, there):
        homes.changed(ANN)
    await street.settled()

    assert street.published == 1


async def test_slack_s_limit_delays_a_home_and_then_the_newest_is_shown(
    street: Street,
) -> None:
    """A Home that is not updated would show a call in progress forever."""
    homes = street.process()
    await homes.opened(ANN)
    street.slack.faults.add("ratelimited", "views.publish", retry_after=7, times=2)
    street.name("Soon")
    before = street.clock.monotonic()
    homes.changed(ANN)
    await street.settled()

    assert street.says("Soon")
    assert street.clock.monotonic() - before > 2 * 7


@pytest.mark.parametrize("lands", [True, False])
async def test_a_lost_answer_is_no_reason_to_stop(
    street: Street, *, lands: bool
) -> None:
    """The update may have landed or not; sending the same state again is harmless."""
    homes = street.process()
    street.slack.faults.add("reset", "views.publish", before_effect=not lands)
    await homes.opened(ANN)
    await street.settled()

    assert street.says("Ann")
    assert street.published == 2


async def test_a_home_that_slack_refuses_is_left(street: Street) -> None:
    """The Home tab may be switched off, so retrying forever is useless."""
    homes = street.process()
    await homes.opened(ANN)
    street.slack.rules.home_tab_enabled = False
    street.name("Later")
    homes.changed(ANN)
    await street.settled()

    assert street.published == 2


class Still(FakeClock):
    """A clock by which no sleep ends that is longer than *most* seconds."""

    def __init__(self, most: float = 0.0) -> None:
        super().__init__()
        self.most = most
        self.asleep = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Sleep until canceled, if that is long."""
        if seconds <= self.most:
            await super().sleep(seconds)
            return
        self.asleep.set()
        await asyncio.Event().wait()


async def test_a_stop_publishes_what_is_due_and_waits_for_no_sleep(
    street: Street,
) -> None:
    """Else each stop takes a second more, or a call that is over shows as in progress."""
    clock = Still()
    homes = street.process(clock)
    for person in (ANN, BOB):
        await homes.opened(person)
    street.name("At the end")
    homes.changed(ANN)
    homes.changed(BOB)
    await clock.asleep.wait()

    await homes.flush(10)

    assert street.says("At the end")
    assert street.says("At the end", "bob")
    await street.settled()


async def test_what_changes_during_a_stop_is_published_at_once(street: Street) -> None:
    """An answer that is under way then may connect or disconnect somebody."""
    homes = street.process(Still())
    await homes.opened(ANN)
    await homes.flush(10)
    street.name("Very late")

    homes.changed(ANN)
    await street.settled()

    assert street.says("Very late")


@pytest.mark.parametrize("fault", ["ratelimited", "reset"])
async def test_what_a_stop_could_not_publish_is_published_at_the_next_start(
    street: Street, fault: Literal["ratelimited", "reset"]
) -> None:
    """Slack's limit may last longer than a stop; the stop waits for neither."""
    clock = Still()
    homes = street.process(clock)
    await homes.opened(ANN)
    await call_that_is_over(street)
    street.name("The result")
    homes.changed(ANN)
    await clock.asleep.wait()
    street.slack.faults.add(fault, "views.publish", retry_after=60)

    await homes.flush(10)
    assert not street.says("The result")
    await street.settled()
    await street.process().resume()
    await street.settled()

    assert street.says("The result")


async def test_a_stop_does_not_wait_for_slacks_limit(street: Street) -> None:
    """It said "in a minute" before the stop began; nor is Slack asked before that."""
    clock = Still(most=HOME_DELAY)
    homes = street.process(clock)
    await homes.opened(ANN)
    await call_that_is_over(street)
    street.slack.faults.add("ratelimited", "views.publish", retry_after=60)
    street.name("The result")
    homes.changed(ANN)
    await clock.asleep.wait()

    await homes.flush(10)
    await street.settled()
    assert street.published == 2
    await street.process().resume()
    await street.settled()

    assert street.says("The result")


async def call_that_is_over(street: Street) -> None:
    """Have Ann's call end: nothing of it will happen that would show her Home anew."""
    place, now = Place(ANN.team, "C1", ANN.user), street.clock.now()
    done = a_call(place=place, state=State.DONE, asked_at=now, next_at=now)
    await add_call(street.store, done, most=9)


async def test_what_a_killed_process_did_not_show_is_shown_at_the_next_start(
    street: Street,
) -> None:
    """Its call is done, so nothing of it will happen that would show it."""
    await street.process().opened(ANN)
    await street.process().opened(BOB)
    await call_that_is_over(street)
    street.name("The result")

    await street.process().resume()
    await street.settled()

    assert street.says("The result")
    assert not street.says("The result", "bob")


async def test_openings_are_forgotten(street: Street) -> None:
    """After an hour nobody needs them; who leaves takes theirs along at once."""
    home_views, clock = HomeViews(street.store.writer), street.clock
    connections = Connections(street.store.writer, Vault(()))
    await home_views.note(ANN, clock.now())
    clock.pass_by(60)
    await home_views.note(BOB, clock.now())
    await home_views.show(ANN, "x")
    await home_views.show(BOB, "x")

    await Retention(street.store.writer).purge_home_views(
        clock.now() - timedelta(seconds=30)
    )
    assert [await home_views.shown(each) for each in (ANN, BOB)] == ["", "x"]
    await connections.erase_within("", "T1", BOB.user, clock.now())
    assert await home_views.shown(BOB) == ""
    assert not await home_views.lately(*SPACE, clock.now())


def long_call(number: int, **changes: Any) -> Call:
    """Return a call of which everything that others supply is as long as can be."""
    says = "<&>" * 2000
    return a_call(
        id=f"c{number}",
        state=State.FOLLOWING,
        ringout_id="r",
        status=Status(says, says, says),
        in_name_of="&" * 64,
        **changes,
    )


async def test_the_longest_home_is_one_that_slack_takes(street: Street) -> None:
    """A hundred blocks, 3,000 characters each; else somebody would see none at all."""
    side = Side(Ending.UNKNOWN, "<&>" * 2000)
    going = tuple(long_call(n) for n in range(LOOKED_AT - FINISHED_ON_HOME))
    over = tuple(
        replace(
            long_call(n),
            state=State.DONE,
            end=End.RECORDED,
            outcome=Outcome(side, side, None),
        )
        for n in range(FINISHED_ON_HOME)
    )
    street.now = Overview(
        name="<&>" * 2000,
        connected=True,
        ended=False,
        can_call=True,
        can_connect=True,
        first="<&>" * 2000,
        open_calls=going,
        last_calls=over,
    )
    homes = street.process()
    await homes.opened(ANN)
    street.now = replace(
        street.now,
        open_calls=tuple(long_call(n) for n in range(LOOKED_AT)),
        last_calls=(),
    )
    homes.changed(ANN)
    await street.settled()

    assert street.published == 2
    assert len(view(street.now)["blocks"]) <= 100
    assert "cancel_call" in str(street.slack.home_of("ann"))


async def opened(town: Town) -> None:
    """Have Ann open her Home, and wait until it is there."""
    assert (await town.slack.open_home("ann")).ok
    await town.until(lambda: town.slack.home_of("ann"))


def says(town: Town, part: str) -> bool:
    """Whether Ann's Home says *part*."""
    home = town.slack.home_of("ann")
    return home is not None and part in str(home.source["blocks"])


def tells(town: Town) -> bool:
    """Whether Ann's Home tells how her call went."""
    return says(town, "you: answered") and not says(town, "In progress")


async def test_a_call_of_another_process_shows_in_an_open_home(fleet: Fleet) -> None:
    """Opened at the one, called by the other: in progress, and then how it went."""
    [first] = await fleet.start(1)
    await opened(fleet.town)
    [second] = await fleet.start(1)
    fleet.town.ringcentral.play(TALKING)
    others = itertools.count()
    while "asked by" not in first.log:  # the next one is the other's
        await fleet.town.types(number(next(others)), user="bob")
    await fleet.town.types(user="ann")
    assert "asked by U0ANN" in second.log
    assert "asked by U0ANN" not in first.log

    await fleet.town.until(lambda: says(fleet.town, "In progress"))
    await talking(fleet, len(fleet.ids()))
    await hang_up(fleet.town)
    await fleet.town.until(lambda: tells(fleet.town))


async def test_an_open_home_is_kept_up_to_date_after_a_crash(scene: Scene) -> None:
    """The person still looks at it, and does not know that anything happened."""
    town = scene.town
    town.ringcentral.play(TALKING)
    patient = {"RINGOUT_LOG_GIVE_UP_SECONDS": "30"}
    process = await scene.ready(**patient)
    await opened(town)
    await town.types()
    await town.until(lambda: says(town, "they: answered"))
    assert says(town, "In progress")
    process.kill()
    await process.ended()

    await scene.ready(**patient)
    await hang_up(town)
    await town.until(lambda: tells(town))


async def test_a_call_without_a_card_shows_in_an_open_home(town: Town) -> None:
    """The Home must say that the call was not placed, not that it is about to be."""
    town.slack.faults.add(
        "error", "chat.postMessage", error="restricted_action", times=None
    )
    await opened(town)
    await town.types()
    await town.until(lambda: says(town, "not placed"))
