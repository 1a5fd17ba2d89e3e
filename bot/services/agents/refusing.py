"""Where an agent does not answer, and what its member is told."""

from storage.tables import Agent

ARCHIVED = (
    "{name} has been archived by an administrator and answers no more. Begin a new thread to ask another agent; in a "
    "channel that was {name}'s, an administrator chooses another one in my Home tab, under Agents."
)


def refusal(agent: Agent) -> str:
    """Empty: it answers."""
    return ARCHIVED.format(name=agent.name) if agent.archived_at else ""
