"""A secret vote, as it goes between secretary, board, tablets and Box; the Box here is the real one without a network."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from meetroom import journal
from meetroom.errors import Refusal
from meetroom.voting.secret import count, proof, service
from meetroom.voting.verify import main as verify
from tests.sitting import Sitting
from tests.voting.secret.hall import Ballot
from tests.voting.secret.voter import Voter


@pytest.fixture
def ballot(sitting: Sitting, tmp_path: Path) -> Ballot:
    (tmp_path / "box").mkdir()
    return Ballot(sitting.opened(), tmp_path / "box")


def code(do: Any, *args: Any, **order: Any) -> str:
    with pytest.raises(Refusal) as caught:
        do(*args, **order)
    return caught.value.code


def test_from_the_boards_key_to_the_published_board(ballot: Ballot, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ballot.issuing()
    voters = {persona: ballot.receive(persona) for persona in ("chair", "hanh", "bao")}
    ballot.open()
    for persona, choice in (("chair", "for"), ("hanh", "against"), ("bao", "against")):
        ballot.cast(voters[persona], [[choice]])
    ballot.cast(voters["bao"], [["for"]])  # changed his mind
    ballot.close()
    shown = ballot.s.see("chau").secrets[0]
    assert (shown.phase, shown.issued, shown.returned) == ("returned", 3, 3)
    assert code(ballot.s.secretary, "vote.publish", vote_id=ballot.vote) == "not_counted"
    ballot.count()
    board = ballot.published()
    assert count.problems(board) == []
    assert [sum(counts) for counts in zip(*(result["counts"] for result in board["results"]), strict=True)] == [2, 1, 0]
    results = ballot.s.see("wall").votes[0].results
    assert results is not None and (results[0].counts, results[0].no_ballot) == ((2, 1, 0), 1)
    mine = next(one for one in board["ballots"] if one["token"] == voters["bao"].ballot.value.hex())
    assert mine["answers"] == [["for"]]
    file = tmp_path / "board.json"
    file.write_text(json.dumps(board, ensure_ascii=False), encoding="utf-8")
    assert verify([str(file)]) == 0
    assert "Miễn nhiệm" in (said := capsys.readouterr().out) and proof.short_code(ballot.manifest) in said
    board["ballots"][0]["answers"] = [["abstain"]]
    file.write_text(json.dumps(board), encoding="utf-8")
    assert verify([str(file)]) == 1 and "WRONG: the server's signature" in capsys.readouterr().out


def test_one_seat_one_ballot(ballot: Ballot) -> None:
    ballot.issuing()
    voter = Voter(ballot.manifest)
    first = ballot.s.hanh("secret.receive", vote_id=ballot.vote, blinded=voter.order())
    assert ballot.s.hanh("secret.receive", vote_id=ballot.vote, blinded=voter.order()) == first
    assert code(ballot.receive, "hanh") == "already_issued"
    half = {**Voter(ballot.manifest).order(), "slot": voter.order()["slot"]}
    assert code(ballot.s.hanh, "secret.receive", vote_id=ballot.vote, blinded=half) == "already_issued"
    assert ballot.s.see("secretary").secrets[0].issued == 1


def test_a_device_signs_what_it_asks_for(ballot: Ballot) -> None:
    ballot.issuing()
    order = Voter(ballot.manifest).order()
    assert code(ballot.s.hanh, "secret.receive", vote_id=ballot.vote, blinded={**order, "slot": order["ballot"]}) == "not_signed"
    assert ballot.s.see("secretary").issues == ()


def test_the_roll_is_who_was_there_when_ballots_were_issued(ballot: Ballot) -> None:
    ballot.s.chau("member.leave")
    ballot.issuing()
    ballot.s.chau("member.arrive")
    ballot.s.bao("member.leave")
    assert code(ballot.receive, "chau") == "not_in_electorate" == code(ballot.receive, "secretary")
    ballot.receive("bao")
    ballot.open()
    vote = ballot.s.see("bao").votes[0]
    assert (vote.electorate, vote.all_members) == (3, 4)


def test_who_may_do_what_and_when(ballot: Ballot) -> None:
    s, vote = ballot.s, ballot.vote
    key = {"key": ballot.board.key, "shares": ballot.board.shares}
    assert code(s.hanh, "secret.set_key", vote_id=vote, **key) == "not_found"
    assert code(s.secretary, "vote.open", vote_id=vote) == "not_found"
    assert code(s.secretary, "secret.prepare", vote_id=s.vote(), board=[1, 2, 3]) == "wrong_state"  # a named vote
    ballot.prepare()
    assert code(s.secretary, "secret.prepare", vote_id=vote, board=[ballot.members["hanh"]] * 3) == "invalid"
    assert code(s.bao, "secret.set_key", vote_id=vote, **key) == "not_on_board"
    assert code(s.hanh, "secret.set_key", vote_id=vote, **{**key, "key": "04" + "11" * 64}) == "bad_key"
    assert code(s.secretary, "secret.issue", vote_id=vote) == "wrong_state"
    s.hanh("secret.set_key", vote_id=vote, **key)
    assert code(s.secretary, "vote.open", vote_id=vote) == "wrong_state"
    ballot.manifest = s.secretary("secret.issue", vote_id=vote)["text"]
    assert code(s.hanh, "secret.set_key", vote_id=vote, **key) == "wrong_state"
    fields = {"title": "Câu hỏi khác", "rule": "council.majority", "method": "secret"}
    assert code(s.secretary, "vote.update", vote_id=vote, **fields) == "wrong_state"
    assert code(s.secretary, "vote.remove", vote_id=vote) == "wrong_state"
    assert code(s.hanh, "vote.cast", vote_id=vote, answers=[["for"]]) == "secret_vote"
    ballot.match()
    ballot.open()
    assert code(s.hanh, "vote.cast", vote_id=vote, answers=[["for"]]) == "secret_vote"
    ballot.receive("hanh")  # a late tablet
    ballot.close()
    assert code(ballot.receive, "bao") == "wrong_state"
    assert code(s.bao, "secret.count", vote_id=vote, ballots=[], invalid=[]) == "not_on_board"
    with s.store.read() as session, pytest.raises(Refusal, match="not_on_board"):
        service.to_count(session, s.meeting, vote, ballot.members["secretary"])
    with s.store.read() as session, pytest.raises(Refusal, match="not_found"):
        service.published(session, s.meeting, vote)


def test_the_test_ballot_comes_back_before_the_opening(ballot: Ballot) -> None:
    ballot.issuing()
    test = Voter(ballot.manifest)
    assert code(ballot.s.bao, "secret.receive", vote_id=ballot.vote, blinded=test.order(), trial=True) == "not_on_board"
    test.take(ballot.s.guest("secret.receive", vote_id=ballot.vote, blinded=test.order(), trial=True))
    assert code(ballot.s.secretary, "vote.open", vote_id=ballot.vote) == "trial_runs"
    ballot.match()
    envelope = ballot.cast(test, [["for"]])
    assert ballot.board.open(ballot.manifest, envelope)["answers"] == [["for"]]
    ballot.s.guest("secret.end_trial", vote_id=ballot.vote, **test.given_back())
    ballot.open()
    with pytest.raises(Refusal, match="spoiled"):
        ballot.cast(test, [["for"]])
    ballot.cast(ballot.receive("hanh"), [["for"]])
    assert len(ballot.close()) == 1
    ballot.count()
    assert count.problems(ballot.published()) == []


def test_a_spoiled_ballot_is_dead_before_the_fresh_one_lives(ballot: Ballot) -> None:
    ballot.issuing()
    spoiled, other = ballot.receive("hanh"), ballot.receive("bao")
    ballot.open()
    old = ballot.cast(spoiled, [["for"]])
    fresh = Voter(ballot.manifest)
    back = {"vote_id": ballot.vote, **spoiled.given_back(), "fresh": fresh.order()}
    assert code(ballot.s.chau, "secret.exchange", **back) == "not_found"  # has none to give back
    wrong = {**back, "slot": {**back["slot"], "token": other.slot.value.hex()}}
    assert code(ballot.s.hanh, "secret.exchange", **wrong) == "not_signed"
    fresh.take(ballot.s.hanh("secret.exchange", **back))
    assert code(ballot.s.hanh, "secret.exchange", **{**back, "fresh": Voter(ballot.manifest).order()}) == "spoiled"
    # Even if the Box did not hear of it in time, the count does.
    ballot.cast(fresh, [["against"]])
    assert ballot.box.vote(proof.sha256(ballot.manifest)).state()["returned"] == 2
    envelopes = ballot.close()
    assert old not in envelopes and len(envelopes) == 1
    ballot.count()
    board = ballot.published()
    assert count.problems(board) == [] and (board["issued"], len(board["voided"])) == (3, 1)
    ballots, invalid = ballot.board.count(ballot.manifest, [*envelopes, old], set(board["voided"]))
    assert (len(ballots), invalid) == (1, [{"reason": "voided", "token": spoiled.ballot.value.hex()}])


def test_two_who_swap_their_tokens_do_not_make_a_third_ballot(ballot: Ballot) -> None:
    ballot.opened()
    one, two = ballot.receive("hanh"), ballot.receive("bao")
    fresh = Voter(ballot.manifest)
    back = {"slot": one.slot.shown(), "ballot": two.ballot.shown(), "fresh": fresh.order()}
    fresh.take(ballot.s.hanh("secret.exchange", vote_id=ballot.vote, **back))
    one.slot, one.ballot = two.slot, one.ballot  # what is left of both makes one ballot
    ballot.cast(fresh, [["for"]])
    ballot.cast(one, [["for"]])
    envelopes = ballot.close()
    assert len(envelopes) == 2
    ballot.count()
    assert count.problems(ballot.published()) == []


def test_a_count_that_does_not_follow_from_the_closing_is_refused(ballot: Ballot) -> None:
    ballot.opened()
    voters = [ballot.receive(persona) for persona in ("hanh", "bao")]
    for voter in voters:
        ballot.cast(voter, [["for"]])
    stranger = ballot.receive("chau")
    envelopes = ballot.close()
    ballots, _ = ballot.board.count(ballot.manifest, envelopes, set())
    forged = {**stranger.ballot.shown(), "signature": "0" * 512, "answers": [["for"]]}
    broken = {"reason": "unreadable", "token": None}
    for wrong in (
        (ballots[:1], []),
        (ballots, [broken]),
        ([*ballots, {**stranger.ballot.shown(), "answers": [["for"]]}], []),
        (sorted([ballots[0], forged], key=lambda one: one["token"]), []),
        ([ballots[0], ballots[0]], []),
        (ballots[::-1], []),
        ([{**ballots[0], "answers": [["o9"]]}, ballots[1]], []),
        (ballots[:1], [{"reason": "we did not like it", "token": None}]),
    ):
        refused = {"vote_id": ballot.vote, "ballots": wrong[0], "invalid": wrong[1]}
        assert code(ballot.s.hanh, "secret.count", **refused) == "bad_count", wrong
    ballot.s.hanh("secret.count", vote_id=ballot.vote, ballots=ballots, invalid=[])


def test_what_cannot_be_opened_is_invalid_and_told(ballot: Ballot) -> None:
    ballot.opened()
    good, junk, blank, double = (ballot.receive(persona) for persona in ("chair", "hanh", "bao", "chau"))
    ballot.cast(good, [["for"]])
    taken = ballot.box.vote(proof.sha256(ballot.manifest))
    taken.cast(junk.cast(b"\4" * proof.envelope_size(json.loads(ballot.manifest)["size"])), print)
    ballot.cast(blank, [[]])
    double.ballot = good.ballot
    ballot.cast(double, [["against"]])
    ballot.close()
    ballot.count("guest")
    board = ballot.published()
    assert [one["reason"] for one in board["invalid"]] == ["answers", "duplicate", "unreadable"]
    assert len(board["ballots"]) == 1 and count.problems(board) == []
    results = ballot.s.see("wall").votes[0].results
    assert results is not None and (results[0].valid, results[0].invalid) == (1, 3)


def test_the_closing_is_the_boxs_own(ballot: Ballot) -> None:
    ballot.opened()
    voter = ballot.receive("hanh")
    ballot.cast(voter, [["for"]])
    ballot.s.secretary("vote.close", vote_id=ballot.vote)
    envelope = voter.envelope([["against"]])
    root = proof.merkle_root([hashlib.sha256(envelope).hexdigest()])
    text = proof.canonical({"manifest": proof.sha256(ballot.manifest), "returned": 1, "root": root})
    order = {"vote_id": ballot.vote, "closing": text, "envelopes": [envelope.hex()]}
    forged = proof.sign(proof.new_key(), proof.CLOSING, text)
    assert code(ballot.s.box, "secret.returned", **order, closing_signature=forged) == "bad_count"
    good = proof.sign(ballot.box.key, proof.CLOSING, text)
    assert code(ballot.s.box, "secret.returned", **{**order, "envelopes": []}, closing_signature=good) == "bad_count"


def test_once_closed_nobody_can_sign_a_ballot_any_more(ballot: Ballot) -> None:
    ballot.opened()
    ballot.close()
    with ballot.s.store.read() as session:
        row = session.get(service.SecretRow, ballot.vote)
        assert row is not None and row.slot_key is None and row.ballot_key is None


def test_nothing_the_server_keeps_or_tells_names_a_token_before_it_is_published(ballot: Ballot) -> None:
    """Of a ballot that was cast: neither S nor T nor a hash of them is in the database or in the journal."""
    ballot.opened()
    voter = ballot.receive("hanh")
    ballot.cast(voter, [["for"]])
    ballot.close()
    with ballot.s.store.read() as session:
        raw = session.connection().connection.driver_connection
        everything = "\n".join(raw.iterdump())  # type: ignore[union-attr]
        assert session.query(journal.Entry).count() > 10
    for token in (voter.slot, voter.ballot):
        for secret in (token.value.hex(), proof.sha256(token.value), token.prefix.hex(), token.signature.hex()):
            assert secret not in everything
