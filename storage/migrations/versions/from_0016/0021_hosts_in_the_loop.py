"""Who answers a guest, and where in Slack their host follows it."""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0021"
down_revision = "0020"

TABLE = "temporary_chat_sessions"
THREAD, ASKED = "ix_temporary_chat_sessions_thread", "ix_temporary_chat_sessions_asked"
COLUMNS = ("host_state", "host_since", "known_seq", "thread_channel", "thread_ts", "mirrored_seq")


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("host_state", sa.String(10), nullable=False, server_default=""))
    op.add_column(TABLE, sa.Column("host_since", UtcTime))
    op.add_column(TABLE, sa.Column("known_seq", sa.Integer, nullable=False, server_default="0"))
    op.add_column(TABLE, sa.Column("thread_channel", sa.String(64), nullable=False, server_default=""))
    op.add_column(TABLE, sa.Column("thread_ts", sa.String(32), nullable=False, server_default=""))
    op.add_column(TABLE, sa.Column("mirrored_seq", sa.Integer, nullable=False, server_default="0"))
    _index(THREAD, ["workspace_id", "thread_channel", "thread_ts"], "thread_ts <> ''")
    _index(ASKED, ["host_since"], "host_state = 'asked'")


def downgrade() -> None:
    op.drop_index(THREAD, TABLE)
    op.drop_index(ASKED, TABLE)
    for column in reversed(COLUMNS):
        op.drop_column(TABLE, column)


def _index(name: str, columns: list[str], only: str) -> None:
    op.create_index(name, TABLE, columns, sqlite_where=sa.text(only), postgresql_where=sa.text(only))
