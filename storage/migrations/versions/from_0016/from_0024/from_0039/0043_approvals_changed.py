"""What is done with a question beside a yes and a no: arguments changed, a reason given, a reminder before its end."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"

NEW = ("revision", "reason", "scope", "reminded_at")


def upgrade() -> None:
    op.add_column("approvals", sa.Column("revision", sa.Integer, nullable=False, server_default="0"))
    op.add_column("approvals", sa.Column("reason", sa.Text, nullable=False, server_default=""))
    op.add_column("approvals", sa.Column("scope", sa.String(12), nullable=False, server_default=""))
    op.add_column("approvals", sa.Column("reminded_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    for name in NEW:
        op.drop_column("approvals", name)
