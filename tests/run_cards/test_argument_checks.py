"""SQL that does more than read, paths that lead out, and what of both is let through."""

import asyncpg
import pytest

from mcp_runtime.specs import StdioSpec
from run_cards.argument_checks import sql
from run_cards.argument_checks.paths import inside_folders, outside_git
from run_cards.argument_checks.postgres_functions import BUILT_IN, EXTENSIONS, HARMLESS, NEWER
from tests.support.postgres import Postgres

READS = [
    "SELECT 1",
    "select a, count(*) from t group by a having count(*) > 1 order by 2 desc limit 5;",
    "WITH x AS (SELECT * FROM t) SELECT lower(name), jsonb_agg(x) FROM x JOIN u USING (id) GROUP BY 1",
    "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT * FROM n",
    "SELECT * FROM a UNION ALL SELECT * FROM b",
    "VALUES (1), (2)",
    "TABLE orders",
    "SHOW server_version",
    "show all",
    "EXPLAIN SELECT * FROM t",
    "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM t",
    "EXPLAIN ANALYZE VERBOSE SELECT * FROM t",
    "SELECT 'DELETE FROM t; DROP TABLE t' AS words",
    "SELECT $x$ ; DELETE FROM t $x$",
    "SELECT /* DELETE */ 1 -- DROP TABLE t",
    'SELECT "delete" FROM "update"',
    "SELECT pg_size_pretty(pg_total_relation_size('t')), now(), random()",
    "SELECT date_trunc('month', placed), sum(price) FILTER (WHERE paid) OVER (PARTITION BY a) FROM t",
    "SELECT data->>'name' FROM t WHERE data @> '{}' AND tags ? 'x' AND name ~* 'a'",
    "SELECT 1 - (embedding <=> '[1,2]') FROM t",
]
WRITES = [
    "INSERT INTO t VALUES (1)",
    "UPDATE t SET a = 1",
    "DELETE FROM t",
    "TRUNCATE t",
    "DROP TABLE t",
    "CREATE TABLE t (a int)",
    "ALTER TABLE t ADD b int",
    "GRANT ALL ON t TO public",
    "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE",
    "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone",
    "WITH a AS (SELECT 1), b AS (INSERT INTO t SELECT * FROM a RETURNING 1) SELECT * FROM b",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE t; --",
    "SELECT * INTO copy FROM t",
    "SELECT * FROM t FOR UPDATE",
    "COPY t TO STDOUT",
    "COPY t FROM PROGRAM 'curl x'",
    "DO $$ BEGIN DELETE FROM t; END $$",
    "CALL clean_up()",
    "EXPLAIN ANALYZE DELETE FROM t",
    "EXPLAIN (ANALYZE) UPDATE t SET a = 1",
    "EXPLAIN /* x */ ANALYZE INSERT INTO t VALUES (1)",
    "EXPLAIN EXPLAIN SELECT 1",
    "EXPLAIN EXECUTE stored",
    "PREPARE x AS DELETE FROM t",
    "EXECUTE x",
    "SET transaction_read_only = off",
    "SHOW all; DELETE FROM t",
    "BEGIN",
    "COMMIT",
    "LISTEN a",
    "NOTIFY a",
    "LOCK TABLE t",
    "VACUUM",
    "REFRESH MATERIALIZED VIEW v",
    "DECLARE c CURSOR FOR SELECT 1",
    "SELECT pg_sleep(100)",
    'SELECT "pg_sleep"(100)',
    "SELECT pg_catalog.pg_sleep(100)",
    "SELECT * FROM pg_sleep(100)",
    "SELECT lo_import('/etc/passwd')",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT * FROM dblink('host=x', 'DELETE FROM t') AS d(a int)",
    "SELECT set_config('transaction_read_only', 'off', false)",
    "SELECT nextval('s'), 1",
    "SELECT CASE WHEN true THEN pg_terminate_backend(1) END",
    "SELECT 1 ORDER BY pg_advisory_lock(1)",
    "SELECT net.http_post('http://x')",
    "SELECT query_to_xml('DELETE FROM t', true, true, '')",
    "SELECT my_own_function(1)",
    "SELEC 1",
    "",
    "-- nothing",
    "(" * 5000 + "SELECT 1" + ")" * 5000,
    "SELECT '" + "x" * 20_000 + "'",
]


@pytest.mark.parametrize("statement", READS)
def test_what_only_reads_is_let_through(statement: str) -> None:
    assert sql.complaint(statement) is None


@pytest.mark.parametrize("statement", WRITES, ids=lambda statement: statement[:40])
def test_what_may_do_more_is_refused_with_a_reason(statement: str) -> None:
    told = sql.complaint(statement)
    assert told and told.endswith(".") and len(told) < 250


@pytest.mark.parametrize("given", [None, 7, ["SELECT 1"], {"a": 1}])
def test_what_is_no_text_is_refused(given: object) -> None:
    assert sql.complaint(given) == sql.NOT_TEXT


def test_no_statement_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    sql.complaint("EXPLAIN SELECT 'hunter2'")
    sql.complaint("DO $$ hunter2 $$")
    assert "hunter2" not in caplog.text


async def test_the_functions_that_count_as_reading_are_what_the_database_says_they_are(postgres: Postgres) -> None:
    with postgres.database() as url:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        rows = await connection.fetch(
            "SELECT proname, bool_or(provolatile = 'v') AS volatile FROM pg_proc "
            "WHERE pronamespace = 'pg_catalog'::regnamespace GROUP BY 1"
        )
        await connection.close()
    volatile = {row["proname"]: row["volatile"] for row in rows}

    assert not [name for name in BUILT_IN if volatile.get(name)]
    assert volatile.keys() >= BUILT_IN and volatile.keys() >= HARMLESS
    assert not [name for name in NEWER | EXTENSIONS if volatile.get(name)]


PATHS = {
    "/srv/folders/notes": True,
    "/srv/folders/notes/a/b.md": True,
    "/srv/folders/notes/a/../b.md": True,
    "/srv/folders/notes/../other/b.md": False,
    "/srv/folders/notesX": False,
    "/srv/folders/notes/../../../etc/passwd": False,
    "//srv/folders/notes/a": True,
    "/etc/passwd": False,
    "notes/a.md": False,
    "../notes": False,
    "~/a": False,
    "": False,
    "/srv/folders/notes/\0": False,
}


@pytest.mark.parametrize(("path", "fine"), PATHS.items())
def test_a_path_stays_inside_the_folders_of_its_connection(path: str, fine: bool) -> None:
    check = inside_folders("path", "paths")
    spec = StdioSpec("filesystem", folders=("notes",))

    assert (check({"path": path}, spec) is None) is fine
    assert (check({"paths": ["/srv/folders/notes/x", path]}, spec) is None) is fine
    assert check({"other": "/etc"}, spec) is None
    assert check({"path": "/srv/folders/notes"}, StdioSpec("filesystem"))


def test_a_folder_is_checked_where_its_program_sees_it() -> None:
    check = inside_folders("path", at={"notes": "/data/notes"})
    spec = StdioSpec("filesystem", folders=("notes", "other"))

    assert check({"path": "/data/notes/x"}, spec) is None and check({"path": "/srv/folders/other/x"}, spec) is None
    assert "/data/notes, /srv/folders/other" in str(check({"path": "/srv/folders/notes/x"}, spec))
    assert check({"path": "/data/x"}, spec)


@pytest.mark.parametrize("path", ["/a/.git/hooks/post-commit", "/a/.GIT/config", "/a/.git", "/a/./.git//x"])
def test_what_is_gits_own_is_left_alone(path: str) -> None:
    check = outside_git("path", "paths", "destination")

    assert "git's alone" in str(check({"path": path}))
    assert check({"paths": ["/a/b", path]}) and check({"destination": path})
    assert check({"path": "/a/.gitignore", "paths": ["/a/b.git/x", "/a/git"]}) is None
