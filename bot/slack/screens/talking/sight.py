"""What Usher sees of a member, what is kept of it, and who sees that: a line on Home, and a window with all of it."""

from bot.slack.screens.blocks.elements import Block, View, button, modal, section
from bot.slack.screens.blocks.text import count

OPEN = "home.sight"
TITLE = "What I may see"
IN_SHORT = (
    f"*{TITLE}*\nWhat you write to me, threads in which I am mentioned, and what your own tools give when you ask."
)
IN_SLACK = (
    "*In Slack*\nYour direct message with me, and files that you send there. In a channel that I am in: messages that"
    " mention me, and the thread that these stand in. Slack brings me what else is said there too; I keep and read"
    " none of it. Channels that I am not in, and direct messages of others, I cannot see."
)
TOOLS = (
    "*With your tools*\n{connected} Each acts as you, with your own rights there, and only while I answer you. Your"
    " passwords and keys are sealed: neither I as I answer, nor administrators, can read them."
)
NOTHING, SOME = "You have connected nothing.", "You have connected {}."
KEPT = (
    "*What is kept*\nOur conversations, what your tools gave in them, and your notes. Conversations go after"
    " {days} without a word; you can forget them earlier, under *My memory* or by “forget this conversation”. Notes"
    " stay until you forget them."
)
OTHERS = (
    "*Who else sees it*\nNobody reads our conversations here. Administrators see counts: how many calls, of which"
    " tools, at what cost, and who did what in the audit, never what was said or found. The model that writes my"
    " answers is Google's: it is sent the conversation that it answers, and what your tools give in it."
)


def on_home() -> list[Block]:
    return [section(IN_SHORT, button("All of it", OPEN, label="All of it: what I see, what is kept, and who sees it"))]


def window(connections: int, days: float) -> View:
    """``days`` of silence after which conversations go."""
    connected = SOME.format(count(connections, "tool")) if connections else NOTHING
    kept = KEPT.format(days=f"{days:g} day{'' if days == 1 else 's'}")
    told = (IN_SLACK, TOOLS.format(connected=connected), kept, OTHERS)
    return modal(TITLE, [section(each) for each in told])
