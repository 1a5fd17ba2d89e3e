"""A link that is looked at before it is made: kept while its creator decides."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from bot.errors import UserError
from bot.services.links.values import Draft
from storage.database import Tables
from storage.members import Member
from storage.tables import Link, LinkDraft

KEPT = timedelta(days=1)
GONE = "What you looked at is not there any more. Fill in the form once more."


@dataclass(frozen=True)
class Prepared:
    """``link`` is as it would be, and stands nowhere yet."""

    draft_id: str
    link: Link


async def keep(tables: Tables, member: Member, draft: Draft, frozen: str) -> str:
    """Its id."""
    kept = LinkDraft(workspace_id=member.workspace, member_id=member.id, chosen=asdict(draft), frozen=frozen)
    await tables.link_drafts.add(kept)
    return kept.id


async def kept(tables: Tables, member: Member, draft_id: str) -> tuple[Draft, str]:
    """What was chosen, and the hash of what was shown; raises `UserError`."""
    found = await tables.link_drafts.get(member.workspace, member.id, draft_id)
    if found is None:
        raise UserError(GONE)
    return _draft(found.chosen), found.frozen


def _draft(chosen: Mapping[str, Any]) -> Draft:
    """JSON knows no tuples."""
    lists = {name: tuple(chosen[name]) for name in ("starters", "covers", "file_kinds") if name in chosen}
    return Draft(**{**chosen, **lists, "tools": tuple((server, tool) for server, tool in chosen["tools"])})
