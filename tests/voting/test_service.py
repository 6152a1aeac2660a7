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


def test_who_said_what_is_checked(sitting: Sitting) -> None:
    sitting.opened()
    options = [{"title": "Tân Lập"}, {"title": "An Hòa"}, {"title": "Phú Nhuận"}]
    vote = sitting.vote(questions=[{"title": "Địa điểm", "kind": "choose", "options": options, "most": 2}])
    sitting.secretary("vote.open", vote_id=vote)
    for answers in ([], [[]], [["o4"]], [["o1", "o2", "o3"]], [["for"]], [["o1"], ["o1"]]):
        assert code(sitting.hanh, "vote.cast", vote_id=vote, answers=answers) == "bad_ballot"
    assert sitting.hanh("vote.cast", vote_id=vote, answers=[["o3", "o1"]])["answers"] == [["o1", "o3"]]


def test_a_live_vote_shows_what_has_come_so_far_and_a_hidden_one_does_not(sitting: Sitting) -> None:
    sitting.opened()
    hidden = sitting.vote()
    sitting.secretary("vote.open", vote_id=hidden)
    sitting.hanh("vote.cast", vote_id=hidden, answers=[["for"]])
    assert sitting.see("bao").votes[0].results is None
    sitting.secretary("vote.close", vote_id=hidden)
    live = sitting.vote(live=True)
    sitting.secretary("vote.open", vote_id=live)
    sitting.hanh("vote.cast", vote_id=live, answers=[["for"]])
    sitting.bao("vote.cast", vote_id=live, answers=[["abstain"]])
    sitting.hanh("vote.cast", vote_id=live, answers=[["against"]])
    results = sitting.see("bao").votes[1].results
    assert results is not None and results[0].counts == (0, 1, 1)
    sitting.secretary("vote.close", vote_id=live)
    assert sitting.see("bao").votes[1].results is None  # counted; it is published in a second step


def test_the_chair_decides_a_tie_of_the_committee(sitting: Sitting) -> None:
    sitting.opened()
    for chair, outcome in (("for", "passed"), ("against", "failed")):
        vote = sitting.vote(rule="committee.majority")
        sitting.secretary("vote.open", vote_id=vote)
        other = {"for": "against", "against": "for"}[chair]
        for persona, said in (("chair", chair), ("hanh", chair), ("bao", other), ("chau", other)):
            getattr(sitting, persona)("vote.cast", vote_id=vote, answers=[[said]])
        sitting.secretary("vote.close", vote_id=vote)
        (result,) = sitting.see("secretary").tallies[-1].results
        assert (result.counts, result.tie, result.outcome) == ((2, 2, 0), True, outcome)


def test_an_opinion_slip_needs_no_sitting(sitting: Sitting) -> None:
    item = sitting.secretary("item.add", title="Chủ trương đầu tư", minutes=10)["id"]
    slip = {"item_id": item, "title": "Chủ trương đầu tư", "rule": "committee.slip", "method": "slip"}
    assert code(sitting.secretary, "vote.create", **slip) == "invalid"  # no deadline
    vote = sitting.secretary("vote.create", **slip, deadline="2026-12-09T01:00:00Z")["id"]
    sitting.secretary("vote.open", vote_id=vote)
    opened = sitting.see("hanh").votes[0]
    assert (opened.electorate, opened.closes_at) == (4, opened.deadline)
    ballot = sitting.hanh("vote.cast", vote_id=vote, answers=[["for"]], opinion="Đồng ý, đề nghị rà soát vốn")
    assert ballot["opinion"] == "Đồng ý, đề nghị rà soát vốn"
    sitting.pass_time(hours=18)
    sitting.clock("vote.remind", vote_id=vote)
    assert [n.id for n in sitting.see("bao").nudges] == [vote] and sitting.see("hanh").nudges == ()
    sitting.clock("vote.expire", vote_id=vote)
    (result,) = sitting.see("secretary").tallies[0].results
    assert (result.quorum_met, result.outcome) == (False, "failed")  # one slip of four: no quorum
    assert code(sitting.bao, "vote.cast", vote_id=vote, answers=[["for"]]) == "voting_over"


def test_a_slip_in_a_closed_meeting_and_one_whose_deadline_is_over(sitting: Sitting) -> None:
    sitting.opened()
    item = sitting.item()
    sitting.secretary("meeting.close")
    slip = {"item_id": item, "title": "Ý kiến", "rule": "committee.slip", "method": "slip"}
    vote = sitting.secretary("vote.create", **slip, deadline="2026-12-09T01:00:00Z")["id"]
    sitting.secretary("vote.open", vote_id=vote)
    assert sitting.hanh("vote.cast", vote_id=vote, answers=[["for"]])
    past = sitting.secretary("vote.create", **slip, deadline="2026-12-08T00:00:00Z")["id"]
    assert code(sitting.secretary, "vote.open", vote_id=past) == "deadline_over"
    assert code(sitting.secretary, "vote.create", item_id=item, title="x", rule="council.majority") == "wrong_state"


def test_a_vote_again_points_at_the_one_before(sitting: Sitting) -> None:
    sitting.opened()
    first = sitting.vote()
    sitting.secretary("vote.open", vote_id=first)
    sitting.secretary("vote.annul", vote_id=first, reason="Nhầm dự thảo")
    again = sitting.vote(revote_of=first)
    votes = {vote.id: vote for vote in sitting.see("hanh").votes}
    assert (votes[first].state, votes[first].annulled_reason, votes[again].revote_of) == ("annulled", "Nhầm dự thảo", first)


def test_two_tablets_of_one_person_and_a_double_tap(sitting: Sitting) -> None:
    sitting.opened()
    vote = sitting.vote()
    sitting.secretary("vote.open", vote_id=vote)
    cast = {"meeting_id": sitting.meeting, "vote_id": vote}
    for _ in range(2):  # the same tap, sent again
        sitting.do("hanh", "vote.cast", op_id="tablet-1-tap-1", answers=[["for"]], **cast)
    sitting.do("hanh", "vote.cast", op_id="tablet-2-tap-1", answers=[["against"]], **cast)
    sitting.do("hanh", "vote.cast", op_id="tablet-1-tap-1", answers=[["for"]], **cast)  # late: it was answered already
    assert sitting.see("hanh").ballots[0].answers == (("against",),)
    assert sitting.see("hanh").votes[0].cast == 1
