"""Calls, their call-log records, and their history: as version 0.1 began."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.Float(precision=53)


def upgrade() -> None:
    """Make the first three tables."""
    op.create_table(
        "calls",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(128), nullable=False, unique=True),
        sa.Column("enterprise", sa.String(32), nullable=False),
        sa.Column("team", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("user", sa.String(32), nullable=False),
        sa.Column("caller", sa.String(20)),
        sa.Column("callee", sa.String(20), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("limited_at", MOMENT),
        sa.Column("wait_until", MOMENT),
        sa.Column("sent_at", MOMENT),
        sa.Column("placed_at", MOMENT),
        sa.Column("ringout_id", sa.String(128), nullable=False, index=True),
        sa.Column("status", sa.Text),
        sa.Column("seen", sa.Boolean, nullable=False),
        sa.Column("connected", sa.Boolean, nullable=False),
        sa.Column("changed_at", MOMENT),
        sa.Column("terminal_at", MOMENT),
        sa.Column("cancelled_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("reads", sa.Integer, nullable=False),
        sa.Column("end", sa.String(16)),
        sa.Column("why", sa.String(16)),
        sa.Column("refusal", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("records", sa.Text, nullable=False),
        sa.Column("card_channel", sa.String(32), nullable=False),
        sa.Column("card_tried", sa.Boolean, nullable=False),
        sa.Column("card_ts", sa.String(32), nullable=False),
        sa.Column("card_shown", sa.String(32), nullable=False),
        sa.Column("reply_tried", sa.Boolean, nullable=False),
        sa.Column("reply_ts", sa.String(32), nullable=False),
        sa.Index("calls_due", "state", "next_at"),
        sa.Index("calls_by_user", "team", "user", "asked_at"),
    )
    op.create_table(
        "records",
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column(
            "call", sa.String(32), sa.ForeignKey("calls.id"), nullable=False, index=True
        ),
    )
    op.create_table(
        "call_events",
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column(
            "call", sa.String(32), sa.ForeignKey("calls.id"), nullable=False, index=True
        ),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
    )
