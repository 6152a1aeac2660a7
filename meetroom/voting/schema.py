"""What crosses a wire for named votes."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from meetroom.wire import Audience, Event, Id, Line, MeetingOrder, Moment, ShortLine, Text, View, Wire

Fraction = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,3}/[1-9][0-9]{0,3}$")]


class VoteState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"
    ANNULLED = "annulled"


class Choice(StrEnum):
    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


class Denominator(StrEnum):
    """Of whom the threshold is counted."""

    ALL_MEMBERS = "all_members"
    PRESENT = "present"
    CAST = "cast"


class Rule(Wire):
    """How a result is decided: passes when for/denominator exceeds (`strict`) or reaches the threshold, and the
    electorate reaches the quorum of all voting members. `source` is the legal text it comes from."""

    code: ShortLine
    denominator: Denominator
    threshold: Fraction
    strict: bool
    quorum: Fraction
    source: Line
    valid_from: date


class RuleView(View):
    """A rule of the catalogue, as may be chosen for a new vote."""

    name_vi: Line
    name_en: Line
    rule: Rule


class ResultView(Wire):
    """The counted result with everything its arithmetic needs: passed iff quorum and `for_ : base` meets the rule."""

    for_: Annotated[int, Field(alias="for", serialization_alias="for")]
    against: int
    abstain: int
    no_ballot: int
    base: int
    needed: int
    all_members: int
    electorate: int
    quorum_met: bool
    passed: bool


class VoteView(View):
    """`cast` counts ballots live; `result` is there once published (secretaries have TallyView from closing on)."""

    item_id: Id
    title: Line
    state: VoteState
    rule: Rule
    seconds: int | None
    opened_at: Moment | None
    closes_at: Moment | None
    closed_at: Moment | None
    published_at: Moment | None
    all_members: int
    electorate: int
    cast: int
    result: ResultView | None
    annulled_reason: str | None


class TallyView(View):
    """The result between closing and publishing, for those who run the vote (`id` = the vote)."""

    result: ResultView


class BallotView(View):
    """One's own ballot as stored (`id` = the vote)."""

    choice: Choice
    recorded_at: Moment


class CreateVote(MeetingOrder):
    item_id: Id
    title: Line
    rule: ShortLine  # a code of the catalogue
    seconds: Annotated[int, Field(ge=10, le=3600)] | None = 60


class UpdateVote(MeetingOrder):
    vote_id: Id
    title: Line
    rule: ShortLine
    seconds: Annotated[int, Field(ge=10, le=3600)] | None


class OneVote(MeetingOrder):
    vote_id: Id


class CastBallot(MeetingOrder):
    vote_id: Id
    choice: Choice


class AnnulVote(MeetingOrder):
    vote_id: Id
    reason: Text


class VoteChanged(Event, name="vote.changed", audience=Audience.MEETING, hold_ms=500):
    vote: VoteView


class VoteRemoved(Event, name="vote.removed", audience=Audience.MEETING):
    id: Id


class TallyChanged(Event, name="tally.changed", audience=Audience.SECRETARIES):
    tally: TallyView


class BallotRecorded(Event, name="ballot.recorded", audience=Audience.PERSON):
    person_id: Id
    ballot: BallotView
