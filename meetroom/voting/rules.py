"""Pure rules of a named vote: its states, its electorate, and the arithmetic of its result in exact fractions."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil, floor

from meetroom.errors import Refusal


@dataclass(frozen=True)
class Rule:
    """Passes when `for / base` exceeds (`strict`) or reaches `threshold`; valid with `quorum` of all members."""

    denominator: str  # all_members, present (= the frozen electorate), cast
    threshold: str
    strict: bool
    quorum: str


@dataclass(frozen=True)
class Vote:
    state: str
    rule: Rule
    seconds: int | None
    opened_at: datetime | None = None
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    all_members: int = 0
    electorate: int = 0


@dataclass(frozen=True)
class Result:
    """`needed`: the smallest number of votes for that passes, of `base`."""

    for_: int
    against: int
    abstain: int
    no_ballot: int
    base: int
    needed: int
    all_members: int
    electorate: int
    quorum_met: bool
    passed: bool


def expect(vote: Vote, *states: str) -> None:
    if vote.state not in states:
        raise Refusal("wrong_state", {"state": vote.state})


def open(vote: Vote, *, present: int, all_members: int, now: datetime) -> Vote:
    """The electorate is frozen here: who is present now may vote, nobody else.

    Raises Refusal `no_quorum` when fewer are present than the rule's quorum of all voting members.
    """
    expect(vote, "draft")
    quorum = ceil(Fraction(vote.rule.quorum) * all_members)
    if present < quorum or present == 0:
        raise Refusal("no_quorum", {"present": present, "needed": max(quorum, 1)})
    closes = now + timedelta(seconds=vote.seconds) if vote.seconds else None
    return replace(vote, state="open", opened_at=now, closes_at=closes, electorate=present, all_members=all_members)


def close(vote: Vote, *, now: datetime) -> Vote:
    expect(vote, "open")
    return replace(vote, state="closed", closed_at=now)


def publish(vote: Vote) -> Vote:
    expect(vote, "closed")
    return replace(vote, state="published")


def unpublish(vote: Vote) -> Vote:
    """Take the result from the walls again, for a second look."""
    expect(vote, "published")
    return replace(vote, state="closed")


def annul(vote: Vote) -> Vote:
    """The vote does not count; its ballots stay in the record."""
    expect(vote, "open", "closed", "published")
    return replace(vote, state="annulled")


def count(vote: Vote, choices: Iterable[str]) -> Result:
    """The result of the ballots cast so far."""
    tally = Counter(choices)
    cast = tally.total()
    base = {"all_members": vote.all_members, "present": vote.electorate, "cast": cast}[vote.rule.denominator]
    exact = Fraction(vote.rule.threshold) * base
    needed = floor(exact) + 1 if vote.rule.strict else ceil(exact)
    quorum_met = vote.electorate >= Fraction(vote.rule.quorum) * vote.all_members
    return Result(
        for_=tally["for"],
        against=tally["against"],
        abstain=tally["abstain"],
        no_ballot=vote.electorate - cast,
        base=base,
        needed=needed,
        all_members=vote.all_members,
        electorate=vote.electorate,
        quorum_met=quorum_met,
        passed=quorum_met and base > 0 and tally["for"] >= needed,
    )
