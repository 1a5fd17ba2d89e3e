"""A program as a workspace's card: what is typed, and what would run exactly, before anything does."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.services.cards.programs import MEGABYTES, SECONDS, Shown, Typed
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    alert,
    button,
    field,
    modal,
    option,
    plain,
    section,
    select,
    text_input,
)
from bot.slack.screens.blocks.text import count, unmarked
from bot.slack.screens.cards.listing import TITLE
from mcp_runtime.commands.typed import MOST_CHARACTERS

INSTEAD, BACK = "cards.program", "cards.program_back"
COMMAND, CONFIRM = "cards.command", "cards.confirm"
FIRST_STEP = (
    "*Step 1 of 3.* A program that is installed on the machine that I run on. Nothing runs before you have seen "
    "exactly what would."
)
SECOND_STEP = "*Step 2 of 3.* This would run, word by word, and by no shell:"
NOT_SHOWN = "Its command is too long for this form as it stands. Type it anew."
FILES = "These files are pinned. When one of them changes, the card is not permitted until you confirm it again:"
NO_HOST, NO_VARIABLES = "It reaches no host.", "It is given no variables of yours."
NETWORK = "It reaches these hosts, and no others:"
BOUNDS = "It may take {megabytes} MB of memory, and a call {seconds} seconds."
LEVELS = {
    "full": "It runs in the sandbox: it sees what lies below /usr and a folder of its own, and no other process.",
    "reduced": (
        "It runs in the *reduced* sandbox, without any network: it sees what lies below /usr and a folder of its own."
    ),
}
NO_LEVEL = "There is no sandbox here, so it will be refused: `usher doctor` says what is missing."
SECRETS_NEXT = "Its secrets are entered on a page of their own, and it runs when you send that off: {}."
BLANKS = re.compile(r"^ +| +$| {2,}")
SHORT_DIGEST, MOST_IN_A_BLOCK = 16, 2900


def typed(seen: Typed, card: tuple[str, int] = ("", 0), problems: Iterable[str] = ()) -> View:
    """``card`` is the id and the version of the one that is changed."""
    blocks: list[Block] = [alert(unmarked(text)) for text in dict.fromkeys(problems)]
    line = text_input(initial=seen.line, placeholder="wiki-server --stdio", most=MOST_CHARACTERS)
    hint = "A program below /usr with its options, in one line. A secret is no part of it."
    blocks += [section(FIRST_STEP), field("command", "Command", line, hint=hint)]
    blocks += [
        _lines(
            "variables", "Variables", seen.variables, "WIKI_URL=https://wiki.example.org", "NAME=value, one a line."
        ),
        _lines(
            "secrets", "Secrets", seen.secrets, "WIKI_TOKEN", "Names alone, one a line: the values on a page later."
        ),
        _lines("hosts", "Hosts that it may reach", seen.hosts, "wiki.example.org", "One a line; none when left empty."),
        _chosen("megabytes", "Memory", {each: f"{each} MB" for each in MEGABYTES}, seen.megabytes),
        _chosen(
            "seconds", "A call may take", {each: f"{each} seconds" for each in SECONDS}, seen.seconds or SECONDS[0]
        ),
    ]
    return modal(TITLE, blocks, callback_id=COMMAND, submit="Next", close="Cancel", metadata=json.dumps(card))


def confirm(shown: Shown, card: tuple[str, int] = ("", 0)) -> View:
    spec, command = shown.spec, shown.spec.command
    if command is None:
        raise ValueError("no command to confirm")
    words = [f"{number}.  {_seen(word)}" for number, word in enumerate(command.words, 1)]
    files = [f"{path}  SHA-256 {digest[:SHORT_DIGEST]}…" for path, digest in command.files]
    given = [f"{name}={_seen(value)}" for name, value in command.variables]
    bounds = BOUNDS.format(megabytes=command.megabytes, seconds=shown.seconds or SECONDS[0])
    blocks = [section(SECOND_STEP), *_verbatim(words), section(FILES), *_verbatim(files)]
    blocks += [section("Its variables:"), *_verbatim(given)] if given else [section(NO_VARIABLES)]
    blocks += [section(NETWORK), *_verbatim(spec.network)] if spec.network else [section(NO_HOST)]
    blocks += [section(f"{bounds}\n{LEVELS.get(shown.level.name, NO_LEVEL)}")]
    if spec.secret_fields:
        blocks.append(section(SECRETS_NEXT.format(", ".join(f"`{name}`" for name in spec.secret_fields))))
    blocks.append(actions(button("Change it", BACK)))
    submit = "Confirm" if spec.secret_fields else "Run and look"
    metadata = json.dumps([shown.token, *card])
    return modal(TITLE, blocks, callback_id=CONFIRM, submit=submit, close="Cancel", metadata=metadata)


def found(tools: Sequence[str]) -> str:
    """The beginning of the last step."""
    told = f"runs, with {count(len(tools), 'tool')}" if tools else "runs once its secrets are entered"
    return f"*Step 3 of 3.* The program {told}."


def read(values: Mapping[str, Any]) -> Typed:
    """A form of `typed`."""

    def lines(name: str) -> tuple[str, ...]:
        return tuple(line.strip() for line in str(values.get(name) or "").splitlines() if line.strip())

    def number(name: str) -> int:
        chosen = str(values.get(name) or "")
        return int(chosen) if chosen.isascii() and chosen.isdecimal() else 0

    line = str(values.get("command") or "").strip()
    return Typed(line, lines("variables"), lines("secrets"), lines("hosts"), number("megabytes"), number("seconds"))


def _seen(word: str) -> str:
    """With each blank that a screen would swallow; in quotation marks where it would look like two words, or none."""
    shown = BLANKS.sub(lambda found: "␣" * len(found[0]), word)
    return f"“{shown}”" if " " in shown or not shown else shown


def _lines(name: str, label: str, seen: Sequence[str], example: str, hint: str) -> Block:
    box = text_input(initial="\n".join(seen), placeholder=example, multiline=True)
    return field(name, label, box, hint=hint, optional=True)


def _chosen(name: str, label: str, offered: Mapping[int, str], seen: int) -> Block:
    options = {each: option(text, str(each)) for each, text in offered.items()}
    return field(name, label, select("value", list(options.values()), options.get(seen)))


def _verbatim(lines: Iterable[str]) -> list[Block]:
    """As plain text, in which no sign stands for anything else; all of it, in as many blocks as that takes."""
    blocks, held = [], ""
    for line in lines:
        for start in range(0, len(line), MOST_IN_A_BLOCK):
            part = line[start : start + MOST_IN_A_BLOCK]
            if held and len(held) + len(part) >= MOST_IN_A_BLOCK:
                blocks.append(held)
                held = ""
            held = f"{held}\n{part}" if held else part
    return [{"type": "section", "text": {**plain(each), "emoji": False}} for each in [*blocks, held] if each]
