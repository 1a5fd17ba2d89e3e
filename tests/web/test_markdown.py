"""Hostile Markdown rendered on the server, and in Node by the page's own module."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.web.chat.markdown import html
from tests.support.requirements import require

SUITE = Path(__file__).with_name("markdown.test.mjs")
HOSTILE = [
    "[x](javascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](//evil.example/a)",
    "[x](/temp-chat/x/end)",
    "[x](http://plain.example/)",
    "[x](https://bank.example@evil.example/)",
    "[x](mailto:a@b.example,c@d.example)",
    "![x](https://evil.example/p.png?q=secret)",
    "[![x](https://evil.example/p.png)](https://evil.example)",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    '```modal overlay" onclick="alert(1)\ncode\n```\n',
    "| a | <b>b</b> |\n|---|---|\n| c | ![d](https://evil.example/e) |\n",
    "- [x] <details open ontoggle=alert(1)>\n",
]
ALLOWED = {"href", "rel", "target", "data-leads-to", "start", "tabindex"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_becomes_harmless_markup(text: str) -> None:
    found = re.findall(r"<(/?)(\w+)((?:\s[^<>]*)?)>", html(text))
    assert not {tag for _, tag, _ in found} & {"img", "script", "svg", "details", "style", "b"}
    for _, _, attributes in found:
        for name, value in re.findall(r'([\w-]+)="([^"]*)"', attributes):
            assert name in ALLOWED
            assert name != "href" or re.match(r"https://[^/@]+(/|$)|mailto:[^?,]+$", value)


def test_ordinary_text_becomes_the_elements_it_should() -> None:
    shown = html("# Hi\n\n**b** _i_ ~~s~~ `c`\n\n1. one\n\n|a|b|\n|-|-|\n|c|d|\n")
    assert re.sub(r"\s+", " ", shown).strip() == (
        "<h3>Hi</h3> <p><strong>b</strong> <em>i</em> <s>s</s> <code>c</code></p> <ol> <li>one</li> </ol> "
        '<table tabindex="0"> <thead>'
        " <tr> <th>a</th> <th>b</th> </tr> </thead> <tbody> <tr> <td>c</td> <td>d</td> </tr> "
        "</tbody> </table>"
    )


def test_a_label_never_hides_where_its_link_leads() -> None:
    assert " <bdi>(evil.example)</bdi>" in html("[https://bank.example](https://evil.example/x)")
    assert "bdi" not in html("[evil.example](https://evil.example/x)")
    assert "bdi" not in html("[https://evil.example/x](https://evil.example/x)")


@pytest.mark.parametrize(
    "label", ["https://bank.com/login", "https://bank.co.example", "bank.co**.example**", "bank.co`m`"]
)
def test_a_label_that_only_begins_like_its_host_is_none(label: str) -> None:
    assert " <bdi>(bank.co)</bdi>" in html(f"[{label}](https://bank.co/x)")


def test_a_mail_address_keeps_its_address_and_nothing_else() -> None:
    shown = html("[write](mailto:a@b.example?bcc=c@d.example&body=secret)")
    assert 'href="mailto:a@b.example"' in shown
    assert "secret" not in shown


def test_deep_nesting_neither_crashes_nor_takes_long() -> None:
    assert html(">" * 50_000 + " deep").count("<blockquote>") <= 20


def test_the_pages_own_renderer_is_safe_at_every_split() -> None:
    node = shutil.which("node")
    require(node is not None, "needs Node 20 or later")
    result = subprocess.run([str(node), "--test", SUITE], capture_output=True, text=True, timeout=100, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_block_of_code_keeps_the_name_of_its_language_and_nothing_else_of_it() -> None:
    assert '<code data-lang="python">x &lt; 1' in html("```python\nx < 1\n```")
    assert "data-lang" not in html('```main" onclick="x\ncode\n```')
    assert "data-lang" not in html("```\ncode\n```")
    assert "class" not in html("```c++\ncode\n```")


def test_an_image_is_named_in_its_readers_language() -> None:
    assert "[Bild: a cat]" in html("![a cat](https://a.example/c.png)", image="Bild")
