"""What the demo's page does for its visitor, without a browser: as Slack would."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bolt_bot import a_slack, by_socket
from bot.sandbox.ringcentral.calls import PlacedCall
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.parties import changes_of, event_body
from bot.sandbox.ringcentral.webhooks import Delivery
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.views import View
from bot.sandbox.web.deeds import STORM_METHODS, STORM_SECONDS, BadDeed
from bot.sandbox.web.server import WebServer
from bot.workspaces import manifest
from crew import NoCrew
from gallery import MODAL, SECOND, Gallery
from patience import PATIENCE


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Return a running double."""
    async with a_slack(ack_timeout=1.0) as double:
        yield double


@pytest.fixture
async def ringcentral() -> AsyncIterator[RingCentralDouble]:
    """Return a running double, six times as fast as life."""
    async with RingCentralDouble(speed=6) as double:
        yield double


@pytest.fixture
def server(slack: SlackDouble, ringcentral: RingCentralDouble) -> WebServer:
    """Return a page's server that nobody asks over HTTP."""
    return WebServer(
        slack=slack,
        ringcentral=ringcentral,
        crew=NoCrew(),
        manifest=manifest.load(),
    )


@pytest.fixture
async def gallery(slack: SlackDouble) -> AsyncIterator[Gallery]:
    """Run a bot that shows everything."""
    bot = Gallery()
    async with by_socket(slack, bot):
        await slack.connected()
        yield bot


async def typed(server: WebServer, line: str, **more: str) -> str:
    """Type *line* as Ann in #sales; return Slackbot's answer, if there is one."""
    values = {"deed": "type", "as": "ann", "channel": "sales", "text": line, **more}
    return str((await server.deeds.do(values)).get("note", ""))


async def test_a_message_is_escaped_and_names_become_ids(
    server: WebServer, slack: SlackDouble
) -> None:
    """As Slack stores them; a private channel's name gives nothing away."""
    assert await typed(server, "@bob <b> & #general, not #deals or a@bob") == ""

    [said] = slack.messages("sales")
    assert said.text == (
        "<@U0BOB> &lt;b&gt; &amp; <#C0GENERAL|general>, not #deals or a@bob"
    )


async def test_a_command_reaches_the_bot_as_slack_would_send_it(
    server: WebServer, slack: SlackDouble, gallery: Gallery
) -> None:
    """The manifest says ``should_escape``."""
    assert await typed(server, "/ringout @bob & co") == ""

    delivered = slack.deliveries.last
    assert delivered is not None
    assert delivered.payload["text"] == "<@U0BOB|bob> &amp; co"
    assert gallery.pressed == []


async def test_slackbot_says_what_nothing_came_of(
    server: WebServer, slack: SlackDouble
) -> None:
    """Unknown commands, threads, a bot that is dead, a place of others."""
    assert "not a valid command" in await typed(server, "/dance")
    assert "not supported in threads" in await typed(
        server, "/ringout help", thread="1.0"
    )
    assert "operation_timeout" in await typed(server, "/ringout help")
    assert "can't write here" in await typed(server, "Hi", channel="deals", **CARL)
    assert await typed(server, "   ") == ""
    assert slack.messages("sales") == []


CARL = {"as": "carl"}


async def test_the_bot_is_invited_and_removed(
    server: WebServer, slack: SlackDouble
) -> None:
    """Its own messages tell people to type that."""
    general = slack.channel("general")

    assert "works in channels" in await typed(server, "/invite @carl")
    assert "already here" in await typed(server, "/invite @ringout")
    await typed(server, "/invite @ringout", channel="general")
    assert slack.workspace.has_bot(general)
    await typed(server, "/remove @ringout", channel="general")
    assert not slack.workspace.has_bot(general)
    assert "not here" in await typed(server, "/remove @ringout", channel="general")


async def opened(server: WebServer, slack: SlackDouble) -> View:
    """Have Ann open the modal."""
    await typed(server, "/ringout modal")
    return (await slack.until(lambda: slack.views.all))[-1]


def shown(server: WebServer) -> list[str]:
    """Return the titles of the views that people see."""
    return [
        item["source"]["title"]["text"]
        for key, item in server.picture().items()
        if key.startswith("view:")
    ]


async def submit(server: WebServer, view: View, number: str = "") -> dict[str, object]:
    """Submit a modal, filled in with *number*."""
    element = {"type": "plain_text_input", "value": number}
    values = {"to": {"number": element}} if number else {}
    return await server.deeds.do(
        {"deed": "submit", "as": view.user, "view": view.id, "values": values}
    )


async def test_a_modal_says_what_is_wrong_and_stays(
    server: WebServer, slack: SlackDouble, gallery: Gallery
) -> None:
    """The person mends it where it stands; submitted well, it goes."""
    view = await opened(server, slack)

    assert await submit(server, view, "bad") == {"errors": {"to": "That is no number."}}
    assert shown(server) == ["Place a call"]
    assert await submit(server, view, "+14155550142") == {}
    assert shown(server) == []
    assert len(gallery.submitted) == 2


async def test_modals_are_changed_stacked_and_cleared(
    server: WebServer, slack: SlackDouble, gallery: Gallery
) -> None:
    """What Slack's four answers to a submission do."""
    first = await opened(server, slack)

    await submit(server, first, "push")
    assert shown(server) == [MODAL["title"]["text"], SECOND["title"]["text"]]
    await submit(server, slack.views.all[-1])
    assert shown(server) == []
    second = await opened(server, slack)
    await submit(server, second, "update")
    assert shown(server) == [SECOND["title"]["text"]]
    assert second.updates == 1
    assert len(gallery.submitted) == 3


async def test_a_closed_modal_is_told_of_where_that_was_asked(
    server: WebServer, slack: SlackDouble, gallery: Gallery
) -> None:
    """``notify_on_close``; and nobody closes another's."""
    view = await opened(server, slack)

    with pytest.raises(Exception, match=view.id):
        await server.deeds.do({"deed": "close", "as": "bob", "view": view.id})
    await server.deeds.do({"deed": "close", "as": "ann", "view": view.id})
    assert shown(server) == []
    await slack.until(lambda: gallery.closed == 1)


async def test_the_home_tab_opens_and_its_buttons_work(
    server: WebServer, slack: SlackDouble, gallery: Gallery
) -> None:
    """A view of each person's own."""
    await server.deeds.do({"deed": "home", "as": "ann"})
    [home] = await slack.until(lambda: slack.views.all)

    await server.deeds.do(
        {"deed": "view click", "as": "ann", "view": home.id, "action": "go"}
    )

    await slack.until(lambda: gallery.pressed)
    assert gallery.pressed[0]["container"] == {"type": "view", "view_id": home.id}
    assert gallery.pressed[0]["user"]["id"] == "U0ANN"


async def test_a_button_that_nobody_answers_says_so(
    server: WebServer, slack: SlackDouble
) -> None:
    """The bot died with its card and its modal on the screen."""
    async with by_socket(slack, Gallery()):
        await slack.connected()
        view = await opened(server, slack)
        await typed(server, "/ringout blocks")
        [message, _] = await slack.until(
            lambda: slack.messages("sales")[1:] and slack.messages("sales")
        )
    await slack.until(lambda: not slack.connections)

    click = {"deed": "click", "as": "ann", "ts": message.ts, "action": "go"}
    assert "did not answer" in (await server.deeds.do(click))["note"]
    assert "did not answer" in str((await submit(server, view, "1"))["note"])
    assert shown(server) == ["Place a call"]


async def test_a_button_counts_as_it_was_seen(
    server: WebServer, slack: SlackDouble, gallery: Gallery
) -> None:
    """The app edits its card while somebody reads the question before a press."""
    await typed(server, "/ringout blocks")
    [message, _] = await slack.until(
        lambda: slack.messages("sales")[1:] and slack.messages("sales")
    )
    seen = message.blocks
    [at] = [each["block_id"] for each in seen if "'stop'" in str(each)]
    fresh = [each | {"block_id": f"new-{each['block_id']}"} for each in seen]
    message.change(message.text, fresh)

    click = {"deed": "click", "as": "ann", "ts": message.ts, "action": "stop"}
    assert await server.deeds.do(click | {"block": at}) == {}

    assert [each["actions"][0]["block_id"] for each in gallery.pressed] == [at]


async def test_shortcuts_are_chosen_as_in_slack(
    server: WebServer, slack: SlackDouble
) -> None:
    """On a message, which the app is shown; or anywhere, and the form begins there."""
    said = slack.say("bob", "sales", "415 555 0142")
    on = {"deed": "shortcut", "as": "ann", "callback": "call_number_in_message"}
    anywhere = {"deed": "shortcut", "as": "ann", "callback": "place_call"}

    told = await server.deeds.do(on | {"ts": said.ts})
    of_message = slack.deliveries.last
    await server.deeds.do(anywhere | {"channel": "C0SALES"})
    of_composer = slack.deliveries.last

    assert "did not answer that shortcut" in told["note"]
    assert of_message is not None
    assert of_message.payload["type"] == "message_action"
    assert of_message.payload["message"]["text"] == "415 555 0142"
    assert of_composer is not None
    assert of_composer.payload["type"] == "shortcut"
    trigger = of_composer.payload["trigger_id"]
    assert slack.space.triggers.seen_from[trigger] == "C0SALES"


async def test_a_menu_is_filled_as_somebody_types(
    server: WebServer, slack: SlackDouble, gallery: Gallery
) -> None:
    """With what the app suggests, by the person who sees the form; it holds their values."""
    view = await opened(server, slack)
    asks = {"deed": "query", "as": "ann", "view": view.id, "action": "colleague"}

    found = await server.deeds.do(asks | {"typed": "bo"})

    assert [each["value"] for each in found["options"]] == ["bo"]
    assert gallery.asked == ["bo"]
    with pytest.raises(BadDeed):
        await server.deeds.do(asks | {"as": "bob"})
    with pytest.raises(BadDeed):
        await server.deeds.do(asks | {"action": "unknown"})
    shown_view = server.picture()[f"view:{view.id}"]
    assert shown_view["values"]["from"]["menu"]["selected_option"]["value"] == "desk"


@pytest.mark.usefixtures("gallery")
async def test_what_is_written_to_the_bot_reaches_it(
    server: WebServer, slack: SlackDouble
) -> None:
    """Its name in a channel where it is, and all in its direct messages; nothing else."""
    dm = slack.app_dm("ann").id
    for line, place in (
        ("@ringout call 415 555 0142", "sales"),
        ("415 555 0142", dm),
    ):
        await typed(server, line, channel=place)
        assert slack.deliveries.last is not None
        event = slack.deliveries.last.payload["event"]
        assert (event["channel"], event["user"]) == (slack.channel(place).id, "U0ANN")
        last = slack.deliveries.last
    await typed(server, "415 555 0142")
    await typed(server, "@ringout call 415 555 0142", channel="general")

    assert slack.deliveries.last is last
    mention = slack.messages("sales")[0].text
    assert mention == f"<@{slack.workspace.bot.id}> call 415 555 0142"


async def test_a_pushed_event_is_shown_as_what_it_is(
    server: WebServer, ringcentral: RingCentralDouble
) -> None:
    """RingCentral's own request to the bot, which costs none of its budget."""
    ringcentral.play("driven")
    call = placed(ringcentral)
    body = event_body(call, changes_of(call)[0], ringcentral.people)
    delivery = Delivery(time.monotonic(), "sub", {"body": body}, 200)
    ringcentral.push.webhooks.sent.append(delivery)

    [event] = [
        item
        for key, item in server.picture().items()
        if key.startswith("request:") and "event" in item
    ]
    assert event["event"] == {"side": "caller", "state": "Proceeding"}
    assert (event["id"], event["side"], event["verb"]) == (
        "event:0",
        "ringcentral",
        "EVENT",
    )
    assert (event["status"], event["group"], event["limit"]) == (200, "", None)
    assert abs(event["at"] / 1000 - time.time()) < 60


def placed(ringcentral: RingCentralDouble) -> PlacedCall:
    """Place a call without the bot."""
    return ringcentral._exchange.place(
        ringcentral.story,
        caller="+16505550101",
        callee="+14155550142",
        caller_id="+16505550190",
        owner_id=ringcentral.service.extension_id,
        owner="service",
        play_prompt=False,
        decoy=False,
    )


async def test_a_story_is_for_the_calls_to_come(
    server: WebServer, ringcentral: RingCentralDouble
) -> None:
    """Phones that a person answers ring for as long as in life, at any speed."""
    assert ringcentral.story.name == "driven"
    assert ringcentral.story.ring_limit == 240

    await server.deeds.do({"deed": "story", "story": "busy"})

    assert server.picture()["story"] == {"name": "callee-busy"}
    assert ringcentral.story.ring_limit == 40


async def test_a_storm_closes_both_sides_for_a_while(
    server: WebServer, slack: SlackDouble, ringcentral: RingCentralDouble
) -> None:
    """By the clock, however often it is pressed: no refusal is left for a later call."""
    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    sales = slack.channel("sales").id
    await client.chat_postMessage(channel=sales, text="Hi")

    for _ in range(4):
        await server.deeds.do({"deed": "storm"})

    assert closed(server) == {"Light", "Heavy", "chat.postMessage"}
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=sales, text="Hi")
    assert refused.value.response.status_code == 429
    assert int(refused.value.response.headers["Retry-After"]) <= STORM_SECONDS
    ringcentral.forgive()
    over = time.monotonic() + STORM_SECONDS
    assert [slack.door.limiter.wait(each, "", over) for each in STORM_METHODS] == [
        0,
        0,
        0,
    ]
    slack.door.limiter.forgive()
    assert closed(server) == set()
    await client.chat_postMessage(channel=sales, text="Hi")


def closed(server: WebServer) -> set[str]:
    """Return whose budgets the page shows as closed."""
    budgets = server.picture()["budgets"]["all"]
    return {each["name"] for each in budgets if each["isClosed"]}


async def test_the_bot_is_killed_once(server: WebServer) -> None:
    """The crew does it, and starts it again."""
    await server.deeds.do({"deed": "kill"})

    assert isinstance(server.crew, NoCrew)
    assert server.crew.kills == 1


async def test_the_inspector_shows_no_secret(
    server: WebServer, slack: SlackDouble, ringcentral: RingCentralDouble
) -> None:
    """People share pictures of it."""
    body = {"grant_type": "jwt-bearer", "assertion": "a.secret.jwt", "x": "y" * 999}
    async with asyncio.timeout(PATIENCE):
        from aiohttp import ClientSession

        async with ClientSession() as session:
            address = f"{ringcentral.url}/restapi/oauth/token"
            await (await session.post(address, data=body)).read()
    await slack.event({"type": "none"})

    [seen] = [item for key, item in server.picture().items() if "ringcentral:" in key]
    assert seen["body"]["assertion"] == "…"
    assert len(seen["body"]["x"]) < 500
    assert (seen["group"], seen["left"], seen["limit"]) == ("Auth", 4, 5)
