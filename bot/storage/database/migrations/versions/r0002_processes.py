"""Several processes on one database: who is alive, who holds which call and budget."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.Float(precision=53)


def upgrade() -> None:
    """Add holders, processes, credentials."""
    op.add_column(
        "calls", sa.Column("holder", sa.String(32), nullable=False, server_default="")
    )
    op.create_index("calls_sent", "calls", ["sent_at"])
    op.create_table(
        "processes",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
    )
    op.create_table(
        "credentials",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("budget", sa.Text, nullable=False, server_default=""),
        sa.Column("log_at", MOMENT, nullable=False, server_default="0"),
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE calls SET (fillfactor = 80, "
            "autovacuum_vacuum_scale_factor = 0.02)"
        )
