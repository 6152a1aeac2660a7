"""What goes into a printout: the papers its member may read, in the order of the agenda, with their ink."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from meetroom.access import Actor
from meetroom.agenda import service as agenda
from meetroom.documents import readers
from meetroom.documents import service as documents
from meetroom.documents.tables import Paper, PaperPage, PaperVersion
from meetroom.ink import service as ink
from meetroom.ink.tables import MarkRow
from meetroom.meetings import service as meetings
from meetroom.meetings.tables import Member
from meetroom.printing.tables import PrintoutRow
from meetroom.store.tables import find
from meetroom.wire import VIETNAM

WORDS = {
    "pack": "TÀI LIỆU HỌP",
    "list": "DANH MỤC TÀI LIỆU",
    "for": "Bản in của",
    "printed": "In lúc",
    "on_paper": "bản giấy",
}


@dataclass(frozen=True)
class Part:
    """One paper: its file (a PDF, where it is one), the images of its pages, and what is drawn on them, with the page's number
    in this version."""

    paper_id: int
    version: int
    file: str
    images: tuple[str, ...]
    marks: list[dict[str, Any]] = field(default_factory=list)

    def order(self, images: list[int] | None = None) -> dict[str, Any]:
        """For the child; `images`: their sizes, when they are what it gets."""
        return {"pdf": images is None, "images": images or [], "marks": self.marks}


def gather(session: Session, row: PrintoutRow, now: datetime) -> tuple[dict[str, Any], list[Part]]:
    """What stands on cover and pages, and the papers with a file, as the member may read them at this moment."""
    member = find(session, Member, row.meeting_id, row.member_id)
    meeting = meetings.load(session, row.meeting_id)
    viewer = meetings.viewer(session, Actor(member.person_id), row.meeting_id)
    allowed = {paper.id for paper in documents.readable(session, row.meeting_id, viewer)}
    items = {item.id: (place, item) for place, item in enumerate(agenda.views(session, row.meeting_id))}
    papers = [session.get(Paper, id) for id in allowed if row.paper_id in (None, id)]
    chosen = sorted((p for p in papers if p is not None), key=lambda p: (items[p.item_id][0], p.position, p.id))
    parts: list[Part] = []
    entries = []
    for paper in chosen:
        part = _part(session, paper, member, with_ink=row.ink)
        item = items[paper.item_id][1]
        name = f"{item.number}. {item.title}" if item.number else item.title
        entries.append({"item": name, "title": paper.title, "number": paper.number, "part": len(parts) if part else None})
        if part is not None:
            parts.append(part)
    marked = meeting.watermark != "none" or any(readers.access_of(paper).kind != "all" for paper in chosen)
    at = f"{now.astimezone(VIETNAM):%H:%M, %d/%m/%Y}"
    holder = f"{member.full_name}, {member.position}" if member.position else member.full_name
    starts = meeting.starts_at.astimezone(VIETNAM)
    order = {
        "cover": row.paper_id is None,
        "title": row.title,
        "body": meeting.body or " ",
        "when": f"{starts:%H giờ %M}, ngày {starts:%d} tháng {starts:%m} năm {starts:%Y}",
        "place": meeting.place,
        "holder": holder,
        "at": at,
        "entries": entries,
        "words": WORDS,
        "watermark": f"{member.full_name} · {at}" if marked else "",
    }
    return order, parts


def _part(session: Session, paper: Paper, member: Member, *, with_ink: bool) -> Part | None:
    """The newest version that has all its pages; None: it is on paper only, or not ready."""
    query = select(PaperVersion).where(PaperVersion.paper_id == paper.id, PaperVersion.state == "ready")
    version = session.scalars(query.order_by(PaperVersion.number.desc())).first()
    if version is None:
        return None
    pages = select(PaperPage.sha256).where(PaperPage.paper_id == paper.id, PaperPage.version == version.number)
    images = tuple(session.scalars(pages.order_by(PaperPage.number)))
    part = Part(paper.id, version.number, version.pdf or version.file, images)
    if with_ink:
        own, shared = ink.marks_on(session, member.id, paper.id, images), ink.shared_on(session, paper.id, images)
        rows = {mark.id: mark for mark in (*own, *shared)}
        for number, image in enumerate(images, 1):
            part.marks.extend(_mark(session, mark, number) for mark in rows.values() if mark.image == image)
    return part


def _mark(session: Session, mark: MarkRow, page: int) -> dict[str, Any]:
    by = find(session, Member, mark.meeting_id, mark.member_id)
    names = ("kind", "colour", "width", "points", "x", "y", "text")
    who = f"{by.full_name}, {by.position}" if by.position else by.full_name
    at = f"{mark.at.astimezone(VIETNAM):%H:%M, %d/%m/%Y}"
    return {**{name: getattr(mark, name) for name in names}, "page": page, "by": f"{who} · {at}"}
