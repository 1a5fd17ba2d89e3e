"""A guest's chat goes on on another device, by a code."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

CODES, SESSIONS = "temporary_chat_codes", "temporary_chat_sessions"


def upgrade() -> None:
    op.add_column(CODES, sa.Column("session_id", sa.String(36), nullable=False, server_default=""))
    op.add_column(SESSIONS, sa.Column("former_secret_hash", sa.LargeBinary))
    op.create_index("ix_temporary_chat_sessions_former_secret_hash", SESSIONS, ["former_secret_hash"])


def downgrade() -> None:
    op.drop_index("ix_temporary_chat_sessions_former_secret_hash", SESSIONS)
    op.drop_column(SESSIONS, "former_secret_hash")
    op.drop_column(CODES, "session_id")
