"""Nothing done as one workspace shows or changes anything of another: every method of every repository, by itself.

A new method is in this test on the day it is written. Either its first argument says whose rows it is about, or it
stands below among those that are about nobody's, with the reason.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from storage.database import Database
from storage.members import Member
from storage.repositories.memories.memories import Piece, Within
from storage.repositories.spending.budgets import Amount, Cap
from storage.repositories.workspaces.audit import Asked
from storage.rules.access import Scope
from storage.rules.egress import Egress
from storage.rules.outside import Kind, Rule, State
from storage.schema import Base
from storage.tables import ModelUsage, Reservation
from storage.transaction import repositories
from tests.storage.rows import NOON, U1
from tests.storage.test_workspaces import fill

MINE, THEIRS, OTHERS, NOWHERE = "T2", "T1", "T3", "nowhere"

BY_A_ROW = {
    "agents.add", "connections.add", "added_cards.add", "tools.save", "allowed_calls.add", "secrets.put", "oauth.begin",
    "conversations.add", "messages.rewrite", "turns.change", "turns.opened", "turns.queue", "turns.take_in",
    "events.rewrite", "member_files.add", "approvals.add", "elicitations.add", "notes.add", "links.add",
    "links.counted", "links.settle", "budgets.note", "budgets.settle", "codes.put",
    "link_drafts.add", "sessions.insert", "guest_files.add", "erasures.erase", "erasures.quiet", "results.hold",
    "reminders.add", "tickets.add", "access_tokens.add", "tallies.written", "tallies.count", "security.add",
    "secrets.moved", "forgetting.first_to_remember", "forgetting.pass_over", "installations.put",
    "installations.rotated", "installations.take_rotation", "jobs.finish", "jobs.renew", "jobs.try_later",
    "events.holds", "messages.holds", "usage.holds", "turns.is_held", "turns.end", "jobs.is_held", "budgets.is_noted",
    "turns.give_back",
}  # fmt: skip
"""Whose it is, the row says that somebody holds."""
BY_A_SECRET = {
    "links.by_token_hash", "sessions.by_secret", "sessions.opened_by", "codes.taken", "codes.tried", "codes.spend",
    "codes.was_used", "tickets.by_hash", "tickets.count_try", "tickets.take_back_try", "tickets.note", "tickets.use",
    "oauth.take", "openings.count", "access_tokens.by_hash",
}  # fmt: skip
"""Whoever has it has the right: it is how the workspace is found out, or what it led to."""
OF_THE_HOUSE = {
    "audit.take_late", "connections.usable",
    "workspaces.ids", "workspaces.served_by", "audit.heads", "audit.unsealed_heads", "installations.all",
    "installations.not_looked_at",
    "jobs.drop", "jobs.payload", "conversations.last_numbers",
    "handled.purge", "tallies.due", "tallies.purge", "security.counts",
    "security.networks",
    "security.purge", "added_cards.all", "secrets.bound", "secrets.count_bound", "secrets.count_not_in",
    "secrets.count_not_under", "secrets.counts", "secrets.key_ids", "secrets.not_in", "secrets.not_under",
    "secrets.rewrap_some", "secret_places.count_leaving", "secret_places.gone", "secret_places.hold",
    "secret_places.leave", "secret_places.note", "oauth.purge", "turns.due", "turns.claim", "turns.claim_untold",
    "turns.release_all", "turns.renew", "turns.unended", "turns.close_up", "files.purge", "member_files.purge",
    "approvals.due_for_reminder", "approvals.expire",
    "elicitations.close_left", "elicitations.purge", "memories.optimize", "vectors.change_model", "vectors.keep",
    "vectors.put_off", "vectors.take", "vectors.waiting", "forgetting.all_terms", "forgetting.unremembered",
    "policies.everywhere",
    "links.due_to_close", "links.next_expiry", "budgets.left", "budgets.purge", "model_usage.purge", "codes.purge",
    "link_drafts.purge", "sessions.asked_in_vain", "sessions.idle", "sessions.idle_limits", "sessions.resting",
    "sessions.restless", "sessions.unused", "guest_files.purge", "erasures.waiting",
    "jobs.add", "jobs.claim", "jobs.last_beat", "jobs.once_more", "jobs.purge", "jobs.release_all", "rates.forget",
    "rates.give_back",
    "rates.held", "rates.hold", "rates.purge", "rates.take", "rates.take_all", "reminders.purge", "tickets.purge",
    "waits.pull_back",
    "access_tokens.purge", "api_requests.purge",
}  # fmt: skip
"""Upkeep of the whole installation: no person asks it, and each row that it gives says whose it is."""
OF_NOBODYS = BY_A_ROW | BY_A_SECRET | OF_THE_HOUSE

ALWAYS: dict[str, Any] = {
    "at": NOON, "now": NOON, "since": NOON - timedelta(days=9), "before": NOON + timedelta(days=9), "until": NOON,
    "seen_before": NOON + timedelta(days=9), "used_since": NOON - timedelta(days=9), "after": "", "most": 9,
    "limit": 9, "start": 0, "member": U1, "creator": U1, "by": U1, "actor": U1, "whose": U1, "channel": "C1",
    "state": "denied", "status": "failing", "trouble": "x", "text": "x", "title": "x", "door": "slack",
    "kind": "message",
    "place": {"channel": "C1"}, "body": {}, "content": {}, "contents": [{}], "told": [("message", {})], "calls": [],
    "message": {}, "files": [("image/png", b"x")], "arguments": {}, "summary": "x", "folded": 1, "position": 90,
    "revision": 0, "version": 1, "policy": "off", "names": ["add_note"], "name": "add_note", "pin": "p",
    "tool": "add_note",
    "outcome": "done", "milliseconds": 1, "scope": Scope.NONE, "called": "usher", "card": "custom", "nothing": True,
    "guests": True, "outsiders": True, "helped": False, "tokens": 1, "money": 1, "cap": Cap("k", 9, 9, NOON),
    "caps": [],
    "keys": ["k"], "what": "member_id", "seq": 0, "upto": 9, "minutes": 1, "reason": "host", "thread_ts": "1.0",
    "ts": "1.0", "token_hash": b"x", "secret_hash": b"x", "query": "what was said", "within": Within(),
    "pieces": [Piece("what was said")], "vector": [1.0], "model": "m:1", "numbers": [1], "days": 3, "field": "token",
    "first": "", "last": "z", "prefix": f"{U1}:", "action": "link.created", "actions": ["link.created"],
    "event_id": f"Ev of {THEIRS}", "holder": "one", "due_at": NOON, "paused": True, "relayed": True, "why": "x",
    "usual_hours": 0.0, "call": "call", "enterprise": "E1", "asked": Asked(), "digest": b"d", "answer": b"x",
    "tab": "people", "day": NOON.date(), "page": 0, "late": NOON, "chosen": {}, "forbidden": True,
    "egress": Egress(("example.org",)), "begun_by": NOON + timedelta(days=9),
    "amounts": [Amount("k", NOON, tokens_spent=1)], "usages": [ModelUsage(id="u", purpose="answer", model="m")],
    "reservations": [Reservation(id="r", link_id="", keys=["k"], tokens=1, money=1)],
    "rule": Rule.ALLOW, "channels": ["C1"], "home": "T9", "question": {"text": "x"},
}  # fmt: skip
VALUES = {
    "agents.update": {"name": "x"}, "connections.update": {"title": "x"}, "connections.works": {},
    "added_cards.change": {"title": "x"}, "tools.accept": {}, "conversations.update": {"summary": "x"},
    "links.update": {"title": "x"}, "budgets.set_limit": {"money": 1}, "results.keep": {"answers": {}},
}  # fmt: skip
"""Of ``**values``."""
OWN = {
    "sessions.mirrored": {"since": 0},
    "sessions.hold_mirror": {"since": 0},
    "audit.page": {"after": 0},
    "insights.forget_days": {"before": NOON.date()},
    "reminders.move": {"before": "waiting", "after": "told"},
    "api_requests.end": {"status": 200},
    "outside.answer": {"state": State.ALLOWED},
    "outside.put": {"state": State.ALLOWED},
    "outside.of_kind": {"kind": Kind.GUESTS, "state": State.ASKED},
    "outside.look": {"kind": Kind.GUESTS},
    "outside.meet": {"kind": Kind.BOTS},
    "outside.ask": {"kind": Kind.BOTS},
    "outside.set_rule": {"kind": Kind.BOTS},
}
"""Where a name means something else than elsewhere."""
ONE_FOR_ALL = {"oauth.take_lease"}
"""A lease is keyed by the connection alone: whoever else asks hears that it is taken, and of nothing more."""


@dataclass(frozen=True)
class Method:
    name: str
    """«links.revoke»"""
    takes: Sequence[inspect.Parameter]

    @property
    def asks(self) -> bool:
        """The first thing it is told is whose."""
        first = next(iter(self.takes), None)
        return first is not None and (first.name == "workspace" or first.annotation is Member)

    def arguments(self, whose: str, known: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        first, *others = self.takes
        given = {p.name: _value(p.name, known) for p in others if p.kind is not p.VAR_KEYWORD and p.default is p.empty}
        return [Member(whose, U1) if first.annotation is Member else whose], given | VALUES.get(
            self.name, {}
        ) | OWN.get(self.name, {})


def methods() -> Iterator[Method]:
    for room, repository in repositories().items():
        for name, found in inspect.getmembers(repository, inspect.iscoroutinefunction):
            if not name.startswith("_"):
                yield Method(f"{room}.{name}", list(inspect.signature(found).parameters.values())[1:])


def _value(name: str, known: Mapping[str, Any]) -> Any:
    if name in known:
        return known[name]
    if name in ALWAYS:
        return ALWAYS[name]
    raise LookupError(f"this test does not know what to give for {name}: say it in ALWAYS or in known()")


async def known(db: Database) -> dict[str, Any]:
    """Ids and keys of the rows of T1, by the names that arguments have."""
    found: dict[str, Any] = {}
    async with db.read() as tables:
        for table in Base.metadata.sorted_tables:
            if "workspace_id" in table.columns:
                row = (await tables.session.execute(sa.select(table).where(table.c.workspace_id == THEIRS))).first()
                found[table.name] = row._mapping if row else {}
    ids = {
        "agent_id": "agents", "connection_id": "mcp_connections", "conversation_id": "conversations",
        "turn_id": "turns",
        "approval_id": "approvals", "session_id": "temporary_chat_sessions", "link_id": "temporary_chat_links",
        "card_id": "mcp_run_cards", "allowed_id": "mcp_allowed_calls", "draft_id": "temporary_chat_drafts",
        "file_id": "guest_files", "reminder_id": "reminders", "note_id": "notes", "number": "elicitations",
        "token_id": "access_tokens",
    }  # fmt: skip
    told = {name: found[table]["id"] for name, table in ids.items()}
    several = {f"{name}s": [value] for name, value in told.items() if name != "number"}
    more = {"target": told["connection_id"], "owner": told["connection_id"], "ids": [told["file_id"]]}
    more |= {"source": found["turns"]["source"], "key": found["conversations"]["key"], "subject": told["link_id"]}
    more |= {"those": [found["budget_reservations"]["id"]]}
    more |= {"connections": [told["connection_id"]], "channels": ["C1"]}
    async with db.read() as tables:
        more["link"] = await tables.links.get(THEIRS, told["link_id"])
    return {**told, **several, **more}


def elsewhere(known: Mapping[str, Any]) -> dict[str, Any]:
    """The same, of nothing that there is."""
    kinds = {str: NOWHERE, list: [NOWHERE]}
    return {name: kinds.get(type(value), value) for name, value in known.items()}


async def all_of(db: Database, whose: str) -> dict[str, list[Any]]:
    async with db.read() as tables:
        return {
            table.name: sorted(map(repr, await tables.session.execute(_rows(table, whose))))
            for table in Base.metadata.sorted_tables
            if "workspace_id" in table.columns
        }


def _rows(table: sa.Table, whose: str) -> sa.Select[Any]:
    return sa.select(table).where(table.c.workspace_id == whose)


async def told(db: Database, method: Method, whose: str, known: Mapping[str, Any]) -> Any:
    room, _, name = method.name.partition(".")
    first, others = method.arguments(whose, known)
    try:
        async with db.begin() as tables:
            ask: Callable[..., Any] = getattr(getattr(tables, room), name)
            return await ask(*first, **others)
    except (IntegrityError, LookupError):
        return None


def rows_in(value: Any) -> Iterator[Base]:
    if isinstance(value, Base):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from rows_in(getattr(value, each.name))
    elif isinstance(value, Mapping):
        yield from rows_in(list(value.items()))
    elif isinstance(value, list | tuple | set):
        for each in value:
            yield from rows_in(each)


def test_every_method_says_whose_rows_it_is_about_or_stands_here_with_the_reason() -> None:
    found = list(methods())
    assert {each.name for each in found if not each.asks} == OF_NOBODYS


async def test_nothing_done_as_one_workspace_shows_or_changes_anything_of_another(db: Database) -> None:
    await fill(db, THEIRS)
    async with db.begin() as tables:
        await tables.workspaces.ensure(MINE)
        await tables.workspaces.ensure(OTHERS)
    ids, before, shown = await known(db), await all_of(db, THEIRS), []
    asked = [each for each in methods() if each.asks and each.name not in {"workspaces.delete", *ONE_FOR_ALL}]
    for method in sorted(asked, key=lambda each: each.name.endswith(".add")):  # what they add is their own, and stays
        answer, nothing = await told(db, method, MINE, ids), await told(db, method, OTHERS, elsewhere(ids))
        theirs = [each for each in rows_in(answer) if getattr(each, "workspace_id", MINE) == THEIRS]
        if theirs or (answer != nothing and not list(rows_in(answer))):
            shown.append((method.name, answer, nothing))
    assert not shown, "\n".join(map(str, shown))
    assert await all_of(db, THEIRS) == before
