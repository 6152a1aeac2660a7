"""Table of requests for the floor: the queue, the speech in hand and those that were held."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from meetroom.store.tables import InMeeting


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
