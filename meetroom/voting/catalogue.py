"""The catalogue of rules: dated, extended by an administrator, tried on past votes before it is relied on.

A vote copies its rule, so that no later change can touch a result. A rule is changed by adding its next version.
"""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.meetings.schema import MeetingState, Role
from meetroom.meetings.tables import Meeting, Member
from meetroom.voting import rules
from meetroom.voting.schema import Outcome, QuestionResult, Rule, RuleView, VoteState
from meetroom.voting.tables import Elector, RuleRow, VoteRow
from meetroom.wire import Audience, Event, Id, Line, Moment, Order, Wire

PREVIEWED = 200  # past votes a rule is tried on


class AddRule(Order):
    """A new rule, or the next version of the one with the same code, in force from `rule.valid_from` on."""

    name_vi: Line
    name_en: Line
    rule: Rule


class EndRule(Order):
    """`valid_to`: the last day on which a vote may be written by it."""

    rule_id: Id
    valid_to: date


class RuleListed(Event, name="rule.listed", audience=Audience.ADMINS):
    rule: RuleView


class RuleChanged(Event, name="rule.changed", audience=Audience.SECRETARIES):
    rule: RuleView


class Tried(Wire):
    """One question of a past vote as it was decided, and as it would have been."""

    vote_id: Id
    meeting: Line
    title: Line
    question: Line
    closed_at: Moment
    before: Outcome
    after: Outcome
    was: QuestionResult
    would: QuestionResult


@command("rule.add", may=May.MANAGE_HOUSE)
def add_rule(call: Call, order: AddRule) -> RuleView:
    """Raises Refusal `rule_dates` for a version that ends before it begins, or begins on the day another one does."""
    rule = order.rule
    same_day = any(Rule.model_validate(row.rule).valid_from == rule.valid_from for row in _versions(call.session, rule.code))
    if same_day or (rule.valid_to is not None and rule.valid_to < rule.valid_from):
        raise Refusal("rule_dates")
    row = RuleRow(code=rule.code, name_vi=order.name_vi, name_en=order.name_en, rule=rule.model_dump(mode="json"))
    call.session.add(row)
    return _tell(call, row)


@command("rule.end", may=May.MANAGE_HOUSE)
def end_rule(call: Call, order: EndRule) -> None:
    row = call.session.get(RuleRow, order.rule_id)
    if row is None:
        raise Refusal("not_found")
    if order.valid_to < Rule.model_validate(row.rule).valid_from:
        raise Refusal("rule_dates")
    row.rule = {**row.rule, "valid_to": order.valid_to.isoformat()}
    _tell(call, row)


def _tell(call: Call, row: RuleRow) -> RuleView:
    """Administrators, and the secretaries of every meeting that may still put something to the vote."""
    call.session.flush()
    shown = view(row)
    call.tell(RuleListed(rule=shown))
    for meeting_id in call.session.scalars(select(Meeting.id).where(Meeting.state != MeetingState.CLOSED).order_by(Meeting.id)):
        call.tell(RuleChanged(rule=shown), stream=meeting_id)
    return shown


def in_force(session: Session, code: str, day: date) -> Rule:
    """The version of a rule that is valid on that day: the one that began last. Raises Refusal `unknown_rule`."""
    dated = [Rule.model_validate(row.rule) for row in _versions(session, code)]
    valid = [rule for rule in dated if rule.valid_from <= day <= (rule.valid_to or day)]
    if not valid:
        raise Refusal("unknown_rule")
    return max(valid, key=lambda rule: rule.valid_from)


def _versions(session: Session, code: str) -> list[RuleRow]:
    return list(session.scalars(select(RuleRow).where(RuleRow.code == code)))


def view(row: RuleRow) -> RuleView:
    return RuleView(id=row.id, name_vi=row.name_vi, name_en=row.name_en, rule=Rule.model_validate(row.rule))


def views(session: Session) -> list[RuleView]:
    return [view(row) for row in session.scalars(select(RuleRow).order_by(RuleRow.id))]


def chair_said(session: Session, row: VoteRow) -> list[list[str]] | None:
    """What the chair answered in a named vote, for rules by which their side decides a tie."""
    query = select(Elector.answers).join(Member, Member.person_id == Elector.person_id)
    chair = query.where(Elector.vote_id == row.id, Member.meeting_id == row.meeting_id, Member.role == Role.CHAIR)
    answers: list[list[str]] | None = session.scalars(chair).first()
    return answers


def preview(session: Session, rule: Rule) -> list[Tried]:
    """What the newest published votes of any meeting would have come to under this rule; newest first.

    A rule of confidence is tried on confidence votes, any other on the rest. Where the chair's side would decide a tie and
    is not on record any more (secret votes), it counts as against.
    """
    query = select(VoteRow, Meeting.title).join(Meeting, Meeting.id == VoteRow.meeting_id)
    past = query.where(VoteRow.state == VoteState.PUBLISHED).order_by(VoteRow.closed_at.desc()).limit(PREVIEWED)
    return [one for row, title in session.execute(past).all() for one in _try(session, row, title, rule)]


def _try(session: Session, row: VoteRow, meeting: str, rule: Rule) -> list[Tried]:
    tried, pure = [], rules.rule(rule.model_dump(mode="json"))
    chair = chair_said(session, row) if rule.tie == "chair" else None
    for n, question in enumerate(rules.questions(row.questions)):
        if (question.kind == "confidence") != (rule.dismissal is not None):
            continue
        was = QuestionResult.model_validate((row.results or [])[n])
        tally = rules.Tally(dict(zip(question.codes, was.counts, strict=True)), was.valid, was.invalid)
        answered = chair[n] if chair else ()
        would = rules.decide(pure, question, tally, electorate=was.electorate, all_members=was.all_members, chair=answered)
        fields: dict[str, Any] = {"vote_id": row.id, "meeting": meeting, "title": row.title, "closed_at": row.closed_at}
        after = QuestionResult.model_validate(vars(would))
        tried.append(
            Tried(**fields, question=row.questions[n]["title"], before=was.outcome, after=after.outcome, was=was, would=after)
        )
    return tried
