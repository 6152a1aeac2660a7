"""Commands about votes, and what other nouns ask of them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from meetroom.access import May, Viewer
from meetroom.agenda import service as agenda
from meetroom.agenda.readers import People, Readers
from meetroom.agenda.tables import Item
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.meetings.tables import Member
from meetroom.store.tables import all_of, find
from meetroom.voting import catalogue, readers, rules
from meetroom.voting.schema import (
    AnnulVote,
    BallotRecorded,
    BallotTakenOut,
    BallotView,
    CastBallot,
    CreateVote,
    ExtendVote,
    Method,
    NewQuestion,
    OneVote,
    Option,
    PointPolicy,
    Question,
    QuestionKind,
    QuestionResult,
    Rule,
    TallyChanged,
    TallyView,
    UpdateVote,
    VoteChanged,
    VoteFields,
    VoteHidden,
    VoteListed,
    VoteRemoved,
    VoteShown,
    VoteState,
    VoteUnlisted,
    VoteView,
)
from meetroom.voting.tables import Elector, PaperRow, VoteRow
from meetroom.wire import local_date

# Moments of a vote's life at which the secret ballot has its say: each function is given the call and the vote.
when_opened: list[Callable[[Call, VoteRow], None]] = []
when_redrafted: list[Callable[[Call, VoteRow], None]] = []  # changed or removed as a draft; may refuse

TITLES = {
    "for": "Tán thành", "against": "Không tán thành", "abstain": "Không biểu quyết",
    "high": "Tín nhiệm cao", "confidence": "Tín nhiệm", "low": "Tín nhiệm thấp",
}  # fmt: skip


@command("vote.create", may=May.PREPARE_MEETING)
def create_vote(call: Call, order: CreateVote) -> VoteView:
    """Also the repetition of a vote that was annulled or has to be held again."""
    find(call.session, Item, order.meeting_id, order.item_id)
    if order.revote_of is not None:
        find(call.session, VoteRow, order.meeting_id, order.revote_of)
    row = VoteRow(meeting_id=order.meeting_id, item_id=order.item_id, state=VoteState.DRAFT, revote_of=order.revote_of)
    _write(call, row, order)
    call.session.add(row)
    return tell(call, row)


@command("vote.update", may=May.PREPARE_MEETING)
def update_vote(call: Call, order: UpdateVote) -> None:
    row = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    rules.expect(_vote(row), VoteState.DRAFT)
    for hook in when_redrafted:
        hook(call, row)
    _write(call, row, order)
    tell(call, row)


@command("vote.remove", may=May.PREPARE_MEETING)
def remove_vote(call: Call, order: OneVote) -> None:
    row = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    rules.expect(_vote(row), VoteState.DRAFT)
    for hook in when_redrafted:
        hook(call, row)
    call.session.delete(row)
    call.session.flush()
    readers.tell_gone(
        call,
        row,
        removed=VoteRemoved(id=order.vote_id),
        unlisted=VoteUnlisted(id=order.vote_id),
        hidden=lambda person: VoteHidden(person_id=person, id=order.vote_id),
    )


def _write(call: Call, row: VoteRow, order: VoteFields) -> None:
    """A slip may be asked for when the sitting is over, or before it; a vote of the sitting may not."""
    if order.method != Method.SLIP:
        meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    for name in ("title", "method", "live", "seconds", "deadline", "policy", "extend_seconds"):
        setattr(row, name, getattr(order, name))
    row.rule = catalogue.in_force(call.session, order.rule, local_date(call.now)).model_dump(mode="json")
    asked = order.questions or (NewQuestion(title=order.title),)
    row.questions = [_question(call, order.meeting_id, one).model_dump(mode="json") for one in asked]


def _question(call: Call, meeting_id: int, new: NewQuestion) -> Question:
    for member_id in (new.member_id, *(option.member_id for option in new.options)):
        if member_id is not None:
            find(call.session, Member, meeting_id, member_id)
    if new.kind == QuestionKind.CHOOSE:
        options = [Option(code=f"o{n}", **dict(option)) for n, option in enumerate(new.options, 1)]
    else:
        options = [Option(code=code, title=TITLES[code], member_id=None) for code in rules.CODES[new.kind]]
    return Question(title=new.title, kind=new.kind, options=tuple(options), most=new.most, member_id=new.member_id)


@command("vote.open", may=May.RUN_MEETING)
def open_vote(call: Call, order: OneVote) -> None:
    """The electorate is frozen here. Raises Refusal `item_closed_to_elector`, see readers."""
    row = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    slip = row.method == Method.SLIP
    if not slip:
        meetings.expect_open(meetings.load(call.session, order.meeting_id))
        if _in_the_hall(call.session, order.meeting_id):
            raise Refusal("vote_is_open")
    voters = meetings.voters(call.session, order.meeting_id)
    electors = {member.person_id for member in entitled(row, voters)}
    vote = rules.open(_vote(row), present=len(electors), all_members=len(voters), now=call.now, deadline=row.deadline)
    _save(call, row, vote)
    if slip and row.closes_at is not None:
        row.remind_at = rules.remind_at(call.now, row.closes_at)
    if row.live:
        row.running = [asdict(one) for one in rules.tally(rules.questions(row.questions), ())]
    call.session.add_all(Elector(vote_id=row.id, person_id=person) for person in electors)
    call.session.flush()
    for hook in when_opened:
        hook(call, row)
    known = Readers(call.session, order.meeting_id)
    readers.expect_to_know(row, known, readers.electors(call.session, row))
    tell(call, row, known)


def entitled(row: VoteRow, voters: Sequence[Member]) -> list[Member]:
    """Who of a meeting's voting members may vote: who is present; of an opinion slip, which needs no sitting, all of them. By a
    rule that does not let substitutes vote they attend only, and whom they sit for stays in the denominator."""
    present = [member for member in voters if member.present or row.method == Method.SLIP]
    return [member for member in present if member.substitute_of is None or row.rule["substitutes"]]


# A whole hall votes at once: built once, and without mapped objects.
_electors = cast(Table, Elector.__table__)
_own = (_electors.c.vote_id == bindparam("vote"), _electors.c.person_id == bindparam("person"))
_ELECTOR = select(_electors.c.answers).where(*_own)
_RECORD = update(_electors).where(*_own)


@command("vote.cast", may=May.CAST_BALLOT)
def cast_ballot(call: Call, order: CastBallot) -> BallotView:
    """A named ballot may be changed until the vote closes; the last one counts."""
    row = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    if row.method == Method.SECRET:
        raise Refusal("secret_vote")
    return record(call, row, call.person_id, order.answers, opinion=order.opinion if row.method == Method.SLIP else None)


def record(
    call: Call, row: VoteRow, person_id: int, said: rules.Answers, *, opinion: str | None = None, paper: bool = False
) -> BallotView:
    """Put an elector's named ballot on record, instead of the one that may be there. Paper may come after the closing."""
    before = call.session.execute(_ELECTOR, {"vote": row.id, "person": person_id}).first()
    if row.state != VoteState.OPEN and not (paper and row.state == VoteState.CLOSED):
        raise Refusal("voting_over", {"state": row.state})
    if before is None:
        raise Refusal("not_in_electorate")
    answers = rules.check_answers(rules.questions(row.questions), said)
    values = {"answers": answers, "opinion": opinion, "paper": paper, "recorded_at": call.now}
    call.session.execute(_RECORD, {"vote": row.id, "person": person_id, **values})
    row.cast += before.answers is None
    _run(row, before.answers, answers)
    ballot = BallotView(id=row.id, **values)
    call.tell(BallotRecorded(person_id=person_id, ballot=ballot))
    tell(call, row)
    return ballot


def unrecord(call: Call, row: VoteRow, person_id: int) -> None:
    """A ballot on paper was put in wrongly: the elector has none again."""
    elector = call.session.get_one(Elector, (row.id, person_id))
    if elector.answers is None or not elector.paper:
        return
    _run(row, elector.answers, None)
    row.cast -= 1
    elector.answers, elector.recorded_at, elector.paper = None, None, False
    call.session.flush()
    call.tell(BallotTakenOut(person_id=person_id, id=row.id))


def _run(row: VoteRow, before: rules.Answers | None, after: rules.Answers | None) -> None:
    """Keep the running tallies of a live vote."""
    if row.running is not None:
        questions, tallies = rules.questions(row.questions), _running(row)
        if before is not None:
            rules.count(tallies, questions, before, -1)
        if after is not None:
            rules.count(tallies, questions, after)
        row.running = [asdict(one) for one in tallies]


def _running(row: VoteRow) -> list[rules.Tally]:
    """Copies: what is changed in place is not seen to have changed, and is not stored."""
    return [rules.Tally(dict(one["counts"]), one["valid"], one["invalid"]) for one in row.running or ()]


@command("vote.extend", may=May.RUN_FLOOR)
def extend_vote(call: Call, order: ExtendVote) -> None:
    """More time, before it is over; an opinion slip's deadline moves too."""
    row = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    _save(call, row, rules.extend(_vote(row), timedelta(seconds=order.seconds)))
    tell(call, row)


@command("vote.close", may=May.RUN_FLOOR)
def close_vote(call: Call, order: OneVote) -> None:
    close(call, find(call.session, VoteRow, order.meeting_id, order.vote_id))


@command("vote.expire", may=May.REPORT)
def expire_vote(call: Call, order: OneVote) -> None:
    """By the clock, when the time of an open vote is over."""
    close(call, find(call.session, VoteRow, order.meeting_id, order.vote_id))


@command("vote.publish", may=May.RUN_MEETING)
def publish_vote(call: Call, order: OneVote) -> None:
    row = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    if row.results is None:
        raise Refusal("not_counted")
    _save(call, row, rules.publish(_vote(row)))
    row.published_at = call.now
    tell(call, row)
    call.undo_by("vote.unpublish", row.title, meeting_id=order.meeting_id, vote_id=row.id)


@command("vote.unpublish", may=May.RUN_MEETING)
def unpublish_vote(call: Call, order: OneVote) -> None:
    row = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    _save(call, row, rules.unpublish(_vote(row)))
    row.published_at = None
    tell(call, row)


@command("vote.annul", may=May.RUN_MEETING)
def annul_vote(call: Call, order: AnnulVote) -> None:
    """With its reason in the record; a re-vote is a new vote."""
    row = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    _save(call, row, rules.annul(_vote(row)))
    row.annulled_reason = order.reason
    tell(call, row)


def _in_the_hall(session: Session, meeting_id: int) -> bool:
    """Whether a vote of the sitting is open; opinion slips run beside it."""
    rows = all_of(session, VoteRow, meeting_id)
    return any(row.state == VoteState.OPEN and row.method != Method.SLIP for row in rows)


def _refuse_closing(call: Call, meeting_id: int) -> None:
    if _in_the_hall(call.session, meeting_id):
        raise Refusal("vote_is_open")


meetings.when_closing.append(_refuse_closing)


def close(call: Call, row: VoteRow) -> None:
    """Named ballots are counted at once; secret ones by the counting board."""
    _save(call, row, rules.close(_vote(row), now=call.now))
    row.running = row.remind_at = None
    if row.method != Method.SECRET:
        store_results(call, row, _tallies(call.session, row))
    tell(call, row)


def recount(call: Call, row: VoteRow) -> None:
    """Ballots on paper came or were taken out."""
    if row.state == VoteState.CLOSED:
        store_results(call, row, _tallies(call.session, row))
    elif row.running is not None:
        row.running = [asdict(one) for one in _tallies(call.session, row)]
    tell(call, row)


def _tallies(session: Session, row: VoteRow) -> list[rules.Tally]:
    """All ballots: those by name, on tablets and on paper, and the totals of paper."""
    questions = rules.questions(row.questions)
    named = session.scalars(select(Elector.answers).where(Elector.vote_id == row.id, Elector.answers.is_not(None)))
    tallies = rules.tally(questions, named)
    for paper in session.scalars(select(PaperRow).where(PaperRow.vote_id == row.id, PaperRow.totals.is_not(None))):
        for n, said in enumerate((paper.totals or {})["questions"]):
            counts = dict(zip(questions[n].codes, said["counts"], strict=True))
            tallies[n] = rules.merge(tallies[n], rules.Tally(counts, paper.ballots - said["invalid"], said["invalid"]))
    return tallies


def store_results(call: Call, row: VoteRow, tallies: Sequence[rules.Tally]) -> None:
    """Decide by the vote's rule, and tell those who run the vote."""
    results = _decide(call.session, row, tallies)
    row.results = [asdict(one) for one in results]
    call.tell(TallyChanged(tally=TallyView(id=row.id, results=_results(row.results))))


def _decide(session: Session, row: VoteRow, tallies: Sequence[rules.Tally]) -> list[rules.QuestionResult]:
    rule, chair = rules.rule(row.rule), catalogue.chair_said(session, row) if row.rule["tie"] == "chair" else None
    return [
        rules.decide(rule, question, one, electorate=row.electorate, all_members=row.all_members, chair=chair[n] if chair else ())
        for n, (question, one) in enumerate(zip(rules.questions(row.questions), tallies, strict=True))
    ]


def _vote(row: VoteRow) -> rules.Vote:
    times = row.opened_at, row.closes_at, row.closed_at
    return rules.Vote(row.state, rules.rule(row.rule), row.seconds, *times, row.all_members, row.electorate)


def _save(call: Call, row: VoteRow, vote: rules.Vote) -> None:
    row.state, row.opened_at, row.closes_at, row.closed_at = vote.state, vote.opened_at, vote.closes_at, vote.closed_at
    row.all_members, row.electorate = vote.all_members, vote.electorate
    call.session.flush()


def tell(call: Call, row: VoteRow, known: Readers | None = None, was: People | str = "as now") -> VoteView:
    """The vote changed, or who may know of it."""
    call.session.flush()
    shown = view(call.session, row)
    readers.tell(
        call,
        row,
        known=known,
        was=was,
        changed=VoteChanged(vote=shown),
        listed=VoteListed(vote=shown),
        shown=lambda person: VoteShown(person_id=person, vote=shown),
        hidden=lambda person: VoteHidden(person_id=person, id=row.id),
    )
    return shown


def _tell_others(call: Call, row: VoteRow, known: Readers, was: People) -> None:
    tell(call, row, known, was)


readers.when_readers_change.append(_tell_others)
agenda.when_readers_change.append(readers.follow)


def results_of(row: VoteRow) -> tuple[QuestionResult, ...]:
    """As counted, published or not; none before."""
    return _results(row.results or ())


def _results(results: Sequence[dict[str, Any]]) -> tuple[QuestionResult, ...]:
    return tuple(QuestionResult.model_validate(one) for one in results)


def _ballot(elector: Elector) -> BallotView | None:
    if elector.answers is None or elector.recorded_at is None:
        return None
    fields = {"opinion": elector.opinion, "paper": elector.paper, "recorded_at": elector.recorded_at}
    return BallotView(id=elector.vote_id, answers=elector.answers, **fields)


def view(session: Session, row: VoteRow) -> VoteView:
    results = _results(row.results) if row.state == VoteState.PUBLISHED and row.results is not None else None
    if row.state == VoteState.OPEN and row.running is not None:
        results = _results([asdict(one) for one in _decide(session, row, _running(row))])
    return VoteView(
        id=row.id,
        item_id=row.item_id,
        title=row.title,
        method=Method(row.method),
        state=VoteState(row.state),
        questions=tuple(Question.model_validate(one) for one in row.questions),
        rule=Rule.model_validate(row.rule),
        live=row.live,
        seconds=row.seconds,
        deadline=row.deadline,
        policy=PointPolicy(row.policy),
        extend_seconds=row.extend_seconds,
        extended_at=row.extended_at,
        revote_of=row.revote_of,
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        closed_at=row.closed_at,
        published_at=row.published_at,
        all_members=row.all_members,
        electorate=row.electorate,
        cast=row.cast,
        results=results,
        annulled_reason=row.annulled_reason,
    )


def views(session: Session, meeting_id: int, viewer: Viewer) -> list[VoteView]:
    """Those the viewer may know of."""
    return [view(session, row) for row in readers.known_to(session, meeting_id, viewer)]


def tallies(session: Session, meeting_id: int) -> list[TallyView]:
    rows = all_of(session, VoteRow, meeting_id)
    return [TallyView(id=row.id, results=_results(row.results)) for row in rows if row.results is not None]


def ballots(session: Session, meeting_id: int, person_id: int) -> list[BallotView]:
    """One person's own ballots."""
    query = select(Elector).join(VoteRow, VoteRow.id == Elector.vote_id).where(VoteRow.meeting_id == meeting_id)
    own = session.scalars(query.where(Elector.person_id == person_id))
    return [ballot for ballot in map(_ballot, own) if ballot is not None]


def due(session: Session) -> list[tuple[str, int, int, datetime]]:
    """What the clock does about open votes, anywhere in the house: the command, meeting, vote, when."""
    found = []
    for row in session.scalars(select(VoteRow).where(VoteRow.state == VoteState.OPEN, VoteRow.closes_at.is_not(None))):
        times = {"vote.expire": row.closes_at, "vote.remind": row.remind_at}
        found += [(command, row.meeting_id, row.id, at) for command, at in times.items() if at is not None]
    return found
