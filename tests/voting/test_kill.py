"""The small version of `make bench-votes`: killed at random moments, no acknowledged ballot is lost or counted twice."""

import shutil
from pathlib import Path

from tests.bench.votes import kill


def test_killed_while_a_hall_votes(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "meetroom.sqlite")
    count = kill.run(tmp_path, 5, seed=1)
    assert count.kills > 0 and count.acked > 0
    assert (count.lost, count.doubled) == (0, 0)
