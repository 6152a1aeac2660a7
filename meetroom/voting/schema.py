"""What crosses a wire for votes: named, secret, and opinion slips between meetings."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from meetroom.wire import Audience, Event, Id, Line, MeetingOrder, Moment, ShortLine, Text, View, Wire

Fraction = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,3}/[1-9][0-9]{0,3}$")]
Code = Annotated[str, StringConstraints(pattern=r"^(for|against|abstain|high|confidence|low|o[1-9][0-9]{0,2})$")]
Seconds = Annotated[int, Field(ge=10, le=3600)]
QUESTIONS, OPTIONS = 60, 120  # at most, of one ballot and of one question


class Method(StrEnum):
    """NAMED: who voted how is recorded. SECRET: nobody can tell. SLIP: opinion slips between meetings, by a deadline."""

    NAMED = "named"
    SECRET = "secret"
    SLIP = "slip"


class VoteState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"
    ANNULLED = "annulled"


class QuestionKind(StrEnum):
    """APPROVE: for, against, abstain. CHOOSE: 1 to `most` of the options. CONFIDENCE: high, confidence, low; a person each."""

    APPROVE = "approve"
    CHOOSE = "choose"
    CONFIDENCE = "confidence"


class Denominator(StrEnum):
    """Of whom the threshold is counted: all voting members; those present when the vote opened; ballots returned; ballots
    that say something valid to the question."""

    ALL_MEMBERS = "all_members"
    PRESENT = "present"
    CAST = "cast"
    VALID = "valid"


class QuorumOf(StrEnum):
    """Who makes the quorum: those present at the opening, or (opinion slips) the ballots returned."""

    PRESENT = "present"
    CAST = "cast"


class Tie(StrEnum):
    """When for and against are equal. CHAIR: the chair's side decides."""

    FAILS = "fails"
    CHAIR = "chair"


class PointPolicy(StrEnum):
    """What happens when a point loses its link while a vote is open, declared before the opening. EXTEND: the time is
    extended once. HAND: a hand vote in the point's hall, put in by its operator with two witnesses. ABSENT: no ballot."""

    EXTEND = "extend"
    HAND = "hand"
    ABSENT = "absent"


class Outcome(StrEnum):
    """PARTLY: not all places of a choice are filled. KEPT, MAY_RESIGN, DISMISSAL: of a confidence vote."""

    PASSED = "passed"
    FAILED = "failed"
    PARTLY = "partly"
    KEPT = "kept"
    MAY_RESIGN = "may_resign"
    DISMISSAL = "dismissal"


class Rule(Wire):
    """How a result is decided, see rules.Rule. `substitutes`: whether they vote, or attend only. `decimals` of printed
    percentages. `source` is the legal text it comes from; `valid_to` the last day it is applied."""

    code: ShortLine
    denominator: Denominator
    threshold: Fraction
    strict: bool
    quorum: Fraction
    quorum_of: QuorumOf
    tie: Tie
    dismissal: Fraction | None
    substitutes: bool
    decimals: Annotated[int, Field(ge=0, le=4)]
    source: Line
    valid_from: date
    valid_to: date | None


class RuleView(View):
    """A rule of the catalogue, as may be chosen for a new vote."""

    name_vi: Line
    name_en: Line
    rule: Rule


class Option(Wire):
    """`code` is stable within the vote: of the kind's own (for, high …), or o1, o2 …; `member_id`: it is about this member."""

    code: Code
    title: Line
    member_id: Id | None


class Question(Wire):
    """`most`: how many options one ballot may choose. `member_id`: the person a confidence question is about."""

    title: Line
    kind: QuestionKind
    options: tuple[Option, ...]
    most: int
    member_id: Id | None


Answers = Annotated[tuple[Annotated[tuple[Code, ...], Field(max_length=OPTIONS)], ...], Field(max_length=QUESTIONS)]
"""Per question the chosen codes, sorted as the options are; () left blank."""


class QuestionResult(Wire):
    """The counted result of one question with everything its arithmetic needs, see rules.QuestionResult."""

    counts: tuple[int, ...]
    percents: tuple[ShortLine, ...]
    valid: int
    invalid: int
    no_ballot: int
    base: int
    needed: int
    dismissal_needed: int | None
    all_members: int
    electorate: int
    quorum_met: bool
    tie: bool
    outcome: Outcome
    chosen: tuple[Code, ...]


class VoteView(View):
    """`cast` counts ballots live. `results` are there once published (those who run the vote have TallyView from closing
    on), and of a `live` vote while it is open. `policy`: for a point that drops; `extend_seconds` once, at `extended_at`.
    `revote_of`: the vote this one repeats. `deadline`: of an opinion slip."""

    item_id: Id
    title: Line
    method: Method
    state: VoteState
    questions: tuple[Question, ...]
    rule: Rule
    live: bool
    seconds: int | None
    deadline: Moment | None
    policy: PointPolicy
    extend_seconds: int
    extended_at: Moment | None
    revote_of: Id | None
    opened_at: Moment | None
    closes_at: Moment | None
    closed_at: Moment | None
    published_at: Moment | None
    all_members: int
    electorate: int
    cast: int
    results: tuple[QuestionResult, ...] | None
    annulled_reason: str | None


class TallyView(View):
    """The results between closing and publishing, for those who run the vote (`id` = the vote)."""

    results: tuple[QuestionResult, ...]


class BallotView(View):
    """One's own ballot as stored (`id` = the vote). `paper`: put in by the counting board."""

    answers: Answers
    opinion: str | None
    paper: bool
    recorded_at: Moment


class NewOption(Wire):
    title: Line
    member_id: Id | None = None


class NewQuestion(Wire):
    """`options` of a choice only; those of the other kinds are given."""

    title: Line
    kind: QuestionKind = QuestionKind.APPROVE
    options: Annotated[tuple[NewOption, ...], Field(max_length=OPTIONS)] = ()
    most: Annotated[int, Field(ge=1, le=OPTIONS)] = 1
    member_id: Id | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.kind == QuestionKind.CHOOSE:
            fits = len(self.options) >= self.most
        else:
            fits = not self.options and self.most == 1
        if not fits:
            raise ValueError("options")
        return self


class VoteFields(MeetingOrder):
    """What is written about a vote before it opens. `questions` empty: one, the title, for or against."""

    title: Line
    rule: ShortLine  # a code of the catalogue
    seconds: Seconds | None = 60
    method: Method = Method.NAMED
    questions: Annotated[tuple[NewQuestion, ...], Field(max_length=QUESTIONS)] = ()
    live: bool = False
    deadline: Moment | None = None
    policy: PointPolicy = PointPolicy.ABSENT
    extend_seconds: Seconds = 30

    @model_validator(mode="after")
    def _slips_have_a_deadline(self) -> Self:
        if (self.method == Method.SLIP) != (self.deadline is not None):
            raise ValueError("deadline")
        return self


class CreateVote(VoteFields):
    item_id: Id
    revote_of: Id | None = None


class UpdateVote(VoteFields):
    vote_id: Id


class OneVote(MeetingOrder):
    vote_id: Id


class ExtendVote(MeetingOrder):
    vote_id: Id
    seconds: Annotated[int, Field(ge=10, le=7 * 86_400)]


class CastBallot(MeetingOrder):
    """`opinion` goes with an opinion slip only."""

    vote_id: Id
    answers: Answers
    opinion: Text | None = None


class AnnulVote(MeetingOrder):
    vote_id: Id
    reason: Text


class VoteChanged(Event, name="vote.changed", audience=Audience.MEETING, hold_ms=500):
    vote: VoteView


class VoteRemoved(Event, name="vote.removed", audience=Audience.MEETING):
    id: Id


class VoteShown(Event, name="vote.shown", audience=Audience.PERSON, hold_ms=500):
    """Of a vote on an item that not everybody knows of, to one who does."""

    person_id: Id
    vote: VoteView


class VoteListed(Event, name="vote.listed", audience=Audience.SECRETARIES, hold_ms=500):
    """The same, to those who know of all."""

    vote: VoteView


class VoteHidden(Event, name="vote.hidden", audience=Audience.PERSON):
    person_id: Id
    id: Id


class VoteUnlisted(Event, name="vote.unlisted", audience=Audience.SECRETARIES):
    id: Id


class TallyChanged(Event, name="tally.changed", audience=Audience.SECRETARIES):
    tally: TallyView


class BallotRecorded(Event, name="ballot.recorded", audience=Audience.PERSON):
    person_id: Id
    ballot: BallotView


class BallotTakenOut(Event, name="ballot.removed", audience=Audience.PERSON):
    """A ballot on paper that had been put in by mistake (`id` = the vote)."""

    person_id: Id
    id: Id
