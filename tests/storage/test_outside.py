"""How far those from outside may go: one table for all who ask; and what older switches meant holds on."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.migrate import migrate
from storage.rules.outside import Kind, May, Rule, State, decided, whence
from storage.schema import now
from tests.storage.rows import U1

G, S, B = Kind.GUESTS, Kind.OUTSIDERS, Kind.BOTS

CASES = [
    # What nobody knows is a no.
    ("aliens", Rule.ALLOW, None, (), "C1", May.NO),
    (G, "perhaps", None, (), "C1", May.NO),
    (G, None, None, (), "C1", May.NO),
    (G, Rule.REFUSE, State.ALLOWED, (), "C1", May.NO),
    (G, Rule.ALLOW, None, (), "C1", May.ALL),
    (S, Rule.READ_ONLY, State.MET, (), "C1", May.READ),
    (B, Rule.ALLOW, None, (), "C1", May.READ),
    (B, Rule.ASK, State.ALLOWED, (), "C1", May.READ),
    (G, Rule.ASK, None, (), "C1", May.ASK_FIRST),
    (G, Rule.ASK, State.MET, (), "C1", May.ASK_FIRST),
    (G, Rule.ASK, State.ASKED, (), "C1", May.WAIT),
    (G, Rule.ASK, State.ALLOWED, (), "C1", May.ALL),
    # Who was refused is so by whichever rule.
    (G, Rule.ASK, State.REFUSED, (), "C1", May.NOT_THEY),
    (G, Rule.ALLOW, State.REFUSED, (), "C1", May.NOT_THEY),
    # A place that is not named, none at all, and one that says nothing.
    (G, Rule.ALLOW, None, ("C1",), "C1", May.ALL),
    (G, Rule.ALLOW, None, ("C1",), "C2", May.ELSEWHERE),
    (G, Rule.ASK, None, ("C1",), "D1", May.ELSEWHERE),
    (G, Rule.ALLOW, State.ALLOWED, ("C1",), "", May.ELSEWHERE),
    (G, Rule.ALLOW, None, ("C1",), None, May.ALL),
]


@pytest.mark.parametrize(("kind", "rule", "state", "channels", "place", "may"), CASES)
def test_how_far_each_may_go(
    kind: str, rule: str | None, state: str | None, channels: tuple[str, ...], place: str | None, may: May
) -> None:
    assert decided(kind, rule, state, channels, place) is may


def test_of_whoever_is_noted_a_kind_that_nobody_knows_bars_everything() -> None:
    assert whence(None, None, None) is None
    unknown = whence("aliens", Rule.ALLOW, State.ALLOWED)
    assert unknown and unknown.barred


async def test_whoever_was_let_in_by_an_older_switch_is_so_and_nobody_else(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'old.db'}"
    await migrate(url, "0066", by_revisions=True)
    db = Database(url)
    try:
        async with db.begin() as tables:
            for name, guests, outsiders in (("T1", True, False), ("T2", False, True), ("T3", False, False)):
                values = {"id": name, "name": "", "g": guests, "o": outsiders, "at": "2026-01-01 00:00:00"}
                columns = "id, name, slack_guests_allowed, outsiders_allowed, created_at"
                await tables.session.execute(
                    sa.text(f"INSERT INTO workspaces ({columns}) VALUES (:id, :name, :g, :o, :at)"),  # noqa: S608
                    values,
                )
        await migrate(url)
        async with db.read() as tables:
            found = {each: await tables.outside.rules(each) for each in ("T1", "T2", "T3")}
        told = {name: [(row.kind, row.rule, row.channels) for row in rows] for name, rows in found.items()}
        assert told == {"T1": [("guests", "allow", [])], "T2": [("outsiders", "allow", [])], "T3": []}
    finally:
        await db.close()


async def test_an_older_version_that_still_runs_lets_in_nobody_whom_this_one_would_not(db: Database) -> None:
    async with db.begin() as tables:
        await tables.workspaces.ensure("T1")
        for rule, channels, opened in (
            (Rule.ALLOW, [], True),
            (Rule.ALLOW, ["C1"], False),
            (Rule.READ_ONLY, [], False),
        ):
            await tables.outside.set_rule("T1", Kind.GUESTS, rule, channels, by=U1)
            workspace = await tables.workspaces.get("T1")
            assert workspace and workspace.slack_guests_allowed is opened


async def test_of_two_answers_the_first_holds_and_another_kind_is_judged_anew(db: Database) -> None:
    async with db.begin() as tables:
        await tables.workspaces.ensure("T1")
        await tables.outside.set_rule("T1", G, Rule.ASK, [], by=U1)
        assert await tables.outside.ask("T1", U1, G, "", {"text": "x"}, now() + timedelta(days=1))
        assert not await tables.outside.ask("T1", U1, G, "", {"text": "y"}, now() + timedelta(days=1))
        assert await tables.outside.answer("T1", U1, State.REFUSED, "U8")
        assert await tables.outside.answer("T1", U1, State.ALLOWED, "U9") is None
        await tables.outside.meet("T1", U1, S, "T9")
        found = await tables.outside.person("T1", U1)
    assert found and (found[0].state, found[0].kind, found[0].question) == (State.MET, S, {})
