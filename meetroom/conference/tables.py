"""Table of conference points."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from meetroom.store.tables import InMeeting


class Point(InMeeting):
    __tablename__ = "points"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str]
    position: Mapped[int]
    link: Mapped[str] = mapped_column(default="absent")
    mic: Mapped[str] = mapped_column(default="off")
    pinned: Mapped[bool] = mapped_column(default=False)
