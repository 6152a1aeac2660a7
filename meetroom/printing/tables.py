"""The table of printouts, which is also the press's queue."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from meetroom.store.tables import InMeeting


class PrintoutRow(InMeeting):
    """A PDF for one member. `papers` are those in it ([paper, version]): whoever may no longer read one of them does not get
    the file. `taken_at`: a press works on it. `gone`: its file leaves the disk."""

    __tablename__ = "printouts"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"))
    ink: Mapped[bool]
    title: Mapped[str]
    state: Mapped[str] = mapped_column(default="queued", index=True)
    reason: Mapped[str | None]
    papers: Mapped[list[Any]] = mapped_column(default=list)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    file: Mapped[str | None]
    size: Mapped[int] = mapped_column(default=0)
    taken_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    gone: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
