"""How a connection is, in one word everywhere: in lists, on the Home tab, in tests, to the model."""

from enum import StrEnum

from storage.tables import Connection


class State(StrEnum):
    """The value is the word for people, in the middle of a sentence."""

    CONNECTED = "connected"
    NEEDS_SIGN_IN = "needs sign-in"
    NOT_ANSWERING = "not answering"
    PAUSED = "paused"
    NOT_PERMITTED = "not permitted here"

    @property
    def offers_tools(self) -> bool:
        """Also while it fails: a call is how it is found out that it works again."""
        return self not in (State.PAUSED, State.NOT_PERMITTED)

    def since(self, moment: str) -> str:
        """«not answering since Monday», where the moment is known and means something."""
        return f"{self} since {moment}" if moment and self is State.NOT_ANSWERING else str(self)


OF_STATUS = {"connected": State.CONNECTED, "sign_in": State.NEEDS_SIGN_IN, "failing": State.NOT_ANSWERING}


def state_of(connection: Connection, *, permitted: bool = True) -> State:
    """What its member has decided, or may not do, goes before what its server did."""
    if not permitted:
        return State.NOT_PERMITTED
    return State.PAUSED if connection.paused_at else OF_STATUS[connection.status]
