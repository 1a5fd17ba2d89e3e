"""Questions about the product itself: what it is, where words and tokens go, how things are undone."""

import re

from playground.gemini.demo.conversation import Conversation

KEY = (
    "Start it again with a key, `GEMINI_API_KEY=… make try`, and the real Gemini answers here; the rest stays as it is."
)
PRIVATE = (
    "What you write is stored in this installation's database. Messages, tool definitions and what tools return go to"
    " the model's provider. In this demo that is the offline demo model, so all of it stays on this machine; with a"
    " real key, it is Google. Notes stay at the server that keeps them, and each tool reaches only its own service."
    " Tokens are kept sealed, and no model ever sees them."
)
FACTS = tuple(
    (re.compile(pattern, re.IGNORECASE), answer)
    for pattern, answer in (
        (
            r"\b(?:privacy|gdpr|is (?:this|it|that) (?:safe|secure|private|confidential)"
            r"|(?:is|are) my (?:\w+ )?(?:data|messages?|words|notes?|conversations?|chats?|files?)"
            r" (?:\w+ )?(?:safe|secure|private|confidential|encrypted|stored|kept|saved|sent|shared)"
            r"|where (?:do you|does usher|is|are)\b(?!.*\b(?:token|password|secret|credential|key)s?\b)"
            r".*\b(?:store[ds]?|ke(?:ep|pt)|saved?)\b|where (?:does"
            r"|do|is|are) my (?:data|messages?|words)"
            r"|(?:data|messages?|anything|info(?:rmation)?) (?:sent|stored|shared|leaving|go(?:ing)?"
            r"|used|logged|saved)|do you (?:store|share|save|log|keep|train on|record)\b"
            r"|train(?:ed|ing)? on my|data protection|phone home)",
            PRIVATE,
        ),
        (
            r"\b(?:token|password|secret|credential|api key)s?\b.*\b(?:stor|kept|keep|saved?|safe|see"
            r"|seen|go|paste|secure)\w*|\bwhere (?:is|are) my (?:token|password|secret|key)s?",
            "Tokens are entered on a page of their own that works once, never in the chat. They are"
            " kept sealed, only your own connection uses them, and no model sees them. Please never"
            " paste one here.",
        ),
        (
            r"\bwhat (?:is|are) (?:a |an |the )?(?:temporary )?(?:chat |guest |temp ?chat ?)+links?\b"
            r"|\bhow do(?:es)? (?:a |the )?(?:chat |guest )?links? work\b|\bwhat (?:is"
            r"|does) (?:a )?/?temp ?chat\b|\bexplain (?:the )?chat links?\b",
            "A chat link lets somebody without Slack chat with me in a browser, for as long and for"
            " as many guests as you set. You hear when a chat begins, get all of it at the end, and"
            " can end it at any time. Say “make a chat link for a customer”, or type `/tempchat"
            " create`.",
        ),
        (
            r"\bhow (?:do|can|would|should) (?:i|we|you) (?:remove|revoke|delete|end|cancel|close|stop"
            r"|kill|take back|undo) (?:a |the |my |an )?(?:chat |guest |temporary )*links?\b",
            "Say “revoke the link …” with its title, or type `/tempchat revoke` and the title in the"
            " message box. It stops working at once, and the chats on it end.",
        ),
        (
            r"\bhow (?:do|can) (?:i|we) (?:make|create|get|share|send) (?:a |the |an )?(?:chat |guest "
            r"|temporary )*links?\b|\b(?:how (?:do|can)|can) (?:i|we) (?:invite|share|let"
            r"|give)\b.*\b(?:customers?|guests?|clients?|someone|somebody|people|prospects?|this|you)\b"
            r"|\b(?:without|outside(?: of)?|not on) slack\b.*\?",
            "Say “make a chat link for a customer, for two days”, or type `/tempchat create` in the"
            " message box. You see its address alone, once, and send it on yourself.",
        ),
        (
            r"\bhow (?:do|can) (?:i|we) (?:see|list|find) (?:my |the |all )?(?:chat |guest )*links?\b",
            "Say “list my chat links”, or type `/tempchat list` in the message box.",
        ),
        (
            r"\bhow (?:do|can) (?:i|we) (?:disconnect|remove|delete|unlink|revoke) (?:a |the |my "
            r"|an )?(?:tool|connection|server|account|access)s?\b|\bhow (?:do|can) (?:i"
            r"|we) disconnect\b[\s?]*$",
            "Type `/mcp disconnect` and the name of the connection in the message box, or use the"
            " button in my Home tab. It ends the connection and forgets its token.",
        ),
        (
            r"\b(?:url|address) (?:of|for) (?:the|my|a) (?:chat )?link|\blink'?s (?:url|address)"
            r"|\b(?:see|show|find|get) (?:me )?the (?:chat )?link again|\blost (?:the"
            r"|my) (?:chat )?link",
            "A link's address is shown once, to you alone, when it is made; nobody can show it again,"
            " and I never see it. If it is lost, revoke that link and let me make a new one.",
        ),
        (
            r"\b(?:two|three|four|five|six|\d+) (?:chat |temporary |guest )*links\b",
            "I make one link at a time. A single link can take several guests: say “make a chat link"
            " for a customer, for 3 guests”.",
        ),
        (
            r"\b(?:so|too|very|really|bit) slow\b|\bslow(?:ly)?\W*$|\btak(?:es|ing) (?:so|too) long\b"
            r"|\bfaster\b",
            "I am sorry for the wait. This demo writes at about the speed of a real model; most of"
            " the rest is a tool that takes its time, or a question that waits for you.",
        ),
        (
            r"\bwhat (?:is|are|does) (?:an? )?mcp\b|\bmcp (?:server|mean)",
            "MCP is an open standard by which an assistant uses tools: a server offers them, and I"
            " call them for you. `/mcp connect` connects one, and only you use your connections.",
        ),
        (
            r"\bwhat (?:is|does) (?:this|usher|it|this (?:app|thing|bot))(?: do| for)?[\s?!.]*$"
            r"|\bwhat are you for\b|\bhow does (?:this|usher|it) work\b"
            r"|\btell me (?:more )?about (?:usher|yourself|this)\b|\bwho (?:made|built|created"
            r"|wrote) (?:you|usher|this)\b|\bhow do you work\b|\bwhat is usher\b",
            "Usher is a Slack app with two doors to one assistant: members connect their own tools"
            " and ask here, and guests without Slack chat through temporary links. It asks before it"
            " changes anything.",
        ),
        (
            r"\bwhy (?:do|did|must|are) you (?:always )?(?:ask|asking|need)\b|\bapprov(?:e"
            r"|al)s?\b.*\b(?:why|work|what|need|skip|off|always|how)|\b(?:why|what|how|can|turn off"
            r"|skip|stop).*\bapprov|\bhow (?:can|do) i stop you (?:from )?asking",
            "I ask before a tool may change something, because you decide what happens under your"
            " name. The question shows exactly what would run. “Always” frees one tool from asking,"
            " and `/mcp tools` lets you take that back.",
        ),
        (
            r"\b(?:how (?:do|can) i|where do i) (?:get|use|set|enter|add) (?:an? |the |my "
            r"|your )?(?:real model|gemini|(?:gemini |api )*key)|\breal (?:model|gemini|ai|one)\b"
            r"|\bapi key\b|\bbetter model\b",
            KEY,
        ),
        (
            r"\b(?:is (?:this|it|usher) free|how much (?:does|do) (?:this|it|usher|you) cost"
            r"|what (?:is|are) (?:your|the|usher's) (?:pricing|prices?|costs?|plans?)"
            r"|what does (?:this|it|usher) cost|cost anything)\b|^pricing\W*$",
            "This demo costs nothing and needs no account. Usher itself is open source; with a real"
            " model, its provider charges you for what is used.",
        ),
        (
            r"\b(?:who|can (?:others|other people|my (?:boss|colleagues|team|coworkers)|anyone"
            r"|somebody)) .*\b(?:see|use|access|read)\b.*\b(?:tools?|connections?|notes|messages?"
            r"|chats?|this)\b",
            "Your connections are yours alone: nobody else uses them, and nobody else can approve for"
            " you. In a direct message only you read my answers; in a channel everybody in it does.",
        ),
        (
            r"\b(?:which|what) (?:slash )?commands\b|\bslash commands?\b|\bhow do i use (?:this|you"
            r"|usher)\b|^/?(?:mcp|tempchat) help\b|\bwhere do i (?:start|begin)\b|\bhow do i (?:start"
            r"|begin)\b|\bget started\b",
            "`/mcp` is for your tools and `/tempchat` for chat links; each shows its own help."
            " Everything is also in my Home tab, and you can ask me in plain words. A good start:"
            " connect Time with `/mcp connect`, then ask “what time is it in Tokyo?”",
        ),
        (
            r"^/\w+",
            "That is a command, and commands work only in the message box below the conversation, not"
            " inside a thread. My Home tab has buttons for all of them.",
        ),
        (
            r"\b(?:make|change|set|extend|prolong) (?:it|the link|that|this)\b.*\b(?:\d+|one|two|three"
            r"|more|longer) ?(?:days?|hours?|weeks?|guests?|people)?\b(?=.*(?:day|hour|week|guest"
            r"|people|longer|more))|\bextend the link\b|\bfor (?:\d+|two|three) (?:guests|days"
            r"|hours) instead\b",
            "A link cannot be changed once it is made. Revoke it, and tell me what the new one should"
            " be like: for whom, how long, and for how many guests.",
        ),
        (
            r"\b(?:undo|take (?:that|it) back|revert|restore|bring .* back)\b",
            "I cannot undo what a tool has done. Tell me what should be there instead, and I do that"
            " if a connected tool can.",
        ),
        (
            r"\b(?:does not|doesn't|doesnt|not|isn't|is not|nothing) work(?:s|ing)?\b|\b(?:bug|broken"
            r"|error)\b.*\b(?:here|you|usher|report)\b|\breport a (?:bug|problem)\b",
            "I am sorry about that. `/mcp test` shows whether a connection answers, and `/mcp list`"
            " whether one needs you. Tell me what you tried, and I try again.",
        ),
        (
            r"\bdelete (?:my|all my|this) (?:data|account|history|conversation|messages)\b"
            r"|\bforget (?:me|everything|what i said)\b",
            "I cannot delete conversations. `/mcp disconnect` forgets a connection and its token; for"
            " the rest ask your workspace's admin.",
        ),
    )
)


def fact(text: str, talk: Conversation) -> str | None:
    return next((answer for pattern, answer in FACTS if pattern.search(text)), None)
