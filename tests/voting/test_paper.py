"""Paper beside the tablets, points that drop, and who has not voted."""

from collections.abc import Callable
from typing import Any

import pytest

from meetroom.errors import Refusal
from meetroom.store.engine import Store
from meetroom.voting import turnout
from meetroom.voting.tables import VoteRow
from tests.sitting import Sitting

WITNESSES = ["Nguyễn Văn Thái", "Kiều Minh Tuấn"]


def code(do: Callable[..., Any], *args: Any, **order: Any) -> str:
    with pytest.raises(Refusal) as caught:
        do(*args, **order)
    return caught.value.code


def member(sitting: Sitting, persona: str) -> int:
    return next(m.id for m in sitting.see("secretary").members if m.person_id == sitting.people[persona])


def opened(sitting: Sitting, **changes: Any) -> int:
    sitting.opened()
    vote = sitting.vote(**changes)
    sitting.secretary("vote.open", vote_id=vote)
    return vote


def named(sitting: Sitting, persona: str, answer: str) -> list[dict[str, Any]]:
    return [{"member_id": member(sitting, persona), "answers": [[answer]]}]


def test_paper_and_tablets_have_one_result(sitting: Sitting) -> None:
    vote = opened(sitting)
    sitting.hanh("vote.cast", vote_id=vote, answers=[["for"]])
    add = {"vote_id": vote, "witnesses": WITNESSES}
    sitting.secretary("vote.add_paper", **add, ballots=named(sitting, "bao", "for"))
    assert sitting.see("bao").ballots[0].paper
    assert code(sitting.secretary, "vote.add_paper", **add, ballots=named(sitting, "hanh", "for")) == "already_voted"
    assert code(sitting.secretary, "vote.add_paper", **add, ballots=named(sitting, "guest", "for")) == "not_in_electorate"
    sitting.secretary("vote.close", vote_id=vote)
    totals = {"ballots": 2, "questions": [{"counts": [1, 0, 0], "invalid": 1}]}
    paper = sitting.secretary("vote.add_paper", **add, totals=totals)["id"]
    (result,) = sitting.see("secretary").tallies[0].results
    assert (result.counts, result.invalid, result.no_ballot, result.outcome) == ((3, 0, 0), 1, 0, "passed")
    more = {"ballots": 1, "questions": [{"counts": [1, 0, 0]}]}
    assert code(sitting.secretary, "vote.add_paper", **add, totals=more) == "too_many_ballots"
    sitting.secretary("vote.remove_paper", paper_ballots_id=paper)
    (result,) = sitting.see("secretary").tallies[0].results
    assert (result.counts, result.no_ballot) == ((2, 0, 0), 2)
    sitting.secretary("vote.publish", vote_id=vote)
    assert code(sitting.secretary, "vote.add_paper", **add, totals=totals) == "wrong_state"


@pytest.mark.parametrize(
    "question",
    [
        {"counts": [1, 0]},  # not one count per option
        {"counts": [1, 0, 0]},  # two ballots, one answer
        {"counts": [2, 1, 0]},
        {"counts": [2, 0, 0], "invalid": 1},
        {"counts": [0, 0, 0], "invalid": 3},
    ],
)
def test_totals_have_to_add_up(sitting: Sitting, question: dict[str, Any]) -> None:
    vote = opened(sitting)
    totals = {"ballots": 2, "questions": [question]}
    assert code(sitting.secretary, "vote.add_paper", vote_id=vote, totals=totals, witnesses=WITNESSES) == "bad_ballot"


def test_either_names_or_totals(sitting: Sitting) -> None:
    vote = opened(sitting)
    assert code(sitting.secretary, "vote.add_paper", vote_id=vote, witnesses=WITNESSES) == "bad_ballot"
    assert code(sitting.secretary, "vote.add_paper", vote_id=vote, witnesses=WITNESSES[:1]) == "invalid"


def lost(sitting: Sitting, link: str = "lost") -> None:
    sitting.media("point.report", point_id=sitting.points["tanlap"], link=link)


def at_the_point(sitting: Sitting) -> None:
    bao = {"member_id": member(sitting, "bao"), "role": "delegate", "votes": True}
    sitting.secretary("member.update", **bao, point_id=sitting.points["tanlap"])


def test_the_time_is_extended_once(sitting: Sitting) -> None:
    at_the_point(sitting)
    vote = opened(sitting, policy="extend", extend_seconds=45)
    before = sitting.see("hanh").votes[0].closes_at
    lost(sitting)
    shown = sitting.see("hanh")
    assert before is not None and shown.votes[0].closes_at is not None
    assert (shown.votes[0].closes_at - before).total_seconds() == 45
    assert [(d.action, d.waiting, d.vote_id) for d in shown.drops] == [("extended", 1, vote)]
    lost(sitting, "good")
    lost(sitting)
    lost(sitting)
    drops = sitting.see("hanh").drops
    assert [d.action for d in drops] == ["extended", "used"] and drops[0].back_at == sitting.now and drops[1].back_at is None


@pytest.mark.parametrize(
    ("changes", "action"), [({"policy": "absent"}, "absent"), ({"policy": "extend", "seconds": None}, "waits")]
)
def test_what_was_declared_happens(sitting: Sitting, changes: dict[str, Any], action: str) -> None:
    at_the_point(sitting)
    opened(sitting, **changes)
    lost(sitting)
    assert [d.action for d in sitting.see("secretary").drops] == [action]


def test_a_point_where_everybody_has_voted_may_go(sitting: Sitting) -> None:
    at_the_point(sitting)
    vote = opened(sitting, policy="extend")
    sitting.bao("vote.cast", vote_id=vote, answers=[["for"]])
    lost(sitting)
    assert [(d.action, d.waiting) for d in sitting.see("secretary").drops] == [("voted", 0)]
    assert sitting.see("hanh").votes[0].extended_at is None


def test_a_hand_vote_in_the_hall_of_the_point(sitting: Sitting) -> None:
    at_the_point(sitting)
    vote = opened(sitting, policy="hand")
    hand = {"vote_id": vote, "witnesses": WITNESSES}
    ballots = named(sitting, "bao", "against")
    assert code(sitting.tanlap, "vote.hand", **hand, ballots=ballots) == "no_hand_vote"  # its link is there
    lost(sitting)
    assert code(sitting.anhoa, "vote.hand", **hand, ballots=ballots) == "no_hand_vote"  # another point's is
    assert code(sitting.tanlap, "vote.hand", **hand, ballots=named(sitting, "hanh", "for")) == "not_in_electorate"
    assert code(sitting.bao, "vote.hand", **hand, ballots=ballots) == "forbidden"
    added = sitting.tanlap("vote.hand", **hand, ballots=ballots)
    assert (added["point_id"], added["members"]) == (sitting.points["tanlap"], [member(sitting, "bao")])
    assert code(sitting.tanlap, "vote.hand", **hand, ballots=ballots) == "already_voted"
    assert sitting.see("bao").ballots[0].answers == (("against",),)


def test_who_has_not_voted_is_told_so(sitting_on: Callable[[Store], Sitting], store: Store) -> None:
    sitting = sitting_on(store)
    vote = opened(sitting)
    sitting.hanh("vote.cast", vote_id=vote, answers=[["for"]])
    with store.read() as session:
        waiting = turnout.waiting(session, session.get_one(VoteRow, vote))
    assert waiting == [member(sitting, p) for p in ("chair", "bao", "chau")]
    sitting.secretary("vote.nudge", vote_id=vote, member_ids=[member(sitting, "bao"), member(sitting, "hanh")])
    assert [len(sitting.see(p).nudges) for p in ("hanh", "bao", "chau")] == [0, 1, 0]
    sitting.secretary("vote.nudge", vote_id=vote)
    assert [len(sitting.see(p).nudges) for p in ("hanh", "bao", "chau")] == [0, 1, 1]
    sitting.secretary("vote.close", vote_id=vote)
    assert code(sitting.secretary, "vote.nudge", vote_id=vote) == "voting_over"
