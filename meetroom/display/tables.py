"""Table of what the hall sees."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from meetroom.store.tables import Table


class Display(Table):
    """A meeting without a row shows what follows from the sitting, nobody presenting."""

    __tablename__ = "displays"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    mode: Mapped[str] = mapped_column(default="auto")
    paper_id: Mapped[int | None]
    page: Mapped[int] = mapped_column(default=1)
    top: Mapped[int] = mapped_column(default=0)
    left: Mapped[int] = mapped_column(default=0)
    zoom: Mapped[int] = mapped_column(default=100)
    presenter_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    vote_id: Mapped[int | None]
