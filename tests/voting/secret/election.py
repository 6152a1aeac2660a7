"""A secret vote without a house around it: issuer, board and manifest, for tests of the Box and of the count."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from meetroom.voting.secret import blind, proof
from tests.voting.secret.voter import Board, Voter

RULE = {"code": "council.majority", "denominator": "all_members", "threshold": "1/2", "strict": True, "quorum": "2/3"}
QUESTION = {
    "title": "Miễn nhiệm", "kind": "approve", "most": 1,
    "options": [{"code": code, "title": code} for code in ("for", "against", "abstain")],
}  # fmt: skip


@cache
def signers() -> tuple[blind.Signer, blind.Signer]:
    """Two keys for all tests of a run: making them takes longer than the tests."""
    return blind.Signer.generate(), blind.Signer.generate()


@dataclass
class Election:
    size: int = 10
    title: str = "Miễn nhiệm Phó Chủ tịch"
    box_key: str = field(default_factory=proof.new_key)
    server_key: str = field(default_factory=proof.new_key)
    board: Board = field(default_factory=Board)

    def __post_init__(self) -> None:
        self.signers = signers()
        self.roll = [{"member_id": n, "name": f"Đại biểu {n}", "seat": str(n)} for n in range(1, self.size + 1)]
        about: dict[str, Any] = {
            "format": proof.FORMAT, "meeting": 1, "vote": 1, "title": self.title, "questions": [QUESTION], "rule": RULE,
            "roll": proof.sha256(proof.canonical(self.roll)), "electors": self.size, "all_members": self.size,
            "issuer": {"slot": self.signers[0].public, "ballot": self.signers[1].public},
            "board": {"key": self.board.key, "shares": self.board.shares, "needed": 2, "members": ["A", "B", "C"]},
            "box": {"key": proof.public_of(self.box_key)}, "server": {"key": proof.public_of(self.server_key)},
            "size": proof.ballot_size([QUESTION]), "seconds": 60, "made_at": "2026-12-08T01:00:00.000Z",
        }  # fmt: skip
        self.manifest = proof.canonical(about)
        self.hash = proof.sha256(self.manifest)

    def voter(self) -> Voter:
        """Somebody with an issued ballot."""
        voter = Voter(self.manifest)
        order = voter.order()
        keys = dict(zip(("slot", "ballot"), self.signers, strict=True))
        return voter.take({name: key.sign(bytes.fromhex(order[name])).hex() for name, key in keys.items()})

    def wish(self, phase: str, left: float | None = None, void: tuple[str, ...] = ()) -> dict[str, Any]:
        return {"manifest": self.manifest, "phase": phase, "left": left, "void": list(void)}
