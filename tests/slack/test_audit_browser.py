"""Administrators look through the audit from their Home tab, verify it and take it along; nobody else does."""

import json
from datetime import UTC, datetime
from itertools import cycle, product
from typing import Any

import pytest
import sqlalchemy as sa

from bot.services.watch.audit.acts import ACTS
from bot.services.watch.audit.ledger import PAGE, Check, Ledger
from bot.services.watch.audit.ledger import Page as Found
from bot.slack.screens.governing import audit as screens
from bot.slack.screens.governing.audit import Chosen
from playground.slack.block_kit.checking import check
from storage.repositories.workspaces.audit import Asked
from storage.repositories.workspaces.audit_chain import OUTCOMES
from storage.repositories.workspaces.audit_verifying import Anchor
from storage.tables import AuditEntry
from tests.support.slack import DM, MEMBER, OWNER, TEAM, Usher, pressable, said


async def add(usher: Usher, count: int = 1, action: str = "link.created", actor: str = OWNER, **detail: Any) -> None:
    for number in range(count):
        async with usher.services.db.begin() as tables:
            await tables.workspaces.ensure(TEAM)
            await tables.audit.add(TEAM, actor, action, "x1", {"title": f"{action} {number}", **detail})


async def opened(usher: Usher) -> dict[str, Any]:
    await usher.press(await usher.tab("audit"), screens.OPEN)
    return await usher.modal_with(screens.ABOUT)


async def entries(usher: Usher, action: str) -> list[AuditEntry]:
    async with usher.services.db.read() as tables:
        return await tables.audit.found(TEAM, Asked(actions=[action]), 10)


async def test_an_admin_pages_and_narrows_down_by_who_what_and_how_it_ended(usher: Usher) -> None:
    await add(usher, 25)
    await add(usher, action="call.refused", actor=MEMBER, tool="close_issue")
    shown = await opened(usher)
    assert "26 entries" in said(shown) and "A rule stopped a call" in said(shown) and "close_issue" in said(shown)
    await usher.press(shown, screens.OLDER)
    oldest = await usher.modal_with("link.created 0")
    assert "close_issue" not in said(oldest) and "26 entries" in said(oldest)
    await usher.press(oldest, screens.OUTCOME, value="refused")
    await usher.modal_with("1 entry")
    assert f"<@{MEMBER}>" in said(usher.modal() or {})
    await usher.press(usher.modal() or {}, screens.WHO, value=OWNER)
    none = await usher.modal_with(screens.NONE_SUCH)
    await usher.press(none, screens.ALL)
    whole = await usher.modal_with("26 entries")
    await usher.press(whole, screens.WHAT, value="area:Chat links")
    assert "close_issue" not in said(await usher.modal_with("25 entries"))
    await usher.press(usher.modal() or {}, screens.SINCE, value="1")
    assert "25 entries" in said(await usher.modal_with("25 entries"))


async def test_a_moment_in_an_entry_is_told_by_the_readers_own_clock(usher: Usher) -> None:
    await add(usher, hour="2026-11-30T08:00:00+00:00")
    shown = said(await usher.tab("audit"))
    assert "hour: <!date^1796025600^" in shown and "+00:00" not in shown


async def test_verifying_says_what_was_found_and_when_that_was(usher: Usher) -> None:
    await add(usher, 2)
    await usher.press(await opened(usher), screens.VERIFY)
    shown = await usher.modal_with("All 2 entries are as they were written")
    assert "Verified last by" in said(shown) and "all was as it was written" in said(shown)
    async with usher.services.db.begin() as tables:
        await tables.session.execute(sa.update(AuditEntry).where(AuditEntry.number == 1).values(actor="U9"))
    await usher.press(shown, screens.VERIFY)
    assert "from entry 1 on" in said(await usher.modal_with("it was not as it was written"))
    assert [each.outcome for each in await entries(usher, "audit.verified")] == ["failed", "done"]


async def test_what_is_chosen_is_exported_into_the_direct_message(usher: Usher) -> None:
    await add(usher, 3)
    await add(usher, action="link.revoked")
    shown = await opened(usher)
    await usher.press(shown, screens.WHAT, value="link.created")
    await usher.press(await usher.modal_with("3 entries"), screens.EXPORT)
    await usher.modal_with("Sent into our direct message: 3 entries")
    assert "audit.jsonl" in str(usher.slack.messages(DM)) and usher.slack.refusals == []
    assert [each.detail for each in await entries(usher, "audit.exported")] == [{"entries": 3}]
    content, number = await Ledger(usher.services.db).export(usher.member, Asked(actions=["link.created"]))
    lines = [json.loads(each) for each in content.splitlines()]
    assert [each["number"] for each in lines] == [1, 2, 3] and json.loads(lines[0]["body"])["actor"] == OWNER
    assert number == 3


async def test_who_is_no_admin_any_more_sees_nothing_further_and_that_is_in_the_audit(usher: Usher) -> None:
    await add(usher, 25)
    shown = await opened(usher)
    flags = dict.fromkeys(("is_admin", "is_owner", "is_primary_owner"), False)
    usher.slack.workspace.directory.people[OWNER].flags.update(flags)
    await usher.press(shown, screens.OLDER)
    await usher.slack.when(lambda: screens.ONLY_ADMINS in said(usher.modal() or {}))
    [refused] = await entries(usher, "admin.refused")
    assert (refused.actor, refused.subject, refused.outcome) == (OWNER, screens.OLDER, "refused")
    assert screens.OPEN not in {action for _, action in pressable(await usher.home(MEMBER))}


HOSTILE = "<!channel> *bold* `code` </a>\u202e" * 40


@pytest.mark.parametrize("words", ["Support", HOSTILE], ids=["friendly", "hostile"])
def test_a_page_of_every_kind_is_within_slacks_limits(words: str) -> None:
    detail = {name: [words] * 9 for name in "abcdefgh"}
    body = json.dumps({"detail": {"money": None, "asks_from": 1, "count": 10**12, "yes": True, **detail}})
    at = datetime(2026, 11, 20, tzinfo=UTC)
    ways = cycle(product(("U0OWNER", "guest:1", "usher"), OUTCOMES))
    all_of_them = [
        AuditEntry(
            number=10**9 + number,
            subject="x1",
            at=at,
            actor=actor,
            action=action,
            outcome=outcome,
            body=body,
            key_id="k",
        )
        for number, (action, (actor, outcome)) in enumerate(zip([*ACTS, "of.tomorrow"], ways, strict=False))
    ]
    for start in range(0, len(all_of_them), PAGE):
        some = all_of_them[start : start + PAGE]
        found = Found(
            some, Asked(), True, 1_000, Anchor(10**9, "f" * 64), Check(at, "U0OWNER", whole=False), {"x1": words}
        )
        view = screens.window(found, Chosen("U0OWNER", "link.created", "refused", "720", 12), screens.CHANGED)
        assert check(view, "modal") == []
        assert len(view["blocks"]) <= 30 and "<!channel>" not in json.dumps(view)
    assert check(screens.window(Found([], Asked(), False, 0, None, None), Chosen()), "modal") == []
