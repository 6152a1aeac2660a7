"""Tables of the floor: its rules, and requests: the queue, the speech in hand and those that were held."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column

from meetroom.store.tables import InMeeting, Table


class Floor(Table):
    """A meeting without a row has the rules of the schema's defaults."""

    __tablename__ = "floors"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), primary_key=True, autoincrement=False)
    rules: Mapped[dict[str, Any]]


class RequestRow(InMeeting):
    __tablename__ = "floor_requests"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    point_id: Mapped[int | None]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))
    kind: Mapped[str]
    state: Mapped[str]
    position: Mapped[int]
    requested_at: Mapped[datetime]
    granted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    seconds: Mapped[int] = mapped_column(default=0)
    speaker: Mapped[str] = mapped_column(default="", server_default="")
    invited: Mapped[bool] = mapped_column(default=False, server_default=false())
    replies_to: Mapped[int | None]
