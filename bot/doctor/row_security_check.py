"""PostgreSQL's second wall between workspaces: does it stand, and whole?"""

from bot.doctor.finding import Finding, bad, ok, warn
from storage.database import Database
from storage.row_security.policies import look_at

SUBJECT = "row-level security"
ABOUT = "see docs/operations.md, “Row-level security”"


async def row_security(db: Database, *, owner_is_known: bool) -> Finding:
    async with db.engine.connect() as connection:
        wall = await look_at(connection)
    if wall.holds and not wall.open:
        return ok(SUBJECT, "holds: PostgreSQL itself keeps workspaces apart")
    if wall.holds:
        return bad(SUBJECT, f"lacks {', '.join(wall.open)}", "usher migrate, with DATABASE_OWNER_URL")
    if owner_is_known:
        return bad(SUBJECT, "does not hold, though DATABASE_OWNER_URL is set", f"usher migrate; {ABOUT}")
    return warn(SUBJECT, "off: Usher alone keeps workspaces apart", f"recommended where it serves several: {ABOUT}")
