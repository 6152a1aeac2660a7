import hashlib
import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from meetroom.errors import Refusal
from meetroom.voting.box.box import CASTS, GRACE, Box
from meetroom.voting.secret import proof
from tests.voting.secret.election import Election
from tests.voting.secret.voter import Voter


class Hall:
    """A Box with a clock that stands still until it is moved."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.election, self.now = folder, Election(), 100.0
        self.start()

    def start(self) -> None:
        self.box = Box(self.folder, self.election.box_key, lambda: self.now)

    def wish(self, phase: str, left: float | None = None, void: tuple[str, ...] = ()) -> dict[str, Any]:
        return self.box.wish(self.election.wish(phase, left, void))

    def cast(self, voter: Voter, envelope: bytes, *, flush: bool = True) -> str:
        """The receipt. Raises Refusal."""
        answers: list[str | Refusal] = []
        self.box.vote(self.election.hash).cast(voter.cast(envelope), answers.append)
        if flush:
            self.box.beat()
            if isinstance(answers[-1], Refusal):
                raise answers[-1]
        return str(answers[-1]) if answers else ""

    def close(self) -> dict[str, Any]:
        self.wish("closed")
        self.now += GRACE
        self.box.beat()
        return self.box.vote(self.election.hash).published()


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    hall = Hall(tmp_path)
    hall.wish("open", 60)
    return hall


def code(error: pytest.ExceptionInfo[Refusal]) -> str:
    return error.value.code


def test_a_receipt_names_the_envelope_and_a_kill_loses_nothing(hall: Hall) -> None:
    voter = hall.election.voter()
    envelope = voter.envelope([["for"]])
    receipt = hall.cast(voter, envelope)
    text = proof.receipt_text(hall.election.hash, hashlib.sha256(envelope).hexdigest())
    assert proof.is_signed(voter.manifest["box"]["key"], proof.RECEIPT, text, receipt)
    hall.start()  # as after kill -9: nothing was closed
    assert hall.wish("open", 60)["returned"] == 1
    assert hall.close()["envelopes"] == [hashlib.sha256(envelope).hexdigest()]


def test_the_last_envelope_before_the_closing_counts_whether_or_not_in_one_batch(hall: Hall) -> None:
    voter = hall.election.voter()
    first, second, third = (voter.envelope([[choice]]) for choice in ("for", "against", "abstain"))
    hall.cast(voter, first)
    replaced: list[Any] = []
    hall.box.vote(hall.election.hash).cast(voter.cast(second), replaced.append)
    hall.cast(voter, third)
    assert isinstance(replaced[0], Refusal) and replaced[0].code == "replaced"
    assert hall.close()["envelopes"] == [hashlib.sha256(third).hexdigest()]


def test_asking_again_gives_a_receipt_again_and_one_ballot(hall: Hall) -> None:
    voter = hall.election.voter()
    envelope = voter.envelope([["for"]])
    for _ in range(3):
        assert hall.cast(voter, envelope)
    assert json.loads(hall.close()["closing"])["returned"] == 1


def test_forged_foreign_and_oversized_are_refused(hall: Hall) -> None:
    voter, other = hall.election.voter(), Election(title="Another vote")
    good = voter.cast(voter.envelope([["for"]]))
    unsigned = Voter(hall.election.manifest)
    unsigned.slot.signature = secrets.token_bytes(256)
    swapped = hall.election.voter()
    swapped.slot = swapped.ballot  # a ballot's token is no slot
    cases: list[tuple[Any, str]] = [
        (unsigned.cast(voter.envelope([["for"]])), "not_signed"),
        (swapped.cast(voter.envelope([["for"]])), "not_signed"),
        ({**good, "slot": secrets.token_bytes(32).hex()}, "not_signed"),
        ({**good, "prefix": secrets.token_bytes(32).hex()}, "not_signed"),
        ({**good, "envelope": good["envelope"] + "00"}, "too_large"),
        ({**good, "envelope": good["envelope"][2:]}, "too_large"),
        ({**good, "more": "00"}, "invalid"),
        ({**good, "slot": 7}, "invalid"),
        ([], "invalid"),
    ]
    for order, refused in cases:
        with pytest.raises(Refusal) as error:
            hall.box.vote(hall.election.hash).cast(order, print)
        assert code(error) == refused, order
    with pytest.raises(Refusal, match="not_found"):
        hall.box.vote(other.hash)
    assert hall.wish("open", 60)["returned"] == 0


def test_an_envelope_is_not_taken_twice_by_two_slots(hall: Hall) -> None:
    one, two = hall.election.voter(), hall.election.voter()
    envelope = one.envelope([["for"]])
    hall.cast(one, envelope)
    with pytest.raises(Refusal, match="replayed"):
        hall.cast(two, envelope)


def test_one_with_a_token_cannot_flood(hall: Hall) -> None:
    voter = hall.election.voter()
    for _ in range(CASTS):
        hall.cast(voter, voter.envelope([["for"]]), flush=False)
    with pytest.raises(Refusal, match="rate_limited"):
        hall.cast(voter, voter.envelope([["for"]]))
    hall.box.beat()
    assert hall.wish("open", 60)["returned"] == 1


def test_what_is_cast_before_the_opening_or_on_trial_does_not_stay(hall: Hall, tmp_path: Path) -> None:
    later = Hall(tmp_path / "other") if (tmp_path / "other").mkdir() is None else hall
    later.wish("waiting")
    voter = later.election.voter()
    with pytest.raises(Refusal, match="not_open"):
        later.cast(voter, voter.envelope([["for"]]))
    later.wish("trial")
    later.cast(voter, voter.envelope([["for"]]))
    assert later.wish("trial")["returned"] == 1
    assert later.wish("open", 60)["returned"] == 0
    assert json.loads(later.close()["closing"])["returned"] == 0


def test_it_closes_by_the_monotonic_clock_two_seconds_late(hall: Hall) -> None:
    early, late = hall.election.voter(), hall.election.voter()
    hall.now += 60 + GRACE - 0.1
    hall.cast(early, early.envelope([["for"]]))
    hall.now += 0.1
    with pytest.raises(Refusal, match="voting_over"):
        hall.cast(late, late.envelope([["for"]]), flush=False)
    hall.box.beat()
    assert hall.wish("open", 60)["phase"] == "closed"  # and stays so
    with pytest.raises(Refusal, match="voting_over"):
        hall.cast(late, late.envelope([["for"]]))
    assert len(hall.box.vote(hall.election.hash).published()["envelopes"]) == 1


def test_closing_by_hand_takes_what_is_on_its_way_and_asking_again_puts_nothing_off(hall: Hall) -> None:
    hall.wish("closed")
    hall.now += GRACE - 0.5
    voter = hall.election.voter()
    hall.cast(voter, voter.envelope([["for"]]))
    hall.wish("closed")
    hall.now += 0.5
    hall.box.beat()
    assert json.loads(hall.box.vote(hall.election.hash).published()["closing"])["returned"] == 1


def test_a_ballot_given_back_counts_neither_before_nor_after(hall: Hall) -> None:
    voter = hall.election.voter()
    hall.cast(voter, voter.envelope([["for"]]))
    void = hashlib.sha256(voter.slot.value).hexdigest()
    state = hall.wish("open", 60, (void,))
    assert state["returned"] == 0 and state["voided"] == [void]
    with pytest.raises(Refusal, match="spoiled"):
        hall.cast(voter, voter.envelope([["against"]]))
    hall.start()
    hall.wish("open", 60)
    with pytest.raises(Refusal, match="spoiled"):
        hall.cast(voter, voter.envelope([["against"]]))
    assert hall.close()["envelopes"] == []


def test_the_closing_is_signed_over_root_and_number(hall: Hall) -> None:
    voters = [hall.election.voter() for _ in range(5)]
    for voter in voters:
        hall.cast(voter, voter.envelope([["for"]]))
    published = hall.close()
    closing = json.loads(published["closing"])
    assert proof.is_signed(voters[0].manifest["box"]["key"], proof.CLOSING, published["closing"], published["closing_signature"])
    assert closing == {"manifest": hall.election.hash, "returned": 5, "root": proof.merkle_root(published["envelopes"])}
    hall.start()
    assert hall.box.vote(hall.election.hash).published() == published


def test_forgotten_is_gone(hall: Hall) -> None:
    voter = hall.election.voter()
    hall.cast(voter, voter.envelope([["for"]]))
    hall.box.forget(hall.election.hash)
    assert list(hall.folder.glob("*")) == []


def test_nothing_is_acknowledged_that_is_not_on_disk(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    voter = hall.election.voter()
    answers: list[Any] = []
    ballots = hall.box.vote(hall.election.hash)

    def full(**_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ballots.file, "write", full)
    ballots.cast(voter.cast(voter.envelope([["for"]])), answers.append)
    with pytest.raises(OSError, match="No space"):
        hall.box.beat()
    assert isinstance(answers[0], Refusal) and answers[0].code == "internal" and ballots.taken == {}
