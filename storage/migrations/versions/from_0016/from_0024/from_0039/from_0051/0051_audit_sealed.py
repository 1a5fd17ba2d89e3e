"""Audit entries are sealed over their own text, with a key; those of before keep their hashes, and what follows
seals them.

They move into another table: a process of the version before may go on writing into its own until it is restarted.
"""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0051"
down_revision = "0050"

FORMER, ENTRIES, HEADS = "audit_entries", "audit_records", "audit_heads"
SEARCHED = ("actor", "action", "subject", "outcome")
COPIED = "workspace_id, number, at, actor, action, subject"
START = "0" * 64
REFUSED = (
    *("approval.refused", "call.refused", "host.refused", "ticket.stranger"),
    *("link.code_failed", "link.filtered", "link.limited", "link.passcode_failed", "link.start_denied"),
    "link.tampered",
)
OUTCOME = f"CASE WHEN action IN {REFUSED} THEN 'refused' ELSE 'done' END"


def upgrade() -> None:
    _tables()
    if _on_postgres():
        op.execute(f"LOCK TABLE {FORMER} IN SHARE ROW EXCLUSIVE MODE")
    op.execute(
        f"INSERT INTO {ENTRIES} ({COPIED}, outcome, body, mac, key_id)"  # noqa: S608
        f" SELECT {COPIED}, {OUTCOME}, CAST(detail AS TEXT), hash, '' FROM {FORMER}"
    )
    op.execute(
        f"INSERT INTO {HEADS} (workspace_id, number, mac, key_id) SELECT workspace_id, number, mac, '' FROM {ENTRIES}"  # noqa: S608
        f" AS entry WHERE number = (SELECT max(number) FROM {ENTRIES} WHERE workspace_id = entry.workspace_id)"
    )
    op.execute(f"DELETE FROM {FORMER}")  # noqa: S608


def _tables() -> None:
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
        _goes_with_workspace(ENTRIES),
        sa.PrimaryKeyConstraint("workspace_id", "number", name=f"pk_{ENTRIES}"),
    )
    for each in SEARCHED:
        op.create_index(f"ix_{ENTRIES}_{each}", ENTRIES, ["workspace_id", each, "number"])
    op.create_index(f"ix_{ENTRIES}_at", ENTRIES, ["workspace_id", "at"])
    op.create_table(
        HEADS,
        *_whose(),
        *_seal(),
        _goes_with_workspace(HEADS),
        sa.PrimaryKeyConstraint("workspace_id", name=f"pk_{HEADS}"),
    )


def downgrade() -> None:
    """What was sealed since cannot be verified by the version before: it stays readable."""
    detail = "CAST(body AS JSON)" if _on_postgres() else "body"
    op.execute(f"DELETE FROM {FORMER}")  # noqa: S608
    op.execute(
        f"INSERT INTO {FORMER} (id, {COPIED}, detail, previous, hash) SELECT substr(mac, 1, 36), {COPIED}, {detail},"  # noqa: S608
        f" lag(mac, 1, '{START}') OVER (PARTITION BY workspace_id ORDER BY number), mac FROM {ENTRIES}"
    )
    op.drop_table(HEADS)
    op.drop_table(ENTRIES)


def _on_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _whose() -> list[sa.Column[str] | sa.Column[int]]:
    whose = sa.Column("workspace_id", sa.String(64), nullable=False)
    return [whose, sa.Column("number", sa.BigInteger, nullable=False)]


def _seal() -> list[sa.Column[str]]:
    return [sa.Column("mac", sa.String(64), nullable=False), sa.Column("key_id", sa.String(16), nullable=False)]


def _goes_with_workspace(table: str) -> sa.Constraint:
    name = f"fk_{table}_workspace_id_workspaces"
    return sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=name, ondelete="CASCADE")
