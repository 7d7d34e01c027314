"""How the demo opens a browser, and which files of its page ship."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

from bot.demo import web
from checkout import ROOT
from patience import PATIENCE

WEB = ROOT / "web"
STATIC = ROOT / "bot" / "sandbox" / "web" / "static"
MOST_BYTES = 3_000_000
DEMO = [sys.executable, "-m", "bot", "demo", "--fast"]


@pytest.mark.parametrize(
    ("environment", "is_terminal", "opens"),
    [
        ({"DISPLAY": ":0"}, True, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True, True),
        ({"BROWSER": "firefox"}, True, True),
        ({"DISPLAY": ":0"}, False, False),
        ({"DISPLAY": ":0", "CI": "true"}, True, False),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "a b c d"}, True, False),
        ({}, True, False),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="windows elsewhere need no DISPLAY")
def test_a_browser_is_opened_where_somebody_can_see_it(
    environment: dict[str, str],
    is_terminal: bool,  # noqa: FBT001 - parametrized
    opens: bool,  # noqa: FBT001 - parametrized
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Over SSH, in CI or in a pipe, the demo runs in the terminal."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: is_terminal, raising=False)

    assert web.can_open(environment) == opens


def environment(folder: Path) -> tuple[dict[str, str], Path]:
    """Return an environment whose browser only records the address."""
    noted = folder / "opened"
    browser = folder / "browser"
    browser.write_text(
        f'#!/bin/sh\necho "$1" > {noted}.part; mv {noted}.part {noted}\n'
    )
    browser.chmod(0o755)
    env = {name: value for name, value in os.environ.items() if name != "CI"}
    return env | {"BROWSER": str(browser)}, noted


def until_there(path: Path) -> str:
    """Wait for a file; return its content."""
    ends = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < ends, f"{path} never came"
        time.sleep(0.05)
    return path.read_text().strip()


@pytest.mark.demo
@pytest.mark.unmeasured
@pytest.mark.skipif(sys.platform != "linux", reason="pseudo-terminals as on Linux")
@pytest.mark.parametrize("options", [[], ["--web"]], ids=["plain", "web"])
def test_the_page_opens_by_itself(options: list[str], tmp_path: Path) -> None:
    """A newcomer needs only one command; Ctrl-C leaves nothing behind."""
    env, noted = environment(tmp_path)
    ours, theirs = pty.openpty()
    demo = subprocess.Popen(
        [*DEMO, *options], cwd=ROOT, env=env, stdin=theirs, stdout=subprocess.PIPE
    )
    os.close(theirs)
    try:
        address = until_there(noted)
        with urllib.request.urlopen(address, timeout=PATIENCE) as page:  # noqa: S310 - our own server
            assert b"RingOut sandbox" in page.read()
    finally:
        demo.send_signal(signal.SIGINT)
        said = demo.communicate(timeout=PATIENCE)[0].decode()
        os.close(ours)

    assert demo.returncode == 0
    assert address in said


@pytest.mark.demo
@pytest.mark.unmeasured
def test_no_browser_prints_the_address_and_opens_nothing(tmp_path: Path) -> None:
    """For people on another machine, and for scripts."""
    env, noted = environment(tmp_path)
    demo = subprocess.Popen(
        [*DEMO, "--no-browser"],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout is not None
    lines = iter(demo.stdout.readline, "")
    address = next(line.strip() for line in lines if "http://" in line)
    demo.terminate()
    demo.communicate(timeout=PATIENCE)

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{32}/", address)
    assert demo.returncode == 0
    assert not noted.exists()


def test_the_wheel_stays_small() -> None:
    """Everything that ships, packed as a wheel packs it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path in sorted((ROOT / "bot").rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                wheel.write(path, path.relative_to(ROOT))

    assert len(packed.getvalue()) < MOST_BYTES


def test_the_page_is_whole_and_asks_for_nothing_else() -> None:
    """Every file that it names ships, and none comes from another server."""
    page = (STATIC / "index.html").read_text()
    style = (STATIC / "app.css").read_text()
    named = set(re.findall(r'(?:src|href)="([^"]+)"', page))
    named |= set(re.findall(r"url\(\"?([^\")]+)", style))

    assert {name for name in named if not name.startswith("data:")} == {
        path.name for path in STATIC.iterdir()
    } - {"index.html", "third-party.txt"}


def test_whoever_wrote_parts_of_the_page_is_named() -> None:
    """Their licenses require it."""
    notices = (STATIC / "third-party.txt").read_text()
    package = json.loads((WEB / "package.json").read_text())

    for name, version in package["dependencies"].items():
        assert f"{name} {version} (" in notices


def test_the_lock_names_versions_and_no_registry() -> None:
    """Each machine has its own registry; versions are exact, with their hashes."""
    package = json.loads((WEB / "package.json").read_text())
    lock = json.loads((WEB / "package-lock.json").read_text())
    locked = [each for path, each in lock["packages"].items() if path]

    assert all(each["integrity"].startswith("sha512-") for each in locked)
    assert not any("resolved" in each for each in locked)
    for name, version in (package["dependencies"] | package["devDependencies"]).items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == version


@pytest.mark.skipif(
    shutil.which("node") is None or not (WEB / "node_modules").exists(),
    reason="no node, or its packages are missing: npm ci --prefix web",
)
def test_what_ships_is_what_the_sources_make() -> None:
    """Nobody can read the built file, so nobody would notice a difference."""
    done = subprocess.run(
        ["node", "build.mjs", "--check"],  # noqa: S607 - on the PATH
        cwd=WEB,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
