"""Several workspaces and an organization install the app and place calls.

People with the same user ids are in each of them.
"""

from __future__ import annotations

import asyncio
from copy import deepcopy
from typing import Any

import pytest

from bot.sandbox.slack.double import SlackTeam
from bot.sandbox.slack.grants import Enterprise
from bot.vault import Vault
from own import PATIENT
from spaces import KEY, beside, browse, connect, installations_of, open_to_all
from town import CALLEE, Town

pytestmark = pytest.mark.unmeasured

OTHER = "T0OTHER"
ACME = Enterprise("E0ACME", "Acme")


@pytest.fixture
async def space(closed_town: Town) -> Town:
    """Return a town whose bot serves any workspace; each Ann there has an account."""
    open_to_all(closed_town)
    await connect(closed_town)
    await connect(closed_town, team=OTHER)
    return closed_town


async def installed_twice(space: Town) -> SlackTeam:
    """Install the app in both workspaces; return the second one."""
    other = space.slack.add_team(OTHER, "Other", scopes=None)
    await space.open()
    for team in ("", OTHER):
        status, page = await browse(space, team)
        assert status == 200, page
    for channel in other.workspace.channels:
        if channel.name == "sales":
            channel.members.add(other.workspace.bot.id)
    return other


async def replied(space: Town, team: Any) -> str:
    """Wait for the reply under the first card in a team's #sales."""

    def seen() -> str:
        cards = team.messages("sales")
        replies = team.thread(cards[0]) if cards else []
        return replies[0].text if replies else ""

    return await space.until(seen)


def cancel_button(blocks: Any) -> dict[str, Any]:
    """Return the first button of a card."""
    actions = next(block for block in blocks if block["type"] == "actions")
    button: dict[str, Any] = actions["elements"][0]
    return button


async def test_two_teams_install_it_and_call_each_by_its_own_token(
    space: Town,
) -> None:
    """From link to reply; each workspace's token is checked with Slack only once."""
    other = await installed_twice(space)

    assert (await space.types()).ok
    assert (await other.command("ann", "sales", "/ringout", "+14155550177")).ok
    one, two = await replied(space, space.slack), await replied(space, other)

    assert "0142" in one
    assert "0177" in two
    assert len(space.slack.messages("sales")) == len(other.messages("sales")) == 1
    assert len(space.slack.calls_of("auth.test")) == 2
    assert space.slack.bot_token != other.bot_token
    assert space.posts == 2


async def test_one_team_neither_sees_nor_cancels_nor_counts_anothers_calls(
    space: Town,
) -> None:
    """Neither by the same user ids, nor by the other call's id in a button."""
    space.env["RINGOUT_CALLS_PER_MINUTE"] = "2"
    space.ringcentral.play(PATIENT)
    other = await installed_twice(space)
    for _ in range(2):
        await space.types(CALLEE if not space.posts else "+14155550199")
        await space.until(lambda: space.posts)
    await space.until(lambda: space.posts == 2)
    theirs = space.cards()[0]
    await space.until(lambda: "cancel" in str(theirs.blocks))
    wanted = cancel_button(theirs.blocks)["value"]

    listed = await other.command("ann", "sales", "/callstatus", "last 10")
    await space.until(lambda: other.private("ann"))
    assert listed.ok
    assert "ringing" not in str([p.blocks for p in other.private("ann")])

    await other.command("ann", "sales", "/ringout", "+14155550142")
    # Neither the third call in a minute, nor a number that is being rung:
    await space.until(lambda: other.messages("sales"))
    mine = other.messages("sales")[0]
    await space.until(lambda: "cancel" in str(mine.blocks))
    blocks = deepcopy(mine.blocks)
    button = cancel_button(blocks)
    assert button["value"] != wanted
    button["value"] = wanted
    told = len(other.private("ann"))
    await other.click("ann", mine, button["action_id"], blocks=blocks)
    await space.until(lambda: len(other.private("ann")) > told)

    assert "don't have that call" in other.private("ann")[-1].text
    async with beside(space) as store:
        call = await store.get(wanted)
    assert call is not None
    assert call.cancelled_at is None


async def test_one_team_leaves_and_the_other_stays(space: Town) -> None:
    """Only its own token is deleted; it may return with a new one."""
    other = await installed_twice(space)
    before = other.bot_token

    acks = await other.uninstall()

    assert all(ack.ok for ack in acks), acks
    async with beside(space) as store:
        assert await installations_of(store).find("", OTHER) is None
    assert (await space.types()).ok
    await replied(space, space.slack)

    status, _ = await browse(space, OTHER)
    assert status == 200
    assert other.bot_token != before
    await connect(space, team=OTHER)  # its people are not connected any more
    assert (await other.command("ann", "app", "/ringout", "+14155550177")).ok
    await space.until(lambda: space.posts == 2)


async def test_an_organization_installs_it_for_all_of_its_workspaces(
    space: Town,
) -> None:
    """One token serves all its teams and nobody else."""
    east = space.slack.add_team("T0EAST", "East", ACME, scopes=None)
    west = space.slack.add_team("T0WEST", "West", ACME, scopes=None)
    for team in (east, west):
        await connect(space, team=team.workspace.team, enterprise=ACME.id)
    await space.open()

    status, page = await browse(space, ACME.id)
    acks = [
        await team.command("ann", "app", "/ringout", f"+1415555017{number}")
        for number, team in enumerate((east, west))
    ]

    assert (status, "every workspace of" in page) == (200, True)
    assert all(ack.ok for ack in acks)
    await space.until(lambda: space.posts == 2)
    for team in (east, west):
        await space.until(lambda team=team: "call_again" in str(team.dm("ann")))  # type: ignore[misc]
    stranger = await space.types()
    assert stranger.ok
    assert "isn't installed" in space.slack.private("ann")[-1].text

    await west.uninstall()
    async with beside(space) as store:
        for gone in ("T0EAST", "T0WEST"):
            assert await installations_of(store).find(ACME.id, gone) is None


async def test_who_says_no_at_slack_installs_nothing(space: Town) -> None:
    """The page says so, and nothing is stored."""
    await space.open()

    status, page = await browse(space, deny=True)

    assert (status, "canceled" in page) == (400, True)
    async with beside(space) as store:
        assert await installations_of(store).counted() == 0


async def test_the_database_holds_no_token_of_any_workspace(space: Town) -> None:
    """Nor any other secret with which somebody could act for a workspace."""
    other = await installed_twice(space)
    await space.types()
    await replied(space, space.slack)
    await space.close()

    held = b"".join(each.read_bytes() for each in space.folder.glob("calls.db*"))
    app = space.slack.app
    assert OTHER.encode() in held
    for secret in (
        space.slack.bot_token,
        other.bot_token,
        app.client_secret,
        KEY,
        space.slack.signing_secret,
        space.ringcentral.logins.jwt,
    ):
        assert secret.encode() not in held
    async with beside(space) as store:
        found = await installations_of(store).newest(9)
        other_key = type(installations_of(store))(store.writer, Vault([_key()]))
        assert {made.token for _, made in found if made} == {
            space.slack.bot_token,
            other.bot_token,
        }
        assert {made for _, made in await other_key.newest(9)} == {None}


def _key() -> str:
    from bot.vault import new_key

    return new_key()


async def test_many_commands_of_two_teams_at_once_stay_apart(space: Town) -> None:
    """Each card is in its own workspace, each reply under its own card."""
    other = await installed_twice(space)
    numbers = [f"+1415555017{digit}" for digit in range(4)]

    await asyncio.gather(
        *(space.types(number) for number in numbers[:2]),
        *(other.command("ann", "sales", "/ringout", each) for each in numbers[2:]),
    )
    await space.until(lambda: space.posts == 4)

    def shown(team: Any) -> set[str]:
        return {
            number[-4:]
            for number in numbers
            if number[-4:] in str([card.text for card in team.messages("sales")])
        }

    await space.until(lambda: len(shown(space.slack)) == len(shown(other)) == 2)
    assert shown(space.slack) == {"0170", "0171"}
    assert shown(other) == {"0172", "0173"}
