"""Commands about presenting a paper. Only who may read it is told what is on show."""

from sqlalchemy.orm import Session

from meetroom.access import Actor, May, Viewer, may
from meetroom.agenda import readers
from meetroom.agenda.readers import People, Readers
from meetroom.display.schema import (
    DisplayChanged,
    DisplayListed,
    DisplayShown,
    DisplayView,
    HandOver,
    Point,
    Pointing,
    Present,
    Presenting,
)
from meetroom.display.tables import Display
from meetroom.documents import readers as paper_readers
from meetroom.documents import service as documents
from meetroom.documents.tables import Paper
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.floor import record as floor
from meetroom.meetings import service as meetings
from meetroom.meetings.schema import OneMeeting
from meetroom.meetings.tables import Member
from meetroom.store.tables import find


@command("display.present", may=May.PRESENT)
def present(call: Call, order: Present) -> None:
    """Start presenting, or turn the page. Those who run the floor may, whoever has it, and who presents already."""
    meetings.expect_open(meetings.load(call.session, order.meeting_id))
    viewer = meetings.viewer(call.session, call.actor, order.meeting_id)
    documents.expect_page(call.session, viewer, order.meeting_id, order.paper_id, order.page)
    display, member = _load(call, order.meeting_id), meetings.own_member(call, order.meeting_id)
    holder = floor.holder(call.session, order.meeting_id)
    has_floor = holder is not None and holder.member_id == member.id
    if not (call.may(May.RUN_FLOOR) or has_floor or display.presenter_id == member.id):
        raise Refusal("forbidden")
    was = "as now" if display.paper_id == order.paper_id else _people(call.session, display)
    display.paper_id, display.presenter_id = order.paper_id, member.id
    display.page, display.top, display.left, display.zoom = order.page, order.top, order.left, order.zoom
    _tell(call, display, was)


@command("display.hand_over", may=May.PRESENT)
def hand_over(call: Call, order: HandOver) -> None:
    """Give what is on show to another member, who turns the pages from now on: by the presenter, and by who runs the floor.
    Who gets it must be one who may present at all, and may read the paper."""
    meetings.expect_open(meetings.load(call.session, order.meeting_id))
    display, member = _load(call, order.meeting_id), meetings.own_member(call, order.meeting_id)
    if not (call.may(May.RUN_FLOOR) or display.presenter_id == member.id):
        raise Refusal("forbidden")
    other = find(call.session, Member, order.meeting_id, order.member_id)
    if display.paper_id is None:
        raise Refusal("nobody_presents")
    if not (_reads(call.session, display, other) and may(frozenset({other.role}), May.PRESENT)):
        raise Refusal("cannot_present")
    display.presenter_id = other.id
    _tell(call, display)


def pointing(session: Session, actor: Actor, order: Point) -> tuple[Pointing, list[str]]:
    """What of a presenter's movement others may see, and the audiences that may. Raises Refusal `not_found` to who is outside the
    meeting, `forbidden` unless this person presents this paper now."""
    viewer = meetings.viewer(session, actor, order.meeting_id)
    if not viewer.may(May.SEE_MEETING):
        raise Refusal("not_found")
    display = session.get(Display, order.meeting_id)
    presents = display is not None and display.paper_id == order.paper_id and display.presenter_id == viewer.member_id
    if display is None or not (presents and viewer.may(May.PRESENT)):
        raise Refusal("forbidden")
    documents.expect_page(session, viewer, order.meeting_id, order.paper_id, order.page)
    return Pointing(**order.model_dump(exclude={"meeting_id"})), readers.rooms(_people(session, display))


@command("display.stop", may=May.PRESENT)
def stop(call: Call, order: OneMeeting) -> None:
    """End presenting; tablets stay where they are."""
    display, member = _load(call, order.meeting_id), meetings.own_member(call, order.meeting_id)
    if not (call.may(May.RUN_FLOOR) or display.presenter_id == member.id):
        raise Refusal("forbidden")
    _clear(call, display, _people(call.session, display))


def leave_paper(call: Call, meeting_id: int, paper_id: int) -> None:
    """A paper was taken back: nobody presents it any more."""
    display = call.session.get(Display, meeting_id)
    if display is not None and display.paper_id == paper_id:
        _clear(call, display, _people(call.session, display))


def follow_readers(call: Call, paper: Paper, _known: Readers, was: People) -> None:
    """Others may read a paper now. If its presenter may not, nobody presents it any more."""
    display = call.session.get(Display, paper.meeting_id)
    if display is None or display.paper_id != paper.id or display.presenter_id is None:
        return
    if _reads(call.session, display, find(call.session, Member, display.meeting_id, display.presenter_id)):
        _tell(call, display, was)
    else:
        _clear(call, display, was)


documents.when_withdrawn.append(leave_paper)
paper_readers.when_readers_change.append(follow_readers)


def _clear(call: Call, display: Display, was: People) -> None:
    display.paper_id, display.presenter_id = None, None
    display.page, display.top, display.left, display.zoom = 1, 0, 0, 100
    _tell(call, display, was)


def _load(call: Call, meeting_id: int) -> Display:
    display = call.session.get(Display, meeting_id)
    if display is None:
        display = Display(meeting_id=meeting_id, page=1, top=0, left=0, zoom=100)
        call.session.add(display)
    return display


def _reads(session: Session, display: Display, member: Member) -> bool:
    """Whether a member may read what is on show."""
    viewer = meetings.viewer(session, Actor(member.person_id), display.meeting_id)
    return documents.may_read(session, viewer, find(session, Paper, display.meeting_id, display.paper_id or 0))


def _people(session: Session, display: Display) -> People:
    """Who may know what is on show, secretaries apart. That nothing is on show need not be told to anybody."""
    paper = session.get(Paper, display.paper_id or 0)
    if paper is None:
        return paper_readers.NOBODY if display.paper_id is None else None  # of what was removed all have been told
    return Readers(session, display.meeting_id).of(paper.item_id, paper_readers.access_of(paper))


def _tell(call: Call, display: Display, was: People | str = "as now") -> None:
    """`was`: who could know what was on show before. That it no longer is, is news to them alone."""
    call.session.flush()
    now = was if display.paper_id is None and not isinstance(was, str) else _people(call.session, display)
    shown, nothing = view(call.session, display.meeting_id), DisplayView(id=display.meeting_id, presenting=None)
    readers.tell(
        call,
        everybody=frozenset() if now is None else Readers(call.session, display.meeting_id).everybody,
        was=now if isinstance(was, str) else was,
        now=now,
        changed=DisplayChanged(display=shown),
        listed=DisplayListed(display=shown),
        shown=lambda person: DisplayShown(person_id=person, display=shown),
        hidden=lambda person: DisplayShown(person_id=person, display=nothing),
    )


def view(session: Session, meeting_id: int, viewer: Viewer | None = None) -> DisplayView:
    """As a viewer may see it, or whole."""
    display = session.get(Display, meeting_id)
    if display is None or display.paper_id is None or display.presenter_id is None:
        return DisplayView(id=meeting_id, presenting=None)
    if viewer is not None and not documents.may_see(session, viewer, find(session, Paper, meeting_id, display.paper_id)):
        return DisplayView(id=meeting_id, presenting=None)
    presenter = find(session, Member, meeting_id, display.presenter_id)
    place = {name: getattr(display, name) for name in ("paper_id", "page", "top", "left", "zoom")}
    return DisplayView(id=meeting_id, presenting=Presenting(**place, member_id=presenter.id, by=presenter.full_name))
