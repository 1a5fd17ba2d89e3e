"""Who answers here, what it can do, and what it keeps to: asked again and again, in many ways."""

import re

from playground.gemini.demo.conversation import NAME, Conversation
from playground.gemini.demo.talking.abilities import abilities

WHO = (
    f"I am Usher, an assistant that works with your own tools. What answers you here is the"
    f" {NAME}: simple, and without a key. With a Gemini key, the real model takes my place."
)
WHICH = (
    f"Not in this demo: I am the {NAME}, a small program that picks tools by the words of a"
    f" question. With a Gemini key, the real Gemini answers here."
)
NO_PERSON = f"No, I am a program: the {NAME} of Usher. I work for you, with the tools that you connect."
FIRST = (
    (
        r"\b(?:are|r) you (?:a |an |really |the |actually |using |running )*(?:gemini|chat ?gpt"
        r"|gpt|claude|llama|mistral|openai|google|copilot|bard|llm|language model|ai|real model"
        r"|the real|model)\b|\bwhich (?:model|llm|ai)\b|\b(?:what|which) (?:models?|llms?|ais?)\b"
        r"|\bis (?:this|it) (?:gemini|chat ?gpt|claude|an? ai|ai|a real model)\b",
        WHICH,
    ),
    (
        r"\bare you (?:a |an |really |actually )*(?:human|person|real|bot|robot|machine|program"
        r"|alive|sentient|conscious)\b|\bam i (?:talking|speaking|chatting) (?:to|with) (?:a "
        r"|an )?(?:human|person|bot|robot|machine|real)",
        NO_PERSON,
    ),
    (
        r"\bwho (?:are|r) (?:you|this)\b|\bwho is this\b|\bwhat are you\b|\bwhat is your name\b"
        r"|\bdo you have a name\b|\bintroduce yourself\b|\bwho am i (?:talking|speaking) to\b",
        WHO,
    ),
    (
        r"\bhow are you\b|\bhow is it going\b|\bhow do you do\b|\bhow are things\b|\bwhat is up\b",
        "I am well, thank you. What can I do for you?",
    ),
    (
        r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|rules?|prompts?"
        r"|everything|guidelines)\b|\b(?:system|initial|hidden|secret|original) (?:prompt"
        r"|instructions?|message)\b|\b(?:your|the) (?:instructions|prompt|rules)\b|\bjailbreak"
        r"|\bdeveloper mode\b|\byou are now\b|\bpretend (?:to be|you)\b|\bact as\b|\bDAN\b",
        "I keep to how I was set up, and there is no secret in it: I work for you, with your own"
        " tools, and I ask before anything is changed. What can I do for you?",
    ),
    (
        r"\b(?:print|show|reveal|give|tell|list|dump|what is"
        r"|what are)\b.*\b(?:environment variables?|env(?:ironment)? vars?|api keys?|passwords?"
        r"|tokens?|secrets?|credentials|private keys?|other users?|etc/passwd)\b|\b(?:what|which"
        r"|whose) (?:tokens?|secrets?|keys?|credentials|passwords?)\b",
        "I have no access to keys, tokens or other people's data, so there is nothing of that kind for me to show.",
    ),
    (
        r"\b(?:stupid|idiot|useless|dumb|you suck|terrible|bad bot|rubbish|garbage|worst|shut up"
        r"|hate you|wtf|fuck\w*|shit|crap)\b",
        "I am sorry that I was no better help. Tell me what you wanted, and I try again.",
    ),
    (
        r"\b(?:i love you|you are (?:great|awesome|the best|amazing|cute|smart|funny)|marry me)\b",
        "That is kind of you. What can I do for you next?",
    ),
)
ABILITIES = re.compile(
    r"\bwhat (?:all )?can (?:you|i|one|we|usher|u) (?:do|ask|say|try|help)|\bwhat (?:do you do"
    r"|else can you)|\b(?:which|what|list|show)\b.{0,30}\b(?:tools?|connections?|capabilities"
    r"|features|abilities|integrations?|servers?)\b|^\W*help(?: me)?(?: out)?\W*$"
    r"|\bhow can you help\b|\bcan you help\b|\bi need (?:some )?help\W*$|^\W*(?:what now"
    r"|what next|now what|options|menu|commands?|capabilities|tools?|start)\W*$",
    re.I,
)


def about_me(text: str, talk: Conversation) -> str | None:
    """What is about this assistant, whatever tools there are."""
    if ABILITIES.search(text):
        return abilities(talk)
    return next((answer for pattern, answer in FIRST if re.search(pattern, text, re.IGNORECASE)), None)
