"""A secret vote in a sitting, with the real Box but without a network between them."""

import json
from pathlib import Path
from typing import Any

from meetroom.voting.box.box import GRACE, Box
from meetroom.voting.secret import proof, service
from tests.sitting import Sitting
from tests.voting.secret.voter import Board, Voter


class Ballot:
    """One secret vote of a sitting. Personas of the board: chair, hanh, guest."""

    def __init__(self, sitting: Sitting, folder: Path) -> None:
        self.s, self.now, self.board = sitting, 100.0, Board()
        self.box = Box(folder, proof.new_key(), lambda: self.now)
        sitting.do("box", "secret.box", key=proof.public_of(self.box.key))
        self.vote = sitting.vote(method="secret", title="Miễn nhiệm Phó Chủ tịch")
        members = {view.person_id: view.id for view in sitting.see("secretary").members}
        self.members = {name: members[id] for name, id in sitting.people.items() if id in members}

    def prepare(self) -> "Ballot":
        self.s.secretary("secret.prepare", vote_id=self.vote, board=[self.members[name] for name in ("chair", "hanh", "guest")])
        return self

    def keyed(self) -> "Ballot":
        self.prepare()
        self.s.hanh("secret.set_key", vote_id=self.vote, key=self.board.key, shares=self.board.shares)
        return self

    def issuing(self) -> "Ballot":
        self.keyed()
        self.manifest: str = self.s.secretary("secret.issue", vote_id=self.vote)["text"]
        self.match()
        return self

    def opened(self) -> "Ballot":
        self.issuing()
        return self.open()

    def open(self) -> "Ballot":
        self.s.secretary("vote.open", vote_id=self.vote)
        self.match()
        return self

    def match(self) -> None:
        """As signaling/box.py does."""
        with self.s.store.read() as session:
            for wish in service.wishes(session, self.s.now):
                order = {"manifest": wish["manifest"], "phase": wish["phase"], "left": None, "void": wish["void"]}
                self.box.wish(order)

    def receive(self, persona: str, voter: Voter | None = None) -> Voter:
        voter = voter or Voter(self.manifest)
        return voter.take(getattr(self.s, persona)("secret.receive", vote_id=self.vote, blinded=voter.order()))

    def cast(self, voter: Voter, answers: list[list[str]]) -> bytes:
        envelope, answered = voter.envelope(answers), []  # type: ignore[var-annotated]
        self.box.vote(proof.sha256(self.manifest)).cast(voter.cast(envelope), answered.append)
        self.box.beat()
        assert isinstance(answered[0], str), answered
        return envelope

    def close(self) -> list[bytes]:
        self.s.secretary("vote.close", vote_id=self.vote)
        self.match()
        self.now += GRACE
        self.box.beat()
        ballots = self.box.vote(proof.sha256(self.manifest))
        envelopes = ballots.file.envelopes()
        closing = {"closing": ballots.closing, "closing_signature": ballots.closing_signature}
        self.s.box("secret.returned", vote_id=self.vote, **closing, envelopes=[one.hex() for one in envelopes])
        return envelopes

    def count(self, persona: str = "hanh") -> None:
        with self.s.store.read() as session:
            row = session.get(service.SecretRow, self.vote)
            assert row is not None
            ballots, invalid = self.board.count(self.manifest, [bytes.fromhex(one) for one in row.envelopes], set(row.voided))
        getattr(self.s, persona)("secret.count", vote_id=self.vote, ballots=ballots, invalid=invalid)

    def published(self) -> dict[str, Any]:
        self.s.secretary("vote.publish", vote_id=self.vote)
        with self.s.store.read() as session:
            board: dict[str, Any] = json.loads(service.published(session, self.s.meeting, self.vote))
        return board
