"""A guest deletes what was said: asked once more first, and possible after the end too, while nothing is gone yet."""

from aiohttp import web

from bot.services.links.in_words import why_over
from bot.services.links.values import ERASED
from bot.web.chat import guests
from bot.web.edge import answers, cookies, guards
from bot.web.edge.context import SERVICES
from bot.web.edge.languages import spoken

DELETED = ERASED["guest"]


async def delete(request: web.Request) -> web.Response:
    """A form without its «sure» is asked for that; so is nobody who has scripts, whose page has asked already."""
    guest = await guests.required(request)
    secret = cookies.secret(request, guest.link.id)
    found = await guards.guest_fields(request, secret)
    guests.not_taken_back(request, guest)
    if found.get("sure") not in (True, "yes"):
        if guards.is_json(request):
            raise answers.refusal(request, 422, "unsure")
        return answers.page(request, "deleting.html", form=cookies.form_token(secret), title=guest.link.title)
    await request.app[SERVICES].links.erasing.by_guest(guest)
    over = {"ended": DELETED, "text": why_over(DELETED, spoken(request))}
    response = answers.answer(request, over) if guards.is_json(request) else guests.over(request, guest, DELETED, 200)
    cookies.take_back(request, response, guest.link.id)
    return response
