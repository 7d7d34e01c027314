"""Rules and pauses that admins set, the do-not-call list, and who did what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_25"
down_revision = "v020_24"
branch_labels = None
depends_on = None


def _text(name: str, length: int | None = None) -> sa.Column[str]:
    kind = sa.Text() if length is None else sa.String(length)
    return sa.Column(name, kind, nullable=False, server_default="")


def upgrade() -> None:
    """Add the tables, and the index by which calls to one number are counted."""
    op.create_table(
        "policy_states",
        sa.Column("enterprise", sa.String(32), primary_key=True),
        sa.Column("team", sa.String(32), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        _text("rules"),
        sa.Column("previous", sa.Text),
        sa.Column("changed_at", sa.Float(precision=53)),
        _text("changed_by", 32),
        sa.Column("paused_at", sa.Float(precision=53)),
        _text("paused_by", 32),
        _text("pause_reason", 500),
    )
    op.create_table(
        "do_not_call",
        sa.Column("enterprise", sa.String(32), primary_key=True),
        sa.Column("team", sa.String(32), primary_key=True),
        sa.Column("digits", sa.String(20), primary_key=True),
        sa.Column("is_prefix", sa.Boolean, primary_key=True, server_default=sa.false()),
        _text("reason", 500),
        sa.Column("added_at", sa.Float(precision=53), nullable=False),
        _text("added_by", 32),
    )
    op.create_table(
        "audit_rows",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.Float(precision=53), nullable=False),
        sa.Column("enterprise", sa.String(32), nullable=False),
        sa.Column("team", sa.String(32), nullable=False),
        sa.Column("user", sa.String(32), nullable=False),
        _text("entrance", 32),
        sa.Column("action", sa.String(32), nullable=False),
        _text("number", 32),
        _text("rule", 32),
        _text("verdict", 16),
        _text("call", 32),
        _text("detail"),
    )
    op.create_index("audit_rows_by_team", "audit_rows", ["team", "at"])
    op.create_index("audit_rows_old", "audit_rows", ["at"])
    op.create_index("calls_by_callee", "calls", ["callee", "asked_at"])
