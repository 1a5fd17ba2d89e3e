"""Silence lets a chat rest; it ends one only where its link says so."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

LINKS, SESSIONS = "temporary_chat_links", "temporary_chat_sessions"


def upgrade() -> None:
    op.add_column(LINKS, sa.Column("idle_minutes", sa.Integer, nullable=False, server_default="0"))
    op.add_column(SESSIONS, sa.Column("paused_seq", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column(SESSIONS, "paused_seq")
    op.drop_column(LINKS, "idle_minutes")
