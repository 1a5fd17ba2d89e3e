"""What the member has connected, and how it is; never a secret."""

from datetime import datetime

from bot.services.connections.values import ConnectionView
from bot.services.tokens.scopes import Scope
from bot.web.api.operations import Asked, Operation, Told


class Connection(Told):
    id: str
    title: str
    card: str
    """Of which service."""
    state: str
    tools: int
    calls_in_7_days: int
    last_used_at: datetime | None
    created_at: datetime


class Connections(Told):
    connections: list[Connection]


async def list_connections(asked: Asked) -> Connections:
    mine = await asked.services.connections.of(asked.member)
    return Connections(connections=[_told(view) for view in mine])


def _told(view: ConnectionView) -> Connection:
    row = view.connection
    return Connection(
        id=row.id,
        title=row.title,
        card=row.card,
        state=str(view.state),
        tools=sum(tool.state == "accepted" for tool in view.tools),
        calls_in_7_days=view.use.calls,
        last_used_at=view.use.last,
        created_at=row.created_at,
    )


OPERATIONS = (
    Operation(
        "listConnections",
        "Connections",
        "GET",
        "/connections",
        "What the member has connected, and how it is.",
        Scope.CONNECTIONS_READ,
        list_connections,
        Connections,
    ),
)
