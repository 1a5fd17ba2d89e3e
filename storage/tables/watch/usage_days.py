"""What a workspace has used on a day that is over, added up by what people look at."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, SlackId

ALL, MEMBER, TOOL, AGENT, LINK, MODEL, PURPOSE = "all", "member", "tool", "agent", "link", "model", "purpose"
KINDS = (ALL, MEMBER, TOOL, AGENT, LINK, MODEL, PURPOSE)


class UsageDay(Base):
    """Of one day, in UTC: made of `ToolUsage` and `ModelUsage` once it is over, and never without its row of `ALL`."""

    __tablename__ = "usage_days"

    workspace_id: Mapped[str] = mapped_column(
        SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    """Of the kind: a member, a card, an agent (empty: in person), a link, a model, a purpose."""
    tool: Mapped[str] = mapped_column(sa.String(200), primary_key=True, default="")
    done: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    failed: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    refused: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    milliseconds: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    cost: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    """Of calls, as far as cards say it."""
    left_out: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    brought: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    last: Mapped[datetime | None] = mapped_column(default=None)
    """Call."""
    requests: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    prompt: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    cached: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    output: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    thoughts: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    money: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    saved: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    priced: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    measured: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    turns: Mapped[int] = mapped_column(sa.BigInteger, default=0)
