"""Sign-ins under way: sealed, bound to one browser, good once and for a quarter of an hour."""

import hashlib
import json
import secrets
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from bot.services.connections.oauth.values import FlowGone, Started
from mcp_runtime.oauth.sign_ins import Begun
from mcp_runtime.secrets import CannotOpen, Vault
from mcp_runtime.secrets.vault import Sealed, SecretRef
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import new_id, now
from storage.tables import OAuthFlow, Ticket

LIFE = timedelta(minutes=15)
FIELD = "oauth_flow"
GONE = (
    "This sign-in was begun in another browser, has been used already, or took longer than 15 minutes. "
    "Nothing was changed. Start again from Slack."
)


class Flows:
    def __init__(self, db: Database, vault: Vault) -> None:
        self._db = db
        self._vault = vault

    async def add(self, tables: Tables, ticket: Ticket, begun: Begun) -> Started:
        """In the transaction that uses the ticket up."""
        member, flow_id, browser = Member(ticket.workspace_id, ticket.member_id), new_id(), secrets.token_urlsafe(32)
        kept = {"ticket": ticket.id, "asked": ticket.payload, "pending": asdict(begun.pending)}
        sealed = self._vault.seal(_ref(member, flow_id), json.dumps(kept).encode())
        await tables.oauth.begin(
            OAuthFlow(
                id=flow_id,
                workspace_id=member.workspace,
                member_id=member.id,
                state_hash=digest(begun.state),
                browser_hash=digest(browser),
                expires_at=now() + LIFE,
                **asdict(sealed),
            )
        )
        return Started(begun.url, begun.state, browser)

    async def take(self, state: str, browser: str) -> tuple[OAuthFlow, dict[str, Any]]:
        """The flow and what it holds; gone from here on, whatever becomes of it. Raises `FlowGone`."""
        async with self._db.begin() as tables:
            flow = await tables.oauth.take(digest(state), digest(browser))
        if flow is None or flow.expires_at < now():
            raise FlowGone(GONE)
        sealed = Sealed(flow.key_id, flow.wrapped_key, flow.nonce, flow.ciphertext)
        try:
            kept = self._vault.open(_ref(Member(flow.workspace_id, flow.member_id), flow.id), sealed)
        except CannotOpen:
            raise FlowGone(GONE) from None
        found: dict[str, Any] = json.loads(kept)
        return flow, found


def _ref(member: Member, flow_id: str) -> SecretRef:
    return SecretRef(member.workspace, member.id, flow_id, FIELD)


def digest(secret: str) -> bytes:
    """256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode(errors="replace")).digest()
