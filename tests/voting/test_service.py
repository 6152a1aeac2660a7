"""A vote, as it goes in the hall."""

import pytest

from meetroom.errors import Refusal
from tests.sitting import Sitting


def code(do: object, *args: object, **order: object) -> str:
    with pytest.raises(Refusal) as caught:
        do(*args, **order)  # type: ignore[operator]
    return caught.value.code


def test_a_vote_from_opening_to_the_wall(sitting: Sitting) -> None:
    sitting.opened()
    vote = sitting.vote()
    sitting.secretary("vote.open", vote_id=vote)
    for persona, choice in (("chair", "for"), ("hanh", "against"), ("bao", "for")):
        assert getattr(sitting, persona)("vote.cast", vote_id=vote, answers=[[choice]])["answers"] == [[choice]]
    sitting.hanh("vote.cast", vote_id=vote, answers=[["for"]])  # changed her mind; the last one counts, once
    open_now = sitting.see("bao").votes[0]
    assert (open_now.cast, open_now.electorate, open_now.all_members, open_now.results) == (3, 4, 4, None)
    sitting.secretary("vote.close", vote_id=vote)
    assert sitting.see("bao").votes[0].results is None
    sitting.secretary("vote.publish", vote_id=vote)
    results = sitting.see("wall").votes[0].results
    assert results is not None
    (result,) = results
    assert (result.counts, result.no_ballot, result.needed, result.outcome) == ((3, 0, 0), 1, 3, "passed")


def test_who_comes_late_does_not_vote(sitting: Sitting) -> None:
    sitting.opened()
    sitting.chau("member.leave")
    vote = sitting.vote()
    sitting.secretary("vote.open", vote_id=vote)
    sitting.chau("member.arrive")
    assert code(sitting.chau, "vote.cast", vote_id=vote, answers=[["for"]]) == "not_in_electorate"
    assert sitting.hanh("vote.cast", vote_id=vote, answers=[["for"]])
    # Leaving does not take back what was cast.
    sitting.hanh("member.leave")
    sitting.secretary("vote.close", vote_id=vote)
    assert sitting.see("secretary").tallies[0].results[0].counts[0] == 1


def test_refusals(sitting: Sitting) -> None:
    sitting.opened()
    first, second = sitting.vote(), sitting.vote()
    assert code(sitting.hanh, "vote.cast", vote_id=first, answers=[["for"]]) == "voting_over"
    sitting.secretary("vote.open", vote_id=first)
    assert code(sitting.secretary, "vote.open", vote_id=second) == "vote_is_open"
    assert code(sitting.secretary, "vote.update", vote_id=first, title="x", rule="council.majority", seconds=60) == "wrong_state"
    assert code(sitting.secretary, "meeting.close") == "vote_is_open"
    assert code(sitting.guest, "vote.cast", vote_id=first, answers=[["for"]]) == "forbidden"
    sitting.secretary("vote.close", vote_id=first)
    assert code(sitting.hanh, "vote.cast", vote_id=first, answers=[["for"]]) == "voting_over"
    assert code(sitting.secretary, "vote.create", item_id=sitting.item(), title="x", rule="no.such") == "unknown_rule"


def test_no_quorum_no_vote(sitting: Sitting) -> None:
    sitting.opened()
    for persona in ("hanh", "bao"):
        getattr(sitting, persona)("member.leave")
    vote = sitting.vote()
    with pytest.raises(Refusal) as caught:
        sitting.secretary("vote.open", vote_id=vote)
    assert (caught.value.code, caught.value.detail) == ("no_quorum", {"present": 2, "needed": 3})
