"""What a guest sends beside words: taken in while they write, shown to them alone, taken back before it is sent."""

import re
from functools import partial
from urllib.parse import quote

from aiohttp import web

from bot.errors import UserError
from bot.services.files.kinds import PICTURE
from bot.services.limits.refusals import refused
from bot.services.links.uploads.values import ref
from bot.services.links.values import Guest
from bot.services.watch.content import Content, Direction, Outcome, Said
from bot.services.watch.content import pipeline as content_stages
from bot.web.chat import guests, routes
from bot.web.edge import answers, callers, cookies, guards, headers
from bot.web.edge.context import SERVICES, SITE
from bot.web.edge.uploads import ARRIVING, size_of, uploaded
from storage.tables import GuestFile

_ID = re.compile(r"[0-9a-f-]{36}", re.ASCII)


async def attach(request: web.Request) -> web.Response:
    guards.still_open(request)
    answers.too_often(request, request.app[SITE].refusals.wait(routes.whose(request)))
    guest = await guests.live(request)
    guards.check_upload(request)
    try:
        file = await _taken(request, guest)
    except UserError as failure:
        return await routes.not_taken(request, guest, failure, "")
    if not guards.by_script(request):
        return answers.see_other(request, "./#end")
    return answers.answer(request, {"file": ref(file)}, 201)


async def remove(request: web.Request) -> web.Response:
    guest = await guests.live(request)
    await guards.guest_fields(request, cookies.secret(request, guest.link.id))
    await request.app[SERVICES].links.uploads.remove(guest, id_of(request))
    return answers.answer(request, {}) if guards.is_json(request) else answers.see_other(request, "../../#end")


async def show(request: web.Request) -> web.Response:
    """To its own guest alone, as what it was found to be: a picture to look at, all else to be saved."""
    guest = await guests.reader(request)
    file = await request.app[SERVICES].links.uploads.get(guest, id_of(request))
    return sent(request, file) if file else guests.gone(request)


def sent(request: web.Request, file: GuestFile) -> web.Response:
    """``file`` with its content."""
    how = "inline" if file.kind == PICTURE else "attachment"
    told = headers.file(request.app[SITE].https) | {
        "Content-Type": f"{file.mime}; charset=utf-8" if file.mime.startswith("text/") else file.mime,
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(file.name, safe='')}",
    }
    return web.Response(body=file.content, headers=told)


def id_of(request: web.Request) -> str:
    """Empty for what can be none: no database is asked about a stranger's bytes."""
    given = request.match_info["file_id"]
    return given if _ID.fullmatch(given) else ""


async def _taken(request: web.Request, guest: Guest) -> GuestFile:
    services = request.app[SERVICES]
    uploads = services.links.uploads
    may = uploads.required(guest)
    prefix = callers.caller(request, request.app[SITE].proxies) or ""
    await uploads.charge(guest, size_of(request), prefix)
    async with request.app[ARRIVING].one(guest.session.id):
        found = await uploaded(request, may.bytes, may.megabytes)
        guards.check_form(request, cookies.secret(request, guest.link.id), found.form)
        outcomes: list[Outcome] = []
        try:
            return await uploads.take(
                guest, found.name, found.content, partial(_screened, services.chats.content, outcomes)
            )
        finally:
            if any(outcome.findings for outcome in outcomes):
                async with services.db.begin() as tables:
                    for outcome in outcomes:
                        here = (guest.workspace, guest.link.id, guest.session.id)
                        await content_stages.record(tables, *here, Direction.GUEST, outcome)


def _screened(content: Content, outcomes: list[Outcome], text: str) -> str:
    """As what the guest types is."""
    outcome = content.passed(Said(text, Direction.GUEST))
    outcomes.append(outcome)
    if outcome.blocked:
        raise refused("filtered")
    return outcome.text
