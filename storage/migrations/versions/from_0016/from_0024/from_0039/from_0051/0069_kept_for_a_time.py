"""What has been kept for its time is found by index; the jobs that two ways of forgetting had are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"

CONVERSATIONS, SESSIONS, LINKS = "conversations", "temporary_chat_sessions", "temporary_chat_links"
SILENT, KEPT, CLOSED = f"ix_{CONVERSATIONS}_silent", f"ix_{SESSIONS}_kept", f"ix_{LINKS}_closed"
ELICITED = ("created_at", "conversation_id")
FORMER = ("every:forget", "every:forget_the_silent")


def upgrade() -> None:
    _partial(SILENT, CONVERSATIONS, ["workspace_id", "last_at"], "door = 'slack'")
    op.drop_index(KEPT, SESSIONS)
    _partial(KEPT, SESSIONS, ["workspace_id", "ended_at"], "erase_asked_by = ''")
    _partial(CLOSED, LINKS, ["workspace_id", "closed_at"], "closed_at IS NOT NULL")
    op.create_index("ix_tickets_expires_at", "tickets", ["expires_at"])
    for column in ELICITED:  # by the second, one that goes with its conversation
        op.create_index(f"ix_elicitations_{column}", "elicitations", [column])
    jobs = sa.table("scheduled_jobs", sa.column("once"))
    op.execute(jobs.delete().where(jobs.c.once.in_(FORMER)))


def downgrade() -> None:
    for column in ELICITED:
        op.drop_index(f"ix_elicitations_{column}", "elicitations")
    op.drop_index("ix_tickets_expires_at", "tickets")
    op.drop_index(CLOSED, LINKS)
    op.drop_index(KEPT, SESSIONS)
    _partial(KEPT, SESSIONS, ["ended_at"], "erase_asked_by = ''")
    op.drop_index(SILENT, CONVERSATIONS)


def _partial(name: str, table: str, columns: list[str], only: str) -> None:
    where = sa.text(only)
    op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)
