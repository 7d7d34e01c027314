"""The demo as a newcomer starts it: a process without anything else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from checkout import ROOT
from patience import PATIENCE

DEMO = [sys.executable, "-m", "bot", "demo", "--fast"]


def play(
    *options: str, scratch: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the demo without a terminal; its files go to *scratch*."""
    return subprocess.run(
        [*DEMO, *options],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        env=os.environ | ({"TMPDIR": str(scratch)} if scratch else {}),
    )


@pytest.mark.demo
def test_the_tour_shows_the_whole_product(tmp_path: Path) -> None:
    """Card, edits, thread, refusals, canceling, table; exit code 0, no leftovers."""
    done = play("--tour", scratch=tmp_path)

    assert done.returncode == 0, done.stderr
    for part in (
        "@ann: ringing on …0101",
        "Callee: busy",
        "Talk time:",
        "Callee: not called",
        "Only visible to you",
        "emergency services",
        "presses [Cancel]",
        "When     |",
    ):
        assert part in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.demo
@pytest.mark.unmeasured
def test_a_story_can_be_chosen() -> None:
    """The tour then plays only this story."""
    done = play("--story", "voicemail")

    assert done.returncode == 0, done.stderr
    assert "Callee: voicemail" in done.stdout


def test_an_unknown_story_is_named_with_those_there_are() -> None:
    """The error lists the stories, and nothing is started."""
    done = play("--story", "wedding")

    assert done.returncode == 2
    assert "callee-busy" in done.stderr


@pytest.mark.demo
@pytest.mark.skipif(sys.platform != "linux", reason="pseudo-terminals as on Linux")
def test_commands_can_be_typed_at_a_prompt() -> None:
    """A person types, reads and leaves."""
    ours, theirs = pty.openpty()
    demo = subprocess.Popen(
        DEMO,
        cwd=ROOT,
        env={**os.environ, "CI": "true"},  # no browser can open here
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = ""
    typed = [
        ("> ", "/ringout @bob\n"),
        ("555-0117", "press Not now\n"),
        ("> ", "story busy\n"),
        ("> ", "as bob\n"),
        ("> ", "dance\n"),
        ("> ", "press Nothing\n"),
        ("> ", "/ringout (415) 555-0142\n"),
        ("From RingCentral's call log", "quit\n"),
    ]
    for awaited, line in typed:
        seen = len(shown)
        while awaited not in shown[seen:]:
            shown += os.read(ours, 4096).decode(errors="replace")
        os.write(ours, line.encode())
    try:
        while True:
            shown += os.read(ours, 4096).decode(errors="replace")
    except OSError:  # the other end is closed
        os.close(ours)

    assert demo.wait(timeout=PATIENCE) == 0
    assert "Callee: busy" in shown
    assert "There is no [Nothing] to press" in shown
