"""What all revisions make of an empty SQLite file, kept as SQL: a new file is made in a tenth of their time.

After a revision was added, `python -m storage.kept_newest` writes it anew; a test holds one against the other.
"""

import sqlalchemy as sa

from storage.migrations import FOLDER

FILE = FOLDER / "newest.sql"
END = ";\n\n"
AT = "INSERT INTO alembic_version VALUES ('{}')"
# Beside these SQLite makes tables and indexes of its own, each with what it belongs to.
MADE_BY_US = sa.text(
    "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT IN"
    " (SELECT shadow.name FROM pragma_table_list AS shadow WHERE shadow.type = 'shadow')"
    " ORDER BY type = 'table' DESC, type, CASE type WHEN 'table' THEN rowid ELSE 0 END, name"
)


def make(connection: sa.Connection) -> None:
    """All tables of a file that has none, in the transaction that has begun; at the revision that is noted there."""
    for statement in FILE.read_text().removesuffix(END).split(END):
        connection.exec_driver_sql(statement)


def is_empty(connection: sa.Connection) -> bool:
    return not connection.scalar(sa.text("SELECT count(*) FROM sqlite_master"))


def told(connection: sa.Connection) -> str:
    """The text that makes a file such as this one."""
    found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return "".join(each + END for each in (*connection.scalars(MADE_BY_US), AT.format(found)))
