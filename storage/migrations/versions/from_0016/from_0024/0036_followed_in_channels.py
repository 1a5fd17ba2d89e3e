"""A link's chats may be followed in a channel, until that is lost."""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0036"
down_revision = "0035"

LINKS, SESSIONS = "temporary_chat_links", "temporary_chat_sessions"
FORMER = {"former_channel": 64, "former_ts": 32}


def upgrade() -> None:
    op.add_column(LINKS, sa.Column("follow_channel", sa.String(64), nullable=False, server_default=""))
    op.add_column(LINKS, sa.Column("follow_lost_at", UtcTime))
    for name, length in FORMER.items():
        op.add_column(SESSIONS, sa.Column(name, sa.String(length), nullable=False, server_default=""))


def downgrade() -> None:
    for name in FORMER:
        op.drop_column(SESSIONS, name)
    for name in ("follow_lost_at", "follow_channel"):
        op.drop_column(LINKS, name)
