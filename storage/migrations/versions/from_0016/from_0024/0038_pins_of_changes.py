"""The pin of a tool's changed definition, so that one UPDATE decides whether what was shown is still what waits."""

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038"
down_revision = "0037"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql")
TOOLS = sa.table(
    "mcp_tools",
    sa.column("connection_id", sa.String),
    sa.column("name", sa.String),
    sa.column("offered", JSON),
    sa.column("offered_pin", sa.String),
)


def upgrade() -> None:
    op.add_column(TOOLS.name, sa.Column("offered_pin", sa.String(64)))
    there = op.get_bind()
    waiting = sa.select(TOOLS.c.connection_id, TOOLS.c.name, TOOLS.c.offered).where(TOOLS.c.offered.is_not(None))
    for connection_id, name, offered in there.execute(waiting).all():
        one = (TOOLS.c.connection_id == connection_id, TOOLS.c.name == name)
        there.execute(sa.update(TOOLS).where(*one).values(offered_pin=_pin(offered)))


def _pin(definition: dict[str, Any]) -> str:
    text = json.dumps(definition, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def downgrade() -> None:
    op.drop_column(TOOLS.name, "offered_pin")
