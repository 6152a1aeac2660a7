"""One secret vote's envelopes in a database file of its own, which never tells in which order they came.

Rows are kept by their random keys without row numbers, and the file is written anew in that order after every batch
(VACUUM): its bytes depend on what is in it, not on how it got there (`tests/voting/box/test_file.py` compares them). There is no
write-ahead log, deleted content is overwritten, and nothing holds a time but the vote's own closing.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

PRAGMAS = ("journal_mode=DELETE", "synchronous=EXTRA", "secure_delete=ON", "temp_store=MEMORY")
TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS slots (slot BLOB PRIMARY KEY, envelope BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS voided (slot BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS envelopes (hash BLOB PRIMARY KEY, envelope BLOB NOT NULL) WITHOUT ROWID;
"""


class BallotFile:
    """`slots`: SHA-256(S) -> envelope while the vote runs; `envelopes`: by their hash once it is closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = sqlite3.connect(path, isolation_level=None)
        for pragma in PRAGMAS:
            self.database.execute(f"PRAGMA {pragma}")
        self.database.executescript(TABLES)
        self.database.execute("VACUUM")  # what a kill between a commit and its rewriting left

    def about(self) -> dict[str, str]:
        return dict(self.database.execute("SELECT name, value FROM about"))

    def slots(self) -> dict[bytes, bytes]:
        return dict(self.database.execute("SELECT slot, envelope FROM slots"))

    def voided(self) -> set[bytes]:
        return {slot for (slot,) in self.database.execute("SELECT slot FROM voided")}

    def envelopes(self) -> list[bytes]:
        """In the order of their hashes."""
        return [envelope for (envelope,) in self.database.execute("SELECT envelope FROM envelopes ORDER BY hash")]

    def hashes(self) -> list[bytes]:
        return [hash for (hash,) in self.database.execute("SELECT hash FROM envelopes ORDER BY hash")]

    def write(
        self,
        *,
        slots: Mapping[bytes, bytes] | None = None,
        void: Iterable[bytes] = (),
        about: Mapping[str, str] | None = None,
        clear: bool = False,
    ) -> None:
        """One batch: on disk when this returns. `clear` takes all slots away before; `void` those for good."""
        with self._transaction() as change:
            if clear:
                change.execute("DELETE FROM slots")
            change.executemany("INSERT OR REPLACE INTO slots VALUES (?, ?)", sorted((slots or {}).items()))
            for slot in sorted(void):
                change.execute("INSERT OR IGNORE INTO voided VALUES (?)", (slot,))
                change.execute("DELETE FROM slots WHERE slot = ?", (slot,))
            change.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", sorted((about or {}).items()))
        self.database.execute("VACUUM")

    def close_vote(self, envelopes: Mapping[bytes, bytes], about: Mapping[str, str]) -> None:
        """Keep the envelopes by their hashes and forget for good which slot each came by."""
        with self._transaction() as change:
            change.execute("DELETE FROM slots")
            change.executemany("INSERT INTO envelopes VALUES (?, ?)", sorted(envelopes.items()))
            change.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", sorted(about.items()))
        self.database.execute("VACUUM")

    def close(self) -> None:
        self.database.close()

    def _transaction(self) -> sqlite3.Connection:
        """As a context: committed at its end, rolled back by an exception."""
        self.database.execute("BEGIN IMMEDIATE")
        return self.database
