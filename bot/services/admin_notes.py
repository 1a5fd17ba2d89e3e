"""What administrators should know: told once a day, not for every turn that meets it."""

from typing import Any

from storage.database import Tables
from storage.schema import now

KIND = "admin_note"
WHO = "{who}"
"""In a note: the member who met it."""
ABOUT = "{about}"
"""In a note: the member whom it is about, named where it is read."""
A_MEMBER, YOU = "A member", "You"
THEY_KNOW = (
    "I cannot answer right now. The administrators can mend that, and they have been told. "
    "Nothing was lost: please ask me again later."
)
"""What members read in place of words that only an administrator can use."""


async def tell_admins(
    tables: Tables,
    workspace: str,
    code: str,
    text: str,
    *,
    by: str = "",
    about: str = "",
    doctor: bool = False,
    switch: str = "",
) -> None:
    """In the caller's transaction: a job for whoever can reach them. ``code`` names the concern.

    ``by`` is who met it: an administrator who did is not told of «a member». ``about`` is whom it is about.
    ``doctor``: it is of the installation, and `usher doctor` tells more of it. ``switch`` can be switched off.
    """
    once = f"{KIND}:{workspace}:{code}:{now():%Y-%m-%d}"
    told: dict[str, Any] = {"workspace": workspace, "text": text.replace(WHO, A_MEMBER)}
    told |= {"about": about} if about else {}
    told |= {"doctor": True} if doctor else {}
    told |= {"switch": switch} if switch else {}
    told |= {"by": by, "own": text.replace(WHO, YOU)} if by and WHO in text else {}
    await tables.jobs.add(KIND, once, told, now(), workspace=workspace)
