"""A turn in the direct message in which the model calls a tool whose server asks something meanwhile."""

from typing import Any

from tests.support.slack import DM, OWNER, Usher


async def asked(usher: Usher, tool: str, **arguments: Any) -> dict[str, Any]:
    """The message by which the only connected server asks, after the model has called this tool of it."""
    title = await called_soon(usher, tool, **arguments)
    ts = await usher.slack.person_says(OWNER, DM, "please")
    question = await usher.message_with(f"in the middle of “{title}”")
    assert question["thread_ts"] == ts
    return question


async def called_soon(usher: Usher, tool: str, **arguments: Any) -> str:
    """The next turn calls it; its title."""
    [made] = await usher.services.connections.of(usher.member)
    await usher.services.connections.choices.set_policy(usher.member, made.connection.id, tool, "always")
    tools = (await usher.services.connections._pool.toolset(usher.member)).tools
    asking = next(each for each in tools if each.own_name == tool)
    usher.gemini.will_call((asking.name, arguments))
    usher.gemini.will_say("So be it.")
    return asking.title.partition(": ")[2]


def heard(usher: Usher) -> str:
    """What the model was told of the call."""
    return str(usher.gemini.responses()[-1]["response"])
