"""A migrated database that one test after another is given: emptying it takes a twentieth of copying another."""

from dataclasses import dataclass, field

from tests.support.psql import Psql

# What a test may have left of itself beside rows. Statistics too: they decide how a query is answered.
SHAPE = """
SELECT datallowconn, (SELECT count(*) FROM pg_db_role_setting WHERE setdatabase = pg_database.oid),
    (SELECT count(*) FROM pg_attribute), (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_index),
    (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_statistic),
    (SELECT string_agg(version_num, ' ') FROM alembic_version)
FROM pg_database WHERE datname = current_database()
"""
SEND_AWAY = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# As a replica, so that neither the order of tables nor a trigger is in the way.
EMPTY = """
SET session_replication_role = replica;
DO $$
DECLARE each regclass;
BEGIN
    FOR each IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND relname <> 'alembic_version'
    LOOP EXECUTE format('DELETE FROM %s', each); END LOOP;
    FOR each IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
    LOOP PERFORM setval(each, 1, false); END LOOP;
END $$
"""


@dataclass
class Spare:
    name: str
    console: Psql
    migrated: bool
    shape: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.shape = self.console.ask(SHAPE) if self.migrated else []

    def wiped(self) -> bool:
        """Whether it is as new: nobody in it, no row, and nothing else changed; an empty one is not asked."""
        if not self.migrated:
            return False
        try:
            self.console.ask(SEND_AWAY)
            if self.console.ask(SHAPE) != self.shape:
                return False
            self.console.ask(EMPTY)
        except RuntimeError:  # the test sent everybody away, the console too
            return False
        return True
