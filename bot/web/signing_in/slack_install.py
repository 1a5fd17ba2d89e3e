"""Installing the app in a workspace: a page with one button, off to Slack, and the way back."""

from aiohttp import web

from bot.services.tickets.slack_install import (
    CALLBACK,
    INSTALL,
    InstallGone,
    NotAllowed,
    NotGranted,
    SlackInstall,
)
from bot.web.edge import answers, callers, cookies, guards
from bot.web.edge.context import SERVICES, SITE

LASTS = 10 * 60
"""Seconds."""
ANSWER = ("code", "state", "error")
FLOW = "install"
"""The cookie of the one that is under way: whoever begins twice goes on with the later."""
DONE = "done"
TEXTS = {
    InstallGone: (
        "This was begun in another browser, has been used already, or took longer than 10 minutes. "
        "Begin once more from the page that adds Usher to Slack."
    ),
    NotGranted: "Slack did not install Usher: somebody pressed Cancel, or it took too long. Nothing was changed.",
    NotAllowed: (
        "This Usher serves other workspaces, so nothing was stored, and the token was given back to Slack. "
        "Ask whoever runs it to let yours in."
    ),
}
__all__ = ["CALLBACK", "INSTALL", "finish", "show", "start"]


async def show(request: web.Request) -> web.Response:
    """What it is, or that it is done; looking at it begins nothing."""
    done = DONE in request.query
    return answers.page(request, "members/install.html", leads_to=_install(request).origin, done=done)


async def start(request: web.Request) -> web.Response:
    """Off to Slack, by a browser that will be known again: nobody can be led into installing what another began."""
    guards.still_open(request)
    guards.mind_the_misses(request)
    await guards.fields(request)
    begun = _install(request).start()
    response = answers.see_other(request, begun.url)
    cookies.keep(request, response, FLOW, begun.browser, LASTS)
    return response


async def finish(request: web.Request) -> web.Response:
    """Slack sends the browser back here, with a code or with a refusal."""
    guards.still_open(request)
    guards.mind_the_misses(request)
    install = _install(request)
    if any(len(request.query.getall(name, ())) > 1 for name in ANSWER):  # RFC 6749, 3.1: which one would count?
        return _refused(request, InstallGone())
    code = "" if "error" in request.query else request.query.get("code", "")
    try:
        await install.finish(request.query.get("state", ""), cookies.kept(request, FLOW), code)
    except (InstallGone, NotGranted, NotAllowed) as refused:
        return _refused(request, refused)
    response = answers.see_other(request, f"{INSTALL}?{DONE}")
    cookies.keep(request, response, FLOW, "", 0)
    return response


def _refused(request: web.Request, why: InstallGone | NotGranted | NotAllowed) -> web.Response:
    site = request.app[SITE]
    if isinstance(why, InstallGone):
        site.misses.count(callers.caller(request, site.proxies))
    status = 403 if isinstance(why, NotAllowed) else 400
    return answers.page(request, "refused.html", status, text=TEXTS[type(why)])


def _install(request: web.Request) -> SlackInstall:
    """404 where one workspace is served by its own token: nobody installs anything there."""
    found = request.app[SERVICES].install
    if found is None:
        raise web.HTTPNotFound
    return found


def routes() -> list[web.RouteDef]:
    return [
        web.get(INSTALL, show),
        web.post(INSTALL, start),
        # Its answer is taken by looking at it: nothing but a browser may do that.
        web.get(CALLBACK, finish, allow_head=False),
    ]
