"""Is signing in at the service the way? If so, a page that leads there."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from bot.services.connections.entering.signing_in import RENEWS
from bot.services.connections.values import NoSecretsHere, TicketNeeded
from bot.services.tickets import SIGN_IN, Entry, Tickets
from mcp_runtime.errors import ServerError
from mcp_runtime.errors.challenges import INSUFFICIENT, Challenge
from mcp_runtime.oauth.discovery import Discovered, ServerDocument
from mcp_runtime.oauth.registration import Site, can_register, not_registered
from mcp_runtime.oauth.sign_ins import SignIns
from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards.card import RunCard
from storage.members import Member
from storage.tables import Connection

log = logging.getLogger(__name__)

PAGES = (Entry.PAGE, Entry.OWN_MACHINE)


class Offering:
    def __init__(self, sign_ins: SignIns, tickets: Tickets) -> None:
        self._sign_ins = sign_ins
        self._tickets = tickets

    def possible(self, card: RunCard) -> bool:
        """Does the card speak of it, and is Usher known there if it has to be? Nobody is asked for that."""
        if card.oauth is None:
            return False
        return not card.oauth.client or card.oauth.client in self._sign_ins.registered.named

    async def offer(
        self,
        member: Member,
        card: RunCard,
        spec: ServerSpec,
        challenge: Challenge | None,
        entry: Entry,
        payload: Mapping[str, Any],
    ) -> TicketNeeded | None:
        """None when the server does not offer it; raises `ServerError` when it does and it cannot be used.

        Where a token does as well, what cannot be used counts as not offered. ``payload`` has title and view,
        and either the form's values or the connection that is signed in to again.
        """
        if not isinstance(spec, HttpSpec):
            return None
        title = str(payload["title"])
        try:
            found = await self._found(member, card, title, spec.url, challenge, entry)
        except ServerError as error:
            if _is_the_way(card, challenge):
                raise
            if card.oauth is not None:
                log.warning("the sign-in of the card %s cannot be used: %s", card.name, error.reason)
            return None
        if found is None:
            return None
        if entry not in PAGES:
            raise NoSecretsHere(title)
        known = {"found": asdict(found) | {"server": found.server.model_dump()}, "challenge": _kept(challenge)}
        base = self._tickets.base_url(entry)
        issued = await self._tickets.issue(
            member, {"card": card.name, **payload, **known, "site": base}, entry, SIGN_IN
        )
        here, at = entry is Entry.OWN_MACHINE, found.host
        told = TicketNeeded(issued.url, issued.expires_at, title, here, signs_in_at=at, code=issued.code)
        if not card.secrets:
            return told
        by_token = await self._tickets.issue(member, {"card": card.name, **payload}, entry, beside=issued)
        return replace(told, token_url=by_token.url)

    async def again(
        self, connection: Connection, card: RunCard, spec: ServerSpec, entry: Entry, view: dict[str, Any] | None
    ) -> TicketNeeded | None:
        """For a connection that there is: it stays what it is, and gets a new grant."""
        member = Member(connection.workspace_id, connection.member_id)
        payload = {"values": {}, "title": connection.title, "view": view, RENEWS: connection.id}
        lacks = Challenge(scope=connection.wants_rights, error=INSUFFICIENT) if connection.wants_rights else None
        return await self.offer(member, card, spec, lacks, entry, payload)

    async def _found(
        self, member: Member, card: RunCard, title: str, url: str, challenge: Challenge | None, entry: Entry
    ) -> Discovered | None:
        found = await self._sign_ins.discover(title, url, challenge, member.workspace)
        if found is None or entry not in PAGES:
            return found
        registered = self._sign_ins.registered
        if card.oauth is not None and card.oauth.client:
            registered.check(title, card.oauth.client, found.server.issuer)
        elif not can_register(found.server, Site(self._tickets.base_url(entry)), registered):
            raise not_registered(title, found.server.issuer)
        return found


def _is_the_way(card: RunCard, challenge: Challenge | None) -> bool:
    """Is there no other, or none that most people have?"""
    if card.oauth is not None:
        return not card.needs_secrets
    return not card.secrets and challenge is not None and bool(challenge.resource_metadata)


def _kept(challenge: Challenge | None) -> dict[str, Any] | None:
    return asdict(challenge) if challenge else None


def found_in(payload: Mapping[str, Any]) -> Discovered:
    """What a ticket holds of it."""
    stored = payload["found"]
    scopes = stored["scopes"]
    server = ServerDocument.model_validate(stored["server"])
    return Discovered(stored["resource"], None if scopes is None else tuple(scopes), server)


def challenge_in(payload: Mapping[str, Any]) -> Challenge | None:
    stored = payload["challenge"]
    return Challenge(**stored) if stored else None
