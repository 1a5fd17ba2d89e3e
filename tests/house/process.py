"""An unmodified Usher in a process of its own, in a local Slack and with a local model."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import yaml

from playground import gemini
from playground.slack.server import LocalSlack

ROOT = Path(__file__).parents[2]
MANIFEST = yaml.safe_load((ROOT / "manifest.yml").read_text())


@asynccontextmanager
async def running(env: dict[str, str], folder: Path) -> AsyncIterator[tuple[str, LocalSlack]]:
    """Where its pages are on this machine, and its Slack. ``env`` names a PORT."""
    async with AsyncExitStack() as stack:
        model = await gemini.start(pace=None)
        stack.push_async_callback(model.close)
        slack = await stack.enter_async_context(LocalSlack(folder / "slack", manifest=MANIFEST))
        process = await started(env, folder, slack, model.url)
        try:
            yield f"http://127.0.0.1:{env['PORT']}", slack
        finally:
            process.terminate()
            await process.wait()


async def started(env: dict[str, str], folder: Path, slack: LocalSlack, model: str) -> asyncio.subprocess.Process:
    """Once it hears what is said in Slack. ``model`` is where its model is."""
    local = {"SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token}
    around = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "GOOGLE_GEMINI_BASE_URL": model}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app"),
        env={"GEMINI_API_KEY": "key", **local, **env, **around},
        cwd=folder,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await slack.when(lambda: slack.online, 120)
    except BaseException:
        if process.returncode is None:
            process.kill()
            await process.wait()
        raise
    return process
