"""A member looks through what is remembered of them, and has it forgotten; an admin says for how long it is kept."""

from bot.slack.edge.registration import Registry
from bot.slack.listeners.memory import forgetting, searching
from bot.slack.services import Services

__all__ = ["hang"]


def hang(registry: Registry, services: Services) -> None:
    searching.hang(registry, services)
    forgetting.hang(registry, services)
