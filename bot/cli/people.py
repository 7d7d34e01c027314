"""Commands about people: who is connected, disconnect somebody, erase somebody."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

from bot.accounts.clients import gate_for_command, network_of
from bot.accounts.disconnecting import revoke
from bot.calls.people.person import Person
from bot.cli.codes import BAD_INPUT, REFUSED
from bot.clock import RealClock
from bot.doctor.check import printable
from bot.errors import StoreUnavailable
from bot.settings.settings import Settings
from bot.storage.calls.remarks import wrote
from bot.storage.calls.store import Store
from bot.storage.missed.cards import takers
from bot.storage.people import tables
from bot.storage.people.connections import Connections
from bot.storage.people.linked import ErasedConnection
from bot.storage.people.roster import ConnectedPerson, Roster
from bot.storage.policy.admin_requests import answerers
from bot.storage.policy.exporting import BY_OPERATOR
from bot.storage.retention import Retention
from bot.vault import Vault

NO_KEY = (
    "RINGOUT_SECRET_KEY is missing: without it the session at RingCentral can't be "
    "ended.\n"
)
TITLES = ("SLACK ID", "WORKSPACE", "NAME", "SINCE", "LAST USED", "STATE")


async def people(settings: Settings) -> int:
    """Print who is connected; return the exit code."""

    async def work(store: Store) -> int:
        roster = Roster(store.writer, Vault(settings.ringout_secret_key))
        found = await roster.connected()
        lines = table([TITLES, *map(row, found)]) if found else "nobody is connected\n"
        sys.stdout.write(lines)
        return 0

    return await _with_store(settings, work)


async def disconnect(settings: Settings, user: str, *, team: str, dry: bool) -> int:
    """End somebody's sign-in and erase it, as ``/ringout disconnect`` does.

    Returns the exit code. It is 1 if RingCentral has not ended the session yet, and 2 if
    the id fits several workspaces and *team* names none.
    """

    async def work(store: Store) -> int:
        vault = Vault(settings.ringout_secret_key)
        roster = Roster(store.writer, vault)
        found = named(await roster.known_as(user, (tables.connections,)), team)
        if not found:
            sys.stdout.write(f"{printable(user)} is not connected: nothing to do\n")
            return 0
        if _is_ambiguous(found, team):
            return BAD_INPUT
        if not dry and not vault.has_key:
            sys.stderr.write(NO_KEY)
            return BAD_INPUT
        connections, code = Connections(store.writer, vault), 0
        for person in found:
            sys.stdout.write(f"{_verb('disconnected', dry=dry)}: {where(person)}\n")
            if dry:
                continue
            now = RealClock().now()
            erased = await connections.erase(person, now, by=BY_OPERATOR)
            if erased is not None:
                code = await _revoked(settings, store, connections, erased) or code
        return code

    return await _with_store(settings, work)


async def erase_person(settings: Settings, user: str, *, team: str, dry: bool) -> int:
    """Erase all that is stored about somebody: sign-in, settings and finished calls.

    Also what they wrote of other people's calls, and that they installed the app; the
    installation stays.

    Returns the exit code: as of `disconnect`, and 1 if some of their calls are open yet.
    """

    async def work(store: Store) -> int:
        vault = Vault(settings.ringout_secret_key)
        roster = Roster(store.writer, vault)
        known = {*await roster.known_as(user), *await roster.installed_by(user)}
        known |= {*await wrote(store.writer, user)}
        known |= {*await answerers(store.writer, user)}
        took = await takers(store.writer, user)
        known |= {e for e in took if not any(k.is_also(e) for k in known)}
        found = named(sorted(known, key=lambda e: (e.enterprise, e.team)), team)
        if not found:
            sys.stdout.write(f"nothing is stored about {printable(user)}\n")
            return 0
        if _is_ambiguous(found, team):
            return BAD_INPUT
        signed_in = await roster.known_as(user, (tables.connections,))
        if not dry and not vault.has_key and set(signed_in) & set(found):
            sys.stderr.write(NO_KEY)
            return BAD_INPUT
        code = 0
        for person in found:
            code = await _erased(settings, store, roster, person, dry=dry) or code
        return code

    return await _with_store(settings, work)


async def _erased(
    settings: Settings, store: Store, roster: Roster, person: Person, *, dry: bool
) -> int:
    rows = await roster.counted(person)
    connections = Connections(store.writer, Vault(settings.ringout_secret_key))
    now = RealClock().now()
    retention = Retention(store.writer)
    # First: what is left to others of calls that are erased would hold them up.
    gone = await retention.erase_calls_of(person, now, dry=dry)
    ended: list[ErasedConnection] = []
    if not dry:
        ended = await connections.erase_within(
            person.enterprise, person.team, person.user, now
        )
    installed = await retention.erase_installer(person, dry=dry)
    sys.stdout.write(
        f"{_verb('erased', dry=dry)}: {where(person)}: {gone.calls} calls, "
        f"{gone.records} call-log records, {gone.events} events, remarks on "
        f"{gone.remarks} calls; "
        f"{rows['connections']} sign-ins, {rows['preferences']} choices of settings, "
        f"{rows['pending_sign_ins']} sign-ins under way, {rows['home_views']} Homes, "
        f"{rows['workflow_steps']} workflow steps, {rows['reminders']} reminders, "
        f"{rows['missed_cards']} cards of missed calls, "
        f"{rows['declined_questions']} declined questions, "
        f"{rows['user_group_members']} memberships of user groups, "
        f"{rows['admin_requests']} requests to admins, "
        f"who made {installed} installations\n"
    )
    code = 0
    for each in ended:
        code = await _revoked(settings, store, connections, each) or code
    if gone.still_open:
        sys.stdout.write(f"left: {gone.still_open} calls that are still open\n")
        code = REFUSED
    return code


async def _revoked(
    settings: Settings,
    store: Store,
    connections: Connections,
    erased: ErasedConnection,
) -> int:
    """Have RingCentral end the session; print whether it has, return the exit code."""
    if erased.revocation is None:
        sys.stdout.write("no token of it can be read: end the session at RingCentral\n")
        return REFUSED
    network, clock = network_of(settings), RealClock()
    gate_of = partial(gate_for_command, store.writer, network.app, clock)
    try:
        is_ended = bool(settings.rc_app_client_id) and await revoke(
            network, connections.revocations, clock, erased.revocation, gate_of
        )
    finally:
        network.close()
    if is_ended:
        sys.stdout.write("RingCentral has ended the session\n")
        return 0
    sys.stdout.write(
        "RingCentral has not ended the session yet: a running bot tries again\n"
    )
    return REFUSED


def named(found: Sequence[Person], team: str) -> list[Person]:
    """Return whom an id means: with *team*, in that workspace or organization alone."""
    return [each for each in found if team in ("", each.team, each.enterprise)]


def where(person: Person) -> str:
    """Return somebody's ids: theirs, and those of the workspace and organization."""
    places = "/".join(each for each in (person.enterprise, person.team) if each)
    return printable(f"{person.user} in {places}")


def row(of: ConnectedPerson) -> tuple[str, ...]:
    """Return a connected person's row of the table."""
    person, extension = of.linked.person, of.linked.extension
    places = "/".join(each for each in (person.enterprise, person.team) if each)
    name = extension.name or "-"
    since, used = _day(of.connected_at), _day(of.used_at)
    return person.user, places, name, since, used, state(of)


def state(of: ConnectedPerson) -> str:
    """Return whether somebody's sign-in works, in words."""
    if of.linked.broken_at is not None:
        why = f" ({of.linked.broken_why})" if of.linked.broken_why else ""
        return f"ended {_day(of.linked.broken_at)}{why}"
    return "no key fits" if of.is_readable is False else "working"


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Return *rows* with their columns under each other.

    Names, codes and ids come from outside: no cell can begin a line or move the cursor.
    """
    rows = [tuple(map(printable, each)) for each in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(each, widths, strict=True))
        for each in rows
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _day(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%d}"


def _verb(done: str, *, dry: bool) -> str:
    return f"would be {done}" if dry else done


def _is_ambiguous(found: Sequence[Person], team: str) -> bool:
    """Return whether an id fits several workspaces and none was named; list them then."""
    if len(found) < 2 or team:  # noqa: PLR2004 - several
        return False
    sys.stderr.write("This id fits several workspaces; name one with --team:\n")
    sys.stderr.write("".join(f"  {where(each)}\n" for each in found))
    return True


async def _with_store(
    settings: Settings, work: Callable[[Store], Awaitable[int]]
) -> int:
    store = Store(settings.database_url)
    try:
        await store.open()
        return await work(store)
    except StoreUnavailable as error:
        sys.stderr.write(f"{printable(str(error))}\n")
        return REFUSED
    finally:
        store.close()
