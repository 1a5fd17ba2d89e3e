"""The link: looking changes nothing, Start gives out each session once, and a dead link says one thing only."""

import asyncio
import os
from datetime import timedelta

import pytest

from bot.services import tokens
from storage.database import Database
from storage.schema import now
from tests.support.gemini import Scripted
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import OWNER, House, running

PREVIEWERS = (
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "Twitterbot/1.0",
    "facebookexternalhit/1.1",
    "WhatsApp/2.23.20.0",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0)",
    "Mozilla/5.0 (Windows NT 10.0) SkypeUriPreview Preview/0.5",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Iframely/1.3.1 (+https://iframely.com/docs/about)",
    "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Applebot/0.1",
)


async def used(house: House, link_id: str) -> int:
    async with house.db.read() as tables:
        link = await tables.links.get(OWNER.workspace, link_id)
    assert link
    return link.used_sessions


async def test_previews_use_nothing_up_and_set_no_cookie(house: House) -> None:
    created = await house.link()
    for agent in PREVIEWERS:
        for method in ("GET", "HEAD"):
            answer = await Caller(house.url).ask(method, created.url, headers={"User-Agent": agent, **PAGE})
            assert answer.status == 200
            assert "Set-Cookie" not in answer.headers
            assert len(answer.text) < 32_000
    assert await used(house, created.link.id) == 0


async def test_the_page_says_who_answers_who_reads_and_how_long_it_is_kept(house: House) -> None:
    created = await house.link(purpose="Plan the week in Lisbon.")
    text = (await Caller(house.url).ask("GET", created.url)).text
    for words in ("AI assistant answers", "can read along", "kept", "passwords", "Plan the week in Lisbon."):
        assert words in text
    assert "Trip planning" not in text[: text.index("</head>")], "previews show nothing of the chat"


async def test_guests_learn_before_they_start_that_others_read_along(house: House) -> None:
    created, guest = await house.link(), Caller(house.url)
    await guest.start(created.url)
    others = "shown to others, in a Slack channel"
    chat = f"{house.url}/temp-chat/sessions/{created.link.id}/"
    for path in (created.url, chat):
        assert others not in (await guest.ask("GET", path, headers=PAGE)).text
    async with house.db.begin() as tables:
        await tables.links.update(OWNER.workspace, created.link.id, follow_channel="C1", max_sessions=2)
    page = (await Caller(house.url).ask("GET", created.url, headers=PAGE)).text
    assert page.count(others) == 2  # among the facts, and in what is agreed to
    assert (await guest.ask("GET", chat, headers=PAGE)).text.count(others) == 1


async def test_of_two_hundred_starts_at_once_one_gets_the_session(house: House) -> None:
    created = await house.link(max_sessions=1)
    async with asyncio.timeout(100):
        answers = await asyncio.gather(*(Caller(house.url).start(created.url) for _ in range(200)))
    assert sorted(answer.status for answer in answers) == [201] + [404] * 199
    assert await used(house, created.link.id) == 1


async def test_the_same_press_twice_opens_one_session_and_gives_the_same_cookie(house: House) -> None:
    created, key = await house.link(), os.urandom(16).hex()
    first, second = Caller(house.url), Caller(house.url)
    answers = await asyncio.gather(first.start(created.url, key), second.start(created.url, key))
    assert [answer.status for answer in answers] == [201, 201]
    assert first.cookies == second.cookies
    assert await used(house, created.link.id) == 1


async def test_the_same_browser_resumes_and_never_uses_up_a_second_session(house: House) -> None:
    created = await house.link(max_sessions=5)
    caller = Caller(house.url)
    await caller.start(created.url)
    again = await caller.start(created.url)
    shown = await caller.ask("GET", created.url)
    assert again.status == 201
    assert (shown.status, shown.headers["Location"]) == (303, caller.chat)
    assert await used(house, created.link.id) == 1


async def test_without_consent_nothing_begins(house: House) -> None:
    created = await house.link()
    answer = await Caller(house.url).start(created.url, consent=False)
    assert answer.status == 422
    assert "tick the box" in answer.json["text"]
    assert await used(house, created.link.id) == 0


@pytest.fixture
async def dead_links(house: House) -> dict[str, str]:
    titles = ("full", "revoked", "expired", "paused", "replaced")
    full, revoked, expired, paused, replaced = [await house.link(title) for title in titles]
    await Caller(house.url).start(full.url)
    await house.links.revoke(OWNER, revoked.link.id)
    await house.links.pause(OWNER, paused.link.id)
    await house.links.rotate(OWNER, replaced.link.id)
    async with house.db.begin() as tables:
        link = await tables.links.get(OWNER.workspace, expired.link.id)
        assert link
        link.expires_at = now() - timedelta(seconds=1)
    unknown = f"{house.url}/temp-chat/{tokens.mint(tokens.Kind.LINK)}"
    malformed = f"{house.url}/temp-chat/tc_nonsense"
    return {
        "full": full.url,
        "revoked": revoked.url,
        "expired": expired.url,
        "paused": paused.url,
        "replaced": replaced.url,
        "unknown": unknown,
        "malformed": malformed,
    }


async def test_every_dead_link_gives_one_identical_answer(house: House, dead_links: dict[str, str]) -> None:
    for method in ("GET", "HEAD"):
        answers = [await Caller(house.url).ask(method, url, headers=PAGE) for url in dead_links.values()]
        assert {answer.status for answer in answers} == {404}
        assert len({answer.text for answer in answers}) == 1
        assert len({tuple(answer.headers) for answer in answers}) == 1
        assert not any("Set-Cookie" in answer.headers for answer in answers)


async def test_starting_a_dead_link_gives_one_identical_answer(house: House, dead_links: dict[str, str]) -> None:
    answers = [await Caller(house.url).start(url) for url in dead_links.values()]
    assert {(answer.status, answer.text, tuple(answer.headers)) for answer in answers} == {
        (404, answers[0].text, tuple(answers[0].headers))
    }


async def test_who_was_there_is_told_the_precise_reason(house: House) -> None:
    created = await house.link()
    caller = Caller(house.url)
    await caller.start(created.url)
    await house.links.revoke(OWNER, created.link.id)
    by_link = await caller.ask("GET", created.url, headers=PAGE)
    by_chat = await caller.ask("GET", caller.chat, headers=PAGE)
    for answer in (by_link, by_chat):
        assert answer.status == 410
        assert "has ended the chat" in answer.text


@pytest.mark.parametrize("path", ["state", "events", "transcript"])
async def test_after_the_chat_was_taken_back_nothing_of_it_is_told_again(house: House, path: str) -> None:
    created = await house.link()
    caller = Caller(house.url)
    await caller.start(created.url)
    await caller.say("A plan for a surprise.")
    kept = dict(caller.cookies)
    assert (await caller.ask("POST", caller.chat + "end", json={})).status == 200
    caller.cookies = kept  # as somebody else on that device may have copied it
    answer = await caller.ask("GET", caller.chat + path)
    assert (answer.status, answer.json["reason"]) == (404, "guest")
    assert "surprise" not in answer.text


async def test_what_was_said_stays_the_guests_when_the_link_is_revoked(house: House) -> None:
    created = await house.link()
    caller = Caller(house.url)
    await caller.start(created.url)
    await caller.say("A plan for a surprise.")
    await house.links.revoke(OWNER, created.link.id)
    assert "surprise" in (await caller.ask("GET", caller.chat + "transcript")).text
    over = await caller.ask("GET", caller.chat, headers=PAGE)
    assert over.status == 410 and f"{caller.chat}transcript" in over.text
    assert (await caller.say("more")).status == 404


async def test_another_links_cookie_opens_nothing(house: House) -> None:
    first, second = await house.guest(title="one"), await house.guest(title="two")
    (name,), (value,) = second.cookies.keys(), first.cookies.values()
    second.cookies = {name: value}
    assert (await second.ask("GET", second.chat)).status == 404
    assert (await second.say("hello")).status == 404


async def test_who_tries_many_dead_links_has_to_wait_and_others_do_not(sqlite_db: Database, gemini: Scripted) -> None:
    async with running(sqlite_db, gemini, proxies=("127.0.0.0/8",)) as house:
        created, caller = await house.link(), Caller(house.url)
        guessing, honest = ({"X-Forwarded-For": where, **PAGE} for where in ("203.0.113.9", "203.0.113.10"))
        tried = [await caller.ask("GET", "/temp-chat/tc_x", headers=guessing) for _ in range(21)]
        assert [answer.status for answer in tried] == [404] * 20 + [429]
        assert int(tried[-1].headers["Retry-After"]) <= 30
        assert (await caller.ask("GET", created.url, headers=honest)).status == 200
