"""What administrators should know: told once a day, not for every turn that meets it."""

from storage.database import Tables
from storage.schema import now

KIND = "admin_note"
THEY_KNOW = (
    "I cannot answer right now. The administrators can mend that, and they have been told. "
    "Nothing was lost: please ask me again later."
)
"""What members read in place of words that only an administrator can use."""


async def tell_admins(tables: Tables, workspace: str, code: str, text: str) -> None:
    """In the caller's transaction: a job for whoever can reach them. ``code`` names the concern."""
    once = f"{KIND}:{workspace}:{code}:{now():%Y-%m-%d}"
    await tables.jobs.add(KIND, once, {"workspace": workspace, "text": text}, now(), workspace=workspace)
