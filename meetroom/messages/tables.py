"""Table of messages: notes, calls for service, written opinions."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from meetroom.store.tables import InMeeting


class MessageRow(InMeeting):
    __tablename__ = "messages"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    kind: Mapped[str]
    state: Mapped[str]
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    point_id: Mapped[int | None]
    from_desk: Mapped[bool]
    by: Mapped[str]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))
    service: Mapped[str | None]
    text: Mapped[str]
    at: Mapped[datetime]
    handled_by: Mapped[str] = mapped_column(default="")
    taken_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
