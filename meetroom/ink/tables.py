"""The table of marks: strokes and notes on the pages of papers."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from meetroom.store.tables import NEVER_REUSED, InMeeting


class MarkRow(InMeeting):
    """A mark of one member, found again by the key their tablet gave it. `revision` numbers the changes of that member's
    ink; an erased mark stays as a row without content, so that their other tablets hear of it."""

    __tablename__ = "marks"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    key: Mapped[str]
    revision: Mapped[int]
    kind: Mapped[str]
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), index=True)
    image: Mapped[str]
    page: Mapped[int]
    colour: Mapped[str]
    width: Mapped[int] = mapped_column(default=0)
    points: Mapped[str] = mapped_column(default="")
    x: Mapped[int] = mapped_column(default=0)
    y: Mapped[int] = mapped_column(default=0)
    text: Mapped[str] = mapped_column(default="")
    shared: Mapped[bool] = mapped_column(default=False)
    erased: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("member_id", "key"), NEVER_REUSED)
