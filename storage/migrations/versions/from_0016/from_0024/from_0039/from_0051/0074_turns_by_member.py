"""What waits is found by its door, its workspace and who asks, so that members are served by turns too."""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0072"

NAME, TABLE = "ix_turns_claim", "turns"
BY_MEMBER = ["status", "door", "workspace_id", "asker", "created_at", "id"]
OF_CONVERSATION = "SELECT {} FROM conversations AS c WHERE c.id = turns.conversation_id"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("door", sa.String(10), nullable=False, server_default="slack"))
    op.add_column(TABLE, sa.Column("asker", sa.String(64), nullable=False, server_default=""))
    on_sqlite = op.get_bind().dialect.name == "sqlite"  # which knows ->> from 3.38 on
    link = "json_extract(c.place, '$.link_id')" if on_sqlite else "c.place ->> 'link_id'"
    asker = f"CASE WHEN c.door = 'link' THEN {link} ELSE c.member_id END"
    op.execute(
        f"UPDATE turns SET door = ({OF_CONVERSATION.format('c.door')}),"  # noqa: S608  nothing of it comes from outside
        f" asker = COALESCE(({OF_CONVERSATION.format(asker)}), '')"
        " WHERE status IN ('queued', 'running') OR NOT told"
    )
    op.drop_index(NAME, TABLE)
    op.create_index(NAME, TABLE, BY_MEMBER)


def downgrade() -> None:
    op.drop_index(NAME, TABLE)
    op.create_index(NAME, TABLE, ["status", "workspace_id", "created_at", "id"])
    op.drop_column(TABLE, "asker")
    op.drop_column(TABLE, "door")
