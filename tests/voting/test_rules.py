"""Votes as tables: states, electorate, and arithmetic in exact fractions."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetroom.errors import Refusal
from meetroom.voting import rules
from meetroom.voting.rules import CODES, Question, Rule, Tally, Vote

NOW = datetime(2026, 12, 8, 2, 0, tzinfo=UTC)
COUNCIL = Rule("all_members", "1/2", True, "2/3")
REMOVAL = Rule("all_members", "2/3", False, "2/3")
COMMITTEE = Rule("all_members", "1/2", True, "2/3", tie="chair")
SLIP = Rule("all_members", "1/2", True, "1/2", quorum_of="cast", tie="chair")
PRESENT = Rule("present", "1/2", True, "1/2")
CAST = Rule("cast", "1/2", True, "1/2")
VALID = Rule("valid", "1/2", True, "1/2")
CONFIDENCE = Rule("cast", "1/2", True, "2/3", dismissal="2/3")

APPROVE = Question("approve", CODES["approve"])
LEVELS = Question("confidence", CODES["confidence"])


def choose(options: int, most: int = 1) -> Question:
    return Question("choose", tuple(f"o{n}" for n in range(1, options + 1)), most)


def ballots(question: Question, counts: Sequence[int]) -> list[list[list[str]]]:
    return [[[code]] for code, n in zip(question.codes, counts, strict=True) for _ in range(n)]


def result(
    rule: Rule, members: int, present: int, counts: Sequence[int], question: Question = APPROVE, chair: Sequence[str] = ()
) -> rules.QuestionResult:
    (tally,) = rules.tally([question], ballots(question, counts))
    return rules.decide(rule, question, tally, electorate=present, all_members=members, chair=chair)


@pytest.mark.parametrize(
    ("rule", "members", "present", "cast", "base", "needed", "passed"),
    [
        (COUNCIL, 47, 45, (41, 2, 1), 47, 24, True),
        (COUNCIL, 47, 46, (19, 2, 25), 47, 24, False),  # a published sitting: 46 answers, and still the denominator is 47
        (COUNCIL, 47, 47, (24, 23, 0), 47, 24, True),
        (COUNCIL, 47, 47, (23, 0, 24), 47, 24, False),
        (COUNCIL, 48, 48, (24, 24, 0), 48, 25, False),  # exactly half is not more than half
        (COUNCIL, 47, 31, (31, 0, 0), 47, 24, False),  # 31 of 47 are no two thirds: nothing passes
        (COUNCIL, 47, 32, (24, 0, 8), 47, 24, True),
        (REMOVAL, 48, 48, (32, 16, 0), 48, 32, True),  # exactly two thirds is enough
        (REMOVAL, 47, 47, (31, 16, 0), 47, 32, False),
        (REMOVAL, 47, 47, (32, 15, 0), 47, 32, True),
        (PRESENT, 47, 40, (21, 19, 0), 40, 21, True),
        (PRESENT, 47, 40, (20, 0, 0), 40, 21, False),  # who stays silent counts among those present
        (CAST, 47, 40, (20, 19, 0), 39, 20, True),
        (CAST, 47, 40, (0, 0, 0), 0, 1, False),  # nobody voted: nothing passes
        (SLIP, 9, 9, (5, 0, 0), 9, 5, True),
        (SLIP, 9, 9, (4, 0, 0), 9, 5, False),  # four slips of nine came back: no quorum
        (SLIP, 0, 0, (0, 0, 0), 0, 1, False),
    ],
)
def test_results(
    rule: Rule, members: int, present: int, cast: tuple[int, int, int], base: int, needed: int, passed: bool
) -> None:
    found = result(rule, members, present, cast)
    assert (found.counts, found.valid, found.no_ballot) == (cast, sum(cast), present - sum(cast))
    assert (found.base, found.needed, found.outcome) == (base, needed, "passed" if passed else "failed")


@pytest.mark.parametrize(
    ("rule", "members", "counts", "chair", "outcome", "tie"),
    [
        (COMMITTEE, 10, (5, 5, 0), ["for"], "passed", True),
        (COMMITTEE, 10, (5, 5, 0), ["against"], "failed", True),
        (COMMITTEE, 10, (4, 4, 2), ["for"], "passed", True),
        (COMMITTEE, 10, (4, 4, 2), ["abstain"], "failed", True),
        (COMMITTEE, 10, (4, 4, 0), [], "failed", True),  # the chair did not vote: nobody decides it
        (COMMITTEE, 10, (6, 4, 0), ["against"], "passed", False),
        (COMMITTEE, 10, (5, 4, 1), ["for"], "failed", False),  # not equal: the chair's side decides nothing
        (COMMITTEE, 10, (0, 0, 10), ["for"], "failed", False),
        (COUNCIL, 10, (5, 5, 0), ["for"], "failed", False),  # a council has no such rule
    ],
)
def test_a_tie_is_decided_by_the_side_of_the_chair(
    rule: Rule, members: int, counts: tuple[int, int, int], chair: list[str], outcome: str, tie: bool
) -> None:
    found = result(rule, members, members, counts, chair=chair)
    assert (found.outcome, found.tie) == (outcome, tie)


@pytest.mark.parametrize(
    ("counts", "outcome"),
    [
        ((30, 0, 0), "kept"),
        ((15, 0, 15), "kept"),  # exactly half is not more than half
        ((14, 0, 16), "may_resign"),
        ((11, 0, 19), "may_resign"),
        ((10, 0, 20), "dismissal"),  # two thirds, exactly
        ((0, 0, 30), "dismissal"),
        ((0, 0, 0), "kept"),
    ],
)
def test_three_levels_of_confidence(counts: tuple[int, int, int], outcome: str) -> None:
    found = result(CONFIDENCE, 45, 30, counts, LEVELS)
    assert found.outcome == outcome
    if sum(counts) == 30:
        assert (found.base, found.needed, found.dismissal_needed) == (30, 16, 20)


@pytest.mark.parametrize(
    ("question", "counts", "chosen", "outcome"),
    [
        (choose(2), (21, 18), ("o1",), "passed"),
        (choose(2), (20, 20), (), "failed"),  # exactly half each
        (choose(3, 2), (25, 30, 5), ("o2", "o1"), "passed"),  # most votes first
        (choose(3, 2), (30, 10, 10), ("o1",), "partly"),
        (choose(3, 2), (10, 10, 10), (), "failed"),
        (choose(3, 2), (30, 25, 25), ("o1",), "partly"),  # equal at the last place: another vote between them
        (choose(4, 2), (25, 25, 25, 3), (), "failed"),
    ],
)
def test_choices(question: Question, counts: tuple[int, ...], chosen: tuple[str, ...], outcome: str) -> None:
    tally = Tally(dict(zip(question.codes, counts, strict=True)), valid=40)
    found = rules.decide(PRESENT, question, tally, electorate=40, all_members=47)
    assert (found.chosen, found.outcome, found.counts) == (chosen, outcome, counts)


def test_what_is_not_valid_counts_among_the_ballots_returned_only() -> None:
    pair = choose(4, 2)
    said = [[["o1", "o2"]], [["o1"]], [["o1", "o2", "o3"]], [["o9"]], [["o1", "o1"]], [[]], [], None]
    (tally,) = rules.tally([pair], said)
    assert (tally.counts, tally.valid, tally.invalid) == ({"o1": 2, "o2": 1}, 2, 6)
    assert rules.decide(CAST, pair, tally, electorate=9, all_members=9).base == 8
    assert rules.decide(VALID, pair, tally, electorate=9, all_members=9).base == 2


PUBLISHED = [  # votes, of, as printed
    (19, 47, "40.43"), (2, 47, "4.26"), (25, 47, "53.19"),  # a council of 47: 46 answers, the denominator is 47
    (187, 481, "38.88"), (219, 481, "45.53"), (229, 481, "47.61"),  # the National Assembly, 25 October 2023
]  # fmt: skip


@pytest.mark.parametrize(("votes", "base", "printed"), PUBLISHED)
def test_the_published_percentages(votes: int, base: int, printed: str) -> None:
    assert rules.percent(votes, base, 2) == printed


@pytest.mark.parametrize(
    ("votes", "base", "decimals", "printed"),
    [(1, 3, 2, "33.33"), (2, 3, 2, "66.67"), (1, 8, 2, "12.50"), (1, 800, 2, "0.13"), (1, 2, 0, "50"), (1, 200, 0, "1"),
     (3, 3, 2, "100.00"), (0, 7, 1, "0.0"), (0, 0, 2, "0"), (1, 3, 4, "33.3333")],
)  # fmt: skip
def test_percentages_are_rounded_half_up(votes: int, base: int, decimals: int, printed: str) -> None:
    assert rules.percent(votes, base, decimals) == printed


@given(st.integers(1, 500), st.data())
def test_arithmetic(members: int, data: st.DataObject) -> None:
    present = data.draw(st.integers(1, members))
    cast = data.draw(st.integers(0, present))
    for_ = data.draw(st.integers(0, cast))
    rule = Rule(
        data.draw(st.sampled_from(["all_members", "present", "cast", "valid"])),
        data.draw(st.sampled_from(["1/2", "2/3", "3/4", "1/3"])),
        data.draw(st.booleans()),
        data.draw(st.sampled_from(["1/2", "2/3"])),
    )
    found = result(rule, members, present, (for_, cast - for_, 0))
    assert sum(found.counts) + found.no_ballot == present
    share = Fraction(for_, found.base) if found.base else Fraction(0)
    reached = share > Fraction(rule.threshold) if rule.strict else share >= Fraction(rule.threshold)
    passes = reached and found.base > 0 and Fraction(present, members) >= Fraction(rule.quorum)
    assert found.outcome == ("passed" if passes else "failed")


@pytest.mark.parametrize(
    ("questions", "answers", "question"),
    [
        ([APPROVE], [], None),
        ([APPROVE], [["for"], ["for"]], None),
        ([APPROVE], [["maybe"]], 0),
        ([APPROVE], [["for", "against"]], 0),
        ([APPROVE], [[]], 0),  # a ballot that says nothing at all
        ([APPROVE, choose(3, 2)], [["for"], ["o1", "o2", "o3"]], 1),
        ([APPROVE, choose(3, 2)], [["for"], ["o1", "o1"]], 1),
    ],
)
def test_a_ballot_that_does_not_fit_is_refused(questions: list[Question], answers: list[list[str]], question: int | None) -> None:
    with pytest.raises(Refusal) as caught:
        rules.check_answers(questions, answers)
    assert (caught.value.code, caught.value.detail) == ("bad_ballot", {"question": question})


def test_answers_are_kept_in_the_order_of_the_options() -> None:
    assert rules.check_answers([APPROVE, choose(3, 2)], [[], ["o3", "o1"]]) == ((), ("o1", "o3"))


@pytest.mark.parametrize(
    ("members", "present", "opens"),
    [(47, 32, True), (47, 31, False), (48, 32, True), (3, 2, True), (47, 0, False), (0, 0, False)],
)
def test_the_electorate_needs_a_quorum(members: int, present: int, opens: bool) -> None:
    draft = Vote("draft", COUNCIL, 60)
    if not opens:
        with pytest.raises(Refusal, match="no_quorum"):
            rules.open(draft, present=present, all_members=members, now=NOW)
        return
    vote = rules.open(draft, present=present, all_members=members, now=NOW)
    assert (vote.state, vote.electorate, vote.all_members) == ("open", present, members)
    assert vote.closes_at == NOW + timedelta(seconds=60)


def test_a_slip_closes_at_its_deadline() -> None:
    draft = Vote("draft", SLIP, None)
    deadline = NOW + timedelta(days=3)
    assert rules.open(draft, present=9, all_members=9, now=NOW, deadline=deadline).closes_at == deadline
    with pytest.raises(Refusal, match="deadline_over"):
        rules.open(draft, present=9, all_members=9, now=NOW, deadline=NOW)


MOVES = {
    "open": ("draft",), "close": ("open",), "publish": ("closed",), "unpublish": ("published",),
    "annul": ("open", "closed", "published"),
}  # fmt: skip


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("state", ["draft", "open", "closed", "published", "annulled"])
def test_states(move: str, state: str) -> None:
    vote = Vote(state, COUNCIL, None)
    step = {
        "open": lambda: rules.open(vote, present=3, all_members=3, now=NOW),
        "close": lambda: rules.close(vote, now=NOW),
        "publish": lambda: rules.publish(vote),
        "unpublish": lambda: rules.unpublish(vote),
        "annul": lambda: rules.annul(vote),
    }[move]
    if state in MOVES[move]:
        assert step().state != state
    else:
        with pytest.raises(Refusal, match="wrong_state"):
            step()
