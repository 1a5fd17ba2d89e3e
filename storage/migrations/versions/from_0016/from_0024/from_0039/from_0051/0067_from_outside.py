"""Who from outside may ask: a rule for each kind, and whom administrators let in or refused."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.schema import Json, UtcTime

revision = "0067"
down_revision = "0066"

RULES, PEOPLE = "outside_rules", "outside_people"
SWITCHES = {"guests": "slack_guests_allowed", "outsiders": "outsiders_allowed"}


def upgrade() -> None:
    op.create_table(
        RULES,
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("rule", sa.String(20), nullable=False),
        sa.Column("channels", Json, nullable=False),
        sa.Column("set_by", sa.String(64), nullable=False),
        sa.Column("set_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "kind", name=f"pk_{RULES}"),
        _of_workspace(RULES),
    )
    op.create_table(
        PEOPLE,
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("home", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("asked_at", UtcTime, nullable=True),
        sa.Column("expires_at", UtcTime, nullable=True),
        sa.Column("decided_by", sa.String(64), nullable=False),
        sa.Column("decided_at", UtcTime, nullable=True),
        sa.Column("question", Json, nullable=False),
        sa.Column("told", Json, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "member_id", name=f"pk_{PEOPLE}"),
        _of_workspace(PEOPLE),
    )
    op.create_index("ix_outside_people_state", PEOPLE, ["workspace_id", "state", "decided_at"])
    for kind, switch in SWITCHES.items():
        op.execute(_let_in(kind, switch))


def downgrade() -> None:
    """The switches have been kept as they were: whatever is more than refused or allowed was no before."""
    op.drop_table(PEOPLE)
    op.drop_table(RULES)


def _let_in(kind: str, switch: str) -> sa.Insert:
    """Whoever was let in is so still."""
    workspaces = sa.table("workspaces", sa.column("id"), sa.column(switch, sa.Boolean))
    columns: dict[str, Any] = {"kind": sa.String, "rule": sa.String, "channels": Json, "set_by": sa.String}
    columns["set_at"] = UtcTime
    rules = sa.table(RULES, sa.column("workspace_id"), *(sa.column(name, its) for name, its in columns.items()))
    whole = sa.select(
        workspaces.c.id,
        sa.literal(kind, sa.String),
        sa.literal("allow", sa.String),
        sa.literal([], Json),
        sa.literal("", sa.String),
        sa.func.current_timestamp(),
    ).where(workspaces.c[switch])
    return sa.insert(rules).from_select(["workspace_id", *columns], whole)


def _of_workspace(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id"], ["workspaces.id"], name=f"fk_{table}_workspace_id_workspaces", ondelete="CASCADE"
    )
