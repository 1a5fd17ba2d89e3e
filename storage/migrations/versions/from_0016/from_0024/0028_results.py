"""What came of guests' chats, and how often their links were looked at."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), "postgresql")
RESULTS, OPENINGS = "temporary_chat_results", "temporary_chat_openings"
LINKS, SESSIONS = "temporary_chat_links", "temporary_chat_sessions"
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        RESULTS,
        sa.Column("session_id", sa.String(36), primary_key=True),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("link_id", sa.String(36), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("complete_at", TIME),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("message_ts", sa.String(32), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["session_id"], [f"{SESSIONS}.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["link_id"], [f"{LINKS}.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
    )
    op.create_table(
        OPENINGS,
        sa.Column("link_id", sa.String(36), primary_key=True),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("machines", sa.Integer, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["link_id"], [f"{LINKS}.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
    )
    op.create_index(f"ix_{RESULTS}_link_id", RESULTS, ["link_id"])
    for table in (RESULTS, OPENINGS):
        op.create_index(f"ix_{table}_workspace_id", table, ["workspace_id"])


def downgrade() -> None:
    for table in (OPENINGS, RESULTS):
        op.drop_table(table)
