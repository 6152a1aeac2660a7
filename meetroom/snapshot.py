"""A whole meeting as one viewer may see it, and what happened since a viewer was last here.

Snapshot + events = truth: applying every event after `revision` to a snapshot gives the same as a fresh one.
"""

import json
from datetime import datetime

from sqlalchemy.orm import Session

from meetroom import journal
from meetroom.access import GRANTS, Viewer
from meetroom.agenda import service as agenda
from meetroom.agenda.schema import ItemView
from meetroom.conference import media, recording
from meetroom.conference import service as conference
from meetroom.conference.orders import ConferenceView, NodeChoice, PointView, RecordingView
from meetroom.display import service as display
from meetroom.display import walls
from meetroom.display.schema import DisplayView, WallView
from meetroom.documents import receipts
from meetroom.documents import service as documents
from meetroom.documents.schema import PaperView, ReceiptView
from meetroom.door import StepView
from meetroom.errors import Refusal
from meetroom.floor import record as floor
from meetroom.floor import service as _floor  # noqa: F401  its commands
from meetroom.floor.schema import FloorView, RequestView
from meetroom.ink import service as ink
from meetroom.ink.schema import InkView, MarkView
from meetroom.journal import Envelope
from meetroom.meetings import lifecycle as _lifecycle  # noqa: F401  its commands
from meetroom.meetings import presence
from meetroom.meetings import service as meetings
from meetroom.meetings.schema import ExcuseView, MeetingView, MemberView
from meetroom.messages import service as messages
from meetroom.messages.schema import MessageView
from meetroom.minutes import service as minutes
from meetroom.minutes.schema import NoteView
from meetroom.people import service as people
from meetroom.people.schema import PersonView, UnitView
from meetroom.printing import service as printing
from meetroom.printing.schema import PrintoutView
from meetroom.voting import catalogue, drops, paper, turnout
from meetroom.voting import readers as voting_readers
from meetroom.voting import service as voting
from meetroom.voting.drops import DropView
from meetroom.voting.paper import PaperBallotsView
from meetroom.voting.schema import BallotView, RuleView, TallyView, VoteView
from meetroom.voting.secret import service as secret
from meetroom.voting.secret.schema import IssueView, ManifestView, SecretView
from meetroom.voting.turnout import NudgeView
from meetroom.wire import Moment, Wire, local_date

REPLAY_LIMIT = 400  # more missed events than this, and a fresh snapshot is smaller


class Me(Wire):
    """Who is looking, as the server knows it."""

    person_id: int | None
    member_id: int | None
    point_id: int | None
    roles: tuple[str, ...]
    grants: tuple[str, ...]


class Snapshot(Wire):
    """Everything of one meeting its viewer may see; what they may not is an empty list."""

    meetings: tuple[MeetingView, ...] = ()
    members: tuple[MemberView, ...] = ()
    excuses: tuple[ExcuseView, ...] = ()
    items: tuple[ItemView, ...] = ()
    papers: tuple[PaperView, ...] = ()
    receipts: tuple[ReceiptView, ...] = ()
    marks: tuple[MarkView, ...] = ()
    inks: tuple[InkView, ...] = ()
    printouts: tuple[PrintoutView, ...] = ()
    requests: tuple[RequestView, ...] = ()
    floors: tuple[FloorView, ...] = ()
    votes: tuple[VoteView, ...] = ()
    tallies: tuple[TallyView, ...] = ()
    ballots: tuple[BallotView, ...] = ()
    nudges: tuple[NudgeView, ...] = ()
    drops: tuple[DropView, ...] = ()
    paper_ballots: tuple[PaperBallotsView, ...] = ()
    rules: tuple[RuleView, ...] = ()
    secrets: tuple[SecretView, ...] = ()
    manifests: tuple[ManifestView, ...] = ()
    issues: tuple[IssueView, ...] = ()
    points: tuple[PointView, ...] = ()
    conferences: tuple[ConferenceView, ...] = ()
    recordings: tuple[RecordingView, ...] = ()
    displays: tuple[DisplayView, ...] = ()
    walls: tuple[WallView, ...] = ()
    notes: tuple[NoteView, ...] = ()
    messages: tuple[MessageView, ...] = ()
    steps: tuple[StepView, ...] = ()
    people: tuple[PersonView, ...] = ()
    units: tuple[UnitView, ...] = ()
    nodes: tuple[NodeChoice, ...] = ()


class Sync(Wire):
    """Answer to `sync`: either a snapshot, or the events after the revision the viewer had. `heads`: the newest entry
    of each of the viewer's rooms, from which the next events' `prev` continue."""

    meeting_id: int
    revision: int
    now: Moment
    me: Me
    heads: dict[str, int]
    snapshot: Snapshot | None
    events: tuple[Envelope, ...]


def rooms(viewer: Viewer, meeting_id: int) -> list[str]:
    """The audiences of one stream this viewer belongs to; none: it does not exist for them."""
    return viewer.house_rooms() if meeting_id == journal.HOUSE else viewer.rooms()


def sync(session: Session, viewer: Viewer, meeting_id: int, since: int | None, now: datetime) -> Sync:
    """Bring a viewer up to date. Raises Refusal `not_found` for whoever may not see the meeting."""
    mine = rooms(viewer, meeting_id)
    stream = session.get(journal.Stream, meeting_id)
    if not mine or stream is None:
        raise Refusal("not_found")
    missed: list[journal.Entry] | None = None
    if since is not None and 0 <= stream.revision - since <= REPLAY_LIMIT:
        missed = journal.replay(session, meeting_id, since, mine)
        if closed_to(session, viewer, meeting_id, missed):
            missed = None
    heads = journal.heads(session, meeting_id, mine)
    return Sync(
        meeting_id=meeting_id,
        revision=stream.revision,
        now=now,
        me=_me(viewer),
        heads=heads,
        snapshot=snapshot(session, viewer, meeting_id, now) if missed is None else None,
        events=_envelopes(missed, journal.heads(session, meeting_id, mine, since)) if missed else (),
    )


def closed_to(session: Session, viewer: Viewer, meeting_id: int, entries: list[journal.Entry]) -> bool:
    """Whether these events tell everybody of items, papers or votes that this viewer may no longer know of: then they are not
    told again, and a snapshot is."""
    told: dict[str, set[int]] = {"item": set(), "paper": set(), "vote": set(), "secret": set(), "manifest": set()}
    for entry in entries:
        if entry.name in ("item.changed", "paper.changed", "vote.changed", "secret.changed", "manifest.made"):
            noun = entry.name.split(".")[0]
            told[noun].add(json.loads(entry.body)[noun]["id"])
        elif entry.name == "display.changed" and (shown := json.loads(entry.body)["display"]["presenting"]):
            told["paper"].add(shown["paper_id"])
    votes = told["vote"] | told["secret"] | told["manifest"]  # one id: that of the vote
    item = told["item"] | voting_readers.items_of(session, votes)
    return not documents.all_known(session, viewer, meeting_id, item=item, paper=told["paper"])


def _envelopes(entries: list[journal.Entry], heads: dict[str, int]) -> tuple[Envelope, ...]:
    """Each entry joined on to the one before it in its room, as when they were first sent: a viewer who missed one of the
    earlier ones (a connection cut while it was held back) sees the gap and asks for a snapshot."""
    envelopes = []
    for entry in entries:
        envelopes.append(Envelope.model_validate(entry.envelope(heads[entry.room])))
        heads[entry.room] = entry.seq
    return tuple(envelopes)


def snapshot(session: Session, viewer: Viewer, meeting_id: int, now: datetime) -> Snapshot:
    if meeting_id == journal.HOUSE:
        return Snapshot(
            people=tuple(people.people_views(session)),
            units=tuple(people.unit_views(session, local_date(now))),
            meetings=tuple(meetings.house_meetings(session)),
            nodes=tuple(media.node_choices(session)),
            rules=tuple(catalogue.views(session)),
        )
    secretarial = viewer.secretarial
    return Snapshot(
        meetings=(meetings.meeting_view(meetings.load(session, meeting_id)),),
        members=tuple(meetings.member_views(session, meeting_id)),
        excuses=tuple(presence.excuse_views(session, meeting_id)) if secretarial else (),
        items=tuple(agenda.views_for(session, meeting_id, viewer)),
        papers=tuple(documents.paper_views(session, meeting_id, viewer)),
        receipts=tuple(receipts.views(session, meeting_id)) if secretarial else (),
        marks=tuple(ink.mark_views(session, meeting_id, viewer)),
        inks=(ink.ink_view(session, viewer.member_id),) if viewer.member_id else (),
        printouts=tuple(printing.views(session, viewer.member_id)) if viewer.member_id else (),
        requests=tuple(floor.views(session, meeting_id)),
        floors=(floor.floor_view(session, meeting_id),),
        votes=tuple(voting.views(session, meeting_id, viewer)),
        tallies=tuple(voting.tallies(session, meeting_id)) if secretarial else (),
        ballots=tuple(voting.ballots(session, meeting_id, viewer.person_id)) if viewer.person_id else (),
        nudges=tuple(turnout.nudges(session, meeting_id, viewer.person_id)) if viewer.person_id else (),
        drops=tuple(drops.views(session, meeting_id)),
        paper_ballots=tuple(paper.views(session, meeting_id)) if secretarial else (),
        rules=tuple(catalogue.views(session)) if secretarial else (),
        secrets=tuple(secret.secret_views(session, meeting_id, viewer)),
        manifests=tuple(secret.manifest_views(session, meeting_id, viewer)),
        issues=tuple(secret.issue_views(session, meeting_id)) if secretarial else (),
        points=tuple(conference.views(session, meeting_id)),
        conferences=(conference.conference_view(session, meeting_id),),
        recordings=tuple(recording.views(session, meeting_id)),
        displays=(display.view(session, meeting_id, viewer),),
        walls=tuple(walls.views(session, meeting_id)),
        messages=tuple(messages.views(session, viewer, meeting_id)),
        notes=tuple(minutes.views(session, meeting_id)) if secretarial else (),
        steps=(meetings.step_view(session, meeting_id),) if secretarial else (),
    )


def _me(viewer: Viewer) -> Me:
    grants = sorted({grant.value for role in viewer.roles for grant in GRANTS[role]})
    return Me(
        person_id=viewer.person_id,
        member_id=viewer.member_id,
        point_id=viewer.point_id,
        roles=tuple(sorted(viewer.roles)),
        grants=tuple(grants),
    )
