"""People call with their own accounts: connecting in Slack, phones, disconnecting."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest

from bot.sandbox.ledger import Seen
from bot.sandbox.limits import Limits
from own import (
    PATIENT,
    a_browser,
    connects,
    dm,
    lets_connect,
    link_in,
    modal,
    to_ringcentral,
    whispered,
)
from patience import until
from town import CALLEE, MASKED, QUICK, Town


@pytest.fixture
async def house(closed_town: Town) -> Town:
    """Return a town where Ann and Bob have RingCentral accounts; none is shared."""
    lets_connect(closed_town, "ann", "bob")
    await closed_town.open()
    return closed_town


# Connecting


async def test_who_is_not_connected_is_asked_to_and_nothing_is_dialed(
    house: Town,
) -> None:
    """The refusal's button leads straight to connecting."""
    await house.types()
    refusal = house.slack.private("ann")[-1]
    await house.slack.click("ann", refusal, "connect_start")
    shown = await modal(house)

    assert "Connect RingCentral first" in refusal.text
    assert "/ringcentral/connect/" in link_in(shown)
    assert house.posts == 0


async def test_the_form_follows_the_sign_in(house: Town) -> None:
    """A link that was used is not left there; a new one is a press away."""
    await house.types()
    await house.slack.click("ann", house.slack.private("ann")[-1], "connect_start")
    form = await modal(house)
    async with a_browser() as browser:
        await to_ringcentral(browser, link_in(form))
        await house.until(lambda: "in your browser" in str(form.source))
        abandoned = str(form.source)
        await house.slack.click_in_view(form, "connect_start")
        await house.until(lambda: "/ringcentral/connect/" in str(form.source))
        there = await to_ringcentral(browser, link_in(form))
        await house.until(lambda: "in your browser" in str(form.source))
        back = await house.ringcentral.sign_in(there, "ann")
        async with browser.get(back) as page:
            assert page.status == 200
    await house.until(lambda: "You're connected" in str(form.source))

    assert "/ringcentral/connect/" not in abandoned
    assert "button" not in str(form.source["blocks"])
    assert form.is_open


@pytest.mark.on_both
async def test_a_person_connects_and_calls_as_themselves(house: Town) -> None:
    """From command to reply, the person's own name, phone and call log are used."""
    ann = house.ringcentral.person("ann")
    status, page = await connects(house)
    told = await dm(house, "You're connected")
    await house.types()
    reply = await house.reply()
    [call] = house.ringcentral.calls

    assert (status, "Ann Example" in page) == (200, True)
    assert "Ann Example" in told.text
    assert "My mobile" in told.text
    assert call.owner == "ann"
    assert call.caller == ann.mobile
    assert "as Ann Example" in str(house.cards()[0].blocks)
    assert "Callee" in reply.text


async def test_a_test_call_to_oneself_is_offered(house: Town) -> None:
    """A first call is less daunting if both phones are one's own."""
    ann = house.ringcentral.person("ann")
    await connects(house)
    told = await dm(house, "You're connected")
    await house.slack.click("ann", told, "test_call")
    await house.until(lambda: house.ringcentral.calls)
    [call] = house.ringcentral.calls

    assert (call.caller, call.callee) == (ann.mobile, ann.direct)


async def test_connecting_is_offered_where_an_account_is_shared(
    closed_town: Town,
) -> None:
    """A small team can keep calling while its people connect one by one."""
    town = closed_town
    lets_connect(town, "ann", shared=True)
    await town.open()
    await town.types()
    shared = await town.finished()
    await connects(town)
    await town.types()
    own = await town.finished(1)

    assert "shared account" in str(shared.blocks)
    assert "as Ann Example" in str(own.blocks)
    assert [call.owner for call in town.ringcentral.calls] == ["service", "ann"]


async def test_without_a_secret_key_there_is_nothing_to_connect(town: Town) -> None:
    """The message names the setting that the operator must add."""
    await town.types("connect")

    assert "nothing to connect" in town.slack.private("ann")[-1].text


@pytest.mark.on_both
async def test_the_list_is_of_ones_own_calls(house: Town) -> None:
    """Each account has its own call log; nobody may read a colleague's."""
    await connects(house)
    await connects(house, "bob")
    await house.types()
    await house.reply()
    await house.types("last 10", command="/callstatus")
    mine = await whispered(house, "Your last call")
    await house.types("last 10", user="bob", command="/callstatus")
    his = await whispered(house, "No calls in the past", "bob")

    assert MASKED in str(mine.blocks)
    assert MASKED not in re.sub(r"<!date\^\d+", "", str(his.blocks))
    await house.types("<@U0BOB>", command="/callstatus")
    await whispered(house, "its calls are all yours")
    await house.types("<@U0ANN> last 5", command="/callstatus")
    await whispered(house, "placed by <@U0ANN>")


# With a credential, where browsers can't reach the bot


@pytest.fixture
async def shut_house(closed_town: Town) -> Town:
    """Return the same town without a public address."""
    lets_connect(closed_town, "ann", browser=False)
    del closed_town.env["PORT"]
    await closed_town.open()
    return closed_town


@pytest.mark.on_both
async def test_a_credential_is_pasted_and_tried_at_once(shut_house: Town) -> None:
    """The form lists the steps, with the client id that the credential needs."""
    town = shut_house
    await town.types("connect")
    await town.slack.click("ann", town.slack.private("ann")[-1], "connect_start")
    form = await modal(town)
    asked = str(form.source)
    town.slack.fill_in(form, {"jwt": f" {town.ringcentral.jwt_of('ann')}\n"})
    ack = await town.slack.submit(form)
    await dm(town, "You're connected")
    await town.types()
    await town.reply()

    assert town.ringcentral.logins.client_id in asked
    assert ack.json["response_action"] == "update"
    assert "You're connected" in str(form.source["blocks"])
    assert town.ringcentral.calls[0].owner == "ann"


@pytest.mark.parametrize(
    ("pasted", "said"),
    [("abc", "three parts"), ("aaa.bbb.ccc", "doesn't accept it")],
)
async def test_a_wrong_credential_is_said_under_the_field(
    shut_house: Town, pasted: str, said: str
) -> None:
    """The form stays open, so that the person can correct it."""
    town = shut_house
    await town.types("connect")
    await town.slack.click("ann", town.slack.private("ann")[-1], "connect_start")
    form = await modal(town)
    town.slack.fill_in(form, {"jwt": pasted})
    await town.slack.submit(form)

    assert said in form.errors["jwt"]
    assert form.is_open


async def test_a_credential_that_takes_long_is_told_of_later(
    shut_house: Town,
) -> None:
    """Slack gives a form three seconds; RingCentral may take longer."""
    town, ends = shut_house, asyncio.Event()

    async def hold(seen: Seen) -> None:
        if "/oauth/token" in seen.path:
            await ends.wait()

    await town.close()
    await town.open(replace(QUICK, forms=replace(QUICK.forms, credential=0.2)))
    await town.types("connect")
    await town.slack.click("ann", town.slack.private("ann")[-1], "connect_start")
    form = await modal(town)
    town.slack.fill_in(form, {"jwt": town.ringcentral.jwt_of("ann")})
    town.ringcentral.door.on_request = hold
    ack = await town.slack.submit(form)
    ends.set()

    assert ack.ok
    assert "taking a while" in str(form.source["blocks"])
    await dm(town, "You're connected")


# My phones


@pytest.mark.on_both
async def test_settings_decide_what_rings_and_what_is_seen(house: Town) -> None:
    """Choices among RingCentral's numbers are stored and used."""
    ann = house.ringcentral.person("ann")
    await connects(house)
    await house.types("settings")
    form = await modal(house)
    house.slack.fill_in(
        form,
        {"first": ann.desk, "caller_id": ann.direct, "prompt": "always"},
    )
    saved = await house.slack.submit(form)
    await house.types()
    await house.reply()
    [call] = house.ringcentral.calls

    assert saved.ok
    assert not form.is_open
    assert (call.caller, call.caller_id) == (ann.desk, ann.direct)
    assert call.play_prompt


async def test_a_mobile_asks_for_a_key_before_the_other_party_is_rung(
    house: Town,
) -> None:
    """Otherwise the mobile's voicemail could greet a customer."""
    await connects(house)
    await house.types()
    await house.reply()
    await house.types(f"{CALLEE} from desk")
    await house.reply(1)

    assert [call.play_prompt for call in house.ringcentral.calls] == [True, False]


async def test_from_and_as_are_typed_by_label_or_number(house: Town) -> None:
    """These override the stored choice for one call only."""
    ann = house.ringcentral.person("ann")
    await connects(house)
    await house.types(f"{CALLEE} from desk as {ann.direct}")
    await house.reply()
    [call] = house.ringcentral.calls

    assert (call.caller, call.caller_id) == (ann.desk, ann.direct)


@pytest.mark.parametrize("word", ["from", "as"])
async def test_a_strangers_number_is_neither_rung_nor_shown(
    house: Town, word: str
) -> None:
    """To Ann, Bob's number is a stranger's, even though they are colleagues."""
    await connects(house)
    await connects(house, "bob")
    for number in (house.ringcentral.person("bob").mobile, "+14155550199"):
        await house.types(f"{CALLEE} {word} {number}")
        said = house.slack.private("ann")[-1].text
        assert "one of your own numbers" in said

    assert house.posts == 0


async def test_a_form_that_was_forged_chooses_nobody_elses_number(house: Town) -> None:
    """A client may send any number, so it is checked against the list again."""
    await connects(house)
    await house.types("settings")
    form = await modal(house)
    bobs = house.ringcentral.person("bob").mobile
    for block in form.source["blocks"]:
        if block.get("block_id") == "first":
            option = {"text": {"type": "plain_text", "text": "x"}, "value": bobs}
            block["element"]["options"].append(option)
    house.slack.fill_in(form, {"first": bobs})
    await house.slack.submit(form)
    await house.types()
    await house.reply()

    assert "don't have that number" in form.errors["first"]
    assert house.ringcentral.calls[0].caller == house.ringcentral.person("ann").mobile


async def test_the_time_zone_is_slacks(house: Town) -> None:
    """The form must also open without the scope that lets us read the time zone."""
    await connects(house)
    await house.types("settings")
    form = await modal(house)
    house.slack.rules.scopes.discard("users:read")
    await connects(house, "bob")
    await house.types("settings", user="bob")
    other = await modal(house, "bob")

    assert house.slack.workspace.user("ann").tz in str(form.source)
    assert "in your time zone." in str(other.source)


async def test_a_phone_that_is_new_is_there_on_demand(house: Town) -> None:
    """The list is cached; a button fetches it again."""
    ann = house.ringcentral.person("ann")
    await connects(house)
    ann.forwarding_numbers.append(
        ann.forwarding_numbers[0]
        | {"id": "77", "phoneNumber": "+15105550177", "label": "New", "type": "Home"}
    )
    await house.types("settings")
    form = await modal(house)
    before = str(form.source)
    await house.slack.click_in_view(form, "refresh_phones")
    await house.until(lambda: "+15105550177" in str(form.source))

    assert "+15105550177" not in before


async def test_my_home_region_reads_my_numbers(house: Town) -> None:
    """Someone in London types London numbers; the policy still decides."""
    await connects(house)
    await house.types("settings")
    form = await modal(house)
    house.slack.fill_in(form, {"region": "zz"})
    await house.slack.submit(form)
    wrong = dict(form.errors)
    house.slack.fill_in(form, {"region": "gb"})
    await house.slack.submit(form)
    await house.types("020 7946 0958")

    assert "two letters" in wrong["region"]
    assert "United Kingdom" in house.slack.private("ann")[-1].text
    assert house.posts == 0


# Disconnecting


@pytest.mark.on_both
async def test_disconnecting_revokes_and_erases(house: Town) -> None:
    """The session is revoked, our rows go, and the next call asks to connect."""
    await connects(house)
    await house.types("disconnect")
    told = await whispered(house, "disconnected")
    await house.types()

    assert "erased" in told.text
    assert not house.ringcentral.sessions_of("ann")
    assert "Connect RingCentral first" in house.slack.private("ann")[-1].text
    assert house.posts == 0


@pytest.mark.on_both
async def test_a_person_who_leaves_in_mid_call_is_disconnected(house: Town) -> None:
    """Their call can't be followed any more; the card says so instead of freezing."""
    house.ringcentral.play(PATIENT)
    await connects(house)
    await house.types()
    await house.until(lambda: house.ringcentral.calls)
    await house.until(house.cards)
    await house.slack.deactivate("ann")
    reply = await house.reply()

    assert "RingCentral sign-in has ended" in reply.text
    await until(lambda: not house.ringcentral.sessions_of("ann"))
    assert house.posts == 1


@pytest.mark.on_both
async def test_an_uninstall_ends_everybodys_connection(house: Town) -> None:
    """Tokens that nobody needs any more must be revoked."""
    await connects(house)
    await connects(house, "bob")
    await house.slack.uninstall()

    await until(lambda: not any(map(house.ringcentral.sessions_of, ("ann", "bob"))))


@pytest.mark.on_both
async def test_a_sign_in_that_ends_is_told_of_once(house: Town) -> None:
    """The message has a button to connect again; refused calls have the same one."""
    await connects(house)
    house.ringcentral.end_sessions("ann")
    await house.types()
    told = await dm(house, "sign-in has ended")
    await house.types("+14155550177")
    refusal = house.slack.private("ann")[-1]

    assert "connect_start" in str(told.blocks)
    assert "Connect again" in refusal.text
    assert len([m for m in house.slack.dm("ann") if "has ended" in m.text]) == 1
    assert "/ringout connect" in (await house.finished()).text
    assert house.ringcentral.calls == []


# Many people


@pytest.mark.unmeasured
async def test_twelve_people_dial_at_once_each_in_their_own_limits(
    closed_town: Town,
) -> None:
    """One shared credential has room for ten calls a minute."""
    town = closed_town
    names = [f"p{number:02}" for number in range(12)]
    lets_connect(town, *names)
    town.ringcentral.limits = Limits()
    for name in names:
        town.slack.workspace.add_user(f"U{name.upper()}", name)
        town.slack.channel("sales").members.add(f"U{name.upper()}")
    await town.open()
    for name in names:
        assert (await connects(town, name))[0] == 200
    acks = await asyncio.gather(*(town.types(user=name) for name in names))
    await town.until(
        lambda: len([c for c in town.cards() if town.slack.thread(c)]) == 12
    )

    assert all(ack.ok for ack in acks)
    assert sorted(call.owner for call in town.ringcentral.calls) == names
    assert not any(seen.status == 429 for seen in town.ringcentral.requests)


@pytest.mark.on_both
async def test_an_open_call_says_that_its_sign_in_has_ended(house: Town) -> None:
    """The call can't be followed any more; the card says so instead of freezing."""
    house.ringcentral.play(PATIENT)
    await connects(house)
    await house.types()
    await house.until(lambda: house.ringcentral.requests_of("GET", "/ring-out/"))
    house.ringcentral.end_sessions("ann")
    reply = await house.reply()
    told = await dm(house, "sign-in has ended")

    assert "RingCentral sign-in has ended" in reply.text
    assert "connect_start" in str(told.blocks)
    assert house.posts == 1


async def test_the_shared_account_can_be_switched_off(closed_town: Town) -> None:
    """The shared credential is not used then, and everybody is asked to connect."""
    town = closed_town
    lets_connect(town, "ann", shared=True)
    town.env["RINGOUT_SHARED_ACCOUNT"] = "off"
    await town.open()
    await town.types()

    assert "Connect RingCentral first" in town.slack.private("ann")[-1].text
    assert town.ringcentral.requests == []
