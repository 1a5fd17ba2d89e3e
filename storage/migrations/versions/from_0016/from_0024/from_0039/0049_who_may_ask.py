"""Whether a workspace's agent answers Slack's guests, and people of other organisations."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"

COLUMNS = ("slack_guests_allowed", "outsiders_allowed")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("workspaces", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("workspaces", name)
