"""Usher as an operator has it: a process of its own, driven from Slack, by HTTP and by its command line alone."""

import asyncio
import base64
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playground.gemini import LocalGemini, Reply, text
from playground.gemini.server import NO_MORE
from playground.slack.server import LocalSlack
from tests.support.evidence import log_file, never_in_a_log
from tests.support.ports import free_port
from tests.support.slack import DM, NOTES_TOKEN, OWNER, PATIENCE, pressable, said
from tests.web.caller import Answer, Caller, messages

# The databases in `releases` are sealed by it too.
SECRET_KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
START_WITHIN = 180.0


@dataclass
class Around:
    """What Usher speaks with: a local Slack, a local model that says what is scripted, and the Notes server."""

    slack: LocalSlack
    model: LocalGemini
    notes: str
    port: int = field(default_factory=free_port)

    def env(self, database_url: str, **more: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "SLACK_API_URL": self.slack.api_url,
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "GEMINI_API_KEY": "key-for-tests",
            "GOOGLE_GEMINI_BASE_URL": self.model.url,
            "DATABASE_URL": database_url,
            "SECRET_KEY": SECRET_KEY,
            "PORT": str(self.port),
            "PUBLIC_BASE_URL": self.url,
            "ALLOW_PRIVATE_MCP_HOSTS": "127.0.0.1",
            **more,
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # --- what people do
    async def says(self, words: str, answer: str) -> None:
        """What else asks the model meanwhile, as a turn that is taken up again, gets no part of the answer."""
        saying = Reply([[text(answer)]])
        self.model.answering = lambda body, sign: saying if words in json.dumps(body["contents"][-1]) else NO_MORE
        await self.slack.person_says(OWNER, DM, words)
        await self.message_with(answer)

    async def connect_notes(self) -> None:
        """By the form, and the token on its ticket page."""
        await self.slack.command(OWNER, DM, "/mcp connect custom")
        form = await self.modal_with("Server URL")
        await self.slack.submit_view(OWNER, form["id"], {"name": {"value": "Notes"}, "url": {"value": self.notes}})
        page = await self.ticket_page()
        caller = Caller(self.url)
        code = re.search(r"`(\d{3} \d{3})`", said(await self.modal_with("Last step")))
        if code:  # an older release asks for none
            assert (await caller.prove(page, code[1])).status == 303
        answer = await caller.ask("POST", page, data={"token": NOTES_TOKEN})
        assert answer.status == 303, answer.text
        await self.modal_with("Notes is connected")

    async def ticket_page(self) -> str:
        step = await self.modal_with("Last step")
        [url] = [each["url"] for block in step["blocks"] for each in block.get("elements", []) if "url" in each]
        never_in_a_log(url.rpartition("/")[2])
        return str(url)

    async def make_link(self) -> str:
        await self.slack.command(OWNER, DM, "/tempchat create Support")
        await self.slack.submit_view(OWNER, (await self.modal_with("How many guests"))["id"], {})
        await self.slack.submit_view(OWNER, (await self.modal_with("What you decided"))["id"], {})
        shown = await self.message_with("/temp-chat/tc_")
        found = re.search(r"http://[^\s\"|<>\\]+/temp-chat/(tc_[\w-]+)", said(shown))
        assert found
        never_in_a_log(found[1])
        return found[0]

    async def guest(self, link: str) -> Caller:
        """One whose chat has begun."""
        caller = Caller(self.url)
        answer = await caller.start(link)
        assert answer.status == 201, answer.text
        return caller

    # --- what people see
    async def modal_with(self, words: str) -> dict[str, Any]:
        def found() -> Any:
            stack = self.slack.snapshot(OWNER)["modals"]
            return stack and words in said(stack[-1]) and stack[-1]

        modal: dict[str, Any] = await self.slack.when(found, PATIENCE)
        return modal

    async def message_with(self, words: str, place: str = DM) -> dict[str, Any]:
        def found() -> Any:
            there = reversed(self.slack.messages(place))
            return next((each for each in there if words in said(each) and not each["streaming"]), None)

        message: dict[str, Any] = await self.slack.when(found, PATIENCE)
        return message

    async def press(self, message: dict[str, Any], action: str) -> None:
        block = next(block for block, found in pressable(message) if found == action)
        container = {"type": "message", "channel": message["channel"], "ts": message["ts"]}
        await self.slack.press(OWNER, {"container": container, "block_id": block, "action_id": action})


async def transcript_with(guest: Caller, *words: str) -> Answer:
    """The guest's page of all that was said, once it has these words."""
    await guest.told(lambda events: all(any(word in each for _, each in messages(events)) for word in words))
    page = await guest.ask("GET", f"{guest.chat}transcript", headers={"Accept": "text/html"})
    assert page.status == 200 and all(each in page.text for each in words), page.text
    return page


@asynccontextmanager
async def running(around: Around, env: dict[str, str], folder: Path) -> AsyncIterator[Path]:
    """From when it is connected until it was stopped, politely and well; the path of its log."""
    log = log_file("operated")
    with log.open("w") as writing:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app"), env=env, cwd=folder, stdout=writing, stderr=writing
        )
    try:
        online = asyncio.create_task(around.slack.when(lambda: around.slack.online, START_WITHIN))
        ended = asyncio.create_task(process.wait())
        await asyncio.wait({online, ended}, return_when=asyncio.FIRST_COMPLETED)
        assert process.returncode is None, log.read_text()
        await online
        yield log
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(ended, 60) == 0, log.read_text()
        await around.slack.when(lambda: not around.slack.online, PATIENCE)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def usher(env: dict[str, str], folder: Path, *arguments: str) -> tuple[int, str]:
    """A command's exit code, and what it said."""
    return await run([sys.executable, "-m", "app", *arguments], env, folder)


async def run(command: list[str], env: dict[str, str], folder: Path) -> tuple[int, str]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, env=env, cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(240):  # a whole drill starts a dozen programs, one after the other
            told, _ = await process.communicate()
    finally:
        if process.returncode is None:  # left alone, it would fail whichever test its remains are found in
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, told.decode()
