"""`make bench-votes`: ballots of a full council hall, and what is left of them when the server is killed.

The server is pinned to core 0, the tablets to core 1, as far as there are two. VOTES=200 for the votes with kills.
"""

import asyncio
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from meetroom.store.migrate import upgrade
from tests.bench.figures import Figure, keep
from tests.bench.votes import hall, kill, named, secret
from tests.server import Server

OUT = Path("build/bench/votes.jsonl")


def killed(folder: Path) -> list[Figure]:
    upgrade(f"sqlite:///{folder / 'meetroom.sqlite'}")
    votes = int(os.environ.get("VOTES", "200"))
    count = kill.run(folder, votes, seed=2026)
    print(f"{votes} votes, {count.kills} kills, {count.acked} ballots acknowledged")
    return [Figure("kill.lost", count.lost, "ballots"), Figure("kill.doubled", count.doubled, "ballots")]


def at_once(folder: Path) -> list[Figure]:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[1]})
    with Server(folder, cores[0]) as server:
        return asyncio.run(named.figures(server))


def secret_at_once(folder: Path) -> list[Figure]:
    cores = sorted(os.sched_getaffinity(0))
    with Server(folder, cores[0]) as server:
        return asyncio.run(hall.figures(server))


def secrecy(folder: Path) -> list[Figure]:
    return secret.figures(folder, int(os.environ.get("RUNS", "400")))


PARTS: tuple[Callable[[Path], list[Figure]], ...] = (killed, at_once, secret_at_once, secrecy)


def main() -> None:
    figures: list[Figure] = []
    for part in PARTS:
        with tempfile.TemporaryDirectory(prefix="meetroom-bench-") as folder:
            figures += part(Path(folder))
            keep(figures, OUT)


if __name__ == "__main__":
    main()
