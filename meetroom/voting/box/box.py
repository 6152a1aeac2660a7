"""The Box: takes sealed envelopes for signed slots, without knowing from whom, and gives them out sorted once all is closed.

It is told what should be by the web process (`wish`), and answers what is. It knows neither persons nor seats nor addresses,
and cannot open an envelope. A slot is taken for as often as somebody shows S with the issuer's signature; the last envelope
before the closing counts. What is acknowledged is on disk.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from meetroom.errors import Refusal
from meetroom.voting.box.file import BallotFile
from meetroom.voting.secret import blind, proof

GRACE = 2.0  # seconds after the closing in which what is on its way still arrives
CASTS = 40  # envelopes that one slot may bring
PHASES = ("waiting", "trial", "open", "closed")
HASH = re.compile(r"[0-9a-f]{64}")


@dataclass
class Waiting:
    """An envelope between its checks and the batch that writes it; `done` is called with its receipt or a Refusal."""

    envelope: bytes
    done: list[Callable[[str | Refusal], None]] = field(default_factory=list)


class Ballots:
    """One vote in the Box."""

    def __init__(self, file: BallotFile, key: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.file, self.key, self.clock = file, key, clock
        about = file.about()
        self.text = about["manifest"]
        self.hash = proof.sha256(self.text)
        self.manifest: dict[str, Any] = json.loads(self.text)
        self.phase = about["phase"]
        self.closing, self.closing_signature = about.get("closing"), about.get("closing_signature")
        self.voided = file.voided()
        self.taken = file.slots()
        self.waiting: dict[bytes, Waiting] = {}
        self.casts: dict[bytes, int] = {}
        self.deadline: float | None = None
        if self.phase == "open" and about.get("closes_at"):
            self._due(float(about["closes_at"]) - time.time())

    # --- what the web process wishes

    def wish(self, phase: str, left: float | None, void: set[bytes]) -> dict[str, Any]:
        """Make it so as far as that is still possible: a closed vote stays closed. `left`: seconds until the vote closes by
        itself; `void`: slots that were given back. Wishing the same again changes nothing."""
        if self.phase != "closed":
            if fresh := void - self.voided:
                self.flush()
                self.file.write(void=fresh)
                self.voided |= fresh
                self.taken = {slot: envelope for slot, envelope in self.taken.items() if slot not in fresh}
            if phase == "closed":
                self._due(0.0)
            elif PHASES.index(phase) >= PHASES.index(self.phase) or (self.phase, phase) == ("trial", "waiting"):
                self._enter(phase, left)
        return self.state()

    def _enter(self, phase: str, left: float | None) -> None:
        if phase == "open":
            self._due(left)
        if phase == self.phase:
            return
        closes_at = "" if left is None else f"{time.time() + left:.0f}"
        self.file.write(clear=True, about={"phase": phase, "closes_at": closes_at})  # of a trial nothing stays
        self.phase, self.taken, self.casts = phase, {}, {}

    def _due(self, left: float | None) -> None:
        """The closing by the monotonic clock; one that is near already is not put off by asking again."""
        at = None if left is None else self.clock() + max(0.0, left) + GRACE
        if left is None or left > 0 or self.deadline is None or at is None or at < self.deadline:
            self.deadline = at

    def state(self) -> dict[str, Any]:
        returned = len(self.file.hashes()) if self.phase == "closed" else len(self.taken)
        return {
            "phase": self.phase, "returned": returned, "voided": sorted(slot.hex() for slot in self.voided),
            "closing": self.closing, "closing_signature": self.closing_signature,
        }  # fmt: skip

    # --- envelopes

    def cast(self, order: Any, done: Callable[[str | Refusal], None]) -> None:
        """Check what somebody brought; `done` is called once it is written. Raises Refusal at once: `invalid`, `too_large`,
        `not_signed`, `spoiled`, `replayed`, `not_open`, `voting_over`, `rate_limited`."""
        if self.phase == "closed" or (self.deadline is not None and self.clock() >= self.deadline):
            raise Refusal("voting_over", {"state": "closed"})
        if self.phase == "waiting":
            raise Refusal("not_open")
        token, prefix, signature, envelope = _bytes(order, "slot", "prefix", "signature", "envelope")
        if len(envelope) != proof.envelope_size(self.manifest["size"]):
            raise Refusal("too_large", {"limit": proof.envelope_size(self.manifest["size"])})
        if not blind.signed(self.manifest["issuer"]["slot"], prefix, token, signature):
            raise Refusal("not_signed")
        slot = hashlib.sha256(token).digest()
        if slot in self.voided:
            raise Refusal("spoiled")
        others = [kept for other, kept in self.taken.items() if other != slot]
        others += [kept.envelope for other, kept in self.waiting.items() if other != slot]
        if envelope in others:
            raise Refusal("replayed")
        self.casts[slot] = self.casts.get(slot, 0) + 1
        if self.casts[slot] > CASTS:
            raise Refusal("rate_limited", {"retry_after": 10})
        waiting = self.waiting.get(slot)
        if waiting is not None and waiting.envelope != envelope:
            for tell in waiting.done:
                tell(Refusal("replaced"))
            waiting = None
        self.waiting[slot] = waiting or Waiting(envelope)
        self.waiting[slot].done.append(done)

    def flush(self) -> None:
        """Write what waits, sorted by slot, in one transaction, and acknowledge it."""
        batch, self.waiting = self.waiting, {}
        if not batch:
            return
        try:
            self.file.write(slots={slot: one.envelope for slot, one in batch.items()})
        except Exception:
            for one in batch.values():
                for tell in one.done:
                    tell(Refusal("internal"))
            raise
        self.taken |= {slot: one.envelope for slot, one in batch.items()}
        for _, one in sorted(batch.items()):
            receipt = self.receipt(one.envelope)
            for tell in one.done:
                tell(receipt)

    def receipt(self, envelope: bytes) -> str:
        hash = hashlib.sha256(envelope).hexdigest()
        return proof.sign(self.key, proof.RECEIPT, proof.receipt_text(self.hash, hash))

    def tick(self) -> None:
        """Close when it is time."""
        if self.phase != "closed" and self.deadline is not None and self.clock() >= self.deadline:
            self.flush()
            self._close()

    def _close(self) -> None:
        kept = {hashlib.sha256(envelope).digest(): envelope for envelope in self.taken.values()}
        if self.phase != "open":  # a vote that never opened has no ballots
            kept = {}
        root = proof.merkle_root([hash.hex() for hash in sorted(kept)])
        closing = proof.canonical({"manifest": self.hash, "returned": len(kept), "root": root})
        signature = proof.sign(self.key, proof.CLOSING, closing)
        self.file.close_vote(kept, {"phase": "closed", "closing": closing, "closing_signature": signature})
        self.phase, self.taken, self.casts = "closed", {}, {}
        self.closing, self.closing_signature = closing, signature

    def published(self) -> dict[str, Any]:
        """What everybody may see once it is closed. Raises Refusal `not_open` before."""
        if self.phase != "closed":
            raise Refusal("not_open")
        hashes = [hash.hex() for hash in self.file.hashes()]
        return {"closing": self.closing, "closing_signature": self.closing_signature, "envelopes": hashes}


class Box:
    """All votes whose files are in `folder`; `key` signs receipts and closings (PEM)."""

    def __init__(self, folder: Path, key: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder, self.key, self.clock = folder, key, clock
        self.votes: dict[str, Ballots] = {}
        for path in sorted(folder.glob("*.sqlite")):
            file = BallotFile(path)
            if "manifest" in file.about():
                self.votes[path.stem] = Ballots(file, key, clock)
            else:  # killed while it was made
                file.close()
                path.unlink()

    def vote(self, hash: str) -> Ballots:
        if hash not in self.votes:
            raise Refusal("not_found")
        return self.votes[hash]

    def wish(self, order: dict[str, Any]) -> dict[str, Any]:
        """A vote as the web process wants it: `{manifest, phase, left, void}`."""
        text, phase = order["manifest"], order["phase"]
        hash = proof.sha256(text)
        if hash not in self.votes:
            file = BallotFile(self.folder / f"{hash}.sqlite")
            file.write(about={"manifest": text, "phase": "waiting"})
            self.votes[hash] = Ballots(file, self.key, self.clock)
        return self.votes[hash].wish(phase, order["left"], {bytes.fromhex(slot) for slot in order["void"]})

    def forget(self, hash: str) -> None:
        """Take a vote away for good, its file with it."""
        ballots = self.votes.pop(hash, None)
        if ballots is not None:
            ballots.file.write(clear=True)
            ballots.file.close()
            ballots.file.path.unlink()

    def beat(self) -> None:
        """Write what waits and close what is due."""
        for ballots in self.votes.values():
            ballots.flush()
            ballots.tick()


def _bytes(order: Any, *names: str) -> list[bytes]:
    """Fields of bytes in hex, these and no others."""
    if not isinstance(order, dict) or order.keys() != set(names):
        raise Refusal("invalid", [{"field": "", "problem": "fields"}])
    try:
        return [bytes.fromhex(order[name]) for name in names]
    except (TypeError, ValueError):
        raise Refusal("invalid", [{"field": "", "problem": "hex"}]) from None
