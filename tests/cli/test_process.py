"""The bot as a whole process: started, misconfigured, stopped, checked by doctor."""

from __future__ import annotations

import asyncio

import pytest

from bot.app.tempo import USUAL_TEMPO
from bot.cli import serve
from bot.sandbox.ledger import Seen
from bot.sandbox.ports import free_port
from checkout import SUPPORT
from patience import until
from process import Process, states
from scene import Scene, check_told
from talking import TALKING, connected, hang_up
from town import CALLEE, CALLER


async def test_missing_settings_are_named_in_one_message(scene: Scene) -> None:
    """Exit code 2 and no traceback, so that one edit is enough."""
    process = Process(scene.town.folder, {})
    await process.start("run")

    code, _ = await process.ended()

    assert code == 2
    for name in (
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "SLACK_SIGNING_SECRET",
        "RC_APP_CLIENT_ID",
        "RC_APP_CLIENT_SECRET",
        "RC_USER_JWT",
    ):
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
    """Exit code 1 and the name of the service, but not the secret itself."""
    process = scene.process(**{name: value})
    await process.start()

    code, _ = await process.ended()

    assert code == 1
    assert said in process.log
    assert value not in process.log


async def test_an_unreachable_ringcentral_is_told_on_the_card(scene: Scene) -> None:
    """An outage of RingCentral must not keep the bot from starting."""
    closed = f"http://127.0.0.1:{free_port()}"
    process = await scene.ready(RC_SERVER_URL=closed)

    await scene.town.types()
    card = await scene.town.finished()

    assert "can't be reached" in card.text
    assert await process.terminated() == 0


async def test_a_ringcentral_that_hangs_at_the_start_keeps_nobody_out(
    scene: Scene,
) -> None:
    """After a moment commands are accepted; the sign-in goes on in the background."""
    answers = asyncio.Event()

    async def hang(seen: Seen) -> None:
        if seen.path.endswith("/oauth/token"):
            await answers.wait()

    scene.town.ringcentral.door.on_request = hang
    process = await scene.ready(HURRIED_LOG_IN="1")
    taken = process.log

    await scene.town.types()
    answers.set()
    card = await scene.town.finished()

    assert "no answer so far" in taken
    assert "Talked for" in card.text
    assert await process.terminated() == 0


async def test_doctor_finds_nothing(scene: Scene) -> None:
    """Exit code 0, a line per check; nothing is posted and no phone rings."""
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
    """Exit code 1, and what to do about it."""
    process = scene.process(RC_USER_JWT="eyJwrong.wrong.wrong")
    await process.start("doctor")

    code, out = await process.ended()

    assert code == 1
    assert "FAIL  RingCentral sign-in" in out
    assert "RC_USER_JWT" in out
    assert "wrong.wrong" not in out


async def test_doctor_traces_a_call(scene: Scene) -> None:
    """Full ids, to compare with RingCentral's pages; numbers are masked."""
    running = await scene.ready()
    await scene.town.types()
    await scene.done()
    [call_id] = states(scene.town.database_url)
    tracing = scene.process()
    await tracing.start("doctor", "--trace", call_id)

    code, out = await tracing.ended()

    assert code == 0
    posted = scene.town.ringcentral.requests_of("POST", "/ring-out")
    assert str(posted[0].answer["id"]) in out
    for number in (CALLEE, CALLER):
        assert number[2:] not in out
    assert await running.terminated() == 0


async def test_sigterm_in_mid_call_leaves_it_to_the_next_start(scene: Scene) -> None:
    """Exit code 0, fast; the next process goes on, and posts one reply."""
    scene.town.ringcentral.play(TALKING)
    first = await scene.ready()
    await scene.town.types()
    await connected(scene.town)

    assert await first.terminated() == 0  # it does not wait for the end of the call

    assert set(states(scene.town.database_url).values()) == {"following"}
    await hang_up(scene.town)
    _, replies = await scene.resumed()
    check_told(scene, replies)


async def test_sigterm_does_not_wait_for_a_ringcentral_that_hangs(
    scene: Scene,
) -> None:
    """It exits, though RingCentral and Slack both hang; commands are refused meanwhile."""
    first = await scene.ready(HURRIED_STOP="1")
    ringcentral, slack = scene.town.ringcentral, scene.town.slack
    slack.faults.add("hang", "chat.update", times=None)
    ringcentral.faults.add("hang", method="POST", path_contains="/ring-out")
    await scene.town.types()
    await until(lambda: scene.town.posts)

    first.child.terminate()
    await first.logged("stopping")
    late = await scene.town.types("+14155550199")
    code, _ = await first.ended()

    assert code == 0
    assert "no call was placed" in late.text
    slack.faults.clear()
    card, replies = await scene.resumed(RINGOUT_LOG_GIVE_UP_SECONDS="1")
    assert any("check before calling again" in each.text for each in card.versions)
    assert "Not confirmed" in replies[0].text
    assert len(replies) == 1
    assert scene.town.posts == 1


def test_a_stop_waits_for_less_than_the_ten_seconds_that_it_has() -> None:
    """Docker kills after ten: what a stop waits for must leave room for what it does."""
    usual = USUAL_TEMPO
    waits = (usual.finish_steps, usual.finish_edits, usual.finish_answers)

    assert sum(waits) + serve.IDLE_ENDS_WITHIN <= 8


BROKEN = str(SUPPORT / "broken")


async def test_a_task_that_ends_by_our_fault_ends_the_process(scene: Scene) -> None:
    """Half dead it would ring phones and post no results; exit code 3 restarts it."""
    first = await scene.ready(PYTHONPATH=BROKEN)

    await scene.town.types()
    code, _ = await first.ended()

    assert code == 3
    assert "cards has ended" in first.log
    scene.processes.remove(first)  # the log must contain a traceback here
    _, replies = await scene.resumed()
    check_told(scene, replies)
