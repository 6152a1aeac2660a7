"""Tables of what is presented, and of the walls."""

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from meetroom.store.tables import InMeeting, Table


class Display(Table):
    """What is presented; in a meeting without a row nothing is."""

    __tablename__ = "displays"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    paper_id: Mapped[int | None]
    page: Mapped[int] = mapped_column(default=1)
    top: Mapped[int] = mapped_column(default=0)
    left: Mapped[int] = mapped_column(default=0)
    zoom: Mapped[int] = mapped_column(default=100)
    presenter_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))


class Wall(InMeeting):
    """A screen of the hall; `showing` as in the schema."""

    __tablename__ = "walls"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    showing: Mapped[dict[str, Any]]
