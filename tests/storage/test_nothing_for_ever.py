"""Each table has a time after which its rows go, hangs on one that has, or says here why its rows may stay."""

import sqlalchemy as sa

from bot.running.keeping.kinds import KINDS
from storage.schema import Base

BY_WORKSPACE = {
    "conversations": "as the workspace chose, after the last word; of guests with their link",
    "temporary_chat_links": "90 days after their end, once nothing of their chats is left",
    "mcp_tool_usage": "400 days",
    "audit_records": "as the workspace chose; an entry says where the chain was cut",
}
BY_ANOTHER = {
    "usage_days": "go after 400 days, with the next day that is added up",
    "audit_tallies": "go once their hour is in the audit",
    "budget_reservations": "each is settled, what a dead process left within minutes",
    "oauth_leases": "go with the flows",
    "installations": "go with their uninstall",
    "secrets": "go with what they are for",
    "secret_places": "go once the store outside has let them go",
}
STAYS = {
    "workspaces": "there are as many as use it; `usher forget` deletes them",
    "forgotten_workspaces": "a tombstone: that it was forgotten, and when",
    "audit_heads": "one for each workspace",
    "audit_entries": "of a version before: its entries go into the audit as they come",
    "agents": "made by administrators, archived, and never deleted under what leans on them",
    "agent_channels": "what an administrator has set, one for each channel",
    "agent_mcp_server_access": "what a member has granted, one for each agent and connection",
    "policies": "what administrators have set, one of each name",
    "outside_rules": "what administrators have set, one for each kind",
    "outside_people": "whom administrators were asked about, one for each person, so that what they said holds",
    "spending_limits": "what administrators have set, one for each concern",
    "mcp_run_cards": "made by administrators until they delete them",
    "mcp_connections": "a member's own until they disconnect it",
    "notes": "what a member asked to have remembered: at most 40",
    "shown_in_channels": "a member's word for a channel, one for each connection there",
    "home_places": "one for each administrator",
}


def hangs_on(table: sa.Table) -> set[str]:
    """The tables with whose rows its own are deleted, workspaces aside."""
    deleting = (key for key in table.foreign_keys if key.ondelete == "CASCADE")
    return {key.column.table.name for key in deleting} - {"workspaces", table.name}


def test_no_table_grows_for_ever() -> None:
    tables = {each.name: each for each in Base.metadata.sorted_tables}
    timed = {each.table for each in KINDS} | set(BY_WORKSPACE) | set(BY_ANOTHER)
    said = timed | set(STAYS)
    assert said <= set(tables), "it says something of tables that there are not"
    assert not timed & set(STAYS)
    left = {name for name, table in tables.items() if name not in said and not hangs_on(table) & set(tables)}
    assert left == set(), "give its rows a time in bot/running/keeping, or say here why they stay"


def test_each_kind_that_goes_is_found_by_index() -> None:
    """Or is so small that looking through all of it costs nothing."""
    small = {"turn_files": "gone once shown", "access_tokens": "made by hand"}
    for kind in KINDS:
        table = Base.metadata.tables[kind.table]
        first = {next(iter(index.columns)).name for index in table.indexes}
        times = {each.name for each in table.columns if "TIME" in str(each.type).upper() or each.name == "rests_at"}
        assert first & times or kind.table in small, f"{kind.table} has no index that begins with a time"
