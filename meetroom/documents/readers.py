"""Who may read a paper, asked by everything that shows one; and how a change of a paper is told."""

from collections.abc import Callable, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from meetroom.access import Actor, May, Viewer
from meetroom.agenda import readers
from meetroom.agenda import service as agenda
from meetroom.agenda.readers import People, Readers
from meetroom.documents.schema import Access, PaperChanged, PaperHidden, PaperListed, PaperShown, PaperView
from meetroom.documents.tables import Paper, PaperBlob
from meetroom.documents.versions import paper_view
from meetroom.door import Call
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.store.tables import all_of


def access_of(paper: Paper) -> Access:
    return Access.model_validate(paper.access)


def may_see(session: Session, viewer: Viewer, paper: Paper) -> bool:
    """Whether the viewer may know of the paper, withdrawn or not: by its own access and that of its item and all above it."""
    return (
        viewer.may(May.SEE_MEETING) and readers.may(viewer, access_of(paper)) and readers.may_see(session, viewer, paper.item_id)
    )


def may_read(session: Session, viewer: Viewer, paper: Paper) -> bool:
    """Whether the viewer may have what the paper says. What was taken back nobody reads, not even who took it back."""
    return not paper.withdrawn and may_see(session, viewer, paper)


def names_reader(session: Session, paper: Paper) -> bool:
    """Whether whoever has pages of it in print, or on a screen, is named on them (see Watermark)."""
    return meetings.load(session, paper.meeting_id).watermark != "none" or access_of(paper).kind != "all"


def blob_kind(session: Session, actor: Actor, sha256: str) -> str:
    """What a blob is (image, text, manifest), asked by somebody who may read a paper that uses it. Raises Refusal `not_found`
    to all others: the hash is no secret."""
    query = select(Paper, PaperBlob.kind).join(PaperBlob, PaperBlob.paper_id == Paper.id)
    for paper, kind in session.execute(query.where(PaperBlob.sha256 == sha256, Paper.withdrawn.is_(False)).distinct()):
        if may_read(session, meetings.viewer(session, actor, paper.meeting_id), paper):
            return str(kind)
    raise Refusal("not_found")


def seen_by(session: Session, meeting_id: int, viewer: Viewer, papers: Iterable[PaperView]) -> list[PaperView]:
    """Those of a meeting's papers that the viewer may know of."""
    known = Readers(session, meeting_id)
    return [paper for paper in papers if known.allow(viewer, paper.item_id, paper.access)]


def all_known(session: Session, viewer: Viewer, meeting_id: int, item: set[int], paper: set[int]) -> bool:
    """Whether the viewer may know of all these items and papers; of what no longer exists everybody may."""
    if viewer.secretarial or not (item or paper):
        return True
    known = Readers(session, meeting_id)
    papers = [one for one in all_of(session, Paper, meeting_id) if one.id in paper]
    return all(known.allow(viewer, id) for id in item) and all(known.allow(viewer, one.item_id, access_of(one)) for one in papers)


def people(session: Session, paper: Paper) -> tuple[Readers, People]:
    """Who may read it at this moment."""
    known = Readers(session, paper.meeting_id).frozen()
    return known, known.of(paper.item_id, access_of(paper))


NOBODY: People = frozenset()
# (call, paper, members as they are now, who could read it before): others may read it now; higher nouns tell of what is on it.
when_readers_change: list[Callable[[Call, Paper, Readers, People], None]] = []


def tell(call: Call, paper: Paper, was: People | str = "as now") -> PaperView:
    """The paper changed: tell those who may read it now, and those who did (`was`) and may no longer that it is gone."""
    call.session.flush()
    view = paper_view(call.session, paper)
    known, now = people(call.session, paper)
    _tell(call, paper, view, known, now if isinstance(was, str) else was, now)
    return view


def _tell(call: Call, paper: Paper, view: PaperView, known: Readers, was: People, now: People) -> None:
    readers.tell(
        call,
        everybody=known.everybody,
        was=was,
        now=now,
        changed=PaperChanged(paper=view),
        listed=PaperListed(paper=view),
        shown=lambda person: PaperShown(person_id=person, paper=view),
        hidden=lambda person: PaperHidden(person_id=person, id=view.id),
    )
    if was != now and not paper.withdrawn:
        for hook in when_readers_change:
            hook(call, paper, known, was)


def _follow_items(call: Call, meeting_id: int, before: Readers, after: Readers) -> None:
    """Items or members have changed: their papers are shown to and hidden from people with them."""
    for paper in all_of(call.session, Paper, meeting_id):
        was, now = (one.of(paper.item_id, access_of(paper)) for one in (before, after))
        if was != now:
            _tell(call, paper, paper_view(call.session, paper), after, was, now)


agenda.when_readers_change.append(_follow_items)
