"""What members may find again, with an index over its words: FTS5 on SQLite, a generated ``tsvector`` on PostgreSQL."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ON_SQLITE = (
    "CREATE VIRTUAL TABLE search_memories USING fts5(who, words, content='memories', content_rowid='number',"
    " tokenize='unicode61 remove_diacritics 0', detail=column)",
    "CREATE TRIGGER search_memories_added AFTER INSERT ON memories BEGIN"
    " INSERT INTO search_memories(rowid, who, words) VALUES (new.number, new.who, new.words); END",
    # FTS5 has to be told what it once indexed: other values would leave words behind that point at nothing.
    "CREATE TRIGGER search_memories_gone AFTER DELETE ON memories BEGIN"
    " INSERT INTO search_memories(search_memories, rowid, who, words)"
    " VALUES ('delete', old.number, old.who, old.words);"
    " END",
    "CREATE TRIGGER search_memories_changed AFTER UPDATE OF who, words ON memories BEGIN"
    " INSERT INTO search_memories(search_memories, rowid, who, words)"
    " VALUES ('delete', old.number, old.who, old.words);"
    " INSERT INTO search_memories(rowid, who, words) VALUES (new.number, new.who, new.words); END",
)
"""A revision that rebuilds `memories` with ``batch_alter_table`` drops these triggers: it has to make them again."""
ON_POSTGRES = (
    "ALTER TABLE memories ADD COLUMN search_words tsvector"
    " GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, words)) STORED",
    "CREATE INDEX search_memories ON memories USING gin (search_words)",
)


def upgrade() -> None:
    op.create_table(
        "memories",
        sa.Column("number", NUMBER, nullable=False),
        _workspace(),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("about", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("who", sa.String(32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("tries", sa.Integer(), nullable=False),
        _of("memories", "workspace_id", "workspaces.id"),
        _of("memories", "conversation_id", "conversations.id"),
        sa.PrimaryKeyConstraint("number", name="pk_memories"),
        sa.UniqueConstraint("workspace_id", "member_id", "digest", name="uq_memories_workspace_id_member_id_digest"),
    )
    op.create_index("ix_memories_workspace_id", "memories", ["workspace_id"])
    op.create_index("ix_memories_conversation_id", "memories", ["conversation_id"])
    op.create_index("ix_memories_who_at", "memories", ["who", "at"])
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_memories_due", "memories", ["due_at"], sqlite_where=due, postgresql_where=due)
    _vectors()
    for statement in ON_SQLITE if op.get_bind().dialect.name == "sqlite" else ON_POSTGRES:
        op.execute(statement)
    op.add_column("turns", sa.Column("remembered", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_turns_unremembered",
        "turns",
        ["ended_at"],
        sqlite_where=sa.text("remembered = 0"),
        postgresql_where=sa.text("NOT remembered"),
    )


def _vectors() -> None:
    op.create_table(
        "memory_signs",
        sa.Column("who", sa.String(32), nullable=False),
        sa.Column("model", sa.String(80), nullable=False),
        sa.Column("number", NUMBER, nullable=False, autoincrement=False),
        _workspace(),
        sa.Column("signs", sa.LargeBinary(), nullable=False),
        _of("memory_signs", "number", "memories.number"),
        _of("memory_signs", "workspace_id", "workspaces.id"),
        sa.PrimaryKeyConstraint("who", "model", "number", name="pk_memory_signs"),
    )
    op.create_index("ix_memory_signs_workspace_id", "memory_signs", ["workspace_id"])
    op.create_index("ix_memory_signs_number", "memory_signs", ["number"])
    op.create_table(
        "memory_vectors",
        sa.Column("number", NUMBER, nullable=False, autoincrement=False),
        _workspace(),
        sa.Column("halves", sa.LargeBinary(), nullable=False),
        _of("memory_vectors", "number", "memories.number"),
        _of("memory_vectors", "workspace_id", "workspaces.id"),
        sa.PrimaryKeyConstraint("number", name="pk_memory_vectors"),
    )
    op.create_index("ix_memory_vectors_workspace_id", "memory_vectors", ["workspace_id"])


def _workspace() -> sa.Column[str]:
    return sa.Column("workspace_id", sa.String(64), nullable=False)


def _of(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{parent.partition('.')[0]}"
    return sa.ForeignKeyConstraint([column], [parent], name=name, ondelete="CASCADE")


def downgrade() -> None:
    op.drop_index("ix_turns_unremembered", "turns")
    op.drop_column("turns", "remembered")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_memories")
    for table in ("memory_vectors", "memory_signs", "memories"):
        op.drop_table(table)
