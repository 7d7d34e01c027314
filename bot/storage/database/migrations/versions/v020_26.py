"""Voicemails of missed calls, and how far a user's voicemails were read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_26"
down_revision = "v020_25"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; cards from before show no voicemail."""
    for column in (
        sa.Column("voicemail_id", sa.String(128), nullable=False, server_default=""),
        sa.Column("voicemail_ids", sa.Text, nullable=False, server_default=""),
        sa.Column("voicemail_at", sa.Float(precision=53)),
        sa.Column("voicemail_seconds", sa.Float),
        sa.Column(
            "voicemail_address", sa.String(500), nullable=False, server_default=""
        ),
        sa.Column("voicemail_text", sa.Text, nullable=False, server_default=""),
    ):
        op.add_column("missed_cards", column)
    for column in (
        sa.Column("voicemail_token", sa.Text, nullable=False, server_default=""),
        sa.Column("voicemail_until", sa.Float(precision=53)),
        sa.Column(
            "voicemail_trouble", sa.String(64), nullable=False, server_default=""
        ),
    ):
        op.add_column("missed_syncs", column)
