"""Commands about ink, and what other nouns ask of it.

A member's own marks are told to nobody: their events carry a number, their tablets fetch the rest (routes.py). Shared
notes and instructions are told to whoever may read the paper they are on.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from meetroom.access import May, Viewer
from meetroom.agenda import readers as agenda_readers
from meetroom.agenda.readers import People, Readers
from meetroom.documents import readers
from meetroom.documents import service as documents
from meetroom.documents.tables import Paper, PaperPage
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.ink import rules
from meetroom.ink.schema import (
    GiveInstruction,
    Ink,
    InkChanged,
    InkView,
    KeptMark,
    Mark,
    MarkChanged,
    MarkHidden,
    MarkKind,
    MarkListed,
    MarkRemoved,
    MarkShown,
    MarkView,
    OneMark,
    OwnKind,
    WriteInk,
)
from meetroom.ink.tables import MarkRow
from meetroom.meetings import service as meetings
from meetroom.store.tables import find
from meetroom.wire import MeetingOrder

AT_ONCE = 200  # marks in one answer of the ink route


@command("ink.write", may=May.TAKE_PART)
def write_ink(call: Call, order: WriteInk) -> InkView:
    """Keep and erase marks of one's own; also after the meeting, which a private mark is no part of. What changes
    nothing is no change. Raises Refusal `not_found` when one of the papers may not be read."""
    member = meetings.own_member(call, order.meeting_id)
    for mark in {(mark.paper_id, mark.image, mark.shared): mark for mark in order.marks}.values():
        _expect_page(call, order, mark, shared=mark.shared)
    keys = {mark.key for mark in order.marks} | set(order.erased)
    query = select(MarkRow).where(MarkRow.member_id == member.id, MarkRow.key.in_(keys))
    rows = {row.key: row for row in call.session.scalars(query)}
    before = revision = _revision(call.session, member.id)
    changed: list[tuple[MarkRow, bool]] = []
    for mark in order.marks:
        rules.expect_whole(mark.kind, mark.points, mark.text)
        row = rows.get(mark.key)
        if row is None:
            row = rows[mark.key] = MarkRow(meeting_id=order.meeting_id, member_id=member.id, key=mark.key)
        elif row.kind == MarkKind.INSTRUCTION:
            raise Refusal("wrong_state", {"state": row.kind})
        elif not row.erased and own_mark(row) == mark:
            continue
        changed.append((row, bool(row.shared)))
        _write(row, mark)
    for key in order.erased:
        row = rows.get(key)
        if row is not None and row.kind == MarkKind.INSTRUCTION:
            raise Refusal("wrong_state", {"state": row.kind})
        if row is not None and not row.erased:
            changed.append((row, bool(row.shared)))
            _erase(row)
    for row, _ in changed:
        revision += 1
        row.revision, row.at = revision, call.now
        call.session.add(row)
    if any(row.shared or was_shared for row, was_shared in changed):
        meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    call.session.flush()
    if _count(call.session, member.id) > rules.MOST_MARKS:
        raise Refusal("too_large", {"limit": rules.MOST_MARKS})
    view = InkView(id=member.id, revision=revision)
    if revision != before:
        call.tell(InkChanged(person_id=member.person_id, ink=view))
    for row, was_shared in changed:
        if row.shared:
            _tell(call, row)
        elif was_shared:
            call.tell(MarkRemoved(id=row.id))
    return view


@command("instruction.give", may=May.INSTRUCT)
def give_instruction(call: Call, order: GiveInstruction) -> MarkView:
    member = meetings.own_member(call, order.meeting_id)
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    _expect_page(call, order, order, shared=True)
    row = MarkRow(
        **order.model_dump(),
        member_id=member.id,
        key=f"instruction {_given(call.session, member.id) + 1}",
        revision=0,  # it is no part of anybody's own ink
        kind=MarkKind.INSTRUCTION,
        colour="blue",
        shared=True,
        erased=False,
        at=call.now,
    )
    call.session.add(row)
    call.session.flush()
    return _tell(call, row)


@command("instruction.withdraw", may=May.INSTRUCT)
def withdraw_instruction(call: Call, order: OneMark) -> None:
    """By who gave it. That it was given and withdrawn stays to be seen, and the journal keeps its words."""
    row = find(call.session, MarkRow, order.meeting_id, order.mark_id)
    member = meetings.own_member(call, order.meeting_id)
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    if row.kind != MarkKind.INSTRUCTION or row.member_id != member.id:
        raise Refusal("not_found")
    if row.withdrawn_at is None:
        row.withdrawn_at, row.text = call.now, ""
        _tell(call, row)


def _expect_page(call: Call, order: MeetingOrder, mark: Mark | GiveInstruction, *, shared: bool) -> Paper:
    """The paper. What was drawn before a paper was taken back is still its hand's; shared is only what can be read.

    Raises Refusal `not_found`."""
    paper = find(call.session, Paper, order.meeting_id, mark.paper_id)
    viewer = meetings.viewer(call.session, call.actor, order.meeting_id)
    pages = select(PaperPage.number).where(PaperPage.paper_id == paper.id, PaperPage.sha256 == mark.image)
    may = readers.may_read if shared else readers.may_see
    if not may(call.session, viewer, paper) or call.session.scalars(pages).first() is None:
        raise Refusal("not_found")
    return paper


def _write(row: MarkRow, mark: Mark) -> None:
    for name, value in mark.model_dump().items():
        setattr(row, name, value)
    row.erased = False


def _erase(row: MarkRow) -> None:
    row.erased, row.shared, row.points, row.text, row.x, row.y, row.width = True, False, "", "", 0, 0, 0


def _revision(session: Session, member_id: int) -> int:
    session.flush()
    return session.scalar(select(func.max(MarkRow.revision)).where(MarkRow.member_id == member_id)) or 0


def _count(session: Session, member_id: int) -> int:
    query = select(func.count()).where(MarkRow.member_id == member_id, MarkRow.erased.is_(False))
    return session.scalar(query) or 0


def _given(session: Session, member_id: int) -> int:
    """How many instructions a member gave; none of them is ever removed."""
    query = select(func.count()).where(MarkRow.member_id == member_id, MarkRow.kind == MarkKind.INSTRUCTION)
    return session.scalar(query) or 0


def _tell(call: Call, row: MarkRow, known: Readers | None = None, was: People | str = "as now") -> MarkView:
    """To those who may read the paper; of those who did (`was`) and may no longer, the mark is taken away."""
    view = mark_view(row)
    paper = find(call.session, Paper, row.meeting_id, row.paper_id)
    everybody, now = readers.people(call.session, paper)
    agenda_readers.tell(
        call,
        everybody=(known or everybody).everybody,
        was=now if isinstance(was, str) else was,
        now=now,
        changed=MarkChanged(mark=view),
        listed=MarkListed(mark=view),
        shown=lambda person: MarkShown(person_id=person, mark=view),
        hidden=lambda person: MarkHidden(person_id=person, id=view.id),
    )
    return view


def ink_view(session: Session, member_id: int) -> InkView:
    return InkView(id=member_id, revision=_revision(session, member_id))


def ink_since(session: Session, member_id: int, since: int) -> Ink:
    """What a tablet of that member does not have yet."""
    query = select(MarkRow).where(MarkRow.member_id == member_id, MarkRow.revision > since, MarkRow.kind.in_(list(OwnKind)))
    rows = session.scalars(query.order_by(MarkRow.revision).limit(AT_ONCE + 1)).all()
    marks = tuple(kept_mark(row) for row in rows[:AT_ONCE])
    more = len(rows) > AT_ONCE
    return Ink(marks=marks, revision=marks[-1].revision if more else _revision(session, member_id), more=more)


def marks_on(session: Session, member_id: int, paper_id: int, images: Sequence[str]) -> list[MarkRow]:
    """A member's own marks on these pages, oldest first."""
    query = select(MarkRow).where(MarkRow.member_id == member_id, MarkRow.paper_id == paper_id, MarkRow.erased.is_(False))
    return [row for row in session.scalars(query.order_by(MarkRow.revision)) if row.image in set(images)]


def shared_on(session: Session, paper_id: int, images: Sequence[str]) -> list[MarkRow]:
    """What was written for everybody on these pages, oldest first."""
    query = select(MarkRow).where(MarkRow.paper_id == paper_id, MarkRow.shared, MarkRow.withdrawn_at.is_(None))
    return [row for row in session.scalars(query.order_by(MarkRow.id)) if row.image in set(images)]


def own_mark(row: MarkRow) -> Mark:
    return Mark.model_validate({name: getattr(row, name) for name in Mark.model_fields})


def kept_mark(row: MarkRow) -> KeptMark:
    return KeptMark(**own_mark(row).model_dump(), at=row.at, revision=row.revision, erased=row.erased)


def mark_view(row: MarkRow) -> MarkView:
    return MarkView.model_validate({name: getattr(row, name) for name in MarkView.model_fields})


def mark_views(session: Session, meeting_id: int, viewer: Viewer) -> list[MarkView]:
    """The shared marks on papers that the viewer may read."""
    readable = [paper.id for paper in documents.readable(session, meeting_id, viewer)]
    return [mark_view(row) for row in _shared(session, readable)]


def _shared(session: Session, papers: Iterable[int]) -> list[MarkRow]:
    query = select(MarkRow).where(MarkRow.paper_id.in_(list(papers)), MarkRow.shared)
    return list(session.scalars(query.order_by(MarkRow.id)))


def _forget_member(call: Call, meeting_id: int, member_id: int) -> None:
    for row in call.session.scalars(select(MarkRow).where(MarkRow.member_id == member_id)):
        if row.shared:
            call.tell(MarkRemoved(id=row.id))
        call.session.delete(row)
    call.session.flush()


def _take_away(call: Call, meeting_id: int, paper_id: int) -> None:
    """With a paper that is taken back goes what was written on it for others."""
    for row in _shared(call.session, [paper_id]):
        call.tell(MarkRemoved(id=row.id))


def _follow_paper(call: Call, paper: Paper, known: Readers, was: People) -> None:
    """Others may read the paper now."""
    for row in _shared(call.session, [paper.id]):
        _tell(call, row, known, was)


meetings.when_removing_member.append(_forget_member)
documents.when_withdrawn.append(_take_away)
readers.when_readers_change.append(_follow_paper)
