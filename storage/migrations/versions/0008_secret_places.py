"""Sealed secrets may lie in a store outside: where, and what may lie there."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

COLUMNS = (("store", 16, "database"), ("place", 40, ""), ("bound_for", 16, ""))


def upgrade() -> None:
    for name, length, default in COLUMNS:
        op.add_column("secrets", sa.Column(name, sa.String(length), nullable=False, server_default=default))
    for name, column in (("ix_secrets_bound", "bound_for"), ("ix_secrets_place", "place")):
        only = sa.text(f"{column} <> ''")
        op.create_index(name, "secrets", [column], sqlite_where=only, postgresql_where=only)
    op.create_table(
        "secret_places",
        sa.Column("store", sa.String(16), nullable=False),
        sa.Column("place", sa.String(40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaving", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("store", "place", name="pk_secret_places"),
    )
    op.create_index("ix_secret_places_since", "secret_places", ["since"])


def downgrade() -> None:
    op.drop_table("secret_places")
    for name in ("ix_secrets_bound", "ix_secrets_place"):
        op.drop_index(name, "secrets")
    # What lies outside is lost to an older version, which asks for it once more.
    op.execute("DELETE FROM secrets WHERE store <> 'database'")
    for name, _, _ in COLUMNS:
        op.drop_column("secrets", name)
