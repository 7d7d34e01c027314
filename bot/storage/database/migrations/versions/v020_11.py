"""Workflow steps that wait for their person, or for their call to end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_11"
down_revision = "v020_10"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "workflow_steps",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("enterprise", sa.String(32), nullable=False),
        sa.Column("team", sa.String(32), nullable=False),
        sa.Column("user", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("begun_at", sa.Float(precision=53), nullable=False),
        sa.Column("ends_at", sa.Float(precision=53), nullable=False),
        sa.Column("next_at", sa.Float(precision=53), nullable=False),
        sa.Index("workflow_steps_due", "next_at"),
    )
