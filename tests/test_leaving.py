"""Leaving: whoever goes takes everything along, and nobody else loses anything."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from office import ANN, BOB, Office, a_double, an_office, ticket_of

from bot.calls.person import Person, Preferences
from bot.connecting import NotSignedIn
from bot.ringcentral import oauth
from bot.ringcentral.tokens import Tokens
from bot.storage.connections import Extension, Kept

REGION = Preferences(region="GB")


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    """Give one process, on either kind of database."""
    async with a_double() as double, an_office(double, database_url) as made:
        yield made


async def test_who_disconnects_leaves_no_sign_in_open(office: Office) -> None:
    """A link in Slack and a page in a browser are worth nothing any more."""
    await office.connect()
    await office.connect(BOB, "bob")
    ticket = ticket_of(await office.connecting.link(ANN, "Ann"))
    url, cookie = await office.begin()
    back = await office.allowed(url)
    bobs = ticket_of(await office.connecting.link(BOB, "Bob"))

    assert await office.connecting.disconnect(ANN)

    with pytest.raises(NotSignedIn):
        await office.connecting.begin(ticket)
    with pytest.raises(NotSignedIn):
        await office.connecting.finish(back["state"], back["code"], cookie)
    for rows in (await office.rows()).values():
        assert not [row for row in rows if row.get("user") == ANN.user]
    assert (await office.connecting.whose(bobs)).person == BOB


GRID = [
    Person("E1", "T1", "U1"), Person("E1", "T1", "U2"),
    Person("E1", "T2", "U1"), Person("E2", "T1", "U1"),
    Person("", "T1", "U1"), Person("", "T2", "U1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("whom", "gone"),
    [
        (("E1", "T1"), [0, 1]),
        (("E1", "T1", "U1"), [0]),
        (("E1", ""), [0, 1, 2]),
        (("E1", "", "U1"), [0, 2]),
        (("", "T1"), [4]),
        (("", "T1", "U1"), [4]),
        (("", ""), []),
        (("E3", ""), []),
    ],
)
async def test_who_leaves_is_forgotten_and_nobody_else(
    office: Office, whom: tuple[str, ...], gone: list[int]
) -> None:
    """A workspace, an organization, one user: the same id elsewhere is somebody else."""
    now = office.clock.now()
    secrets = {"access": "a", "refresh": "", "jwt": "", "scope": ""}
    links = []
    for number, person in enumerate(GRID):
        kept = Kept(secrets=secrets, version=0, fresh_until=now, ends_at=None)
        await office.connections.put(
            f"id{number}", person, "once", Extension(str(number)), kept, now
        )
        await office.connections.prefer(person, REGION)
        links.append(ticket_of(await office.connecting.link(person, "@x")))

    assert await office.connecting.end_all(*whom) == len(gone)

    for number, person in enumerate(GRID):
        linked, chosen = await office.connections.of(person)
        is_gone = number in gone
        assert (linked is None) == is_gone
        assert (chosen == Preferences()) == is_gone
        if is_gone:
            with pytest.raises(NotSignedIn):
                await office.connecting.whose(links[number])
        else:
            assert (await office.connecting.whose(links[number])).person == person


async def test_who_never_connected_leaves_no_choices_behind(office: Office) -> None:
    """Of the people who share an account too: a chosen number is theirs."""
    await office.connections.prefer(ANN, REGION)
    await office.connections.prefer(BOB, REGION)

    assert await office.connecting.end_all("", ANN.team, ANN.user) == 0

    assert (await office.connections.of(ANN))[1] == Preferences()
    assert (await office.connections.of(BOB))[1] == REGION


async def test_ringcentral_is_told_and_heard(office: Office) -> None:
    """What it says decides whether the log warns of a session that lives on."""
    now = office.clock.now()
    good = await oauth.by_credential(
        office.network, office.double.jwt_of("ann"), now=office.clock.now
    )
    ended = await oauth.revoke(office.network, good)
    office.double.faults.add("status", path_contains="/oauth/revoke")
    unheard = await oauth.revoke(office.network, good)
    nothing = await oauth.revoke(office.network, Tokens(access="", fresh_until=now))

    assert (ended, unheard, nothing) == (True, False, False)
    assert office.double.sessions_of("ann") == []
