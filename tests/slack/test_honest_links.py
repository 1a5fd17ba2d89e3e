"""A link in an answer never hides where it leads, in whatever form and in whatever pieces it comes."""

import random

import pytest
from markdown_it import MarkdownIt

from bot.slack.screens.blocks.honest_links import HonestText, honest, source

PARSER = MarkdownIt("commonmark")

SHOWN = {
    "[https://bank.example](https://evil.example)": "[https://bank.example (evil.example)](https://evil.example)",
    "[Click](https://evil.example/a?b=1)": "[Click (evil.example)](https://evil.example/a?b=1)",
    "[evil.example](https://evil.example/x)": "[evil.example](https://evil.example/x)",
    "[https://evil.example/x](https://evil.example/x)": "[https://evil.example/x](https://evil.example/x)",
    "[**Docs** of `x`](https://docs.example)": "[**Docs** of `x` (docs.example)](https://docs.example)",
    '[a](https://evil.example "bank.example")': "[a (evil.example)](https://evil.example)",
    "[a](<https://evil.example/b c>)": "[a (evil.example)](https://evil.example/b%20c)",
    "[a](https://bank.example@evil.example)": "a (`https://bank.example@evil.example`)",
    "[a](https://bank.example\\@evil.example)": "a (`https://bank.example\\@evil.example`)",
    "[bank](https://bаnk.example)": "[bank (xn--bnk-6cd.example)](https://bаnk.example)",
    "[a](javascript:alert)": "a (`javascript:alert`)",
    "[Write us](mailto:eve@evil.example)": "[Write us (eve@evil.example)](mailto:eve@evil.example)",
    "https://bank.example@evil.example/ now": "`https://bank.example@evil.example/` now",
    "<https://evil.example/a>": "https://evil.example/a",
    "<https://evil.example|Your bank>": "[Your bank (evil.example)](https://evil.example)",
    "![cat](https://evil.example/c.png)": "[cat (evil.example)](https://evil.example/c.png)",
    "[![bank](https://a.example/i.png)](https://evil.example)": "[bank (evil.example)](https://evil.example)",
    "[bank][1]\n\n[1]: https://evil.example": "[bank][1]\n\n1: https://evil.example",
    '<a href="https://evil.example">bank</a>': '&lt;a href="https://evil.example"&gt;bank&lt;/a&gt;',
    "`[a](https://b.example)` and <!channel>": "`[a](https://b.example)` and &lt;!channel&gt;",
    "~~~\n[a](https://b.example)\n~~~\n[a](https://b.example)": (
        "~~~\n[a](https://b.example)\n~~~\n[a (b.example)](https://b.example)"
    ),
    "- [ ] todo\n- [x] done (yes) ! [no] !": "- [ ] todo\n- [x] done (yes) ! [no] !",
    "wiki [a](https://en.example/b_(c)) end": "wiki [a (en.example)](https://en.example/b_%28c%29) end",
}


@pytest.mark.parametrize("text", SHOWN)
def test_a_label_that_differs_from_the_host_shows_the_host(text: str) -> None:
    assert honest(text) == SHOWN[text]


@pytest.mark.parametrize("text", SHOWN)
def test_it_does_not_matter_in_which_pieces_it_comes(text: str) -> None:
    for size in range(1, 9):
        through = HonestText()
        told = "".join(through.add(text[at : at + size]) for at in range(0, len(text), size)) + through.rest()
        assert told == SHOWN[text], size


PARTS = [
    "[",
    "]",
    "(",
    ")",
    "![",
    "](",
    "`",
    "```\n",
    "\n",
    "\n\n",
    " ",
    "bank.example",
    "https://evil.example",
    "<",
    ">",
]
PARTS += [
    "|",
    "\\",
    "*",
    "**",
    "[a]: ",
    "[a][b]",
    '"',
    "@",
    "x",
    "~~~\n",
    "[x](https://evil.example)",
    "[y]:https://evil.example\n",
]


@pytest.mark.parametrize("seed", range(60))
def test_no_mixture_of_marks_makes_a_link_that_hides_its_host(seed: int) -> None:
    some = random.Random(seed)  # noqa: S311
    for _ in range(100):
        text = "".join(some.choice(PARTS) for _ in range(some.randint(2, 14)))
        for token in PARSER.parse(honest(text)):
            inline = token.children or []
            for at, each in enumerate(inline):
                if each.type == "link_open":
                    closing = next(i for i in range(at, len(inline)) if inline[i].type == "link_close")
                    label = "".join(child.content for child in inline[at:closing])
                    assert "evil.example" in label, text
                assert each.type != "image", text


def test_an_unfinished_link_is_not_kept_back_for_ever() -> None:
    through = HonestText()
    assert through.add("[not a link " + "x" * 2_100).startswith("[not a link")
    assert honest("the end [") == "the end ["


@pytest.mark.parametrize(
    "text",
    [
        "para\n\n    ```\n\n[bank.com](https://evil.com)\n",
        "> ```\n[bank.com](https://evil.com)\n```\n",
        "x `\n- [bank.com](https://evil.com)`\n",
        "`\n# [bank.com](https://evil.com) `",
        "```\n    ```\n```\n[bank.com](https://evil.com)\n",
        "- ```\n[bank.com](https://evil.com)\n",
    ],
)
def test_a_host_is_shown_wherever_markdown_may_see_no_code(text: str) -> None:
    assert "evil.com)](https://evil.com)" in honest(text)


@pytest.mark.parametrize(
    ("name", "url", "text"),
    [
        ("Issue 41", "https://github.com/acme/web/issues/41", "Issue 41 (github.com)"),
        ("", "https://github.com/acme", "github.com"),
        (
            "bank.example <!channel> *pay*",
            "https://evil.example/x",
            "bank.example &lt;!channel&gt; ∗pay∗ (evil.example)",
        ),
        ("bank", "https://bank.example@evil.example/", None),
        ("a file", "file:///etc/passwd", None),
        ("code", "javascript:alert(1)", None),
        ("long", "https://a.example/" + "x" * 600, None),
    ],
)
def test_a_source_of_a_call_always_tells_where_it_leads(name: str, url: str, text: str | None) -> None:
    told = source(name, url)
    assert (told["text"] if told else None) == text
