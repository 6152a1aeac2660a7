"""Tables of uploads, papers, their page images, the receipts of tablets, and the worker's jobs."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from meetroom.store.tables import NEVER_REUSED, InMeeting, Table


def _of_version() -> ForeignKeyConstraint:
    keys = ["paper_versions.paper_id", "paper_versions.number"]
    return ForeignKeyConstraint(["paper_id", "version"], keys, ondelete="CASCADE")


class Upload(Table):
    """A file as one person brought it: only they may make a paper of it. Kept, for it says where a paper came from."""

    __tablename__ = "uploads"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    filename: Mapped[str]
    size: Mapped[int]
    at: Mapped[datetime]


class Paper(InMeeting):
    """A paper; its files are its versions. `withdrawn` hides it whatever they are. A state secret has no version (0)."""

    __tablename__ = "papers"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), index=True)
    position: Mapped[int]
    title: Mapped[str]
    number: Mapped[str] = mapped_column(default="")
    access: Mapped[dict[str, Any]]
    secrecy: Mapped[str] = mapped_column(default="open")
    version: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime]


class PaperVersion(Table):
    """One file of a paper. `state` is how far its pages are, `ready` how many there are, `manifest` the blob that lists them.
    `pdf`: the same as a PDF without anything active, for readers; pages are made from it once it is there."""

    __tablename__ = "paper_versions"
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(index=True)
    filename: Mapped[str]
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(default="application/pdf")
    state: Mapped[str] = mapped_column(default="queued")
    reason: Mapped[str | None]
    page_count: Mapped[int] = mapped_column(default=0)
    ready: Mapped[int] = mapped_column(default=0)
    manifest: Mapped[str | None]
    pdf: Mapped[str | None]
    toc: Mapped[list[Any]] = mapped_column(default=list)
    added_at: Mapped[datetime]
    added_by: Mapped[int | None]


class PaperPage(Table):
    """A page of a version, numbered from 1: PageView's fields as columns."""

    __tablename__ = "paper_pages"
    paper_id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    large: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    tiles: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    text: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    links: Mapped[list[Any]] = mapped_column(default=list)
    changed: Mapped[bool]
    __table_args__ = (_of_version(),)


class PaperBlob(Table):
    """What a version of a paper uses: by its SHA-256 a request for a blob finds the papers that allow it. `kind`: image,
    text or manifest."""

    __tablename__ = "paper_blobs"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    size: Mapped[int]
    __table_args__ = (_of_version(), Index("ix_paper_blobs_version", "paper_id", "version"))


class PageText(Table):
    """The words of a page, folded as a search is (lower case, without marks)."""

    __tablename__ = "page_texts"
    paper_id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    folded: Mapped[str]
    __table_args__ = (_of_version(),)


class ReceiptRow(InMeeting):
    """What one of a member's tablets holds; `held` are the pages, as in ReportReceipt."""

    __tablename__ = "receipts"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    device: Mapped[str]
    version: Mapped[int]
    state: Mapped[str]
    held: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("paper_id", "member_id", "device"), NEVER_REUSED)


class Job(Table):
    """A version on its way through the stages (`kind`), at `page` (from 0). `slow`: not for the lane that must stay free.
    `taken_at` null: waiting. `attempts`: how often it was taken without getting further."""

    __tablename__ = "jobs"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    page: Mapped[int] = mapped_column(default=0)
    slow: Mapped[bool] = mapped_column(default=False)
    taken_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    __table_args__ = NEVER_REUSED
