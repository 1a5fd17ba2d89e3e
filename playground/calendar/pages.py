"""What a person sees: which account, what the app may do, and which apps may do it. No script, no cookie."""

import html
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from playground.calendar.kept import ACCOUNTS, Kept
from playground.calendar.letting_in import Asked, LettingIn

STYLE = (Path(__file__).parent / "calendar.css").read_text(encoding="utf-8")
MEANS = {"events:read": "See your events", "events:write": "Add events and cancel them"}
POLICY = ("default-src 'none'", "style-src 'unsafe-inline'", "frame-ancestors 'none'", "base-uri 'none'")
OVER = "This page has been used already, or was open for too long. Start again from the app that sent you here."
EMPTY = "No app has been let in. When you connect Calendar in Usher, it stands here."


class Pages:
    def __init__(self, letting_in: LettingIn, kept: Kept) -> None:
        self._letting_in = letting_in
        self._kept = kept

    def routes(self) -> list[Route]:
        return [
            Route("/", self.apps, methods=["GET"]),
            Route("/remove", self.remove, methods=["POST"]),
            Route("/sign-in", self.sign_in, methods=["GET"]),
            Route("/account", self.account, methods=["POST"]),
            Route("/decide", self.decide, methods=["POST"]),
        ]

    async def apps(self, request: Request) -> Response:
        return _page("Apps with access", _apps(self._kept))

    async def remove(self, request: Request) -> Response:
        if not _from_here(request):
            return _over(403)
        self._letting_in.remove(str((await request.form()).get("grant", "")))
        return RedirectResponse("/", 303)

    async def sign_in(self, request: Request) -> Response:
        key = request.query_params.get("asked", "")
        asked = self._letting_in.waiting(key)
        return _page("Sign in", _accounts(key, asked), asked) if asked else _over()

    async def account(self, request: Request) -> Response:
        form = await request.form()
        key, chosen = str(form.get("asked", "")), str(form.get("account", ""))
        asked = self._letting_in.waiting(key)
        if asked is None or chosen not in ACCOUNTS or not _from_here(request):
            return _over()
        asked.account = chosen
        return _page("Let it in?", _consent(key, asked), asked)

    async def decide(self, request: Request) -> Response:
        form = await request.form()
        key = str(form.get("asked", ""))
        asked = self._letting_in.waiting(key)
        if asked is None or not asked.account or not _from_here(request):
            return _over()
        return RedirectResponse(self._letting_in.decided(key, agreed=form.get("decision") == "allow"), 303)


def _from_here(request: Request) -> bool:
    """Another site's form would let an app in, or out, behind somebody's back."""
    return request.headers.get("origin", "") == f"http://{request.headers.get('host', '')}"


def _name(asked: Asked) -> str:
    return html.escape(asked.app.client_name or "An app")


def _accounts(key: str, asked: Asked) -> str:
    choices = "".join(
        f'<button class="choice" name="account" value="{account}"><span class="dot {account}" aria-hidden="true">'
        f"{title[0]}</span><span><b>{title}</b><small>{account}@calendar.example</small></span></button>"
        for account, title in ACCOUNTS.items()
    )
    return (
        f"<h1>Sign in</h1><p>to go on to <b>{_name(asked)}</b></p>"
        f'<form method="post" action="/account"><input type="hidden" name="asked" value="{key}">{choices}</form>'
        '<p class="quiet">This stands in for a service’s own sign-in page. There is no password here: '
        "Calendar runs on this machine alone.</p>"
    )


def _consent(key: str, asked: Asked) -> str:
    wishes = "".join(f"<li>{MEANS.get(scope, html.escape(scope))}</li>" for scope in asked.scopes)
    return (
        f"<h1>Let {_name(asked)} in?</h1><p>It wants to use the calendar of <b>{ACCOUNTS[asked.account]}</b>:</p>"
        f'<ul class="wishes">{wishes}</ul>'
        f'<form method="post" action="/decide"><input type="hidden" name="asked" value="{key}">'
        '<div class="row"><button class="plain" name="decision" value="deny">Deny</button>'
        '<button class="main" name="decision" value="allow">Allow</button></div></form>'
        f'<p class="quiet">You go back to <b>{html.escape(asked.goes_to)}</b>. '
        'You can take it back at any time, under <a href="/">Apps with access</a>.</p>'
    )


def _apps(kept: Kept) -> str:
    with kept:
        grants, apps = dict(kept.grants), dict(kept.apps)
    rows = "".join(_row(key, grant, apps.get(grant["app"], {})) for key, grant in grants.items())
    inner = f'<ul class="apps">{rows}</ul>' if rows else f'<p class="empty">{EMPTY}</p>'
    return f"<h1>Apps with access</h1>{inner}"


def _row(key: str, grant: dict[str, Any], app: dict[str, Any]) -> str:
    name = html.escape(app.get("client_name") or "An app")
    hosts = {urlsplit(uri).netloc for uri in app.get("redirect_uris", [])}
    since = datetime.fromtimestamp(grant["since"], UTC).strftime("%-d %B %Y, %H:%M UTC")
    may = "; ".join(MEANS.get(scope, scope) for scope in grant["scopes"])
    return (
        f"<li><div><b>{name}</b> <small>{html.escape(', '.join(sorted(hosts)))}</small>"
        f"<p>{ACCOUNTS[grant['account']]} · {html.escape(may)}<br>since {since}</p></div>"
        f'<form method="post" action="/remove"><input type="hidden" name="grant" value="{key}">'
        f'<button class="danger" aria-label="Remove the access of {name}">Remove</button></form></li>'
    )


def _over(status: int = 400) -> Response:
    return _page("Over", f"<h1>This page is over</h1><p>{OVER}</p>", status=status)


def _page(title: str, inner: str, asked: Asked | None = None, status: int = 200) -> Response:
    """``asked``: a form of the page may lead back to this app."""
    target = urlsplit(str(asked.params.redirect_uri)) if asked else None
    back = f" {target.scheme}://{target.netloc}" if target else ""
    policy = "; ".join((*POLICY, f"form-action 'self'{back}"))
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title} · Calendar</title><style>{STYLE}</style></head><body>"
        f'<header><span class="mark" aria-hidden="true">{datetime.now().day}</span> Calendar</header>'
        f"<main>{inner}</main></body></html>"
    )
    headers = {"Content-Security-Policy": policy, "Referrer-Policy": "same-origin", "Cache-Control": "no-store"}
    return HTMLResponse(text, status, headers)
