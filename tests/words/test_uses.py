"""Each key that the product asks for is there, each that is there is asked for, and nothing is said beside them."""

import re
from pathlib import Path

import pytest

from bot.web.edge.assets import Assets
from bot.words import of
from bot.words.catalogues import catalogue

BOT = Path(__file__).parents[2] / "bot"
TEMPLATES = BOT / "web/templates"
STATIC = BOT / "web/static"
OF_MEMBERS = {
    "host_reading.html",
    "ticket.html",
    "ticket_used.html",
    "connected.html",
    "sign_in.html",
    "who.html",
    "install.html",
    "new_token.html",
    "docs.html",
    "guide.html",
    "token.js",
    "ticket.js",
}
"""English, as all that Usher says in Slack, and to programs, is."""

REFUSED = re.compile(r"""\brefused\(\s*"(\w+)\"""")
REFUSAL = re.compile(r"""\brefusal\(\s*request,\s*[\w.]+,\s*"(\w+)"(,\s*(?!retry_after)\w)?""")
ASKED = re.compile(r"""(?:words|english|\(request\))(?:\.html)?\(\s*["'](\w+\.\w+)["']\s*[,)]""")
SAID = re.compile(r"""\bsay\('([\w.]+)'""")
CODE = re.compile(r'''"(\w+)"''')
CHOSEN_BY_CODE = ("ended", "host", "invite", "refused", "status", "transcript")
"""Areas whose key is put together of a code: each code stands by itself somewhere."""


def python() -> str:
    return "\n".join(path.read_text() for path in BOT.rglob("*.py"))


def templates() -> dict[str, str]:
    paths = [path for path in TEMPLATES.rglob("*.html") if path.name not in OF_MEMBERS]
    return {path.relative_to(TEMPLATES).as_posix(): path.read_text() for path in paths}


def scripts() -> dict[str, str]:
    paths = [*STATIC.glob("*.js"), *STATIC.glob("chat/*.js"), *STATIC.glob("files/*.js")]
    return {path.relative_to(STATIC).as_posix(): path.read_text() for path in paths if path.name not in OF_MEMBERS}


def handed_to(page: str) -> set[str]:
    """The keys that a page gives to its scripts."""
    found = re.search(r"handed\(words, (\[.*?\].*?)\) }}", templates()[page], re.DOTALL)
    assert found
    return set(of("en").handed(*re.findall(r"'([\w.]+)'", found[1])))


def test_each_refusal_has_its_sentence() -> None:
    source = python()
    codes = set(REFUSED.findall(source)) | {code for code, own in REFUSAL.findall(source) if not own}
    assert {"empty", "too_long", "origin", "streams"} <= codes
    assert codes <= set(catalogue("en")["refused"])


def test_each_key_that_a_page_or_the_server_asks_for_is_there() -> None:
    asked = {key for text in [python(), *templates().values()] for key in ASKED.findall(text)}
    assert {"chat.skip", "invitation.agreed"} <= asked
    assert not {key for key in asked if not of("en").knows(key)}


@pytest.mark.parametrize(
    ("page", "script"),
    [("invitation.html", "start.js"), ("chat.html", "chat/chat.js"), ("chat.html", "files/tray.js")],
)
def test_a_page_hands_its_scripts_each_text_that_they_say_and_no_other(page: str, script: str) -> None:
    modules = [asset.name for asset in Assets().modules(script)]
    said = {key for name in modules if name in scripts() for key in SAID.findall(scripts()[name])}
    said |= {
        f"step_{state}" for state in ("failed", "declined") if any("step_$" in scripts().get(m, "") for m in modules)
    }
    assert said
    assert said <= handed_to(page)


def test_no_key_is_left_that_nobody_asks_for() -> None:
    source = "\n".join([python(), *templates().values()])
    said = {key for text in scripts().values() for key in SAID.findall(text)}
    codes = set(CODE.findall(python())) | set(re.findall(r"ended_(\w+)", source))
    unused = [
        f"{area}.{key}"
        for area, texts in catalogue("en").items()
        for key in texts
        if f"{area}.{key}" not in source
        and not {key, f"{area}.{key}"} & said
        and not (area in CHOSEN_BY_CODE and key.removeprefix("ended_") in codes)
        and not key.startswith("step_")
    ]
    assert not unused


@pytest.mark.parametrize("name", sorted(templates()))
def test_no_template_says_anything_by_itself(name: str) -> None:
    assert not spoken_in_markup(templates()[name])


@pytest.mark.parametrize("name", sorted(scripts()))
def test_no_script_says_anything_by_itself(name: str) -> None:
    assert not spoken_in_code(scripts()[name])


def test_the_searches_find_what_is_said() -> None:
    assert spoken_in_markup("<p>Hello you</p>") == ["Hello you"]
    assert spoken_in_markup("<button aria-label=\"Close\">{{ words('chat.more') }}</button>") == ["Close"]
    assert spoken_in_code("label.textContent = 'Try again'") == ["Try again"]
    assert spoken_in_code("label.textContent = `${n} left`") == ["${n} left"]
    assert spoken_in_code("say('Copied')") == ["Copied"]
    assert not spoken_in_code("// Not 'said to people'\nfind('.agent .words')")


def spoken_in_markup(template: str) -> list[str]:
    """What a reader would see or hear of it that comes from no catalogue."""
    template = re.sub(r"\{% block kind %\}[\w-]+\{% endblock %\}", "", template)  # a class
    bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", template, flags=re.DOTALL)
    heard = re.findall(r"""(?:aria-label|placeholder|title|alt)="([^"]*)\"""", bare)
    seen = re.sub(r"<(style|template).*?</\1>|<[^>]*>", "\n", bare, flags=re.DOTALL).split("\n")
    return [text.strip() for text in [*seen, *heard] if re.search(r"[^\W\d_]{2,}", text.replace("Usher", ""))]


def spoken_in_code(script: str) -> list[str]:
    """Its strings that read like words for people: more than one of them, or one with a capital."""
    bare = re.sub(r"/\*.*?\*/|(?<![:'\"`])//[^\n]*", "", script, flags=re.DOTALL)
    strings = re.findall(r"'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`", bare)
    found = [first or second for first, second in strings]
    sentence = re.compile(r"(?<![-.#\w\[=])[A-Za-z]{2,}[,.…]? [a-z]{2,}|\} [a-z]{3,}|^[A-Z][a-z]+$")
    return [text for text in found if sentence.search(text) and text not in KNOWN]


KNOWN = {"Usher", "Enter", "Escape", "Accept", "noopener noreferrer nofollow ugc"}
"""What only programs read, and the product's name."""
