"""`usher slack create`: from a clone to a hello in Slack, against a Slack as strict as the real one."""

import stat

import pytest

from bot.maintenance.slack_app.asking import Terminal
from playground.slack.web_api.configuration import LIVES
from tests.house.process import MANIFEST
from tests.house.slack_app.conftest import EXAMPLE, Clone
from tests.playground.slack.conftest import DM

KEY = "AIzaKeyForTests"
APP = "A0USHER"


async def test_a_configuration_token_and_a_key_are_all_that_it_takes(clone: Clone) -> None:
    code, told = await clone.types("create", clone.slack.configuration.token, KEY)

    assert code == 0, told
    assert clone.lines("SLACK_APP_ID") == [APP] and clone.lines("GEMINI_API_KEY") == [KEY]
    assert clone.lines("SLACK_BOT_TOKEN") == [clone.slack.bot_token]
    assert clone.lines("SLACK_APP_TOKEN") == [clone.slack.app_token]
    assert "SLACK_CLIENT_SECRET" not in clone.env
    assert stat.S_IMODE((clone.folder / ".env").stat().st_mode) == 0o600
    others = [each for each in EXAMPLE.read_text().splitlines() if each not in clone.env.splitlines()]
    assert {each.partition("=")[0] for each in others} == {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "GEMINI_API_KEY"}
    assert clone.slack.configuration.apps[APP].manifest == MANIFEST
    [hello] = clone.slack.messages(DM)
    assert hello["text"].startswith("Hello!") and "Usher has said hello to you in Slack" in told
    assert KEY not in told and "Start it: " in told


async def test_done_already_it_makes_nothing_twice_and_says_hello_once(clone: Clone) -> None:
    await clone.types("create", clone.slack.configuration.token, KEY)
    before = clone.env

    code, told = await clone.types("create", "y", clone.slack.configuration.token)

    assert code == 0 and "nothing of it is made twice" in told and "is as its manifest says" in told
    assert list(clone.slack.configuration.apps) == [APP] and clone.env == before
    assert len(clone.slack.messages(DM)) == 1
    code, told = await clone.types("create", "n")
    assert code == 0 and "In Slack, Usher is at https://slack.com/app_redirect?app=A0USHER: open it" in told


@pytest.mark.parametrize("stopped_after", ["create", "bot token", "app token"])
async def test_stopped_half_way_it_goes_on_where_it_was(clone: Clone, stopped_after: str) -> None:
    ours = clone.slack.configuration
    kept = ["create", "bot token", "app token"][: ["create", "bot token", "app token"].index(stopped_after) + 1]
    answers = [ours.token]
    ours_by_hand = {"bot token": lambda: ours.person_installs(), "app token": lambda: ours.person_makes_app_token()}

    async def goes(*given: str) -> tuple[int, str]:
        return await clone.types("create --by-hand", *given)

    code, told = await goes(*answers)  # the app is made; nobody answers any more
    assert code == 2 and "Nobody answered to “Bot User OAuth Token (xoxb-…)”" in told
    assert f"https://api.slack.com/apps/{APP}/install-on-team" in told and clone.lines("SLACK_APP_ID") == [APP]
    bot, app = (act() for act in ours_by_hand.values())
    given = [each for name, each in (("bot token", bot), ("app token", app)) if name in kept]
    if given:
        code, told = await goes(ours.token, *given)
        assert code == 2 and "Nobody answered" in told
    left = [each for each in (bot, app) if each not in given]

    code, told = await goes(*([ours.token, *left] if left else ["n"]), KEY)

    assert code == 0, told
    assert list(ours.apps) == [APP] and clone.lines("GEMINI_API_KEY") == [KEY]
    assert clone.lines("SLACK_BOT_TOKEN") == [bot] and clone.lines("SLACK_APP_TOKEN") == [app]


async def test_where_slack_lets_nothing_be_installed_from_here_each_click_is_told(clone: Clone) -> None:
    clone.slack.will_refuse("apps.developerInstall", "app_approval_request_eligible")
    code, told = await clone.types("create", clone.slack.configuration.token)
    assert code == 2 and "wants an administrator to approve apps" in told
    assert "“Install to …”, then “Allow”" in told
    clone.slack.will_break("apps.developerInstall", done=True)
    code, told = await clone.types("create", clone.slack.configuration.token)
    assert code == 2 and "Slack answered with an error of its own" in told and "“Install to …”" in told
    code, told = await clone.types("create", clone.slack.configuration.token, KEY)
    assert code == 0 and list(clone.slack.configuration.apps) == [APP] and len(clone.slack.messages(DM)) == 1


async def test_an_answer_that_was_lost_is_never_taken_for_a_no(clone: Clone) -> None:
    """There is an app by then: the next run asks, and makes no second one."""
    clone.slack.will_break("apps.manifest.create", done=True)
    code, told = await clone.types("create", clone.slack.configuration.token)
    assert code == 3 and "There may be an app by now" in told
    assert len(clone.slack.of("apps.manifest.create")) == 1, "it is not asked for again unasked"

    code, told = await clone.types(
        "create", f"https://api.slack.com/apps/{APP}/general", clone.slack.configuration.token, KEY
    )

    assert code == 0 and "its answer was lost" in told
    assert list(clone.slack.configuration.apps) == [APP] and clone.lines("SLACK_APP_ID") == [APP]


async def test_a_refusal_makes_no_app_and_leaves_no_trace(clone: Clone) -> None:
    clone.slack.will_refuse("apps.manifest.create", "restricted_action")
    code, told = await clone.types("create", clone.slack.configuration.token)
    assert code == 3 and "ask one of its administrators" in told and "No app was made." in told
    assert clone.lines("SLACK_APP_ID") == []


async def test_what_is_entered_is_looked_at_at_once(clone: Clone) -> None:
    ours = clone.slack.configuration
    for answer, why in (
        (clone.slack.bot_token, "begins with xoxe.xoxp-"),
        ("xoxe.xoxp-1-cut", "Slack does not know this token"),
        ("xoxe-1-used", "each is good for once"),
    ):
        code, told = await clone.types("create", answer)
        assert code == 2 and why in told and answer not in told
    await clone.types("create --by-hand", ours.token)
    ours.person_installs(), ours.person_makes_app_token()
    for answers, why in (
        (["xapp-1-A0USHER-x"], "holds the app-level token"),
        (["xoxb-1-cut"], "may not have been copied whole"),
        ([clone.slack.bot_token, "xoxb-1-x"], "holds the bot token"),
        ([clone.slack.app_token.replace(APP, "A0OTHER")], "It is of another app, A0OTHER: take one of A0USHER"),
        (["xapp-1-A0USHER-cut"], "may not have been copied whole"),
    ):
        code, told = await clone.types("create --by-hand", ours.token, *answers)
        assert code == 2 and why in told, told
    clone.slack.will_refuse("apps.connections.open", "missing_scope")
    code, told = await clone.types("create --by-hand", ours.token, clone.slack.app_token)
    assert code == 2 and "lacks the scope connections:write" in told


async def test_a_token_of_yesterday_is_renewed_by_its_refresh_token(clone: Clone) -> None:
    ours = clone.slack.configuration
    clone.slack.clock.forward(LIVES)
    code, told = await clone.types("create", ours.token)
    assert code == 2 and "more than twelve hours old" in told
    code, told = await clone.types("create", ours.refresh_token, KEY)
    assert code == 0 and "exchanged for a new pair" in told


async def test_tokens_of_an_app_that_is_gone_are_replaced_and_all_else_is_kept(clone: Clone) -> None:
    mine = "# mine\r\nSLACK_BOT_TOKEN=xoxb-1-gone\r\nPORT=9999\r\nexport GEMINI_API_KEY=AIzaMine"
    (clone.folder / ".env").write_bytes(mine.encode())
    code, told = await clone.types("create", clone.slack.configuration.token)
    assert code == 0 and "SLACK_BOT_TOKEN in use is no good for this app" in told
    wanted = mine.replace("xoxb-1-gone", clone.slack.bot_token)
    added = f"\r\nSLACK_APP_ID={APP}\r\nSLACK_APP_TOKEN={clone.slack.app_token}\r\n"
    assert (clone.folder / ".env").read_bytes().decode() == wanted + added


async def test_with_a_public_address_slacks_own_sign_in_is_set_up_too(clone: Clone) -> None:
    (clone.folder / ".env").write_text("PUBLIC_BASE_URL=https://usher.test/\nGEMINI_API_KEY=AIzaMine\n")
    code, _ = await clone.types("create", clone.slack.configuration.token)
    made = clone.slack.configuration.apps[APP]
    assert code == 0 and clone.lines("SLACK_CLIENT_SECRET") == [made.credentials["client_secret"]]
    assert made.manifest["oauth_config"]["redirect_urls"] == ["https://usher.test/members/slack/callback"]


async def test_a_dry_run_asks_nothing_where_there_is_no_app_and_makes_none(clone: Clone) -> None:
    code, told = await clone.types("create --dry-run")
    assert code == 0 and "+ it adds the command /mcp" in told and "+ it asks for the scopes app_mentions:read, " in told
    assert "Nothing was made" in told and not clone.slack.configuration.apps and not list(clone.folder.iterdir())


async def test_what_the_doctor_finds_is_its_exit_code(clone: Clone) -> None:
    clone.health = 1
    code, told = await clone.types("create", clone.slack.configuration.token, KEY)
    assert code == 1 and "Mend what the doctor names, then start it" in told


async def test_an_environment_that_outranks_the_file_is_told(clone: Clone) -> None:
    clone.patch.setenv("SLACK_APP_TOKEN", "xapp-1-old")
    code, told = await clone.types("create", clone.slack.configuration.token, KEY)
    assert code == 0 and "SLACK_APP_TOKEN is also set in the environment, which outranks .env" in told


async def test_a_token_that_does_not_say_whose_it_is_makes_the_app_all_the_same(clone: Clone) -> None:
    clone.slack.will_refuse("auth.test", "not_allowed_token_type")
    code, told = await clone.types("create", clone.slack.configuration.token, KEY)
    assert code == 0 and "in “your workspace”" in told and "Usher is at https://slack.com/" in told
    assert clone.lines("SLACK_APP_ID") == [APP] and not clone.slack.messages(DM)


async def test_ctrl_c_at_a_question_ends_it_with_a_word(clone: Clone) -> None:
    def broken_off(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    clone.patch.setattr(Terminal, "_line", broken_off)
    code, told = await clone.types("create")
    assert code == 130 and told.endswith("What was done so far is kept: run it again to go on from there.\n")


async def test_what_slack_gives_is_kept_and_only_what_it_does_not_give_is_asked_for(clone: Clone) -> None:
    clone.slack.will_refuse("apps.connections.open", "invalid_auth")
    code, told = await clone.types("create", clone.slack.configuration.token)
    assert code == 2 and "what Slack gave as SLACK_APP_TOKEN is no good" in told
    assert clone.lines("SLACK_BOT_TOKEN") == [clone.slack.bot_token] and "Bot User OAuth Token" not in told
    assert "find “App-Level Tokens”" in told


async def test_a_key_that_the_model_refuses_is_not_kept(clone: Clone) -> None:
    code, told = await clone.types("create", clone.slack.configuration.token, clone.bad_key)
    assert code == 2 and "Gemini refuses it." in told and clone.bad_key not in told + clone.env
