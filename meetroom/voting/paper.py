"""Paper ballots beside the tablets' of a named vote: by name or as totals, put in with two witnesses.

A hall with a dead tablet, or a point whose link is gone, still has one result. They may come until the result is published.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.meetings.tables import Member
from meetroom.store.tables import all_of, find
from meetroom.voting import rules, service
from meetroom.voting.drops import expect_hand_vote
from meetroom.voting.schema import OPTIONS, QUESTIONS, Answers, Method, VoteState
from meetroom.voting.tables import Elector, PaperRow, VoteRow
from meetroom.wire import Audience, Event, Id, Line, MeetingOrder, Moment, View, Wire

Count = Annotated[int, Field(ge=0, le=100_000)]
Witnesses = Annotated[tuple[Line, ...], Field(min_length=2, max_length=2)]


class PaperBallot(Wire):
    """A ballot by name."""

    member_id: Id
    answers: Answers


class PaperCount(Wire):
    """Of one question: votes per option, in the options' order, and ballots that say nothing valid."""

    counts: Annotated[tuple[Count, ...], Field(max_length=OPTIONS)]
    invalid: Count = 0


class PaperTotals(Wire):
    ballots: Annotated[int, Field(ge=1, le=100_000)]
    questions: Annotated[tuple[PaperCount, ...], Field(max_length=QUESTIONS)]


class PaperBallotsView(View):
    """Paper ballots that were put in together: the members who are named, or totals. `point_id`: from that point's hall."""

    vote_id: Id
    point_id: Id | None
    members: tuple[Id, ...]
    totals: PaperTotals | None
    ballots: int
    witnesses: Witnesses
    person_id: Id
    at: Moment


class AddPaperBallots(MeetingOrder):
    """Either `ballots` by name or `totals`."""

    vote_id: Id
    ballots: Annotated[tuple[PaperBallot, ...], Field(max_length=1000)] = ()
    totals: PaperTotals | None = None
    witnesses: Witnesses


class HandVote(MeetingOrder):
    """By the operator of a point whose link was lost while the vote was open: the hand vote in that hall, by name."""

    vote_id: Id
    ballots: Annotated[tuple[PaperBallot, ...], Field(min_length=1, max_length=200)]
    witnesses: Witnesses


class OnePaperBallots(MeetingOrder):
    paper_ballots_id: Id


class PaperBallotsChanged(Event, name="paper_ballots.changed", audience=Audience.SECRETARIES):
    paper_ballots: PaperBallotsView


class PaperBallotsRemoved(Event, name="paper_ballots.removed", audience=Audience.SECRETARIES):
    id: Id


@command("vote.add_paper", may=May.RUN_MEETING)
def add_paper(call: Call, order: AddPaperBallots) -> PaperBallotsView:
    row = _load(call, order.meeting_id, order.vote_id)
    if bool(order.ballots) == (order.totals is not None):
        raise Refusal("bad_ballot", {"question": None})
    return _add(call, row, order.ballots, order.totals, order.witnesses)


@command("vote.hand", may=May.OPERATE_POINT)
def hand_vote(call: Call, order: HandVote) -> PaperBallotsView:
    row = _load(call, order.meeting_id, order.vote_id)
    point_id = meetings.own_member(call, order.meeting_id).point_id
    expect_hand_vote(call.session, row, point_id)
    for ballot in order.ballots:
        if find(call.session, Member, order.meeting_id, ballot.member_id).point_id != point_id:
            raise Refusal("not_in_electorate")
    return _add(call, row, order.ballots, None, order.witnesses, point_id)


@command("vote.remove_paper", may=May.RUN_MEETING)
def remove_paper(call: Call, order: OnePaperBallots) -> None:
    """They were put in wrongly: the members named have no ballot again, totals are taken out."""
    paper = find(call.session, PaperRow, order.meeting_id, order.paper_ballots_id)
    row = _load(call, order.meeting_id, paper.vote_id)
    members = [find(call.session, Member, order.meeting_id, member_id) for member_id in paper.members]
    for member in members:
        service.unrecord(call, row, member.person_id)
    if paper.totals is not None:
        row.cast -= paper.ballots
    call.session.delete(paper)
    call.session.flush()
    call.tell(PaperBallotsRemoved(id=order.paper_ballots_id))
    service.recount(call, row)


def _load(call: Call, meeting_id: int, vote_id: int) -> VoteRow:
    row = find(call.session, VoteRow, meeting_id, vote_id)
    if row.method == Method.SECRET:
        raise Refusal("secret_vote")
    if row.state not in (VoteState.OPEN, VoteState.CLOSED):
        raise Refusal("wrong_state", {"state": row.state})
    return row


def _add(
    call: Call,
    row: VoteRow,
    ballots: Sequence[PaperBallot],
    totals: PaperTotals | None,
    witnesses: Witnesses,
    point_id: int | None = None,
) -> PaperBallotsView:
    for ballot in ballots:
        member = find(call.session, Member, row.meeting_id, ballot.member_id)
        _expect_no_ballot(call.session, row, member.person_id)
        service.record(call, row, member.person_id, ballot.answers, paper=True)
    if totals is not None:
        expect_adds_up(rules.questions(row.questions), totals)
        if row.cast + totals.ballots > row.electorate:
            raise Refusal("too_many_ballots", {"most": row.electorate - row.cast})
        row.cast += totals.ballots
    paper = PaperRow(
        meeting_id=row.meeting_id,
        vote_id=row.id,
        point_id=point_id,
        members=[ballot.member_id for ballot in ballots],
        totals=totals.model_dump(mode="json") if totals else None,
        ballots=totals.ballots if totals else len(ballots),
        witnesses=list(witnesses),
        person_id=call.person_id,
        at=call.now,
    )
    call.session.add(paper)
    call.session.flush()
    shown = _view(paper)
    call.tell(PaperBallotsChanged(paper_ballots=shown))
    service.recount(call, row)
    return shown


def _expect_no_ballot(session: Session, row: VoteRow, person_id: int) -> None:
    """Who has voted on a tablet has voted; paper would be a second ballot."""
    elector = session.get(Elector, (row.id, person_id))
    if elector is not None and elector.answers is not None:
        raise Refusal("already_voted", {"person_id": person_id})


def expect_adds_up(questions: Sequence[rules.Question], totals: PaperTotals) -> None:
    """Raises Refusal `bad_ballot` with the number of the question whose counts so many ballots cannot give."""
    if len(totals.questions) != len(questions):
        raise Refusal("bad_ballot", {"question": None})
    for n, (question, said) in enumerate(zip(questions, totals.questions, strict=True)):
        valid, votes = totals.ballots - said.invalid, sum(said.counts)
        fits = len(said.counts) == len(question.codes) and max(said.counts) <= valid <= votes <= valid * question.most
        if not fits:
            raise Refusal("bad_ballot", {"question": n})


def _view(paper: PaperRow) -> PaperBallotsView:
    return PaperBallotsView(
        id=paper.id,
        vote_id=paper.vote_id,
        point_id=paper.point_id,
        members=tuple(paper.members),
        totals=PaperTotals.model_validate(paper.totals) if paper.totals else None,
        ballots=paper.ballots,
        witnesses=tuple(paper.witnesses),
        person_id=paper.person_id,
        at=paper.at,
    )


def views(session: Session, meeting_id: int) -> list[PaperBallotsView]:
    return [_view(paper) for paper in all_of(session, PaperRow, meeting_id)]
