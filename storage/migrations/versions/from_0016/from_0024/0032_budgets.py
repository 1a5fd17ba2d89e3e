"""What guests may spend, in tokens and in money: set aside before each request to the model, settled after it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

from storage.schema import UtcTime

revision = "0032"
down_revision = "0031"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), "postgresql")
LINKS, BUDGETS, RESERVATIONS = "temporary_chat_links", "budgets", "budget_reservations"
COUNTS = ("tokens_spent", "tokens_reserved", "money_spent", "money_reserved")
MONEY = COUNTS[2:]
# What the guests of today have spent of their part; a session outlives its link by nothing.
KEEP = """
INSERT INTO budgets (workspace_id, key, tokens_spent, tokens_reserved, money_spent, money_reserved, kept_until)
SELECT s.workspace_id, 'session:' || s.id, sum(t.tokens), 0, 0, 0, max(l.expires_at)
FROM temporary_chat_sessions s
JOIN turns t ON t.conversation_id = s.conversation_id
JOIN temporary_chat_links l ON l.id = s.link_id
WHERE s.ended_at IS NULL GROUP BY s.workspace_id, s.id
"""


def upgrade() -> None:
    op.create_table(
        BUDGETS,
        sa.Column("workspace_id", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(120), primary_key=True),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in COUNTS),
        sa.Column("kept_until", UtcTime, nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
    )
    op.create_index(f"ix_{BUDGETS}_kept_until", BUDGETS, ["kept_until"])
    op.create_table(
        RESERVATIONS,
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("link_id", sa.String(36), nullable=False),
        sa.Column("keys", JSON, nullable=False),
        sa.Column("tokens", sa.BigInteger, nullable=False),
        sa.Column("money", sa.BigInteger, nullable=False),
        sa.Column("made_at", UtcTime, nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
    )
    for name in ("workspace_id", "made_at"):
        op.create_index(f"ix_{RESERVATIONS}_{name}", RESERVATIONS, [name])
    for name in MONEY:
        op.add_column(LINKS, sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
    op.execute(KEEP)
    # It was set aside for whole turns: what was then never settled would stay so for ever.
    op.execute(f"UPDATE {LINKS} SET tokens_reserved = 0 WHERE tokens_reserved <> 0")  # noqa: S608  ours


def downgrade() -> None:
    op.execute(f"UPDATE {LINKS} SET tokens_reserved = 0 WHERE tokens_reserved <> 0")  # noqa: S608  ours
    for name in MONEY:
        op.drop_column(LINKS, name)
    op.drop_table(RESERVATIONS)
    op.drop_table(BUDGETS)
