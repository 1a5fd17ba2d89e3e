"""Of each conversation the first turn that waits is found by an index, and those behind it are not looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"

TABLE, BEFORE = "turns", "ix_turns_claim"
BY_STATUS = ["status", "door", "workspace_id", "asker", "created_at", "id"]
IN_LINE = ["door", "behind", "workspace_id", "asker", "created_at", "id"]


def upgrade() -> None:
    for name in ("behind", "followed"):
        op.add_column(TABLE, sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))
    others = "SELECT 1 FROM turns AS o WHERE o.conversation_id = turns.conversation_id AND o.status = 'queued'"
    older = "(o.created_at < turns.created_at OR o.created_at = turns.created_at AND o.id < turns.id)"
    before = f"{others} AND turns.kind <> 'resume' AND (o.kind = 'resume' OR {older})"
    op.execute(
        f"UPDATE turns SET behind = EXISTS ({before}),"  # noqa: S608  nothing of it comes from outside
        f" followed = EXISTS ({others} AND o.id <> turns.id) WHERE status = 'queued'"
    )
    op.drop_index(BEFORE, TABLE)
    _index("ix_turns_waiting", IN_LINE, "queued")
    _index("ix_turns_paused", ["ended_at"], "paused")


def _index(name: str, columns: list[str], status: str) -> None:
    where = sa.text(f"status = '{status}'")
    op.create_index(name, TABLE, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name in ("ix_turns_paused", "ix_turns_waiting"):
        op.drop_index(name, TABLE)
    op.create_index(BEFORE, TABLE, BY_STATUS)
    for name in ("followed", "behind"):
        op.drop_column(TABLE, name)
