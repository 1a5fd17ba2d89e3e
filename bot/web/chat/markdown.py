"""Markdown to safe HTML for pages without scripts; the same rules as ``static/chat/markdown.js``."""

import re
from collections.abc import Sequence
from itertools import takewhile
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

# One address, without the header fields that may follow it.
_MAIL = re.compile(r"mailto:([^\s@,;%?]+@[^\s@,;%?]+)(?=\?|$)")
_LANGUAGE = re.compile(r"[A-Za-z0-9+#.-]{1,20}", re.ASCII)
_TAGS = set(
    [
        "a",
        "bdi",
        "blockquote",
        "br",
        "code",
        "em",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "span",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_ATTRIBUTES = {
    **{"a": {"href", "target", "data-leads-to"}, "ol": {"start"}, "code": {"data-lang"}},
    **{"pre": {"tabindex"}, "table": {"tabindex"}},
}


class _Renderer(RendererHTML):
    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Named, never fetched."""
        label = self.renderInlineAsText(tokens[idx].children, options, env)
        return f"<span>[{escape(env['image'])}: {escape(label)}]</span>"

    def heading_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<{_heading(tokens[idx])}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"</{_heading(tokens[idx])}>\n"

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        href, name = destination(str(tokens[idx].attrs.get("href", "")))
        inside = takewhile(lambda token: token.type != "link_close", tokens[idx + 1 :])
        env.setdefault("leads", []).append((name, self.renderInlineAsText(list(inside), options, env)))
        return f'<a href="{escape(href)}" target="_blank" data-leads-to="{escape(name)}">' if href else "<span>"

    def link_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        name, label = env["leads"].pop()
        if not name:
            return "</span>"
        # Shown beside any other label, so that a dishonest one has no better form.
        return "</a>" if label.removeprefix("https://").split("/")[0] == name else f" <bdi>({escape(name)})</bdi></a>"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Its language as a name to show, and never as a class, which would lend it our own styles."""
        language, code = tokens[idx].info.strip(), escape(tokens[idx].content)
        named = f' data-lang="{language}"' if _LANGUAGE.fullmatch(language) else ""
        return f"<pre><code{named}>{code}</code></pre>\n"


def _heading(token: Token) -> str:
    return f"h{min(int(token.tag[1]) + 2, 6)}"


def destination(href: str) -> tuple[str, str]:
    """Where a link leads and the name to show for it; both empty when it may lead nowhere."""
    if mail := _MAIL.match(href):
        return mail[0], mail[1]
    try:
        parts = urlsplit(href)
    except ValueError:
        return "", ""
    # A user name before the host makes "https://bank.example@evil.example" read wrongly.
    safe = parts.scheme == "https" and parts.netloc and "@" not in parts.netloc
    return (href, parts.netloc) if safe else ("", "")


_PARSER = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 16}, renderer_cls=_Renderer)
_PARSER.enable(["table", "strikethrough"])


def html(text: str, image: str = "image") -> Markup:
    """Safe by construction, and cleaned again by a second tool that knows nothing of the first.

    ``image`` is its reader's word for one, since none is shown.
    """
    rendered = _PARSER.render(text, {"image": image})
    cleaned = nh3.clean(
        rendered,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"https", "mailto"},
        # What is wider than the page scrolls by itself, and has to be reached by the keyboard for that.
        set_tag_attribute_values={"pre": {"tabindex": "0"}, "table": {"tabindex": "0"}},
        link_rel="noopener noreferrer nofollow ugc",
    )
    return Markup(cleaned)  # noqa: S704  (cleaned above)
