"""Sign-ins by OAuth that have begun, who is renewing a grant, and the rights that a connection lacks."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

NAME, ID, TIME = sa.String(64), sa.String(36), sa.DateTime(timezone=True)
FLOWS, LEASES = "oauth_flows", "oauth_leases"


def _workspace(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_workspace_id_workspaces"
    return sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        FLOWS,
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", NAME, nullable=False),
        sa.Column("member_id", NAME, nullable=False),
        sa.Column("state_hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("wrapped_key", "nonce", "ciphertext")),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{FLOWS}"),
        sa.UniqueConstraint("state_hash", name=f"uq_{FLOWS}_state_hash"),
        _workspace(FLOWS),
    )
    op.create_table(
        LEASES,
        sa.Column("workspace_id", NAME, nullable=False),
        sa.Column("connection_id", ID, nullable=False),
        sa.Column("holder", ID, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", name=f"pk_{LEASES}"),
        _workspace(LEASES),
    )
    op.add_column("mcp_connections", sa.Column("wants_rights", sa.Text(), nullable=False, server_default=""))
    op.create_index(f"ix_{FLOWS}_workspace_id", FLOWS, ["workspace_id"])
    op.create_index(f"ix_{FLOWS}_expires_at", FLOWS, ["expires_at"])
    op.create_index(f"ix_{LEASES}_workspace_id", LEASES, ["workspace_id"])


def downgrade() -> None:
    op.drop_column("mcp_connections", "wants_rights")
    op.drop_table(LEASES)
    op.drop_table(FLOWS)
