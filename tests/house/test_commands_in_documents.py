"""The commands that documents tell people to type: each is run, in the order of its page."""

import ast
import asyncio
import os
import pty
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.maintenance.slack_app.configuration import WHERE
from playground import gemini
from playground.slack.server import LocalSlack
from tests.house.process import MANIFEST

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "docs/slack-setup.md")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)


@dataclass
class Reader:
    """Somebody in a folder of Usher's, with a workspace that has no app of Usher's yet."""

    folder: Path
    slack: LocalSlack
    env: dict[str, str]
    at_a_terminal: bool = False

    async def types(self, command: str) -> "asyncio.subprocess.Process":
        return await asyncio.create_subprocess_shell(
            f"exec {command}",
            cwd=self.folder,
            env=self.env,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Reader]:
    folder = tmp_path / "clone"
    (folder / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(ROOT / ".env.example", folder)
    (folder / ".venv" / "bin" / "usher").symlink_to(Path(sys.executable).with_name("usher"))
    model = await gemini.start(pace=None)
    async with LocalSlack(tmp_path / "slack", app_is_made=False) as slack:
        local = {"SLACK_API_URL": slack.api_url, "GOOGLE_GEMINI_BASE_URL": model.url, "PORT": "0"}
        yield Reader(folder, slack, {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **local})
    await model.close()


async def copied_and_filled_in(reader: Reader, command: str) -> None:
    assert await (await reader.types(command)).wait() == 0
    if not reader.slack.configuration.apps:
        reader.slack.configuration.create({"manifest": MANIFEST})
    reader.slack.configuration.person_installs(), reader.slack.configuration.person_makes_app_token()
    dotenv = reader.folder / ".env"
    values = {"SLACK_BOT_TOKEN": reader.slack.bot_token, "SLACK_APP_TOKEN": reader.slack.app_token}
    text = dotenv.read_text()
    for name, value in {**values, "GEMINI_API_KEY": "key"}.items():
        text, count = re.subn(rf"^{name}=.*$", f"{name}={value}", text, flags=re.M)
        assert count == 1, f"{name} has its line in the example"
    dotenv.write_text(text)


async def makes_its_app_and_is_greeted(reader: Reader, command: str) -> None:
    """Every answer but these two, such as a line too many, would be told as wrong."""
    answers = {"Configuration token: ": reader.slack.configuration.token, "GEMINI_API_KEY: ": "AIzaKeyOfTheReader"}
    if reader.at_a_terminal:
        code, told = await talked(reader, command, answers)
    else:
        process = await reader.types(command)
        told = (await process.communicate("".join(f"{each}\n" for each in answers.values()).encode()))[0].decode()
        code = process.returncode
    assert code == 0 and "Nothing has to be mended" in told, told
    assert not [each for each in (*answers.values(), reader.slack.bot_token) if each in told.split()], "it was shown"
    assert reader.slack.messages("D0OWNER")[-1]["text"].startswith("Hello!")
    assert (reader.folder / ".env").stat().st_mode & 0o077 == 0


async def talked(reader: Reader, command: str, answers: dict[str, str]) -> tuple[int | None, str]:
    """At a terminal of its own, answering what is asked when it is asked."""
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_shell(
        *(f"exec {command}",), cwd=reader.folder, env=reader.env, preexec_fn=lambda: os.login_tty(theirs)
    )
    os.close(theirs)
    told, left = b"", dict(answers)
    try:
        while shown := await asyncio.to_thread(_shown, ours):
            told += shown
            for question in [each for each in left if told.endswith(each.encode())]:
                os.write(ours, f"{left.pop(question)}\n".encode())
    finally:
        os.close(ours)
    assert not left, told.decode()
    return await process.wait(), told.decode()


def _shown(screen: int) -> bytes:
    try:
        return os.read(screen, 4096)
    except OSError:  # nobody is at the other end any more
        return b""


async def finds_nothing_to_mend(reader: Reader, command: str) -> None:
    process = await reader.types(command)
    told = (await process.communicate())[0].decode()
    assert process.returncode == 0, told


async def runs_and_answers(reader: Reader, command: str) -> None:
    process = await reader.types(command)
    await reader.slack.when(lambda: reader.slack.online, 30)
    await reader.slack.command("U0OWNER", "C0GENERAL", "/mcp connect")
    assert await reader.slack.when(lambda: reader.slack.snapshot("U0OWNER")["modals"])
    asked = await reader.slack.person_says("U0OWNER", "D0OWNER", "What can you do?")
    assert await reader.slack.when(lambda: [m for m in reader.slack.messages("D0OWNER") if m["thread_ts"] == asked])
    process.send_signal(signal.SIGTERM)
    told = (await process.communicate())[0].decode()
    assert process.returncode == 0, told


HERE: dict[str, Callable[[Reader, str], Awaitable[None]]] = {
    "cp .env.example .env": copied_and_filled_in,
    ".venv/bin/usher slack create": makes_its_app_and_is_greeted,
    ".venv/bin/usher doctor": finds_nothing_to_mend,
    ".venv/bin/usher": runs_and_answers,
}
MAKE = "tests/install/test_commands.py::test_a_command_makes_ready_and_then_does_what_it_says"
ELSEWHERE = {
    "make try": [MAKE, "tests/e2e/test_walk.py"],
    "make test": [MAKE],
    "make install": [
        MAKE,
        "tests/install/test_over_time.py::test_make_install_goes_all_the_way_on_this_python_and_the_newest",
    ],
}
"""In a clone of their own, which takes its time."""


def commands(document: str) -> list[str]:
    """All that stands in a shell's fence, line by line, without remarks."""
    found = []
    for language, text in FENCE.findall((ROOT / document).read_text()):
        assert language in ("sh", "text"), f"{document}: a fence says whether it is for a shell"
        found += [line.split(" #")[0].strip() for line in text.splitlines() if language == "sh"]
    return [line for line in found if line and not line.startswith("#")]


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_every_command_of_a_document_does_what_it_is_there_for(document: str, reader: Reader) -> None:
    lines = commands(document)
    assert lines
    reader.at_a_terminal = document == DOCUMENTS[1]
    for line in lines:
        if line in HERE:
            await HERE[line](reader, line)
        else:
            assert line in ELSEWHERE, f"{document}: nothing runs «{line}»"


@pytest.mark.parametrize("test", sorted({each for tests in ELSEWHERE.values() for each in tests}))
def test_what_is_run_elsewhere_is_run_there(test: str) -> None:
    path, _, name = test.partition("::")
    functions = [
        each.name for each in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(each, ast.FunctionDef)
    ]
    assert name in functions if name else any(each.startswith("test_") for each in functions)


def test_a_command_that_nothing_runs_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new.md").write_text(
        "```sh\nmake try\nmake coffee  # black\n# a remark\n```\n```text\nno command\n```\n"
    )
    monkeypatch.setattr("tests.house.test_commands_in_documents.ROOT", tmp_path)
    assert [line for line in commands("new.md") if line not in HERE and line not in ELSEWHERE] == ["make coffee"]


def test_the_way_through_slacks_settings_is_that_of_the_manifest() -> None:
    told = (ROOT / "docs" / "slack-setup.md").read_text()
    features, settings = MANIFEST["features"], MANIFEST["settings"]

    for command in features["slash_commands"]:
        assert f"`{command['command']}`" in told
    assert len(features["slash_commands"]) == 2 and "both *Slash Commands*" in told
    assert len(features["shortcuts"]) == 5 and "five shortcuts" in told
    assert settings["socket_mode_enabled"] and "turns Socket Mode on" in told
    assert features["app_home"]["home_tab_enabled"] and "Home tab" in told
    # What else has a request URL in HTTP mode is named there; a manifest for Socket Mode has none of it.
    assert "Event Subscriptions" in told and settings["event_subscriptions"]["bot_events"]
    assert "Interactivity & Shortcuts" in told and settings["interactivity"]["is_enabled"]
    assert "request_url" not in str(MANIFEST)


def test_from_a_clone_to_the_first_answer_it_is_five_clicks_at_most() -> None:
    told = (ROOT / "docs" / "slack-setup.md").read_text().split("\n## ")[0]
    assert re.findall("[①②③④⑤⑥⑦⑧⑨]", told) == list("①②③④⑤") and "Five clicks" in told
    # Those of them that are made before the command goes on are what it says itself, in the same order.
    places = [WHERE.index(word) for word in ("“Generate Token”", "choose the workspace", "“Generate”", "“Copy”")]
    assert places == sorted(places)
    assert "Five clicks in Slack" in (ROOT / "README.md").read_text()
