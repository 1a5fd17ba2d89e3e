"""What tests about people from outside have in common: who they are, and what an admin lets them."""

from typing import Any

from bot.services.limits.outside.rules import Ruled
from bot.slack.screens.governing import outside as screens
from storage.rules.outside import Kind, Rule
from storage.tables import AuditEntry
from tests.support.slack import GENERAL, MEMBER, OWNER, TEAM, Usher

BELONGS_ELSEWHERE = "T0OTHER"


def becomes_guest(usher: Usher, flag: str = "is_restricted") -> None:
    usher.slack.workspace.directory.people[MEMBER].flags |= {flag: True}


def is_of_elsewhere(usher: Usher) -> None:
    usher.slack.workspace.directory.people[MEMBER].team = BELONGS_ELSEWHERE
    usher.slack.workspace.directory.channels[GENERAL].shared = True


def no_admin_any_more(usher: Usher) -> None:
    flags = usher.slack.workspace.directory.people[OWNER].flags
    flags.update(dict.fromkeys(("is_admin", "is_owner", "is_primary_owner"), False))


async def let(usher: Usher, kind: Kind, rule: Rule, *channels: str) -> None:
    """Past the screens."""
    await usher.services.outside.set(usher.member, kind, Ruled(rule, channels))


async def allow(usher: Usher, kind: Kind, rule: Rule, **more: list[str]) -> dict[str, Any]:
    """By the screens; what is shown then."""
    shown = await usher.tab("policies")
    block = next(each for each in shown["blocks"] if screens.KINDS[kind] in str(each) and "accessory" in each)
    await usher.press({**shown, "blocks": [block]}, screens.CHANGE)
    await usher.submit(await usher.modal_with(screens.WHO[kind]), rule=rule.value, **more)
    return await usher.modal_with("It holds from now on")


async def ephemeral_with(usher: Usher, text: str) -> bool:
    def told() -> bool:
        calls = usher.slack.of("chat.postEphemeral")
        return any(text in str(call.get("text")) and call["user"] == MEMBER for call in calls)

    return bool(await usher.slack.when(told))


async def audited(usher: Usher) -> list[AuditEntry]:
    async with usher.services.db.read() as tables:
        return list(await tables.audit.of(TEAM))
