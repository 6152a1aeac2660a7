"""A program that tries to tell whose ballot is whose, from everything that lies on disks and in copies of them.

It is given files (databases, write-ahead logs, backups, logs), the marks by which persons and ballots can be found in them, and
who of two persons cast first, as a camera would tell. Each way of looking gives a hint or none; they are added up.
"""

import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LINK = 100  # a row that holds a person and a ballot decides


@dataclass(frozen=True)
class Case:
    """`persons` and `ballots`: of each of the two, all bytes by which they are known. The first person cast first. `modulus`,
    `signed` and `signatures`: what the issuer signed for each, and what stands under each ballot."""

    files: Path
    persons: tuple[Sequence[bytes], Sequence[bytes]]
    ballots: tuple[Sequence[bytes], Sequence[bytes]]
    modulus: int = 0
    signed: tuple[int, int] = (0, 0)
    signatures: tuple[int, int] = (0, 0)


def guess(case: Case, chance: random.Random) -> int:
    """Which of the two ballots is the first person's."""
    score = sum(hint for look in LOOKS for hint in look(case))
    return 0 if score > 0 else 1 if score < 0 else chance.randrange(2)


def by_rows(case: Case) -> Iterator[int]:
    """A row that names a person and a ballot; and the order in which a table gives its rows."""
    for database in _databases(case.files):
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            rows = [_raw(row) for row in database.execute(f'SELECT * FROM "{table}"')]
            for n in (0, 1):
                for m in (0, 1):
                    if any(_in(row, case.persons[n]) and _in(row, case.ballots[m]) for row in rows):
                        yield LINK if n == m else -LINK
            yield _order([next((n for n, row in enumerate(rows) if _in(row, ballot)), None) for ballot in case.ballots])
        database.close()


def by_places(case: Case) -> Iterator[int]:
    """Where in a file a ballot lies: rows that came later fill later pages."""
    for path in _files(case.files):
        raw = path.read_bytes()
        places = [min((raw.find(mark) for mark in marks if mark in raw), default=None) for marks in case.ballots]
        yield _order([None if place is None else place // 4096 for place in places])


def by_transactions(case: Case) -> Iterator[int]:
    """In which transaction of a write-ahead log a ballot first stands, and whether with a person who was not there before."""
    for path in _files(case.files):
        if not path.name.endswith("-wal"):
            continue
        firsts: dict[str, int] = {}
        for number, pages in enumerate(_transactions(path.read_bytes())):
            for n in (0, 1):
                if f"b{n}" not in firsts and _in(pages, case.ballots[n]):
                    firsts[f"b{n}"] = number
        yield _order([firsts.get("b0"), firsts.get("b1")])


def by_algebra(case: Case) -> Iterator[int]:
    """The factor that would link what was signed to what stands under a ballot: the one that is less random, if any is."""
    if not case.modulus:
        return
    n = case.modulus
    factors = {(p, b): case.signed[p] * pow(case.signatures[b], -1, n) % n for p in (0, 1) for b in (0, 1)}
    straight = min(factors[0, 0].bit_count(), factors[1, 1].bit_count())
    crossed = min(factors[0, 1].bit_count(), factors[1, 0].bit_count())
    yield (straight < crossed) - (straight > crossed)


# Rows last: whoever opens and closes a database has its log put into it.
LOOKS: tuple[Callable[[Case], Iterator[int]], ...] = (by_places, by_transactions, by_algebra, by_rows)


def _order(places: Sequence[int | None]) -> int:
    """A hint that ballots lie in the order in which they were cast."""
    first, second = places
    if first is None or second is None or first == second:
        return 0
    return 1 if first < second else -1


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _databases(folder: Path) -> Iterator[sqlite3.Connection]:
    for path in [path for path in _files(folder) if path.read_bytes()[:15] == b"SQLite format 3"]:
        yield sqlite3.connect(path)


def _raw(row: Sequence[object]) -> bytes:
    return b"\0".join(value if isinstance(value, bytes) else str(value).encode() for value in row)


def _in(raw: bytes, marks: Sequence[bytes]) -> bool:
    return any(mark in raw for mark in marks)


def _transactions(raw: bytes) -> Iterator[bytes]:
    """The pages of each transaction of a log, see "WAL File Format" of SQLite's documentation."""
    size = int.from_bytes(raw[8:12], "big") or 4096
    pages = b""
    for at in range(32, len(raw) - 24 - size + 1, 24 + size):
        pages += raw[at + 24 : at + 24 + size]
        if raw[at + 4 : at + 8] != b"\0\0\0\0":  # a commit
            yield pages
            pages = b""
