"""Makes the Box match the database: which secret votes there are, in which phase, and what comes back from a closed one.

The Box is told the whole wish again and again, so that either side may be killed at any time. Nothing here knows who casts.
"""

import http.client
import json
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gevent
import structlog
from gevent.event import Event

from meetroom.access import Actor
from meetroom.errors import Refusal
from meetroom.http import House
from meetroom.journal import Entry
from meetroom.voting.secret import proof
from meetroom.voting.secret import service as secret

log = structlog.get_logger()
BOX = Actor(system="box")
INTERVAL = 1.0  # seconds between two looks while a secret vote runs
Signal = Callable[[int, str, Any], None]


class BoxLink:
    """`signal(meeting, name, body)` tells a meeting what is not journalled: how many ballots have come back so far."""

    def __init__(self, house: House, path: Path, signal: Signal) -> None:
        self.house, self.path, self.signal = house, path, signal
        self.due: dict[tuple[int, datetime], float] = {}  # monotonic ends of votes by the clock, so that setting it moves none
        self.told: dict[int, int] = {}
        self.wake = Event()
        self.key = ""

    def start(self) -> None:
        gevent.spawn(self._run)

    def follow(self, entries: list[Entry]) -> None:
        if any(entry.command.startswith(("secret.", "vote.")) for entry in entries):
            self.wake.set()

    def _run(self) -> None:
        while True:
            try:
                self.match()
            except OSError:
                self.key = ""  # the Box is away, or another one comes: ask again
            except Exception:
                log.exception("the Box and the database could not be matched")
            self.wake.wait(INTERVAL)
            self.wake.clear()

    def match(self) -> None:
        """One round. Raises OSError when the Box does not answer."""
        if not self.key:
            self._take_key()
        with self.house.store.read() as session:
            wishes = secret.wishes(session, datetime.now(UTC))
        for wish in wishes:
            hash = proof.sha256(wish["manifest"])
            if wish["phase"] == "annulled":
                self.ask("DELETE", hash)
                continue
            left = self._left(wish["vote_id"], wish["closes_at"])
            order = {"manifest": wish["manifest"], "phase": wish["phase"], "left": left, "void": wish["void"]}
            state = self.ask("PUT", "vote", order)
            if state["closing"]:
                self._take_over(wish, hash, state)
            elif self.told.get(wish["vote_id"]) != state["returned"]:
                self.told[wish["vote_id"]] = state["returned"]
                self.signal(wish["meeting_id"], "returned", {"vote_id": wish["vote_id"], "returned": state["returned"]})

    def _take_key(self) -> None:
        key = self.ask("GET", "key")["key"]
        self.house.door.perform("secret.box", {"key": key}, actor=BOX, op_id=f"secret.box/{time.time_ns()}")
        self.key = key

    def _left(self, vote_id: int, closes_at: datetime | None) -> float | None:
        """Seconds until the vote closes by itself."""
        if closes_at is None:
            return None
        end = self.due.setdefault((vote_id, closes_at), time.monotonic() + (closes_at - datetime.now(UTC)).total_seconds())
        return max(0.0, end - time.monotonic())

    def _take_over(self, wish: dict[str, Any], hash: str, state: dict[str, Any]) -> None:
        """Once the envelopes are on our disk, the Box forgets the vote."""
        order = {
            "meeting_id": wish["meeting_id"], "vote_id": wish["vote_id"], "closing": state["closing"],
            "closing_signature": state["closing_signature"], "envelopes": self.ask("GET", hash)["envelopes"],
        }  # fmt: skip
        self.house.door.perform("secret.returned", order, actor=BOX, op_id=f"secret.returned/{hash[:40]}")
        self.ask("DELETE", hash)

    def ask(self, method: str, path: str, order: Any = None) -> Any:
        """Raises OSError when the Box is not there, Refusal `no_box` for what it refuses."""
        connection = Local(self.path)
        try:
            connection.request(method, f"/{path}", None if order is None else json.dumps(order))
            answer = json.loads(connection.getresponse().read())
        except http.client.HTTPException as error:
            raise OSError("the Box ended in the middle of an answer") from error
        finally:
            connection.close()
        if not answer["ok"]:
            raise Refusal("no_box", answer["error"])
        return answer["result"]


class Local(http.client.HTTPConnection):
    """HTTP over a socket file of this machine."""

    def __init__(self, path: Path) -> None:
        super().__init__("box", timeout=10)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))
