"""Tables of conference points, the conference itself, its recordings, and what the house wants of media nodes."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Double, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from meetroom.store.tables import NEVER_REUSED, InMeeting, Table


class Point(InMeeting):
    """`ingest`: SHA-256 of the token with which an encoder sends for this point."""

    __tablename__ = "points"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str]
    position: Mapped[int]
    link: Mapped[str] = mapped_column(default="absent")
    mic: Mapped[str] = mapped_column(default="off")
    pinned: Mapped[bool] = mapped_column(default=False)
    quality: Mapped[str] = mapped_column(default="high", server_default="high")
    reason: Mapped[str] = mapped_column(default="", server_default="")
    limit: Mapped[str] = mapped_column(default="high", server_default="high")
    site: Mapped[str] = mapped_column(default="", server_default="")
    answered_at: Mapped[datetime | None]
    attending: Mapped[int | None]
    ingest: Mapped[str | None]


class Conference(Table):
    """A meeting without a row is unlocked, without roll call and egress. `egress`: SHA-256 of the players' token."""

    __tablename__ = "conferences"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    locked: Mapped[bool] = mapped_column(default=False)
    roll_called_at: Mapped[datetime | None]
    egress: Mapped[str | None]
    node: Mapped[str] = mapped_column(default="")


class Recording(InMeeting):
    __tablename__ = "recordings"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    state: Mapped[str]
    problem: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    seconds: Mapped[float] = mapped_column(Double, default=0)
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    chapters: Mapped[list[Any]]


class NodeRow(Table):
    __tablename__ = "nodes"
    id: Mapped[int] = mapped_column(primary_key=True)
    node: Mapped[str] = mapped_column(unique=True)
    draining: Mapped[bool] = mapped_column(default=False)
    __table_args__ = NEVER_REUSED
