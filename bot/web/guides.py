"""The guides, as pages: for members, for who hands out links, for administrators and for operators."""

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from aiohttp import web
from markupsafe import Markup

from bot.web.edge import answers, headers
from bot.web.edge.context import SITE

_BESIDE = Path(__file__).parents[2] / "docs"
# An installation that is not editable has them among the shared files.
_DOCS = _BESIDE if (_BESIDE / "guides").is_dir() else Path(sys.prefix, "share", "usher")
FOLDER, PICTURES = _DOCS / "guides", _DOCS / "pictures"
PATH = "/guides"
NAMES = MappingProxyType(
    {
        "member": "For members",
        "creator": "For who hands out chat links",
        "administrator": "For administrators",
        "operator": "For operators",
    }
)
"""Of each guide, and what it is called."""


@dataclass(frozen=True)
class Guide:
    name: str
    title: str
    text: Markup


def routes() -> list[web.RouteDef]:
    return [
        web.get(PATH, show),
        web.get(PATH + "/{name}", show),
        web.get(PATH + "/pictures/{name}.png", picture),
    ]


async def show(request: web.Request) -> web.Response:
    name = request.match_info.get("name", "member")
    if name not in NAMES:
        return answers.dead(request)
    return answers.page(request, "guide.html", guide=guide(name), names=NAMES)


async def picture(request: web.Request) -> web.StreamResponse:
    found = pictures().get(request.match_info["name"])
    if found is None:
        return answers.dead(request)
    return web.Response(body=found, headers=headers.asset(request.app[SITE].https) | {"Content-Type": "image/png"})


@cache
def guide(name: str) -> Guide:
    """By its name in `NAMES`. The text is our own: what Markdown makes of it needs no washing."""
    from markdown_it import MarkdownIt

    written = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    made = MarkdownIt("commonmark", {"html": False}).render(written.replace("](../pictures/", f"]({PATH}/pictures/"))
    made = made.replace("<pre>", '<pre tabindex="0">')  # it scrolls, also by the keyboard
    return Guide(name, NAMES[name], Markup(made))  # noqa: S704


@cache
def pictures() -> MappingProxyType[str, bytes]:
    return MappingProxyType({path.stem: path.read_bytes() for path in sorted(PICTURES.glob("*.png"))})
