"""Who has a place in a meeting's media, and who may have one."""

import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from meetroom.access import Actor, May, Viewer
from meetroom.conference import media, rules
from meetroom.errors import Refusal
from meetroom.http import House
from meetroom.journal import Entry
from meetroom.meetings import service as meetings

GRACE_S = 8.0  # a browser whose socket dropped keeps its pictures this long
VOICES = 3  # whose pictures cross between nodes because one of them may be the loudest
SILENT_S = 30.0  # an encoder or player of which no node has heard for that long is gone


@dataclass
class Peer:
    """One browser's, encoder's or player's place in a meeting's media. `sid` null: its socket is away, until `gone_at`;
    `bare`: it never has one (encoder, player), and its node's reports keep it. `node`: where its place is; `leaving`: the
    node it still is on, until it has reached that one or `leave_by`; `lost`: its node went away. `told`: what its node
    last said, to be said again when the browser comes back, by name of the signal."""

    id: str
    meeting_id: int
    person_id: int
    point_id: int | None
    sid: str | None
    page: int = 0
    gallery: int = 8
    trial: bool = False
    sharing: int = 0
    bare: bool = False
    gone_at: float = float("inf")
    node: str | None = None
    connected: bool = False
    lost: bool = False
    leaving: str | None = None
    leave_by: float = 0.0
    spoke_at: float = 0.0
    told: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Who this is to a lock: the point, or the person in the hall."""
        return f"point:{self.point_id}" if self.point_id is not None else f"person:{self.person_id}"

    def as_participant(self) -> rules.Participant:
        return rules.Participant(self.id, self.point_id, self.page, self.gallery, self.sharing, self.trial)


def place(viewer: Viewer) -> int | None:
    """The point whose machine a person runs, None for somebody who only looks on."""
    return viewer.point_id if viewer.may(May.OPERATE_POINT) else None


class Peers:
    """All of this process. `secret`: by it names of peers are known that were given out, also before a restart."""

    def __init__(self, house: House, secret: str) -> None:
        self.house, self._secret = house, secret.encode()
        self.by_id: dict[str, Peer] = {}
        self.admitted: dict[int, set[str]] = {}  # by meeting: who has been in, and comes back when it is locked

    def enter(self, new: Peer, *, controls: bool) -> list[Peer]:
        """Let somebody in; `new.id` is the name they had before, or none. Returns those whose place they take: a point is
        on one machine, the newest wins. Raises Refusal `locked`."""
        returns = self._gave(new)
        if not returns:
            stem = f"{new.meeting_id}-{new.person_id}-{secrets.token_hex(4)}"
            new.id = stem + self._seal(stem)
        admitted = self.admitted.setdefault(new.meeting_id, set())
        with self.house.store.read() as session:
            locked = media.locked(session, new.meeting_id)
        rules.enter(locked=locked, was_in=returns or new.key in admitted, controls=controls, trial=new.trial)
        if new.point_id is not None or not new.bare:  # a player shows nothing by which it could be known again
            admitted.add(new.key)
        known = self.by_id.get(new.id)
        if known is not None:
            new.told, new.sharing, new.node, new.connected = known.told, known.sharing, known.node, known.connected
            new.lost, new.leaving, new.leave_by, new.spoke_at = known.lost, known.leaving, known.leave_by, known.spoke_at
        others = [one for one in self.in_meeting(new.meeting_id) if one.id != new.id and one.point_id == new.point_id is not None]
        for other in others:
            del self.by_id[other.id]
        self.by_id[new.id] = new
        return others

    def in_meeting(self, meeting_id: int) -> list[Peer]:
        return [peer for peer in self.by_id.values() if peer.meeting_id == meeting_id]

    def voices(self, meeting_id: int) -> list[str]:
        """Who spoke last, the latest first."""
        spoke = [peer for peer in self.in_meeting(meeting_id) if peer.spoke_at]
        return [peer.id for peer in sorted(spoke, key=lambda peer: -peer.spoke_at)][:VOICES]

    def own(self, sid: str | None, peer: str) -> Peer:
        """The peer of that socket (or of none). Raises Refusal `not_planned`."""
        own = self.by_id.get(peer)
        if own is None or own.sid != sid:
            raise Refusal("not_planned")
        return own

    def unentitled(self, meeting_id: int, entries: list[Entry]) -> list[Peer]:
        """After these events: browsers of those who may no longer see the meeting, or run another point's machine now, or
        none. Of a member that has changed only that person is looked at: hundreds arrive within a minute."""
        changed = {json.loads(entry.body)["member"]["person_id"] for entry in entries if entry.name == "member.changed"}
        anybody = any(entry.name in ("member.removed", "point.removed") for entry in entries)
        asked = [one for one in self.in_meeting(meeting_id) if not one.bare and (anybody or one.person_id in changed)]
        if not asked:
            return []

        def entitled(peer: Peer) -> bool:
            try:
                viewer = meetings.viewer(session, Actor(peer.person_id), meeting_id)
            except Refusal:  # nobody of that number any more
                return False
            return viewer.may(May.SEE_MEETING) and (peer.trial or place(viewer) == peer.point_id)

        with self.house.store.read() as session:
            return [peer for peer in asked if not entitled(peer)]

    def heard(self, peer: Peer) -> None:
        """A node says that its connection stands."""
        if peer.bare:
            peer.gone_at = time.monotonic() + SILENT_S

    def disconnect(self, sid: str) -> None:
        """A browser's socket is gone; its pictures stay for a while, it may come back."""
        for peer in self.by_id.values():
            if peer.sid == sid:
                peer.sid, peer.gone_at = None, time.monotonic() + GRACE_S

    def overdue(self) -> list[Peer]:
        """Those who did not come back."""
        now = time.monotonic()
        return [peer for peer in self.by_id.values() if peer.sid is None and now > peer.gone_at]

    def _gave(self, peer: Peer) -> bool:
        stem, seal = peer.id[:-8], peer.id[-8:]
        return stem.startswith(f"{peer.meeting_id}-{peer.person_id}-") and hmac.compare_digest(seal, self._seal(stem))

    def _seal(self, stem: str) -> str:
        return hmac.new(self._secret, f"peer {stem}".encode(), hashlib.sha256).hexdigest()[:8]
