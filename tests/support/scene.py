"""A town with the bot as a process, to kill at a chosen request and start again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.sandbox.ledger import Seen
from bot.sandbox.slack.ledger import Called
from bot.sandbox.slack.messages import Message
from patience import PATIENCE
from process import Process, Trap, states
from town import CALLEE, CALLER, Town


class Scene:
    """A town and the processes of its bot, one after the other."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.processes: list[Process] = []

    def process(self, **changes: str) -> Process:
        """Return a process that is not started yet."""
        env = self.town.environment(**changes)
        if env["DATABASE_URL"].startswith("postgresql"):
            env["HURRIED_TAKEOVER"] = "1"
        made = Process(self.town.folder, env)
        self.processes.append(made)
        return made

    async def ready(self, **changes: str) -> Process:
        """Start a process that can take commands, and return it."""
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
        """Wait until every call's result is posted; some cards may be edited again."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = await asyncio.to_thread(states, self.town.database_url)
                if len(found) == count and set(found.values()) <= {"done", "closing"}:
                    return
                await asyncio.sleep(0.05)

    async def resumed(self, **changes: str) -> tuple[Message, list[Message]]:
        """Start again; return the one card and its replies once all is posted."""
        process = await self.ready(**changes)
        await self.done()
        assert await process.terminated() == 0
        assert len(self.town.cards()) == 1
        card = self.town.cards()[0]
        assert "call_again" in str(card.blocks)
        return card, self.town.slack.thread(card)

    def check_logs(self) -> None:
        """Assert that no log holds a number, a secret or a traceback."""
        town, logins = self.town, self.town.ringcentral.logins
        secrets = [
            town.slack.bot_token,
            town.slack.app_token,
            logins.jwt,
            logins.client_secret,
            *(each.access_token for each in logins.sessions),
            *(each.refresh_token for each in logins.sessions if each.refresh_token),
        ]
        numbers = [CALLEE[2:], CALLER[2:], "415-555-0142", "415) 555-0142"]
        for process in self.processes:
            for word in (*secrets, *numbers, "Traceback"):
                assert word not in process.log


@asynccontextmanager
async def a_scene(town: Town) -> AsyncIterator[Scene]:
    """Build a scene; at the end check its logs and end its processes."""
    built = Scene(town)
    try:
        yield built
    finally:
        for process in built.processes:
            process.kill()
        for process in built.processes:
            await process.ended()
    built.check_logs()


def check_told(scene: Scene, replies: list[Message]) -> None:
    """Assert that there is one reply with both results, after one POST."""
    assert len(replies) == 1
    assert "Caller: answered" in replies[0].text
    assert "Callee: answered" in replies[0].text
    assert scene.town.posts == 1
    assert len(scene.town.ringcentral.calls) == 1
