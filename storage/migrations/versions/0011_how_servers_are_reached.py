"""The transport and the version of the protocol that worked, so that nobody probes again."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Json

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("mcp_connections", sa.Column("speaks", Json, nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("mcp_connections", "speaks")
