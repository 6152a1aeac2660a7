"""Random histories of a secret vote: casts, changes, forgeries, replays, exchanges, kills and late ballots equal the pure tally.

HISTORIES=100000 and FORGERIES=100000 for the long runs.
"""

import hashlib
import os
import secrets
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetroom.errors import Refusal
from meetroom.voting.box.box import GRACE, Ballots, Box
from meetroom.voting.secret import blind
from tests.voting.secret.election import Election

VOTERS = 3
step = st.tuples(
    st.sampled_from(("cast", "cast", "again", "forge", "replay", "void", "kill", "flush", "close")),
    st.integers(0, VOTERS - 1),
    st.sampled_from(("for", "against", "abstain")),
)
ELECTION = Election()
HALL = [ELECTION.voter() for _ in range(VOTERS)]


def answer(vote: Ballots, order: object) -> str:
    told: list[object] = []
    try:
        vote.cast(order, told.append)
    except Refusal as no:
        return no.code
    return "" if not told else told[0].code if isinstance(told[0], Refusal) else "ok"


@settings(
    max_examples=int(os.environ.get("HISTORIES", "25")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)
@given(st.lists(step, max_size=14))
def test_any_history_equals_the_pure_tally(steps: list[tuple[str, int, str]]) -> None:
    now = [100.0]
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        box = Box(Path(folder), ELECTION.box_key, lambda: now[0])
        box.wish(ELECTION.wish("open", 600))
        kept: dict[int, tuple[bytes, str]] = {}  # what is on disk
        waiting: dict[int, tuple[bytes, str]] = {}  # taken, not yet acknowledged
        void: set[int] = set()
        closed = False
        for what, n, choice in steps:
            vote, voter = box.vote(ELECTION.hash), HALL[n]
            if what in ("cast", "again"):
                known = waiting.get(n) or kept.get(n)
                sent = known if what == "again" and known else (voter.envelope([[choice]]), choice)
                code = answer(vote, voter.cast(sent[0]))
                if closed:
                    assert code == "voting_over"
                elif n in void:
                    assert code == "spoiled"
                else:
                    assert code == ""
                    waiting[n] = sent
            elif what == "forge":
                forged = {**voter.cast(voter.envelope([[choice]])), "slot": secrets.token_hex(32)}
                assert answer(vote, forged) in ("not_signed", "voting_over")
            elif what == "replay" and kept:
                other, (envelope, _) = next(iter(kept.items()))
                if other != n and n not in void and other not in waiting:
                    code = answer(vote, voter.cast(envelope))
                    assert code == ("voting_over" if closed else "replayed")
            elif what == "void" and not closed:
                void.add(n)
                box.wish(ELECTION.wish("open", 600, _slots(void)))
                kept |= waiting  # a wish writes what waits first
                waiting = {}
                kept.pop(n, None)
            elif what == "flush":
                box.beat()
                kept |= waiting
                waiting = {}
            elif what == "kill":
                for one in box.votes.values():
                    one.file.close()
                box, waiting = Box(Path(folder), ELECTION.box_key, lambda: now[0]), {}
                box.wish(ELECTION.wish("closed" if closed else "open", 600, _slots(void)))
            elif what == "close" and not closed:
                closed = True
                box.wish(ELECTION.wish("closed"))
                now[0] += GRACE
                box.beat()
                kept |= waiting
                waiting = {}
        if not closed:
            kept |= waiting
            box.wish(ELECTION.wish("closed"))
            now[0] += GRACE
            box.beat()
        box.beat()
        envelopes = box.vote(ELECTION.hash).file.envelopes()
        assert sorted(envelopes) == sorted(envelope for envelope, _ in kept.values())
        ballots, invalid = ELECTION.board.count(ELECTION.manifest, envelopes, set())
        assert sorted(one["answers"][0][0] for one in ballots) == sorted(choice for _, choice in kept.values())
        assert invalid == []
        for one in box.votes.values():
            one.file.close()


def _slots(void: set[int]) -> tuple[str, ...]:
    return tuple(hashlib.sha256(HALL[n].slot.value).hexdigest() for n in sorted(void))


def test_no_forgery_is_taken() -> None:
    """Whatever can be made of true parts without the issuer's key: bits turned, parts exchanged, products and powers."""
    slot, ballot = ELECTION.signers
    one, two = HALL[0].slot, HALL[1].slot
    n = slot.modulus
    signatures = [int.from_bytes(token.signature, "big") for token in (one, two)]
    accepted = 0
    for number in range(int(os.environ.get("FORGERIES", "3000"))):
        token, prefix, signature = bytearray(one.value), bytearray(one.prefix), bytearray(one.signature)
        match number % 6:
            case 0:
                signature[secrets.randbelow(256)] ^= 1 << secrets.randbelow(8)
            case 1:
                token[secrets.randbelow(32)] ^= 1 << secrets.randbelow(8)
            case 2:
                prefix[secrets.randbelow(32)] ^= 1 << secrets.randbelow(8)
            case 3:  # RSA is multiplicative; its padding is not
                signature = bytearray((signatures[0] * signatures[1] % n).to_bytes(256, "big"))
                token = bytearray(secrets.token_bytes(32))
            case 4:
                signature = bytearray(pow(signatures[0], secrets.randbelow(1 << 16) + 2, n).to_bytes(256, "big"))
            case 5:
                token, prefix, signature = bytearray(secrets.token_bytes(32)), bytearray(32), bytearray(secrets.token_bytes(256))
        accepted += blind.signed(slot.public, bytes(prefix), bytes(token), bytes(signature))
    assert accepted == 0
    assert blind.signed(slot.public, one.prefix, one.value, one.signature)
    assert not blind.signed(ballot.public, one.prefix, one.value, one.signature)
