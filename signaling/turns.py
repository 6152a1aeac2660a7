"""Whose turn it is to fetch what nobody waits for. Only so many tablets do at once: one access point serves a whole hall."""

import time
from collections.abc import Callable

AT_ONCE = 16
LEASE_S = 5.0  # so long a tablet fetches; then others come first
STALE_S = 8.0  # who has not asked again by then no longer waits
AGAIN_S = 1.0  # after which a tablet asks again; more when many wait


class Turns:
    """In order of asking. Nothing waits here: a tablet is told when to ask again, and keeps its place by doing so."""

    def __init__(self, at_once: int = AT_ONCE, clock: Callable[[], float] = time.monotonic) -> None:
        self.at_once, self.clock = at_once, clock
        self.leases: dict[str, float] = {}  # who fetches -> until when
        self.waiting: dict[str, float] = {}  # who waits, first come first -> when asked last

    def ask(self, sid: str) -> tuple[bool, float]:
        """Whether it is this tablet's turn, and for how many seconds; else after how many to ask again."""
        now = self.clock()
        self.leases = {one: until for one, until in self.leases.items() if until > now and one != sid}
        self.waiting = {one: asked for one, asked in self.waiting.items() if asked > now - STALE_S or one == sid}
        self.waiting[sid] = now  # an old place is kept: a dict remembers the first time
        place = list(self.waiting).index(sid)
        if place < self.at_once - len(self.leases):
            del self.waiting[sid]
            self.leases[sid] = now + LEASE_S
            return True, LEASE_S
        return False, AGAIN_S * (1 + len(self.waiting) / 100)

    def gone(self, sid: str) -> None:
        self.leases.pop(sid, None)
        self.waiting.pop(sid, None)
