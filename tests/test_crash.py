"""The bot as a process: killed at each step on the wire, stopped, misconfigured.

Each story starts the real process against the doubles, ends it, starts it again on
the same database, and counts what the doubles have seen.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable

import pytest
from process import Process, Trap, states
from town import CALLEE, CALLER, Town

from bot.sandbox.ledger import Seen
from bot.sandbox.slack_ledger import Called
from bot.sandbox.slack_messages import Message


class Scene:
    """A town and the processes of its bot, one after the other."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.processes: list[Process] = []

    def process(self, **changes: str) -> Process:
        """Return a process that was not started yet."""
        made = Process(self.town.folder, self.town.environment(**changes))
        self.processes.append(made)
        return made

    async def ready(self, **changes: str) -> Process:
        """Return a process that takes commands."""
        made = self.process(**changes)
        await made.ready()
        return made

    def slack_trap(
        self, process: Process, when: Callable[[Called], bool], *, effect: bool
    ) -> Trap:
        """Kill *process* at a Slack call, after its *effect* or before it."""
        trap = Trap(
            process,
            loses=not effect,
            when=lambda heard: isinstance(heard, Called) and when(heard),
        )
        if effect:
            self.town.slack.door.on_effect = trap
        else:
            self.town.slack.door.on_call = trap
        return trap

    def ringcentral_trap(
        self, process: Process, method: str, path: str, *, effect: bool, skip: int = 0
    ) -> Trap:
        """Kill *process* at a RingCentral request, after its *effect* or before it."""
        seen = 0

        def when(heard: object) -> bool:
            nonlocal seen
            if not (
                isinstance(heard, Seen)
                and heard.method == method
                and path in heard.path
            ):
                return False
            seen += 1
            return seen > skip

        trap = Trap(process, loses=not effect, when=when)
        if effect:
            self.town.ringcentral.door.on_effect = trap
        else:
            self.town.ringcentral.door.on_request = trap
        return trap

    async def done(self, count: int = 1) -> None:
        """Wait until every call has been told; some cards may be shown once more."""
        async with asyncio.timeout(20):
            while True:
                found = states(self.town.folder)
                if len(found) == count and set(found.values()) <= {"done", "closing"}:
                    return
                await asyncio.sleep(0.05)

    async def resumed(self, **changes: str) -> tuple[Message, list[Message]]:
        """Start once more; return the one card and its replies when all is told."""
        process = await self.ready(**changes)
        await self.done()
        assert await process.terminated() == 0
        assert len(self.town.cards()) == 1
        card = self.town.cards()[0]
        assert "call_again" in str(card.blocks)
        return card, self.town.slack.thread(card)

    def check_logs(self) -> None:
        """No log holds a number or a secret, and none an accident."""
        town, logins = self.town, self.town.ringcentral.logins
        secrets = [
            town.slack.bot_token, town.slack.app_token, logins.jwt,
            logins.client_secret,
            *(each.access_token for each in logins.sessions),
            *(each.refresh_token for each in logins.sessions if each.refresh_token),
        ]  # fmt: skip
        numbers = [CALLEE[2:], CALLER[2:], "415-555-0142", "415) 555-0142"]
        for process in self.processes:
            for word in (*secrets, *numbers, "Traceback"):
                assert word not in process.log


@pytest.fixture
async def scene(closed_town: Town) -> AsyncIterator[Scene]:
    """Build a scene; its logs are read at the end, and nothing is left running."""
    built = Scene(closed_town)
    yield built
    for process in built.processes:
        process.kill()
    for process in built.processes:
        await process.ended()
    built.check_logs()


def is_card(called: Called) -> bool:
    """Whether a card is being posted."""
    return called.method == "chat.postMessage" and not called.args.get("thread_ts")


def is_reply(called: Called) -> bool:
    """Whether a thread reply is being posted."""
    return called.method == "chat.postMessage" and bool(called.args.get("thread_ts"))


def is_last_update(called: Called) -> bool:
    """Whether a card is given its last state."""
    return called.method == "chat.update" and "call_again" in str(
        called.args.get("blocks")
    )


def at(method: str) -> Callable[[Called], bool]:
    """Return whether a call is one of *method*."""
    return lambda called: called.method == method


@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
async def test_a_call_whose_process_dies_at_its_card_is_never_dialled(
    scene: Scene, *, effect: bool
) -> None:
    """Acked, not sent: told as not placed, on one card, with Call again."""
    first = await scene.ready()
    trap = scene.slack_trap(first, is_card, effect=effect)

    ack = await scene.town.types()
    await trap.wait()
    card, replies = await scene.resumed()

    assert ack.ok
    assert "restarted before this call was placed" in card.text
    assert replies == []
    assert scene.town.posts == 0


async def test_a_request_that_died_on_its_way_is_not_sent_again(scene: Scene) -> None:
    """The card says that it may have been placed; in the end nobody knows."""
    first = await scene.ready()
    trap = scene.ringcentral_trap(first, "POST", "/ring-out", effect=False)

    await scene.town.types()
    await trap.wait()
    card, replies = await scene.resumed(RINGOUT_LOG_GIVE_UP_SECONDS="1")

    assert any("check before calling again" in each.text for each in card.versions)
    assert len(replies) == 1
    assert "Not confirmed" in replies[0].text
    assert scene.town.posts == 1
    assert scene.town.ringcentral.calls == []


async def test_a_call_whose_answer_was_never_stored_is_found_in_the_log(
    scene: Scene,
) -> None:
    """The phone rang, the process died before it knew: one POST, both results."""
    first = await scene.ready()
    trap = scene.ringcentral_trap(first, "POST", "/ring-out", effect=True)

    await scene.town.types()
    await trap.wait()
    card, replies = await scene.resumed()

    assert any("check before calling again" in each.text for each in card.versions)
    check_told(scene, replies)


async def test_an_outage_longer_than_the_limit_costs_no_record(scene: Scene) -> None:
    """Its first read comes past the limit, and one more is made."""
    first = await scene.ready()
    trap = scene.ringcentral_trap(first, "POST", "/ring-out", effect=True)
    await scene.town.types()
    await trap.wait()
    second = scene.process()
    trap = scene.ringcentral_trap(second, "GET", "/call-log", effect=False)
    await second.start()
    await trap.wait()
    await asyncio.sleep(1.5)

    _, replies = await scene.resumed(RINGOUT_LOG_GIVE_UP_SECONDS="0.5")

    check_told(scene, replies)


@pytest.mark.parametrize(
    ("path", "effect", "skip"),
    [
        pytest.param("/ring-out/", False, 0, id="first status"),
        pytest.param("/ring-out/", True, 3, id="a later status"),
        pytest.param("/call-log", False, 0, id="call log"),
        pytest.param("/call-log", True, 0, id="call log, its answer"),
    ],
)
async def test_a_placed_call_is_followed_to_its_reply(
    scene: Scene, path: str, *, effect: bool, skip: int
) -> None:
    """Whichever question the process dies at."""
    first = await scene.ready()
    trap = scene.ringcentral_trap(first, "GET", path, effect=effect, skip=skip)

    await scene.town.types()
    await trap.wait()
    _, replies = await scene.resumed()

    check_told(scene, replies)


@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("when", [is_reply, is_last_update])
async def test_the_reply_is_posted_once(
    scene: Scene, when: Callable[[Called], bool], *, effect: bool
) -> None:
    """Whether it was posted is looked up by its metadata, not guessed."""
    first = await scene.ready()
    trap = scene.slack_trap(first, when, effect=effect)

    await scene.town.types()
    await trap.wait()
    _, replies = await scene.resumed()

    check_told(scene, replies)


async def test_one_call_survives_one_death_after_the_other(scene: Scene) -> None:
    """Each start does a step and dies at the next; the counts stay the same."""
    town = scene.town
    process = await scene.ready()
    traps: list[Callable[[], Trap]] = [
        lambda: scene.ringcentral_trap(process, "POST", "/ring-out", effect=True),
        lambda: scene.ringcentral_trap(process, "GET", "/call-log", effect=True),
        lambda: scene.slack_trap(process, is_reply, effect=True),
        lambda: scene.slack_trap(process, at("conversations.replies"), effect=True),
    ]
    for number, make in enumerate(traps):
        if number:
            process = scene.process()
        trap = make()
        if number:
            await process.start()
        else:
            await town.types()
        await trap.wait()
    _, replies = await scene.resumed()

    check_told(scene, replies)


async def test_a_card_is_posted_once_over_several_deaths(scene: Scene) -> None:
    """It is looked for at each start, and still nothing is dialled."""
    process = await scene.ready()
    trap = scene.slack_trap(process, is_card, effect=True)
    await scene.town.types()
    await trap.wait()
    for method in ("conversations.history", "chat.update"):
        process = scene.process()
        trap = scene.slack_trap(process, at(method), effect=True)
        await process.start()
        await trap.wait()
    card, replies = await scene.resumed()

    assert "restarted before this call was placed" in card.text
    assert replies == []
    assert scene.town.posts == 0


async def test_without_history_scopes_a_reply_is_never_lost(scene: Scene) -> None:
    """It may be there twice, as the README says, but not never."""
    rules = scene.town.slack.rules
    rules.scopes = {each for each in rules.scopes if not each.endswith(":history")}
    first = await scene.ready()
    trap = scene.slack_trap(first, is_reply, effect=True)

    await scene.town.types()
    await trap.wait()
    _, replies = await scene.resumed()

    assert len(replies) in {1, 2}
    check_told(scene, replies[:1])


async def test_sigterm_in_mid_call_leaves_it_to_the_next_start(scene: Scene) -> None:
    """Exit code 0, quickly; the call goes on, and is told once."""
    first = await scene.ready()
    await scene.town.types()
    await scene.town.until(
        lambda: any("ringing" in card.text for card in scene.town.cards())
    )

    begun = time.monotonic()
    code = await first.terminated()

    assert code == 0
    assert time.monotonic() - begun < 5
    assert set(states(scene.town.folder).values()) != {"done"}
    _, replies = await scene.resumed()
    check_told(scene, replies)


async def test_sigterm_does_not_wait_for_a_ringcentral_that_hangs(
    scene: Scene,
) -> None:
    """Within 10 s, though a request is in a thread, and Slack hangs as well.

    Commands are refused meanwhile.
    """
    first = await scene.ready()
    ringcentral, slack = scene.town.ringcentral, scene.town.slack
    slack.faults.add("hang", "chat.update", times=None, seconds=20)
    ringcentral.faults.add("hang", method="POST", path_contains="/ring-out")
    await scene.town.types()
    async with asyncio.timeout(10):
        while not scene.town.posts:
            await asyncio.sleep(0.02)

    begun = time.monotonic()
    first.child.terminate()
    await first.logged("stopping")
    late = await scene.town.types("+14155550199")
    code, _ = await first.ended()

    assert code == 0
    assert time.monotonic() - begun < 9
    assert "nothing was dialled" in late.text
    slack.faults.clear()
    card, replies = await scene.resumed(RINGOUT_LOG_GIVE_UP_SECONDS="1")
    assert any("check before calling again" in each.text for each in card.versions)
    assert "Not confirmed" in replies[0].text
    assert len(replies) == 1
    assert scene.town.posts == 1


async def test_missing_settings_are_named_in_one_message(scene: Scene) -> None:
    """Exit code 2, and no traceback."""
    process = Process(scene.town.folder, {})
    await process.start("run")

    code, _ = await process.ended()

    assert code == 2
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET",
                 "RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET", "RC_USER_JWT"):  # fmt: skip
        assert name in process.log
    assert "Traceback" not in process.log


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SLACK_BOT_TOKEN", "xoxb-wrong", "Slack"),
        ("SLACK_APP_TOKEN", "xapp-wrong", "Slack (app token)"),
        ("RC_USER_JWT", "eyJwrong.wrong.wrong", "RingCentral"),
    ],
)
async def test_refused_credentials_end_it(
    scene: Scene, name: str, value: str, said: str
) -> None:
    """Exit code 1, and whose they are; the value itself is not said."""
    process = scene.process(**{name: value})
    await process.start()

    code, _ = await process.ended()

    assert code == 1
    assert said in process.log
    assert value not in process.log


async def test_an_unreachable_ringcentral_is_told_on_the_card(scene: Scene) -> None:
    """The bot runs without it."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    process = await scene.ready(RC_SERVER_URL=f"http://127.0.0.1:{port}")

    await scene.town.types()
    card = await scene.town.finished()

    assert "can't be reached" in card.text
    assert await process.terminated() == 0


async def test_doctor_finds_nothing(scene: Scene) -> None:
    """Exit code 0, a line per check, nothing posted, nothing dialled."""
    process = scene.process()
    await process.start("doctor")

    code, out = await process.ended()

    assert code == 0, out
    assert len(out.splitlines()) > 8
    assert all(line.startswith("ok ") for line in out.splitlines())
    assert CALLER[2:] not in out
    assert scene.town.slack.everything() == []
    assert scene.town.posts == 0


async def test_doctor_names_a_wrong_jwt(scene: Scene) -> None:
    """Exit code 1, and what to do."""
    process = scene.process(RC_USER_JWT="eyJwrong.wrong.wrong")
    await process.start("doctor")

    code, out = await process.ended()

    assert code == 1
    assert "FAIL  RingCentral sign-in" in out
    assert "RC_USER_JWT" in out
    assert "wrong.wrong" not in out


async def test_doctor_traces_a_call(scene: Scene) -> None:
    """Whole ids, to compare with RingCentral's pages; masked numbers."""
    running = await scene.ready()
    await scene.town.types()
    await scene.done()
    [call_id] = states(scene.town.folder)
    tracing = scene.process()
    await tracing.start("doctor", "--trace", call_id)

    code, out = await tracing.ended()

    assert code == 0
    posted = scene.town.ringcentral.requests_of("POST", "/ring-out")
    assert str(posted[0].answer["id"]) in out
    for number in (CALLEE, CALLER):
        assert number[2:] not in out
    assert await running.terminated() == 0


def check_told(scene: Scene, replies: list[Message]) -> None:
    """One reply with both results, and one POST."""
    assert len(replies) == 1
    assert "Caller: answered (Accepted)" in replies[0].text
    assert "Callee: answered (Call connected)" in replies[0].text
    assert scene.town.posts == 1
    assert len(scene.town.ringcentral.calls) == 1
