"""The pure parts of the benches, and their place in the docs; nothing is measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benches import BENCHES
from bot.calls.call import Place
from bot.calls.people.standing import Standing
from bot.slack.texts.profile import Profile
from children import of_before
from far import TEAM, member
from page import page
from soon import says_over
from table import (
    Figure,
    as_json,
    median,
    of_rounds,
    percentile,
    ratios,
    rendered,
)

README = Path(__file__).parent / "README.md"


def test_who_types_the_commands_may_use_the_bot() -> None:
    """The load once met "I can't check with Slack", and no command was measured."""
    place = Place(user="U0ANN", channel="C0SALES", team=TEAM["team_id"])

    known = member("U0ANN")

    assert known["id"] == "U0ANN"
    assert Profile.read(known, place, "U0ANN").standing is Standing.MEMBER


def test_percentiles_lie_between_the_values() -> None:
    """A p99 that is off by one value could hide the slowest command."""
    assert percentile([3, 1, 2], 50) == 2
    assert percentile([0, 10], 99) == pytest.approx(9.9)
    assert percentile([5], 99) == 5
    assert median([4, 1, 2, 3]) == 2.5


def test_nothing_measured_is_no_percentile() -> None:
    """A bench that measured nothing must not print a good-looking zero."""
    with pytest.raises(ValueError, match="no values"):
        percentile([], 99)


def test_ratios_are_taken_round_by_round() -> None:
    """Both sides of a round ran under the same load; medians of all rounds did not."""
    assert ratios([2, 9], [1, 3]) == [2, 3]
    with pytest.raises(ValueError, match="zip"):
        ratios([1], [1, 2])


def test_an_aim_is_met_or_it_is_not() -> None:
    """Nobody should have to compare numbers: the table says NO in capitals."""
    fine = of_rounds("acks", "throughput", [0.9, 0.8, 1.0], "x", least=0.85)
    slow = Figure("acks", "p99", 60.0, "ms", most=50)
    plain = Figure("acks", "sent", 1234.0, "")

    table = rendered([fine, slow, plain])

    assert [each.is_met for each in (fine, slow, plain)] == [True, False, None]
    assert "0.8 - 1" in table
    assert ">= 0.85" in table
    assert "NO" in table.splitlines()[3]
    assert "1,234" in table
    assert len({len(line) for line in table.splitlines()}) == 1


def test_the_json_can_be_read_by_a_machine() -> None:
    """Somebody will want to plot the figures over releases."""
    data = json.loads(as_json([Figure("a", "b", 1.0, "x", most=2)], {"quick": True}))

    assert data["about"] == {"quick": True}
    assert data["figures"][0]["met"] is True
    assert data["figures"][0]["aim"] == "<= 2"


@pytest.mark.parametrize(
    ("said", "over"),
    [
        ("*Talked with …0142* · about 20 s, not confirmed yet", True),
        ("*Busy: …0142* · not confirmed yet", True),
        ("Talking with …0142 since 10:03", False),
        ("It may be going on. How it went is not confirmed yet.", False),
        ("*Talked for 20 s with …0142*", False),
    ],
)
def test_only_an_edit_that_tells_the_end_counts_as_seen(
    said: str, *, over: bool
) -> None:
    """Any edit after a hang-up would do otherwise, such as one of an event before it."""
    assert says_over({"ts": "1", "text": said, "blocks": []}) is over


async def test_a_commit_that_cannot_be_measured_is_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """After half an hour of benches, it must not cost the figures of ours."""

    async def ended() -> float:
        raise RuntimeError("it ended with 2")

    async def gave() -> float:
        return 1.5

    assert await of_before(ended(), "idle") is None
    assert "idle: the commit before is left out" in capsys.readouterr().err
    assert await of_before(gave(), "idle") == 1.5


def test_every_bench_is_told_of() -> None:
    """Nobody runs a bench that the README does not name."""
    text = README.read_text()

    assert [name for name in BENCHES if f"| `{name}` |" not in text] == []


def test_the_page_says_the_aims_first_and_then_each_figure() -> None:
    """A reader has one minute: what was aimed at, whether it is met, and the figures."""
    figures = [
        of_rounds("idle", "ours: transactions", [0.7, 0.75, 0.8], "/s", most=1.0),
        Figure("idle", "ours: of a core", 1.25, "%", most=1.0),
        Figure("acks", "http: bare: p99", 21.0, "ms"),
        Figure("acks", "http: bare: CPU", 0.2, "ms"),
        Figure("acks", "http: ours: p99", 31.0, "ms"),
    ]
    about = {
        "date": "2026-11-30T09:00:00+00:00",
        "command": "run.py",
        "quick": True,
        "before": "abc1234",
        "python": "3.11",
        "system": "Linux",
        "processors": 2,
        "packages": {"aiohttp": "3"},
    }

    lines = page(figures, about).splitlines()

    assert lines[0] == "# Results of 2026-11-30"
    assert "A short try" in lines[5]
    assert "`abc1234`" in lines[6]
    assert (
        "| idle: ours: transactions | <= 1 /s | 0.75 /s (0.7 to 0.8) | yes |" in lines
    )
    assert "| idle: ours: of a core | <= 1 % | 1.25 % | **no** |" in lines
    assert "|  | p99 | CPU |" in lines
    assert "| http: bare | 21 ms | 0.2 ms |" in lines
    assert "| http: ours | 31 ms |  |" in lines
