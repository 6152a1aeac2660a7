"""Named votes as tables: states, electorate, and arithmetic in exact fractions."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetroom.errors import Refusal
from meetroom.voting import rules
from meetroom.voting.rules import Rule, Vote

NOW = datetime(2026, 12, 8, 2, 0, tzinfo=UTC)
COUNCIL = Rule("all_members", "1/2", True, "2/3")
REMOVAL = Rule("all_members", "2/3", False, "2/3")
PRESENT = Rule("present", "1/2", True, "1/2")
CAST = Rule("cast", "1/2", True, "1/2")


def ballots(for_: int, against: int, abstain: int) -> list[str]:
    return ["for"] * for_ + ["against"] * against + ["abstain"] * abstain


@pytest.mark.parametrize(
    ("rule", "members", "present", "cast", "base", "needed", "passed"),
    [
        (COUNCIL, 47, 45, (41, 2, 1), 47, 24, True),
        (COUNCIL, 47, 46, (19, 2, 25), 47, 24, False),  # a published sitting: 46 answers, and still the denominator is 47
        (COUNCIL, 47, 47, (24, 23, 0), 47, 24, True),
        (COUNCIL, 47, 47, (23, 0, 24), 47, 24, False),
        (COUNCIL, 48, 48, (24, 24, 0), 48, 25, False),  # exactly half is not more than half
        (REMOVAL, 48, 48, (32, 16, 0), 48, 32, True),  # exactly two thirds is enough
        (REMOVAL, 47, 47, (31, 16, 0), 47, 32, False),
        (PRESENT, 47, 40, (21, 19, 0), 40, 21, True),
        (PRESENT, 47, 40, (20, 0, 0), 40, 21, False),  # who stays silent counts among those present
        (CAST, 47, 40, (20, 19, 0), 39, 20, True),
        (CAST, 47, 40, (0, 0, 0), 0, 1, False),  # nobody voted: nothing passes
    ],
)
def test_results(
    rule: Rule, members: int, present: int, cast: tuple[int, int, int], base: int, needed: int, passed: bool
) -> None:
    vote = Vote("open", rule, 60, all_members=members, electorate=present)
    result = rules.count(vote, ballots(*cast))
    assert (result.for_, result.against, result.abstain) == cast
    assert result.no_ballot == present - sum(cast)
    assert (result.base, result.needed, result.passed) == (base, needed, passed)


def test_the_published_percentages() -> None:
    """19, 2 and 25 of 47 were published as 40.43, 4.26 and 53.19 %: of all deputies, not of the answers."""
    shares = [round(float(Fraction(n, 47)) * 100, 2) for n in (19, 2, 25)]
    assert shares == [40.43, 4.26, 53.19]


@given(st.integers(1, 500), st.data())
def test_arithmetic(members: int, data: st.DataObject) -> None:
    present = data.draw(st.integers(1, members))
    cast = data.draw(st.integers(0, present))
    for_ = data.draw(st.integers(0, cast))
    rule = Rule(
        data.draw(st.sampled_from(["all_members", "present", "cast"])),
        data.draw(st.sampled_from(["1/2", "2/3", "3/4", "1/3"])),
        data.draw(st.booleans()),
        data.draw(st.sampled_from(["1/2", "2/3"])),
    )
    result = rules.count(Vote("open", rule, None, all_members=members, electorate=present), ballots(for_, cast - for_, 0))
    assert result.for_ + result.against + result.abstain + result.no_ballot == present
    share = Fraction(for_, result.base) if result.base else Fraction(0)
    reached = share > Fraction(rule.threshold) if rule.strict else share >= Fraction(rule.threshold)
    assert result.passed == (reached and result.base > 0 and Fraction(present, members) >= Fraction(rule.quorum))


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
