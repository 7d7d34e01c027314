"""The table of workflow steps. It holds no number: that stands in the question in Slack."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table

from bot.storage.database.schema import Moment, metadata

workflow_steps = Table(
    "workflow_steps",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("enterprise", String(32), nullable=False),
    Column("team", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Index("workflow_steps_due", "next_at"),
)
