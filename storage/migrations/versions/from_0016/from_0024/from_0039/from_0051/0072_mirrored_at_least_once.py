"""What is being told in a guest's thread is held while it is, and noted once it stands there."""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0072"
down_revision = "0068"

TABLE = "temporary_chat_sessions"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("mirror_upto", sa.Integer, nullable=False, server_default="0"))
    op.add_column(TABLE, sa.Column("mirror_held_until", UtcTime, nullable=True))


def downgrade() -> None:
    op.drop_column(TABLE, "mirror_held_until")
    op.drop_column(TABLE, "mirror_upto")
