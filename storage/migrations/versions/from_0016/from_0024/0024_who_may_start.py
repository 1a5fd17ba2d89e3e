"""Who may start on a link: whoever has it, or whoever knows its passcode."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

TABLE = "temporary_chat_links"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("access", sa.String(10), nullable=False, server_default="anyone"))
    op.add_column(TABLE, sa.Column("passcode_hash", sa.LargeBinary))


def downgrade() -> None:
    # Older versions would let in whoever has the address.
    op.execute(f"UPDATE {TABLE} SET revoked_at = CURRENT_TIMESTAMP WHERE access <> 'anyone' AND revoked_at IS NULL")  # noqa: S608
    for column in ("passcode_hash", "access"):
        op.drop_column(TABLE, column)
