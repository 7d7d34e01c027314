"""The image of deploy/Dockerfile, built by its own steps without a container engine.

The steps install from a package registry, which takes half a minute: they run only if
``RINGOUT_TEST_IMAGE`` is set, as in `.ci/run`.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest

from bot.sandbox.ports import free_port
from checkout import ROOT
from dockerfile import Stage, stages
from patience import PATIENCE
from town import Town, a_town

BUILD, RUNTIME = stages()
INSIDE = re.compile(r"(?<![\w.])/(?:src|opt/build|opt/ringout|data)\b")
"""The Dockerfile's absolute paths inside the image."""

NOBODY = ("setpriv", "--reuid=10001", "--regid=10001", "--clear-groups", "--")
"""As in the Dockerfile's USER."""

READING = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
"""Root's own Python may be in root's home; the user can only read it."""

asked_for = pytest.mark.skipif(
    "RINGOUT_TEST_IMAGE" not in os.environ,
    reason="steps of the image: RINGOUT_TEST_IMAGE=1",
)


@dataclass
class Image:
    """What the Dockerfile's steps have built, in a folder that stands for the root."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    def inside(self, text: str) -> str:
        """Return *text* with the image's paths moved below our folder."""
        return INSIDE.sub(lambda found: f"{self.root}{found[0]}", text)

    def make(self, stage: Stage) -> None:
        """Carry out a stage's COPY and RUN steps."""
        folder = self.root / "src"
        folder.mkdir(exist_ok=True)
        for word, rest in stage.steps:
            if word == "COPY" and not rest.startswith("--from"):
                self._copy(*rest.split(), into=folder)
            elif word == "RUN":
                subprocess.run(
                    ["/bin/sh", "-euc", self.inside(rest)],
                    cwd=folder,
                    env=self._building(stage),
                    check=True,
                )
            elif word == "ENV":
                held = {n: self.inside(v) for n, v in stage.environment.items()}
                held["PATH"] = held.get("PATH", "$PATH").replace(
                    "$PATH", os.environ["PATH"]
                )
                self.environment = held

    def command(self, *words: str) -> list[str]:
        """Return *words* as a command run by the image's own user."""
        if os.geteuid() != 0:
            return list(words)
        return [*NOBODY[:-1], *READING, "--", *words]

    def run(self, *words: str, **changes: str) -> int:
        """Run a command in the image; return its exit code."""
        return subprocess.run(
            self.command(*words),
            env=self.environment | changes,
            cwd=self.root / "data",
            check=False,
            capture_output=True,
            timeout=30,
        ).returncode

    def _copy(self, *words: str, into: Path) -> None:
        *sources, target = words
        for source in sources:
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, into / target)
            else:
                (into / target).mkdir(exist_ok=True)
                shutil.copy(ROOT / source, into / target)

    def _building(self, stage: Stage) -> dict[str, str]:
        path = f"{sys.base_prefix}/bin:{os.environ['PATH']}"  # one with pip
        return {**os.environ, **stage.environment, "PATH": path}


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """Run the steps of both stages in a folder that the image's user can enter.

    pytest closes its own folder to other users at each start.
    """
    with TemporaryDirectory(prefix="ringout-image-") as folder:
        root = Path(folder)
        root.chmod(0o711)
        made = Image(root)
        (root / "opt").mkdir()
        made.make(BUILD)
        if os.geteuid() == 0:
            made.make(RUNTIME)
        else:  # only root can give a folder to nobody
            (root / "data").mkdir()
            made.make(Stage("", "", [("ENV", each) for each in RUNTIME.all_of("ENV")]))
        yield made


@asynccontextmanager
async def started(image: Image, town: Town) -> AsyncIterator[Mapping[str, str]]:
    """Run the image's entry point against the town; stop it by the image's signal."""
    settings = town.environment(
        DATABASE_URL=image.environment["DATABASE_URL"], PORT=str(free_port())
    )
    env = image.environment | settings
    child = await asyncio.create_subprocess_exec(
        *image.command("ringout-bot"),
        env=env,
        cwd=image.root / "data",
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert child.stderr is not None
    said = b""
    try:
        async with asyncio.timeout(PATIENCE):
            while b"ready" not in (line := await child.stderr.readline()):
                assert line, said.decode()
                said += line
        yield env
    finally:
        if child.returncode is None:
            child.terminate()
        code = await asyncio.wait_for(child.wait(), timeout=10)
    assert code == 0


@asked_for
def test_the_image_has_the_command_and_none_that_installs(image: Image) -> None:
    """An attacker can't use what is missing, and it needs no updates."""
    assert image.run("ringout-bot", "--help") == 0
    assert image.run("ringout-bot", "manifest", "--json") == 0
    assert not (image.root / "opt/ringout/bin/pip").exists()


@asked_for
async def test_the_image_serves_a_call_and_writes_nowhere_but_below_data(
    image: Image, tmp_path: Path
) -> None:
    """Operators can make its root file system read-only."""
    venv = image.root / "opt/ringout"
    before = {each: each.stat().st_mtime_ns for each in venv.rglob("*")}
    async with a_town(tmp_path) as town:
        async with started(image, town):
            await town.types()
            await town.reply()
        town.check()

    assert {each: each.stat().st_mtime_ns for each in venv.rglob("*")} == before
    files = {each.name for each in (image.root / "data").iterdir()}
    assert files == {"ringout.db", "ringout.db.lock"}
    if os.geteuid() == 0:
        assert (image.root / "data/ringout.db").stat().st_uid == 10001


@asked_for
async def test_the_image_is_healthy_while_its_bot_runs_and_not_after(
    image: Image, tmp_path: Path
) -> None:
    """The Dockerfile's own command runs as its user, with its Python."""
    async with a_town(tmp_path) as town:
        async with started(image, town) as env:
            during = await asyncio.to_thread(
                image.run, *RUNTIME.healthcheck, PORT=env["PORT"]
            )
        after = await asyncio.to_thread(
            image.run, *RUNTIME.healthcheck, PORT=env["PORT"]
        )

    assert (during, after) == (0, 1)


class Answers(BaseHTTPRequestHandler):
    """A server with a fixed answer on /healthz, and 404 elsewhere."""

    status = 200

    def do_GET(self) -> None:
        """Answer a request."""
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """Serve health on a port of 127.0.0.1."""
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def health(port: int, **changes: str) -> int:
    """Run the Dockerfile's own health command; return its exit code."""
    python, *rest = RUNTIME.healthcheck
    assert python == "python"
    return subprocess.run(
        [sys.executable, *rest],
        env={"PORT": str(port), **changes},
        check=False,
        capture_output=True,
        timeout=30,
    ).returncode


def test_the_health_command_tells_well_from_ill(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Engines restart a container by its exit code, which must be 0 or 1."""
    assert health(port) == 0
    monkeypatch.setattr(Answers, "status", 503)
    assert health(port) == 1
    assert health(1) == 1


def test_the_health_command_asks_no_proxy(port: int) -> None:
    """Otherwise a container behind a proxy would never be healthy."""
    assert health(port, http_proxy="http://127.0.0.1:1") == 0
