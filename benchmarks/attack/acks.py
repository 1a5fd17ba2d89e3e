"""How long Usher's door for Slack takes to acknowledge another member's command, as Slack itself would measure it."""

import asyncio
import time

import aiohttp
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from bot.slack.edge import http_mode

SECRET = "of-the-benchmark"
COMMAND = "command=%2Fmcp&text=help&team_id=T0LOCAL&user_id=UHONEST&channel_id=C0&trigger_id=1"


def app() -> AsyncApp:
    """A Bolt app behind Usher's own door; who asks is known without Slack."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T0LOCAL", bot_user_id="U0BOT", bot_token="xoxb-none")

    made = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=False)

    @made.command("/mcp")
    async def mcp(ack: AsyncAck) -> None:
        await ack()

    return made


async def acks(url: str, number: int, between: float) -> list[float]:
    times = []
    async with aiohttp.ClientSession(url) as session:
        for _ in range(number):
            stamp = str(int(time.time()))
            signature = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=COMMAND) or ""
            headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            begun = time.perf_counter()
            async with session.post(http_mode.PATH, data=COMMAND, headers=headers) as answer:
                if answer.status != 200:
                    raise RuntimeError(f"a command was answered with {answer.status}")
                await answer.read()
            times.append(time.perf_counter() - begun)
            await asyncio.sleep(between)
    return times
