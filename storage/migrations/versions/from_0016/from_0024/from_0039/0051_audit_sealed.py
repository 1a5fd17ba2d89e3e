"""Audit entries are sealed over their own text, with a key; those of before keep their hashes, and what follows
seals them.
"""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0051"
down_revision = "0050"

ENTRIES, HEADS, ASIDE = "audit_entries", "audit_heads", "audit_aside"
SEARCHED = ("actor", "action", "subject", "outcome")
START = "0" * 64
COPIED = "workspace_id, number, at, actor, action, subject"
REFUSED = (
    *("approval.refused", "call.refused", "host.refused", "ticket.stranger"),
    *("link.code_failed", "link.filtered", "link.limited", "link.passcode_failed", "link.start_denied"),
    "link.tampered",
)
OUTCOME = f"CASE WHEN action IN {REFUSED} THEN 'refused' ELSE 'done' END"


def upgrade() -> None:
    # SQLite changes no column: both make the table anew.
    op.execute(
        f"CREATE TABLE {ASIDE} AS SELECT {COPIED}, {OUTCOME} AS outcome, CAST(detail AS TEXT) AS body, hash AS mac"  # noqa: S608
        f" FROM {ENTRIES}"
    )
    op.drop_table(ENTRIES)
    op.create_table(
        ENTRIES,
        *_whose(),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        *_seal(),
        *_goes_with_workspace(ENTRIES),
        sa.PrimaryKeyConstraint("workspace_id", "number", name=f"pk_{ENTRIES}"),
    )
    op.create_table(
        HEADS,
        *_whose(),
        *_seal(),
        *_goes_with_workspace(HEADS),
        sa.PrimaryKeyConstraint("workspace_id", name=f"pk_{HEADS}"),
    )
    op.execute(
        f"INSERT INTO {ENTRIES} ({COPIED}, outcome, body, mac, key_id)"  # noqa: S608
        f" SELECT {COPIED}, outcome, body, mac, '' FROM {ASIDE}"
    )
    op.execute(
        f"INSERT INTO {HEADS} (workspace_id, number, mac, key_id) SELECT workspace_id, number, mac, '' FROM {ENTRIES}"  # noqa: S608
        f" AS entry WHERE number = (SELECT max(number) FROM {ENTRIES} WHERE workspace_id = entry.workspace_id)"
    )
    op.drop_table(ASIDE)
    for each in SEARCHED:
        op.create_index(f"ix_{ENTRIES}_{each}", ENTRIES, ["workspace_id", each, "number"])
    op.create_index(f"ix_{ENTRIES}_at", ENTRIES, ["workspace_id", "at"])


def downgrade() -> None:
    """What was sealed since cannot be verified by the version before: it stays readable."""
    op.execute(
        f"CREATE TABLE {ASIDE} AS SELECT {COPIED}, body, mac,"  # noqa: S608
        f" lag(mac, 1, '{START}') OVER (PARTITION BY workspace_id ORDER BY number) AS previous FROM {ENTRIES}"
    )
    op.drop_table(HEADS)
    op.drop_table(ENTRIES)
    op.create_table(
        ENTRIES,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        *_goes_with_workspace(ENTRIES),
        sa.UniqueConstraint("workspace_id", "number", name=f"uq_{ENTRIES}_workspace_id_number"),
    )
    op.create_index(f"ix_{ENTRIES}_workspace_id", ENTRIES, ["workspace_id"])
    detail = "CAST(body AS JSON)" if op.get_bind().dialect.name == "postgresql" else "body"
    op.execute(
        f"INSERT INTO {ENTRIES} (id, {COPIED}, detail, previous, hash)"  # noqa: S608
        f" SELECT substr(mac, 1, 36), {COPIED}, {detail}, previous, mac FROM {ASIDE}"
    )
    op.drop_table(ASIDE)


def _whose() -> list[sa.Column[str] | sa.Column[int]]:
    whose = sa.Column("workspace_id", sa.String(64), nullable=False)
    return [whose, sa.Column("number", sa.BigInteger, nullable=False)]


def _seal() -> list[sa.Column[str]]:
    return [sa.Column("mac", sa.String(64), nullable=False), sa.Column("key_id", sa.String(16), nullable=False)]


def _goes_with_workspace(table: str) -> list[sa.Constraint]:
    name = f"fk_{table}_workspace_id_workspaces"
    return [sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=name, ondelete="CASCADE")]
