"""What whoever runs Usher sees of the sidecar: health, metrics, log lines, refused settings."""

import logging

import pytest

from bot.running.loop_watch import LoopWatch
from bot.services.links.values import short
from bot.web import WebServices, make_app, serving
from bot.web.edge.context import Monitoring
from storage.database import Database
from tests.support.gemini import Scripted
from tests.web.caller import PAGE, Caller, frames
from tests.web.sidecar import House, running


async def test_health_says_that_it_lives_and_which_parts_are_ready(house: House) -> None:
    caller = Caller(house.url)
    assert (await caller.ask("GET", "/healthz")).status == 200
    ready = await caller.ask("GET", "/readyz")
    assert (ready.status, ready.json["parts"]) == (200, {"database": "ok"})


async def test_a_part_that_is_not_ready_makes_the_whole_unavailable(house: House) -> None:
    house.parts["memory"] = "ok, by words alone: it waits a minute, as the API asks"
    assert (await Caller(house.url).ask("GET", "/readyz")).status == 200
    house.parts["slack"] = "the bot token was refused"
    ready = await Caller(house.url).ask("GET", "/readyz")
    assert (ready.status, ready.json["parts"]["slack"]) == (503, "the bot token was refused")


async def test_metrics_count_streams_and_turns(house: House) -> None:
    guest = await house.guest()
    async with guest.asking("GET", guest.chat + "events") as response:
        await anext(frames(response))
        text = (await guest.ask("GET", "/metrics")).text
    assert "usher_streams_open 1\n" in text
    assert 'usher_turns{status="queued"} 0\n' in text
    assert 'usher_build_info{version="' in text


async def test_metrics_tell_how_late_the_loop_runs_and_how_many_are_connected(
    sqlite_db: Database, gemini: Scripted
) -> None:
    watch = LoopWatch()
    watch.woken(0.3)
    async with running(sqlite_db, gemini, loop=watch) as house:
        text = (await Caller(house.url).ask("GET", "/metrics")).text
    assert 'usher_loop_lag_seconds{quantile="1"} 0.3\n' in text and "usher_loop_stalls_total 1\n" in text
    assert "usher_connections_open 1\n" in text and "usher_connections_refused_total 0\n" in text


async def test_those_inside_have_an_address_of_their_own(sqlite_db: Database, gemini: Scripted) -> None:
    async with running(sqlite_db, gemini, monitoring=Monitoring(apart=True)) as house:
        public = Caller(house.url)
        nowhere = await public.ask("GET", "/nowhere")
        for path in ("/readyz", "/metrics", "//metrics", "/%6detrics"):
            found = await public.ask("GET", path)
            assert (found.status, found.text) == (404, nowhere.text), path
        assert (await public.ask("GET", "/healthz")).status == 200
        async with serving(house.inside, "127.0.0.1", 0) as port:
            private = Caller(f"http://127.0.0.1:{port}")
            assert (await private.ask("GET", "/readyz")).json["parts"] == {"database": "ok"}
            assert "usher_streams_open 0\n" in (await private.ask("GET", "/metrics")).text
            assert (await private.ask("GET", "/healthz")).status == 200
            assert (await private.ask("GET", "/notices")).status == 404, "no page for people is there"


async def test_what_is_for_those_inside_may_need_a_token(sqlite_db: Database, gemini: Scripted) -> None:
    async with running(sqlite_db, gemini, monitoring=Monitoring(token="a" * 20)) as house:
        caller = Caller(house.url)
        for path in ("/readyz", "/metrics"):
            for given in (
                {},
                *({"Authorization": wrong} for wrong in ("a" * 20, "Bearer ", "Bearer " + "a" * 19, "é")),
            ):
                refused = await caller.ask("GET", path, headers=given)
                assert refused.status == 401 and refused.headers["WWW-Authenticate"].startswith("Bearer"), given
                assert "usher_" not in refused.text and "database" not in refused.text
            assert (await caller.ask("GET", path, headers={"Authorization": "Bearer " + "a" * 20})).status == 200
        assert (await caller.ask("GET", "/healthz")).status == 200


async def test_no_log_line_holds_a_token_a_cookie_or_a_word_that_was_said(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    created = await house.link()
    guest = Caller(house.url)
    house.model.will_say("An answer of many colours.")
    await guest.start(created.url)
    await guest.ask("GET", created.url, headers={"Referer": created.url, **PAGE})
    await guest.say("A question of many colours.")
    await guest.ask("GET", f"/connect/{created.url[-52:]}")
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith(("aiohttp", "bot")))
    assert "POST /temp-chat/sessions/{link_id}/messages 202" in logged
    assert f"link={short(created.link.id)} " in logged and created.link.id not in logged
    for private in (created.url[-20:], *guest.cookies.values(), "many colours", "127.0.0.1:"):
        assert private not in logged


async def test_a_crash_is_logged_by_template_and_told_in_words(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(token: str) -> None:
        raise RuntimeError("out of paper")

    created = await house.link()
    monkeypatch.setattr(house.links, "look", broken)
    answer = await Caller(house.url).ask("GET", created.url, headers=PAGE)
    assert answer.status == 500
    assert "went wrong on our side" in answer.text
    assert "out of paper" not in answer.text
    assert "GET /temp-chat/{token} failed" in caplog.text
    assert created.url[-20:] not in caplog.text


@pytest.mark.parametrize("url", ["http://chat.example.com", "http://192.168.1.5:8080"])
def test_plain_http_that_others_could_read_is_refused(url: str) -> None:
    services = WebServices(*[None] * 7)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="https"):
        make_app(services, base_url=url)
