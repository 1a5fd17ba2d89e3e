"""A call waits for what is done on a page: for how long, and until its member says so."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

INDEX, TABLE = "ix_elicitations_open", "elicitations"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("hold_seconds", sa.Double, nullable=False, server_default="0"))
    _index("state IN ('asked', 'opened')")


def downgrade() -> None:
    op.execute(f"UPDATE {TABLE} SET state = 'answered' WHERE state IN ('opened', 'went_on', 'waited')")  # noqa: S608
    _index("state = 'asked'")
    op.drop_column(TABLE, "hold_seconds")


def _index(only: str) -> None:
    op.drop_index(INDEX, TABLE)
    op.create_index(INDEX, TABLE, ["expires_at"], sqlite_where=sa.text(only), postgresql_where=sa.text(only))
