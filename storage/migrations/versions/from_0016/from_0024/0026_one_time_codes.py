"""Links for one person, who proves themselves by a code that is sent to them."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id, SlackId, UtcTime

revision = "0026"
down_revision = "0025"

LINKS, CODES = "temporary_chat_links", "temporary_chat_codes"


def upgrade() -> None:
    op.add_column(LINKS, sa.Column("addressee", sa.String(254), nullable=False, server_default=""))
    op.create_table(
        CODES,
        sa.Column("id", Id, nullable=False),
        sa.Column("workspace_id", SlackId, nullable=False),
        sa.Column("link_id", Id, nullable=False),
        sa.Column("holder", sa.LargeBinary, nullable=False),
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.Column("spent_by", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name=f"pk_{CODES}"),
        sa.ForeignKeyConstraint(["link_id"], [f"{LINKS}.id"], name=f"fk_{CODES}_link_id_{LINKS}", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=f"fk_{CODES}_workspace_id_workspaces", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("holder", name=f"uq_{CODES}_holder"),
    )
    for column in ("workspace_id", "link_id", "code_hash", "expires_at"):
        op.create_index(f"ix_{CODES}_{column}", CODES, [column])


def downgrade() -> None:
    op.drop_table(CODES)
    op.drop_column(LINKS, "addressee")
