"""The first question of one from outside, kept while an admin decides: answered then, or let go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storage.database import Database
from storage.members import Member
from storage.rules.outside import Kind, May, State, decided
from storage.schema import now
from storage.tables import OutsidePerson


@dataclass(frozen=True)
class Ended:
    """``may`` is what they may where they asked, by whatever holds now; ``channels`` are where alone, if not there."""

    person: OutsidePerson
    may: May
    channels: tuple[str, ...] = ()

    @property
    def let_in(self) -> bool:
        return self.may in (May.ALL, May.READ)


class KeptQuestions:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def waiting(self, member: Member) -> OutsidePerson | None:
        """None when there is nothing to ask the admins about any more."""
        async with self._db.read() as tables:
            found = await tables.outside.person(member.workspace, member.id)
        person = found[0] if found else None
        open_still = person and person.state == State.ASKED and person.expires_at and person.expires_at > now()
        return person if open_still else None

    async def asked_of(self, member: Member, told: Mapping[str, Any]) -> None:
        """Where each admin was asked, by the admin's id."""
        async with self._db.begin() as tables:
            await tables.outside.asked_of(member.workspace, member.id, dict(told))

    async def ended(self, member: Member) -> Ended | None:
        """None while it waits, and once all is told. What is too old ends here."""
        async with self._db.begin() as tables:
            if lapsed := await tables.outside.lapse(member.workspace, member.id):
                await tables.audit.add(member.workspace, "usher", "outside.lapsed", member.id, {"kind": lapsed.kind})
            found = await tables.outside.person(member.workspace, member.id)
            if found is None or found[0].state == State.ASKED or not (found[0].question or found[0].told):
                return None
            person = found[0]
            rule = await tables.outside.look(member.workspace, Kind(person.kind), member.id)
        channels = tuple(rule.channels)
        return Ended(
            person, decided(person.kind, rule.rule, person.state, channels, person.question.get("channel")), channels
        )

    async def reworded(self, member: Member, channel: str, ts: str, text: str | None) -> None:
        """Its message was changed, or deleted: what is answered is as it stands then."""
        if await self.waiting(member) is None:
            return
        async with self._db.begin() as tables:
            found = await tables.outside.person(member.workspace, member.id)
            kept = dict(found[0].question) if found else {}
            if not kept or (kept["channel"], kept["ts"]) != (channel, ts):
                return
            if text is None:
                kept.pop("event", None)
            elif "event" in kept:
                kept["event"] = {**kept["event"], "text": text, "blocks": []}
            await tables.outside.reword(member.workspace, member.id, kept)

    async def told(self, member: Member) -> None:
        """They have their answer; what the admins were asked is still to be replaced by it."""
        async with self._db.begin() as tables:
            await tables.outside.reword(member.workspace, member.id, {})

    async def settled(self, member: Member) -> None:
        async with self._db.begin() as tables:
            await tables.outside.settled(member.workspace, member.id)
