"""Beginnings for links that many people make: each fills the form, and all of it can be changed there."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Template:
    """``covers`` are what the agent asks in the course of the chat; ``starters`` are what a guest may begin with."""

    label: str
    title: str = ""
    purpose: str = ""
    instructions: str = ""
    starters: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    hours: float = 24.0
    guests: int = 1
    messages: int = 30


BLANK = "blank"
TEMPLATES: Mapping[str, Template] = {
    BLANK: Template("None: I write it myself"),
    "daily_plan": Template(
        "A plan for the day",
        title="Plan for today",
        purpose="A few minutes to plan your day: what matters, what may get in the way, and where to begin.",
        instructions="Help the guest to plan one day. Help them to choose at most three things that matter, put these"
        " in an order with rough times, and end with the plan as a short list. Ask one question at a time.",
        starters=("Let us plan my day", "I have too much to do today", "Where should I begin?"),
        covers=("What has to be done today?", "What matters most of it?", "What could get in the way?"),
    ),
    "daily_accountability": Template(
        "A daily check-in",
        title="Daily check-in",
        purpose="A short look at the day: what you meant to do, what you did, and what comes next.",
        instructions="Be warm and brief. Do not judge. When something was not done, ask what stood in the way and what"
        " one small step would be. End with what was done, what was not, and the next step, in three lines.",
        starters=("I did what I planned", "It did not go as planned", "I got half of it done"),
        covers=("What did you mean to do?", "What did you do?", "What stood in the way?", "What is the next step?"),
        messages=20,
    ),
    "support": Template(
        "Help with a problem",
        title="Support",
        purpose="Say what does not work or what you want to know. The assistant helps, and what it cannot answer a"
        " person will read.",
        instructions="Find out what the guest wants to do, what happens instead, and what they tried. Give one step at"
        " a time and ask whether it helped. Promise no refunds, dates or features.",
        starters=("Something does not work", "I have a question", "I would like to talk to a person"),
        covers=("What were you trying to do?", "What happened instead?", "Did that solve it?"),
        hours=72.0,
        guests=5,
    ),
    "survey": Template(
        "A short survey",
        title="Short survey",
        purpose="A few questions, about three minutes. Answer in your own words; you may skip any.",
        instructions="Ask the questions below one at a time and in this order. Take short answers, ask back at most"
        " once each, and accept it when one is skipped. Do not argue with an opinion. End with thanks.",
        starters=("I am ready", "How long does it take?", "Who reads my answers?"),
        covers=("What do you use it for?", "What works well?", "What would you change first?"),
        hours=168.0,
        guests=25,
        messages=20,
    ),
    "onboarding": Template(
        "A first week",
        title="Welcome aboard",
        purpose="Ask whatever you wonder about in your first days. No question is too small.",
        instructions="Welcome the guest, and find out what their first days look like. Answer from what the notes here"
        " say; where they say nothing, say so and name the question for the host. Never guess at rules or dates.",
        starters=("What should I do first?", "Who helps me with what?", "What do people here expect of me?"),
        covers=("What do you already have, and what is missing?", "What is unclear?", "What would help you most?"),
        hours=168.0,
    ),
}
