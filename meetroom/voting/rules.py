"""Pure rules of a vote: its states, what a ballot may say, and the arithmetic of its result in exact fractions.

Named, secret and slip votes are counted by the same three functions, `check_answers`, `tally` and `decide`, which need
nothing but the standard library: whoever has the ballots can count again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any

from meetroom.errors import Refusal

# The codes of options that the kind of a question gives; those of CHOOSE are its own.
CODES = {"approve": ("for", "against", "abstain"), "confidence": ("high", "confidence", "low")}
Answers = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Rule:
    """Passes when `for / base` exceeds (`strict`) or reaches `threshold`, and the `quorum` of all members is there.

    `denominator`: all_members; present (the frozen electorate); cast (ballots returned); valid (those that say something
    valid to the question). `quorum_of`: present or cast. `tie` chair: when for and against are equal, the chair's side
    decides. Of a confidence vote, `low` over `threshold` may resign and `low` reaching `dismissal` is dismissed.
    """

    denominator: str
    threshold: str
    strict: bool
    quorum: str
    quorum_of: str = "present"
    tie: str = "fails"
    dismissal: str | None = None
    decimals: int = 2


@dataclass(frozen=True)
class Question:
    """`kind`: approve, choose, confidence; `codes` of its options; `most` options on one ballot (and places to fill)."""

    kind: str
    codes: tuple[str, ...]
    most: int = 1


@dataclass
class Tally:
    """What the ballots say to one question: votes by code, ballots that say something valid, and those that do not."""

    counts: dict[str, int] = field(default_factory=dict)
    valid: int = 0
    invalid: int = 0

    def add(self, codes: Sequence[str] | None, question: Question, n: int = 1) -> None:
        """Count an answer `n` times (-1 takes it back)."""
        if codes is None or not valid(question, codes):
            self.invalid += n
            return
        self.valid += n
        for code in codes:
            self.counts[code] = self.counts.get(code, 0) + n


@dataclass(frozen=True)
class QuestionResult:
    """The result of one question with everything its arithmetic needs.

    `counts` and `percents` (of the base, rounded half up) in the order of the options. `needed`: the smallest number of
    votes that decides; of a confidence vote, the smallest number of `low` that may resign, and `dismissal_needed`.
    `outcome`: passed, failed; of a choice also partly (not all places filled), with who is `chosen`; of confidence kept,
    may_resign, dismissal. `tie`: for and against were equal, and the rule has a way to decide it.
    """

    counts: tuple[int, ...]
    percents: tuple[str, ...]
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
    outcome: str
    chosen: tuple[str, ...]


def rule(data: Mapping[str, Any]) -> Rule:
    """A rule as it is stored or published; what does not concern the arithmetic is left out."""
    return Rule(**{name: data[name] for name in Rule.__dataclass_fields__ if name in data})


def questions(data: Iterable[Mapping[str, Any]]) -> tuple[Question, ...]:
    """Questions as they are stored or published."""
    return tuple(Question(one["kind"], tuple(option["code"] for option in one["options"]), one["most"]) for one in data)


def valid(question: Question, codes: Sequence[str]) -> bool:
    """Whether an answer counts: at least one option of the question, none twice, no more than `most`."""
    known = set(question.codes)
    return 0 < len(codes) <= question.most and len(set(codes)) == len(codes) and all(code in known for code in codes)


def check_answers(questions: Sequence[Question], answers: Answers) -> tuple[tuple[str, ...], ...]:
    """The answers of a ballot, each sorted as its options are; a question may be left blank, but not all of them.

    Raises Refusal `bad_ballot` with the number of the question from 0.
    """
    if len(answers) != len(questions):
        raise Refusal("bad_ballot", {"question": None})
    for n, (question, codes) in enumerate(zip(questions, answers, strict=True)):
        if codes and not valid(question, codes):
            raise Refusal("bad_ballot", {"question": n})
    if not any(answers):
        raise Refusal("bad_ballot", {"question": 0})
    pairs = zip(questions, answers, strict=True)
    return tuple(tuple(code for code in question.codes if code in codes) for question, codes in pairs)


def tally(questions: Sequence[Question], ballots: Iterable[Answers | None]) -> list[Tally]:
    """Count ballots, one Tally per question. A ballot that does not fit the questions (None: unreadable) is invalid in all."""
    tallies = [Tally() for _ in questions]
    for answers in ballots:
        count(tallies, questions, answers)
    return tallies


def count(tallies: Sequence[Tally], questions: Sequence[Question], answers: Answers | None, n: int = 1) -> None:
    """Add a ballot to running tallies, or with -1 take it out."""
    fits = answers is not None and len(answers) == len(questions)
    for place, (one, question) in enumerate(zip(tallies, questions, strict=True)):
        one.add(answers[place] if fits and answers is not None else None, question, n)


def merge(one: Tally, other: Tally) -> Tally:
    """Two counts of the same question together, such as tablets' and paper's."""
    counts = {code: one.counts.get(code, 0) + other.counts.get(code, 0) for code in {**one.counts, **other.counts}}
    return Tally(counts, one.valid + other.valid, one.invalid + other.invalid)


def needed(threshold: str, strict: bool, base: int) -> int:
    """The smallest number of votes that exceeds (`strict`) or reaches the threshold's share of the base."""
    exact = Fraction(threshold) * base
    return floor(exact) + 1 if strict else ceil(exact)


def percent(votes: int, base: int, decimals: int) -> str:
    """The share as it is printed, with a decimal point, rounded half up from the exact fraction."""
    if base == 0:
        return "0"
    scaled = floor(Fraction(votes * 100 * 10**decimals, base) + Fraction(1, 2))
    whole, rest = divmod(scaled, 10**decimals)
    return f"{whole}.{rest:0{decimals}d}" if decimals else str(whole)


def decide(
    rule: Rule, question: Question, tally: Tally, *, electorate: int, all_members: int, chair: Sequence[str] = ()
) -> QuestionResult:
    """The result of one question. `chair`: what the chair answered, for rules by which the chair's side decides a tie."""
    cast = tally.valid + tally.invalid
    base = {"all_members": all_members, "present": electorate, "cast": cast, "valid": tally.valid}[rule.denominator]
    there = cast if rule.quorum_of == "cast" else electorate
    counts = tuple(tally.counts.get(code, 0) for code in question.codes)
    least = needed(rule.threshold, rule.strict, base)
    dismissal = ceil(Fraction(rule.dismissal) * base) if rule.dismissal and question.kind == "confidence" else None
    quorum_met = there > 0 and there >= Fraction(rule.quorum) * all_members
    counts_at_all = quorum_met and base > 0
    tie, chosen = False, tuple[str, ...]()
    if question.kind == "approve":
        votes_for, against = tally.counts.get("for", 0), tally.counts.get("against", 0)
        tie = rule.tie == "chair" and votes_for == against > 0 and votes_for < least
        outcome = "passed" if counts_at_all and (votes_for >= least or (tie and "for" in chair)) else "failed"
    elif question.kind == "confidence":
        low = tally.counts.get("low", 0)
        outcome = "kept"
        if counts_at_all and dismissal is not None and low >= dismissal:
            outcome = "dismissal"
        elif counts_at_all and low >= least:
            outcome = "may_resign"
    else:
        chosen = _chosen(question, counts, least) if counts_at_all else ()
        outcome = "passed" if len(chosen) == question.most else "partly" if chosen else "failed"
    return QuestionResult(
        counts=counts,
        percents=tuple(percent(n, base, rule.decimals) for n in counts),
        valid=tally.valid,
        invalid=tally.invalid,
        no_ballot=electorate - cast,
        base=base,
        needed=least,
        dismissal_needed=dismissal,
        all_members=all_members,
        electorate=electorate,
        quorum_met=quorum_met,
        tie=tie,
        outcome=outcome,
        chosen=chosen,
    )


def _chosen(question: Question, counts: Sequence[int], least: int) -> tuple[str, ...]:
    """Who reaches the threshold, most votes first, for as many places as there are. Who is equal at the last place
    is not chosen: between them there has to be another vote."""
    reached = sorted((n for n in counts if n >= least), reverse=True)
    if len(reached) > question.most:
        border = reached[question.most]
        reached = [n for n in reached[: question.most] if n > border]
    lowest = min(reached, default=None)
    if lowest is None:
        return ()
    ranked = [(n, code) for n, code in zip(counts, question.codes, strict=True) if n >= lowest and n >= least]
    return tuple(code for n, code in sorted(ranked, key=lambda pair: -pair[0]))


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


def expect(vote: Vote, *states: str) -> None:
    if vote.state not in states:
        raise Refusal("wrong_state", {"state": vote.state})


def open(vote: Vote, *, present: int, all_members: int, now: datetime, deadline: datetime | None = None) -> Vote:
    """The electorate is frozen here: who is present now may vote, nobody else.

    Raises Refusal `no_quorum` when fewer are present than the rule's quorum of all voting members, and `too_late` when the
    deadline (of a slip) is over.
    """
    expect(vote, "draft")
    quorum = ceil(Fraction(vote.rule.quorum) * all_members)
    if present < quorum or present == 0:
        raise Refusal("no_quorum", {"present": present, "needed": max(quorum, 1)})
    if deadline is not None and deadline <= now:
        raise Refusal("deadline_over")
    closes = deadline or (now + timedelta(seconds=vote.seconds) if vote.seconds else None)
    return replace(vote, state="open", opened_at=now, closes_at=closes, electorate=present, all_members=all_members)


def extend(vote: Vote, more: timedelta) -> Vote:
    """Raises Refusal `no_time_limit` where nothing ends by the clock."""
    expect(vote, "open")
    if vote.closes_at is None:
        raise Refusal("no_time_limit")
    return replace(vote, closes_at=vote.closes_at + more)


def remind_at(opened: datetime, deadline: datetime) -> datetime:
    """When who has not answered is reminded: when a quarter of the time is left."""
    return deadline - (deadline - opened) / 4


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
