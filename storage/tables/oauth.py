"""Sign-ins by OAuth that have begun, and who is renewing a grant."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, Id, SlackId, id_column, now, workspace_column


class OAuthFlow(Base):
    """A member has been sent to a sign-in server, and the answer is awaited in any process.

    Both hashes belong to secrets: the state that comes back with the answer, and the cookie of the browser that began.
    """

    __tablename__ = "oauth_flows"

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    member_id: Mapped[str] = mapped_column(SlackId)
    state_hash: Mapped[bytes] = mapped_column(unique=True)
    browser_hash: Mapped[bytes]
    key_id: Mapped[str] = mapped_column(sa.String(16))
    wrapped_key: Mapped[bytes]
    nonce: Mapped[bytes]
    ciphertext: Mapped[bytes]
    """What the callback needs: the verifier, who we are there, what is being connected."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class OAuthLease(Base):
    """One process at a time renews a connection's grant: whoever holds its row, until then."""

    __tablename__ = "oauth_leases"

    workspace_id: Mapped[str] = workspace_column()
    connection_id: Mapped[str] = mapped_column(Id, primary_key=True)
    holder: Mapped[str] = mapped_column(Id)
    until: Mapped[datetime]
