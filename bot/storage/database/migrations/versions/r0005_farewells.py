"""Sessions that RingCentral is still to end; telling people of their sign-ins again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.Float(precision=53)


def upgrade() -> None:
    """Add farewells; when a person is told next, and since when it was tried."""
    op.create_table(
        "farewells",
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_index("farewells_due", "farewells", ["next_at"])
    op.add_column(
        "connections",
        sa.Column("tell_at", MOMENT, nullable=False, server_default="0"),
    )
    op.add_column("connections", sa.Column("tried_at", MOMENT))
