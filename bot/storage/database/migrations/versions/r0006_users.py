"""One sign-in of the shared account for all processes; budgets that go when unused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a credential's sign-in, and when its row was last used."""
    op.add_column(
        "credentials",
        sa.Column("sign_in", sa.Text, nullable=False, server_default=""),
    )
    op.add_column(
        "credentials",
        sa.Column(
            "used_at", sa.Float(precision=53), nullable=False, server_default="0"
        ),
    )
