"""Installing from a Slack imitation that others wrote: ``emulate`` of vercel-labs.

Our own double and our bot could share a misunderstanding of Slack's OAuth. To run these
tests, ``npm install emulate@0.11.2`` in any folder, and set ``RINGOUT_TEST_EMULATE`` to
that folder.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urljoin

import aiohttp
import pytest

from bot.background import Background
from bot.clock import RealClock
from bot.doctor.workspace_checks import WorkspaceChecks
from bot.sandbox.ports import free_port
from bot.serving.server import Server
from bot.settings import reading
from bot.settings.settings import Settings
from bot.storage.calls.store import Store
from bot.vault import new_key
from bot.workspaces.workspaces import Workspaces
from installs import a_readiness, a_stranger
from patience import PATIENCE
from spaces import tell_nobody

FOLDER = Path(os.environ.get("RINGOUT_TEST_EMULATE", ""))
NODE = shutil.which("node")
PACKAGE = FOLDER / "node_modules" / "emulate" / "package.json"
VERSION = "0.11.2"
CLIENT, SECRET = "5550100.5550142", "third-party-secret"
FORM = re.compile(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
HIDDEN = re.compile(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"')

START = """
import net from "node:net";
const listen = net.Server.prototype.listen;  // it would listen for the whole network
net.Server.prototype.listen = function (port) {
  return listen.call(this, { port, host: "127.0.0.1" });
};
const { createEmulator } = await import(process.argv[2]);
const seed = JSON.parse(process.argv[4]);
await createEmulator({ service: "slack", port: Number(process.argv[3]), seed });
"""


def _missing() -> str:
    """Return why it can't run here, or nothing."""
    if not os.environ.get("RINGOUT_TEST_EMULATE"):
        return (
            "an imitation by others: RINGOUT_TEST_EMULATE=<folder with emulate@0.11.2>"
        )
    if NODE is None:
        return "node is not on this machine"
    if not PACKAGE.exists():
        return f"no emulate in {FOLDER}/node_modules"
    found = json.loads(PACKAGE.read_text())["version"]
    return "" if found == VERSION else f"emulate is {found}, not {VERSION}"


pytestmark = pytest.mark.skipif(bool(_missing()), reason=_missing() or "it is there")


@pytest.fixture
async def theirs(tmp_path: Path) -> AsyncIterator[str]:
    """Start the imitation on this machine only; yield its address."""
    script, port = tmp_path / "start.mjs", free_port()
    script.write_text(START)
    app = {
        "client_id": CLIENT,
        "client_secret": SECRET,
        "name": "RingOut",
        "redirect_uris": ["http://127.0.0.1:1/slack/oauth_redirect"],
    }
    seed = {
        "slack": {
            "team": {"name": "Theirs", "domain": "theirs"},
            "users": [{"name": "ann", "real_name": "Ann", "email": "a@example.com"}],
            "oauth_apps": [app],
        }
    }
    assert NODE is not None
    child = await asyncio.create_subprocess_exec(
        NODE,
        str(script),
        (PACKAGE.parent / "dist" / "api.js").as_uri(),
        str(port),
        json.dumps(seed),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                async with aiohttp.request("GET", address):
                    break
            except aiohttp.ClientConnectorError:
                assert child.returncode is None
                await asyncio.sleep(0.05)
    yield address
    child.kill()
    await child.wait()


def chosen(theirs: str, tmp_path: Path, secret: str = SECRET) -> Settings:
    """Return the settings of a bot for any workspace, with the imitation's address."""
    return reading.read(
        {
            "SLACK_CLIENT_ID": CLIENT,
            "SLACK_CLIENT_SECRET": secret,
            "SLACK_SIGNING_SECRET": "s",
            "PUBLIC_URL": "http://127.0.0.1:1",
            "SLACK_API_URL": f"{theirs}/api/",
            "SLACK_AUTHORIZE_URL": f"{theirs}/oauth/v2/authorize",
            "RINGOUT_SECRET_KEY": new_key(),
            "RC_APP_CLIENT_ID": "i",
            "RC_APP_CLIENT_SECRET": "s",
            "DATABASE_URL": f"sqlite:///{tmp_path}/calls.db",
        }
    )


async def nobody_left(enterprise: str, team: str, user: str = "") -> None:
    """Do nothing, because nobody has connected an account."""


async def test_somebody_elses_slack_installs_it(theirs: str, tmp_path: Path) -> None:
    """Its page, code and token work, and the doctor accepts the token."""
    mine = chosen(theirs, tmp_path)
    store = Store(mine.database_url)
    await store.open()
    server = Server("127.0.0.1", 0, a_readiness(store))
    async with aiohttp.ClientSession() as session, a_stranger() as browser:
        workspaces = Workspaces(
            mine,
            session,
            store.writer,
            RealClock(),
            Background(),
            people_left=nobody_left,
            tell_of=tell_nobody,
        )
        workspaces.add_to(server)
        await server.open()

        async with browser.get(f"{server.address}/slack/install") as answer:
            action, fields = FORM.findall(await answer.text())[0]
            where = urljoin(str(answer.url), action)
        form = dict(HIDDEN.findall(fields))
        async with browser.post(where, data=form, allow_redirects=False) as answer:
            back = answer.headers["Location"]
        ours = back.replace("http://127.0.0.1:1", server.address)
        async with browser.get(ours) as answer:
            page = await answer.text()
        async with browser.get(ours) as answer:
            again = answer.status
        await server.shut()

        installed = await workspaces.installations.newest(9)
        store.close()
        checks = WorkspaceChecks(mine, session).all()
        said = [
            await checks[name]() for name in ("Slack app credentials", "installations")
        ]

    assert "RingOut is installed" in page, page
    assert "Theirs" in page
    assert again == 400
    ((_, made),) = installed
    assert made is not None
    assert made.token.startswith("xoxb-")
    assert made.bot_id.startswith("B")
    assert made.team
    assert said == ["accepted by Slack", "1, with good tokens"]
