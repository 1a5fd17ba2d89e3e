"""What was said to guests is deleted: when somebody asks for it, or when its time is over."""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0029"
down_revision = "0028"

LINKS, SESSIONS = "temporary_chat_links", "temporary_chat_sessions"
ERASING, KEPT = "ix_temporary_chat_sessions_erasing", "ix_temporary_chat_sessions_kept"


def upgrade() -> None:
    op.add_column(LINKS, sa.Column("keep_hours", sa.Integer))
    op.add_column(SESSIONS, sa.Column("erase_asked_by", sa.String(10), nullable=False, server_default=""))
    op.add_column(SESSIONS, sa.Column("erased_at", UtcTime))
    _index(ERASING, "last_at", "erase_asked_by <> '' AND erased_at IS NULL")
    _index(KEPT, "ended_at", "erase_asked_by = ''")


def downgrade() -> None:
    op.drop_index(KEPT, SESSIONS)
    op.drop_index(ERASING, SESSIONS)
    for name in ("erased_at", "erase_asked_by"):
        op.drop_column(SESSIONS, name)
    op.drop_column(LINKS, "keep_hours")


def _index(name: str, column: str, only: str) -> None:
    op.create_index(name, SESSIONS, [column], sqlite_where=sa.text(only), postgresql_where=sa.text(only))
