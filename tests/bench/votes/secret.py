"""The secrecy game: two delegates' choices are swapped by chance, and the attacker says whose is whose.

Ours is played with the issuer's database and its log, a backup made while the vote was open, the Box's folder at its fullest and
after the closing, the published board, and the board's own key: the attacker opens every envelope. The control are anonymised
rows, voters in one table and ballots in another, as systems store them that call that secret. RUNS=400.
"""

import json
import random
import secrets
import shutil
import sqlite3
import tempfile
from pathlib import Path

from meetroom.store.engine import open_store
from meetroom.voting.secret import proof, service
from tests.bench.figures import Figure
from tests.bench.votes.attacker import Case, guess
from tests.sitting import Sitting
from tests.voting.secret.hall import Ballot
from tests.voting.secret.voter import Voter

CHOICES = ("for", "against")
PER_SITTING = 10  # games in one database


def play(folder: Path, template: Path, runs: int, seed: int) -> tuple[float, float]:
    """Percent of right guesses: ours, and the control's."""
    chance = random.Random(seed)
    right = broken = 0
    for run in range(runs):
        if run % PER_SITTING == 0:
            home = folder / f"house-{run}"
            home.mkdir()
            shutil.copy(template, home / "meetroom.sqlite")
            sitting = Sitting(open_store(f"sqlite:///{home / 'meetroom.sqlite'}"), home / "blobs").opened()
        with tempfile.TemporaryDirectory(dir=folder) as evidence:
            swapped, case = ours(sitting, home, Path(evidence), chance)
            right += guess(case, chance) == swapped
        with tempfile.TemporaryDirectory(dir=folder) as evidence:
            swapped, case = control(Path(evidence), chance)
            broken += guess(case, chance) == swapped
        if run % PER_SITTING == PER_SITTING - 1:
            sitting.store.close()
            shutil.rmtree(home)
    return 100 * right / runs, 100 * broken / runs


def ours(sitting: Sitting, home: Path, evidence: Path, chance: random.Random) -> tuple[int, Case]:
    """One secret vote of four; hanh casts before bao. Returns which ballot of the case is hanh's, and the case."""
    (box := home / f"box-{secrets.token_hex(4)}").mkdir()
    ballot = Ballot(sitting, box).opened()
    hanh, bao = chance.sample(CHOICES, 2)
    voters: dict[str, Voter] = {}
    for persona in chance.sample(("chair", "hanh", "bao", "chau"), 4):
        voters[persona] = ballot.receive(persona)
    sealed: dict[str, bytes] = {}
    for persona, choice in (("chair", chance.choice(CHOICES)), ("hanh", hanh), ("bao", bao), ("chau", chance.choice(CHOICES))):
        sealed[persona] = ballot.cast(voters[persona], [[choice]])
    shutil.copytree(box, evidence / "box-open")
    _backup(home, evidence)
    ballot.close()
    shutil.copytree(box, evidence / "box-closed")
    ballot.count()
    (evidence / "published.json").write_text(json.dumps(ballot.published()))
    for path in home.glob("meetroom.sqlite*"):
        shutil.copy(path, evidence / path.name)
    with sitting.store.read() as session:
        rows = session.query(service.IssueRow).filter_by(vote_id=ballot.vote).all()
        seats = {row.member_id: row for row in rows}
        issued = [seats[ballot.members[persona]] for persona in ("hanh", "bao")]
        signed = tuple(int(row.signed["ballot"], 16) for row in issued)
        asked = [(row.blinded["slot"], row.blinded["ballot"], row.signed["ballot"]) for row in issued]
        persons = tuple([part.encode() for part in parts] for parts in asked)
    # The attacker names the two ballots by what they say: the one for, and the one against.
    mine = ["hanh", "bao"] if hanh == "for" else ["bao", "hanh"]
    marks = tuple(_marks(voters[persona], sealed[persona]) for persona in mine)
    signatures = tuple(int(voters[persona].ballot.signature.hex(), 16) for persona in mine)
    modulus = voters["hanh"].ballot.modulus
    return mine.index("hanh"), Case(evidence, persons, marks, modulus, signed, signatures)  # type: ignore[arg-type]


def _marks(voter: Voter, envelope: bytes) -> list[bytes]:
    """All by which a ballot can be found once its envelope is open."""
    token, hash = voter.ballot, proof.sha256(envelope)
    hashes = [bytes.fromhex(hash), bytes.fromhex(proof.sha256(token.value)), bytes.fromhex(proof.sha256(voter.slot.value))]
    plain = [token.value, token.prefix, token.signature, voter.slot.value, envelope[:64], *hashes]
    return [*plain, *(one.hex().encode() for one in plain)]


def _backup(home: Path, evidence: Path) -> None:
    """As `cli backup` copies the database; the Box is not in it."""
    source, target = sqlite3.connect(home / "meetroom.sqlite"), sqlite3.connect(evidence / "backup.sqlite")
    with source, target:
        source.backup(target)
    source.close()
    target.close()


def control(evidence: Path, chance: random.Random) -> tuple[int, Case]:
    """Anonymised rows: that somebody voted in one table, what was voted in another, without a name."""
    names = {"chair": "Nguyễn Văn Thái", "hanh": "Nguyễn Thị Hồng Hạnh", "bao": "Trần Quốc Bảo", "chau": "Lê Thị Minh Châu"}
    database = sqlite3.connect(evidence / "votes.sqlite", isolation_level=None)
    database.executescript("""PRAGMA journal_mode=WAL;
        CREATE TABLE voters (id INTEGER PRIMARY KEY, name TEXT, voted INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE ballots (token TEXT UNIQUE, choice TEXT);""")
    database.executemany("INSERT INTO voters (name) VALUES (?)", [(name,) for name in names.values()])
    hanh, bao = chance.sample(CHOICES, 2)
    tokens = {persona: secrets.token_hex(16) for persona in names}
    for persona, choice in (("chair", "for"), ("hanh", hanh), ("bao", bao), ("chau", "against")):
        database.execute("BEGIN")
        database.execute("UPDATE voters SET voted = 1 WHERE name = ?", (names[persona],))
        database.execute("INSERT INTO ballots VALUES (?, ?)", (tokens[persona], choice))
        database.execute("COMMIT")
    copy = evidence / "copy"
    copy.mkdir()
    for path in evidence.glob("votes.sqlite*"):
        shutil.copy(path, copy / path.name)
    database.close()
    mine = ["hanh", "bao"] if hanh == "for" else ["bao", "hanh"]
    persons = ([names["hanh"].encode()], [names["bao"].encode()])
    marks = ([tokens[mine[0]].encode()], [tokens[mine[1]].encode()])
    return mine.index("hanh"), Case(evidence, persons, marks)


def figures(folder: Path, runs: int) -> list[Figure]:
    from meetroom.store.migrate import upgrade

    template = folder / "template.sqlite"
    upgrade(f"sqlite:///{template}")
    ours_pct, control_pct = play(folder, template, runs, seed=secrets.randbits(64))
    return [Figure("secrecy.guess_pct", ours_pct, "%"), Figure("secrecy.control_pct", control_pct, "%")]
