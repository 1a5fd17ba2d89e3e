"""/mcp and /tempchat, word by word."""

from tests.support.slack import DM, GENERAL, MEMBER, OWNER, Usher, said


async def test_a_bare_command_is_help(usher: Usher) -> None:
    await usher.slack.command(OWNER, GENERAL, "/mcp")
    shown = await usher.message_with("/mcp connect [card]", GENERAL)
    assert shown["ephemeral"]
    assert "time" in said(shown) and "custom" in said(shown)


async def test_an_unknown_word_names_the_nearest_and_is_not_echoed(usher: Usher) -> None:
    await usher.slack.command(OWNER, GENERAL, "/mcp lits")
    shown = await usher.message_with("/mcp list", GENERAL)
    assert "lits" not in said(shown)
    await usher.slack.command(OWNER, GENERAL, "/tempchat rewoke")
    assert await usher.message_with("/tempchat revoke", GENERAL)


async def test_a_token_after_a_command_is_refused_and_never_repeated(usher: Usher) -> None:
    token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
    await usher.slack.command(OWNER, GENERAL, f"/mcp connect custom {token}")
    shown = await usher.message_with("looks like a password or token", GENERAL)
    assert shown["ephemeral"] and token not in said(shown)
    assert usher.modal() is None
    assert token not in str(usher.slack.calls)


async def test_a_reply_is_seen_by_nobody_else(usher: Usher) -> None:
    await usher.slack.command(OWNER, GENERAL, "/mcp list")
    await usher.message_with("Nothing is connected yet", GENERAL)
    assert usher.slack.messages(GENERAL, MEMBER) == []


async def test_a_connection_that_is_not_there_is_named_with_the_nearest(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    await usher.slack.command(OWNER, DM, "/mcp disconnect Nodes")
    assert "Notes" in said(await usher.message_with("Did you mean"))
