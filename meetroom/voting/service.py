"""Commands about named votes, and what other nouns ask of them."""

from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.agenda.tables import Item
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.store.tables import all_of, find
from meetroom.voting import rules
from meetroom.voting.schema import (
    AnnulVote,
    BallotRecorded,
    BallotView,
    CastBallot,
    Choice,
    CreateVote,
    OneVote,
    ResultView,
    Rule,
    RuleView,
    TallyChanged,
    TallyView,
    UpdateVote,
    VoteChanged,
    VoteRemoved,
    VoteState,
    VoteView,
)
from meetroom.voting.tables import Elector, RuleRow, VoteRow
from meetroom.wire import local_date


@command("vote.create", may=May.PREPARE_MEETING)
def create_vote(call: Call, order: CreateVote) -> VoteView:
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    find(call.session, Item, order.meeting_id, order.item_id)
    row = VoteRow(
        meeting_id=order.meeting_id,
        item_id=order.item_id,
        title=order.title,
        state=VoteState.DRAFT,
        rule=_rule(call, order.rule),
        seconds=order.seconds,
    )
    call.session.add(row)
    return _tell(call, row)


@command("vote.update", may=May.PREPARE_MEETING)
def update_vote(call: Call, order: UpdateVote) -> None:
    row = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    rules.expect(_vote(row), VoteState.DRAFT)
    row.title, row.rule, row.seconds = order.title, _rule(call, order.rule), order.seconds
    _tell(call, row)


@command("vote.remove", may=May.PREPARE_MEETING)
def remove_vote(call: Call, order: OneVote) -> None:
    row = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    rules.expect(_vote(row), VoteState.DRAFT)
    call.session.delete(row)
    call.session.flush()
    call.tell(VoteRemoved(id=order.vote_id))


@command("vote.open", may=May.RUN_MEETING)
def open_vote(call: Call, order: OneVote) -> None:
    row = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    meetings.expect_open(meetings.load(call.session, order.meeting_id))
    if any(other.state == VoteState.OPEN for other in all_of(call.session, VoteRow, order.meeting_id)):
        raise Refusal("vote_is_open")
    voters = meetings.voters(call.session, order.meeting_id)
    present = [member.person_id for member in voters if member.present]
    _save(call, row, rules.open(_vote(row), present=len(present), all_members=len(voters), now=call.now))
    call.session.add_all(Elector(vote_id=row.id, person_id=person) for person in present)
    _tell(call, row)


# A whole hall votes at once: built once, and without mapped objects.
_electors = cast(Table, Elector.__table__)
_own = (_electors.c.vote_id == bindparam("vote"), _electors.c.person_id == bindparam("person"))
_ELECTOR = select(_electors.c.choice).where(*_own)
_RECORD = update(_electors).where(*_own)


@command("vote.cast", may=May.CAST_BALLOT)
def cast_ballot(call: Call, order: CastBallot) -> BallotView:
    """A named ballot may be changed until the vote closes; the last one counts."""
    row = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    elector = call.session.execute(_ELECTOR, {"vote": row.id, "person": call.person_id}).first()
    if row.state != VoteState.OPEN:
        raise Refusal("voting_over", {"state": row.state})
    if elector is None:
        raise Refusal("not_in_electorate")
    values = {"vote": row.id, "person": call.person_id, "choice": order.choice, "recorded_at": call.now}
    call.session.execute(_RECORD, values)
    row.cast += elector.choice is None
    ballot = BallotView(id=row.id, choice=order.choice, recorded_at=call.now)
    call.tell(BallotRecorded(person_id=call.person_id, ballot=ballot))
    _tell(call, row)
    return ballot


@command("vote.close", may=May.RUN_MEETING)
def close_vote(call: Call, order: OneVote) -> None:
    _close(call, find(call.session, VoteRow, order.meeting_id, order.vote_id))


@command("vote.expire", may=May.REPORT)
def expire_vote(call: Call, order: OneVote) -> None:
    """By the clock, when the time of an open vote is over."""
    _close(call, find(call.session, VoteRow, order.meeting_id, order.vote_id))


@command("vote.publish", may=May.RUN_MEETING)
def publish_vote(call: Call, order: OneVote) -> None:
    row = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    _save(call, row, rules.publish(_vote(row)))
    row.published_at = call.now
    _tell(call, row)
    call.undo_by("vote.unpublish", row.title, meeting_id=order.meeting_id, vote_id=row.id)


@command("vote.unpublish", may=May.RUN_MEETING)
def unpublish_vote(call: Call, order: OneVote) -> None:
    row = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    _save(call, row, rules.unpublish(_vote(row)))
    row.published_at = None
    _tell(call, row)


@command("vote.annul", may=May.RUN_MEETING)
def annul_vote(call: Call, order: AnnulVote) -> None:
    """With its reason in the record; a re-vote is a new vote."""
    row = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    _save(call, row, rules.annul(_vote(row)))
    row.annulled_reason = order.reason
    _tell(call, row)


def _refuse_closing(call: Call, meeting_id: int) -> None:
    if any(row.state == VoteState.OPEN for row in all_of(call.session, VoteRow, meeting_id)):
        raise Refusal("vote_is_open")


meetings.when_closing.append(_refuse_closing)


def _close(call: Call, row: VoteRow) -> None:
    vote = rules.close(_vote(row), now=call.now)
    _save(call, row, vote)
    choices = select(Elector.choice).where(Elector.vote_id == row.id, Elector.choice.is_not(None))
    row.result = vars(rules.count(vote, [str(choice) for choice in call.session.scalars(choices)]))
    call.tell(TallyChanged(tally=TallyView(id=row.id, result=_result(row.result))))
    _tell(call, row)


def _rule(call: Call, code: str) -> dict[str, object]:
    """The catalogue's rule of that code that is valid today."""
    today = local_date(call.now)
    rows = call.session.scalars(select(RuleRow).where(RuleRow.code == code))
    valid = [rule for rule in (Rule.model_validate(row.rule) for row in rows) if rule.valid_from <= today]
    if not valid:
        raise Refusal("unknown_rule")
    return max(valid, key=lambda rule: rule.valid_from).model_dump(mode="json")


def _vote(row: VoteRow) -> rules.Vote:
    rule = rules.Rule(**{name: row.rule[name] for name in ("denominator", "threshold", "strict", "quorum")})
    return rules.Vote(
        row.state, rule, row.seconds, row.opened_at, row.closes_at, row.closed_at, row.all_members, row.electorate
    )


def _save(call: Call, row: VoteRow, vote: rules.Vote) -> None:
    row.state, row.opened_at, row.closes_at, row.closed_at = vote.state, vote.opened_at, vote.closes_at, vote.closed_at
    row.all_members, row.electorate = vote.all_members, vote.electorate
    call.session.flush()


def _tell(call: Call, row: VoteRow) -> VoteView:
    call.session.flush()
    shown = view(row)
    call.tell(VoteChanged(vote=shown))
    return shown


def _result(result: dict[str, object]) -> ResultView:
    return ResultView.model_validate({"for" if name == "for_" else name: value for name, value in result.items()})


def _ballot(elector: Elector) -> BallotView | None:
    if elector.choice is None or elector.recorded_at is None:
        return None
    return BallotView(id=elector.vote_id, choice=Choice(elector.choice), recorded_at=elector.recorded_at)


def view(row: VoteRow) -> VoteView:
    published = row.state == VoteState.PUBLISHED and row.result is not None
    return VoteView(
        id=row.id,
        item_id=row.item_id,
        title=row.title,
        state=VoteState(row.state),
        rule=Rule.model_validate(row.rule),
        seconds=row.seconds,
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        closed_at=row.closed_at,
        published_at=row.published_at,
        all_members=row.all_members,
        electorate=row.electorate,
        cast=row.cast,
        result=_result(row.result or {}) if published else None,
        annulled_reason=row.annulled_reason,
    )


def views(session: Session, meeting_id: int) -> list[VoteView]:
    return [view(row) for row in all_of(session, VoteRow, meeting_id)]


def tallies(session: Session, meeting_id: int) -> list[TallyView]:
    rows = all_of(session, VoteRow, meeting_id)
    return [TallyView(id=row.id, result=_result(row.result)) for row in rows if row.result is not None]


def ballots(session: Session, meeting_id: int, person_id: int) -> list[BallotView]:
    """One person's own ballots."""
    query = select(Elector).join(VoteRow, VoteRow.id == Elector.vote_id).where(VoteRow.meeting_id == meeting_id)
    own = session.scalars(query.where(Elector.person_id == person_id))
    return [ballot for ballot in map(_ballot, own) if ballot is not None]


def rule_views(session: Session) -> list[RuleView]:
    rows = session.scalars(select(RuleRow).order_by(RuleRow.id))
    return [RuleView(id=r.id, name_vi=r.name_vi, name_en=r.name_en, rule=Rule.model_validate(r.rule)) for r in rows]


def open_votes(session: Session) -> list[tuple[int, int, datetime]]:
    """Votes that will close by the clock, anywhere in the house: meeting, vote, when."""
    query = select(VoteRow).where(VoteRow.state == VoteState.OPEN, VoteRow.closes_at.is_not(None))
    return [(row.meeting_id, row.id, row.closes_at) for row in session.scalars(query) if row.closes_at is not None]
