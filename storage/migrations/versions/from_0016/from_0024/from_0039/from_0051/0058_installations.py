"""Installations by OAuth, the organisations that workspaces are part of, and what is left of forgotten ones."""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0058"
down_revision = "0053"

INSTALLATIONS, FORGOTTEN = "installations", "forgotten_workspaces"


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("enterprise_id", sa.String(64), nullable=False, server_default=""))
    op.create_table(
        INSTALLATIONS,
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("org_wide", sa.Boolean, nullable=False),
        sa.Column("enterprise_id", sa.String(64), nullable=False),
        sa.Column("bot_user_id", sa.String(64), nullable=False),
        sa.Column("bot_id", sa.String(64), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("installed_by", sa.String(64), nullable=False),
        sa.Column("installed_at", UtcTime, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("expires_at", UtcTime),
        sa.Column("rotating_until", UtcTime),
        sa.Column("looked_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name=f"pk_{INSTALLATIONS}"),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=f"fk_{INSTALLATIONS}_workspace_id_workspaces",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        FORGOTTEN,
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("forgotten_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{FORGOTTEN}"),
    )


def downgrade() -> None:
    op.drop_table(FORGOTTEN)
    op.drop_table(INSTALLATIONS)
    op.drop_column("workspaces", "enterprise_id")
