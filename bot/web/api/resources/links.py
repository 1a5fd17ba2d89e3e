"""Temporary chat links of the member: made, listed, ended. A link's address is told once, when it is made."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from bot.errors import FormError, NotYours
from bot.services.limits.limits import LINK_TOKENS, SESSION_MESSAGES
from bot.services.links import Draft
from bot.services.links.results.outcomes import NOT_YOURS
from bot.services.links.values import is_live
from bot.services.tokens.scopes import Scope
from bot.web.api.operations import Asked, Operation, Sent, Told
from bot.web.api.paging import Paged, PlaceId, cursor_after, place
from storage.schema import now
from storage.tables import Link as Row

TAG = "Links"
NAMED = {"max_sessions": "guests", "covers": "questions"}
"""A draft's fields as they are called here."""


class Link(Told):
    id: str
    title: str
    purpose: str
    state: Literal["live", "paused", "revoked", "expired"]
    guests: int
    """Who have started so far."""
    most_guests: int
    access: str
    language: str
    questions: list[str]
    """What its agent asks the guests."""
    created_at: datetime
    expires_at: datetime


class NewLink(Link):
    url: str
    """What guests open. Nobody can be shown it again."""
    passcode: str | None
    """What guests need beside it, where one was asked for."""


class Links(Told):
    links: list[Link]
    """The newest first; those that are over too."""
    next: str | None


class Wanted(Sent):
    """What a link is to be; what is left out is as usual."""

    title: Annotated[str, Field(min_length=1, max_length=120)]
    purpose: Annotated[str, Field(max_length=1_000)] = ""
    instructions: Annotated[str, Field(max_length=4_000)] = ""
    hours: Annotated[float, Field(gt=0, le=8_760)] | None = None
    guests: Annotated[int, Field(ge=1, le=100)] = 1
    messages: Annotated[int, Field(ge=1, le=SESSION_MESSAGES)] = SESSION_MESSAGES
    questions: list[str] = Field(default_factory=list, max_length=10)
    starters: list[str] = Field(default_factory=list, max_length=4)
    language: Literal["", "en", "de", "fr", "es", "pt", "ja", "ar"] = ""
    passcode: bool = False
    keep_hours: Annotated[int, Field(ge=1, le=8_760)] | None = None
    idle_minutes: Annotated[int, Field(ge=0, le=43_200)] = 0
    cents: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    summary: bool = True


async def list_links(asked: Asked) -> Links:
    found = place(asked.query.cursor, tuple[PlaceId])
    whose, before = asked.member, found[0] if found else ""
    async with asked.services.db.read() as tables:
        rows = await tables.links.page(whose.workspace, whose.id, asked.query.limit + 1, before)
    shown = rows[: asked.query.limit]
    return Links(
        links=[told(row) for row in shown], next=cursor_after(shown[-1].id) if len(rows) > len(shown) else None
    )


async def create_link(asked: Asked) -> NewLink:
    wanted: Wanted = asked.body
    links = asked.services.links
    terms = await links.terms_in(asked.member.workspace)
    draft = Draft(
        title=wanted.title,
        purpose=wanted.purpose,
        instructions=wanted.instructions,
        hours=terms.usual_hours if wanted.hours is None else wanted.hours,
        max_sessions=wanted.guests,
        messages=wanted.messages,
        tokens=LINK_TOKENS,
        covers=tuple(wanted.questions),
        starters=tuple(wanted.starters),
        language=wanted.language,
        access="passcode" if wanted.passcode else "anyone",
        keep_hours=wanted.keep_hours,
        idle_minutes=wanted.idle_minutes,
        cents=wanted.cents,
        summary=wanted.summary,
    )
    try:
        made = await links.create(asked.member, draft, once=asked.once)
    except FormError as wrong:
        raise FormError({NAMED.get(field, field): told for field, told in wrong.errors.items()}) from wrong
    return NewLink(**told(made.link).model_dump(), url=made.url, passcode=made.passcode or None)


async def get_link(asked: Asked) -> Link:
    return told(await _own(asked))


async def revoke_link(asked: Asked) -> Link:
    """One that is over conflicts: it was revoked before, or ran out."""
    row = await _own(asked)
    return told(await asked.services.links.revoke(asked.member, row.id))


async def _own(asked: Asked) -> Row:
    """Alive or over; raises `NotYours`."""
    async with asked.services.db.read() as tables:
        row = await tables.links.get(asked.member.workspace, asked.path["link_id"])
    if row is None or row.creator_id != asked.member.id:
        raise NotYours(NOT_YOURS)
    return row


def told(row: Row) -> Link:
    return Link(
        id=row.id,
        title=row.title,
        purpose=row.purpose,
        state=_state(row),
        guests=row.used_sessions,
        most_guests=row.max_sessions,
        access=row.access,
        language=row.language,
        questions=[str(each) for each in row.covers],
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def _state(row: Row) -> Literal["live", "paused", "revoked", "expired"]:
    if row.revoked_at:
        return "revoked"
    if not is_live(row, now()):
        return "expired"
    return "paused" if row.paused_at else "live"


OPERATIONS = (
    Operation(
        "listLinks", TAG, "GET", "/links", "The member's chat links.", Scope.LINKS_READ, list_links, Links, query=Paged
    ),
    Operation(
        "createLink",
        TAG,
        "POST",
        "/links",
        "Makes a link with which guests without an account can chat with Usher.",
        Scope.LINKS_WRITE,
        create_link,
        NewLink,
        body=Wanted,
        status=201,
    ),
    Operation("getLink", TAG, "GET", "/links/{link_id}", "One of them.", Scope.LINKS_READ, get_link, Link),
    Operation(
        "revokeLink",
        TAG,
        "DELETE",
        "/links/{link_id}",
        "Ends a link and the chats of its guests, at once and for good.",
        Scope.LINKS_WRITE,
        revoke_link,
        Link,
    ),
)
