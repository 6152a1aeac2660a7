"""Tables of uploads, papers, their page images, the receipts of tablets, and the worker's jobs."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from meetroom.store.tables import NEVER_REUSED, InMeeting, Table


class Upload(Table):
    """A file as one person brought it: only they may make a paper of it. Kept, for it says where a paper came from."""

    __tablename__ = "uploads"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    filename: Mapped[str]
    size: Mapped[int]
    at: Mapped[datetime]


class Paper(InMeeting):
    """A paper in its newest version. `state` is how far its pages are; `withdrawn` hides it whatever that is."""

    __tablename__ = "papers"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), index=True)
    position: Mapped[int]
    title: Mapped[str]
    number: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    file: Mapped[str]
    filename: Mapped[str]
    size: Mapped[int]
    state: Mapped[str] = mapped_column(default="queued")
    reason: Mapped[str | None]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    page_count: Mapped[int] = mapped_column(default=0)
    added_at: Mapped[datetime]


class PaperPage(Table):
    """A page image of a paper's newest version, numbered from 1. By its SHA-256 a request for a blob finds the papers
    that allow it."""

    __tablename__ = "paper_pages"
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(index=True)
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]


class ReceiptRow(InMeeting):
    __tablename__ = "receipts"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    version: Mapped[int]
    state: Mapped[str]
    pages: Mapped[int]
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("paper_id", "member_id"), NEVER_REUSED)


class Job(Table):
    """Pages to be made. `taken_at` null: waiting. `attempts`: how often it was taken without getting further."""

    __tablename__ = "jobs"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    taken_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    __table_args__ = NEVER_REUSED
