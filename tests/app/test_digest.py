"""A digest in a running bot: set, it comes; else nothing of it runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.settings import digest_reader
from bot.storage.calls.store import Store
from bot.storage.reports.digests import DigestRows
from town import Town

ROW = "C0SALES daily 00:00 UTC people"


async def test_a_digest_that_is_due_comes_at_the_start(closed_town: Town) -> None:
    """By the workspace that Slack names: the setting has none."""
    town = closed_town
    await town.open()
    assert town.bot is not None
    off = {task.get_name() for task in town.bot._endless._tasks}
    await town.types()
    await town.reply()
    await town.close()
    [plan] = digest_reader.digests(ROW)
    now = datetime.now(UTC)
    store = Store(town.database_url)
    team = town.slack.workspace.team
    since = now - timedelta(days=30)
    await DigestRows(store.writer).begin(plan.id, ("", team), since, now)
    store.close()

    await town.open(RINGOUT_DIGEST=ROW)
    told = await town.until(
        lambda: [each for each in town.slack.messages("sales") if "digest" in each.text]
    )

    assert "digests" not in off
    assert told[0].text.startswith("Daily digest of calls\n• Calls: 0\n")
