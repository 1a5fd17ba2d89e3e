"""The question before a call that may change something, its windows, and what became of it."""

from bot.slack.screens.approvals.buttons import (
    ALWAYS,
    APPROVE,
    ASK_AGAIN,
    CHANGE,
    DENY,
    MORE,
    READ,
    UNDONE,
    WHY,
    Shown,
    destructive,
    leaf_of,
    shown_of,
)
from bot.slack.screens.approvals.question import WINDOW, asked, asked_text, decided, decided_text, reminder, window

__all__ = [
    "ALWAYS",
    "APPROVE",
    "ASK_AGAIN",
    "CHANGE",
    "DENY",
    "MORE",
    "READ",
    "UNDONE",
    "WHY",
    "WINDOW",
    "Shown",
    "asked",
    "asked_text",
    "decided",
    "decided_text",
    "destructive",
    "leaf_of",
    "reminder",
    "shown_of",
    "window",
]
