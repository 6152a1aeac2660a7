"""Media nodes that dialled in, the people connected to them, and the plans both follow."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gevent
import structlog
from pydantic import ValidationError

from meetroom.access import Actor
from meetroom.conference import rules
from meetroom.conference import service as conference
from meetroom.conference.schema import MediaAnswer, MediaOffer, NodeHello, PeerReport, SlotsChanged
from meetroom.errors import Refusal
from meetroom.http import House
from meetroom.journal import Entry

log = structlog.get_logger()
MEDIA = Actor(system="media")
ANSWER_S = 8.0  # a node that does not answer an offer by then is taken for gone
GRACE_S = 8.0  # a browser whose socket dropped keeps its pictures this long
RETURN_S = 15.0  # the time points have to come back after a restart of this process
PLAN_EVENTS = ("point.", "request.", "member.", "meeting.")


@dataclass
class Peer:
    """One browser's place in a meeting's media. `sid` null: its socket is away, until `gone_at`. `slots`: what the node last
    said its slots show, told again when the browser comes back."""

    id: str
    meeting_id: int
    person_id: int
    point_id: int | None
    sid: str | None
    page: int = 0
    gallery: int = 8
    gone_at: float = 0.0
    link: str = "absent"
    trial: bool = False
    slots: dict[str, Any] | None = None


class MediaNodes:
    """`call(sid, event, data, timeout)` asks a node and waits for its answer; `tell(sid, event, data)` does not wait;
    `signal(sid, meeting, name, body)` sends to one browser."""

    def __init__(
        self,
        house: House,
        *,
        call: Callable[[str, str, Any, float], Any],
        tell: Callable[[str, str, Any], None],
        signal: Callable[[str, int, str, Any], None],
    ) -> None:
        self.house, self.call, self.tell, self.signal = house, call, tell, signal
        self.nodes: dict[str, NodeHello] = {}  # by the node's sid; meetings go to the first
        self.peers: dict[str, Peer] = {}
        self.last_plan: dict[int, dict[str, Any]] = {}
        self.returning: dict[int, set[int]] = {}  # by meeting: points that are still coming back after our restart

    def start(self) -> None:
        """A node has gone on without us: until the points that were connected are back (or had their time), their meetings
        get no plan, for it would hang up on whoever it does not name."""
        for meeting_id, point_id in self._linked():
            self.returning.setdefault(meeting_id, set()).add(point_id)
        gevent.spawn_later(RETURN_S, self.forget_the_gone)

    # --- browsers ---

    def join(
        self,
        sid: str,
        *,
        meeting_id: int,
        person_id: int,
        point_id: int | None,
        peer: str | None,
        gallery: int,
        trial: bool = False,
    ) -> str:
        """A browser enters a meeting's media; with the `peer` it had before, its pictures go on, also when its new socket is
        here before the old one is known to be dead."""
        known = self.peers.get(peer or "")
        if peer is None or not peer.startswith(f"{meeting_id}-{person_id}-"):
            peer = f"{meeting_id}-{person_id}-{secrets.token_hex(4)}"
        if point_id is not None:  # one machine per point: the newest wins
            for other in [p for p in self.in_meeting(meeting_id) if p.point_id == point_id and p.id != peer]:
                del self.peers[other.id]
                if other.sid is not None:
                    self.signal(other.sid, meeting_id, "taken", {"peer": other.id})
        self.returning.get(meeting_id, set()).discard(point_id or 0)
        self.peers[peer] = Peer(peer, meeting_id, person_id, point_id, sid, gallery=gallery, trial=trial)
        if known is not None:
            self.peers[peer].link, self.peers[peer].slots = known.link, known.slots
            if known.slots is not None:
                self.signal(sid, meeting_id, "slots", known.slots)
        self.replan(meeting_id)
        return peer

    def in_meeting(self, meeting_id: int) -> list[Peer]:
        return [peer for peer in self.peers.values() if peer.meeting_id == meeting_id]

    def view(self, sid: str, peer: str, page: int, gallery: int) -> None:
        """Which thumbnails a screen looks at."""
        own = self._own(sid, peer)
        own.page, own.gallery = page, gallery
        self.replan(own.meeting_id)

    def leave(self, sid: str, peer: str) -> None:
        self._remove(self._own(sid, peer))

    def disconnect(self, sid: str) -> None:
        """A browser's socket is gone; its pictures stay for a while, it may come back."""
        for peer in self.peers.values():
            if peer.sid == sid:
                peer.sid, peer.gone_at = None, time.monotonic() + GRACE_S

    def offer(self, sid: str, offer: MediaOffer) -> MediaAnswer:
        """Pass a browser's offer to the node and its answer back. Raises Refusal `no_node`, `not_planned`, `bad_sdp`."""
        if self._own(sid, offer.peer).meeting_id != offer.meeting_id:
            raise Refusal("not_found")
        node = next(iter(self.nodes), None)
        if node is None:
            raise Refusal("no_node")
        try:
            answer = self.call(node, "offer", offer.model_dump(mode="json"), ANSWER_S)
        except TimeoutError:
            raise Refusal("no_node") from None
        if not isinstance(answer, dict) or not answer.get("ok"):
            error = answer.get("error", {}) if isinstance(answer, dict) else {}
            raise Refusal("not_planned" if error.get("code") == "not_planned" else "bad_sdp")
        return MediaAnswer.model_validate(answer["result"])

    def _own(self, sid: str, peer: str) -> Peer:
        own = self.peers.get(peer)
        if own is None or own.sid != sid:
            raise Refusal("not_planned")
        return own

    def _remove(self, peer: Peer) -> None:
        self.peers.pop(peer.id, None)
        self.replan(peer.meeting_id)
        self._link(peer, "absent")

    # --- nodes ---

    def hello(self, sid: str, data: Any) -> None:
        self.nodes[sid] = NodeHello.model_validate(data)
        log.info("media node connected", node=self.nodes[sid].node, engine=self.nodes[sid].engine)
        self.last_plan.clear()
        gevent.spawn(self.replan_all)

    def node_gone(self, sid: str) -> None:
        if node := self.nodes.pop(sid, None):
            log.warning("media node gone", node=node.node)
            for peer in self.peers.values():
                self._link(peer, "lost")

    def slots(self, data: Any) -> None:
        """A node says what a browser's slots show now."""
        shown = SlotsChanged.model_validate(data)
        peer = self.peers.get(shown.peer)
        if peer is not None:
            peer.slots = shown.model_dump(mode="json")
            if peer.sid is not None:
                self.signal(peer.sid, shown.meeting_id, "slots", peer.slots)

    def report(self, data: Any) -> None:
        """A node says how a browser's connection is."""
        report = PeerReport.model_validate(data)
        peer = self.peers.get(report.peer)
        if peer is not None:
            if peer.sid is not None:
                self.signal(peer.sid, report.meeting_id, "link", report.model_dump(mode="json"))
            self._link(peer, rules.link_state(report.state, max(report.loss_up_pct, report.loss_down_pct), report.rtt_ms))

    def _link(self, peer: Peer, link: str) -> None:
        if peer.link == link or peer.point_id is None:
            return
        peer.link = link
        order = {"meeting_id": peer.meeting_id, "point_id": peer.point_id, "link": link}
        gevent.spawn(self.house.door.answer, "point.report", order, actor=MEDIA, op_id=secrets.token_hex(8))

    def forget_the_gone(self) -> None:
        """After a restart: points whose machine did not come back in time are absent."""
        back = {peer.point_id for peer in self.peers.values()}
        for meeting_id, point_id in self._linked():
            if point_id not in back:
                self._link(Peer("", meeting_id, 0, point_id, None, link="lost"), "absent")
        self.returning.clear()
        self.replan_all()

    def _linked(self) -> list[tuple[int, int]]:
        with self.house.store.read() as session:
            return conference.linked_points(session)

    # --- plans ---

    def follow(self, stream: int, entries: list[Entry]) -> None:
        if any(entry.name.startswith(PLAN_EVENTS) for entry in entries) and self.in_meeting(stream):
            self.replan(stream)

    def replan_all(self) -> None:
        for meeting_id in {peer.meeting_id for peer in self.peers.values()} | set(self.last_plan):
            self.replan(meeting_id)

    def replan(self, meeting_id: int) -> None:
        """Send the whole wanted media of a meeting to its node, if it differs from what was sent."""
        if self.returning.get(meeting_id):
            return
        participants = [rules.Participant(p.id, p.point_id, p.page, p.gallery, p.trial) for p in self.in_meeting(meeting_id)]
        with self.house.store.read() as session:
            plan = conference.media_plan(session, meeting_id, participants).model_dump(mode="json")
        same = {**self.last_plan.get(meeting_id, {}), "revision": plan["revision"]} == plan
        if not same:
            self.last_plan[meeting_id] = plan
            for node in self.nodes:
                self.tell(node, "plan", plan)

    def sweep(self) -> None:
        """Once a second: those who did not come back."""
        now = time.monotonic()
        for peer in [p for p in self.peers.values() if p.sid is None and now > p.gone_at]:
            self._remove(peer)


def understood(handle: Callable[[Any], None], data: Any) -> None:
    """Let a node's message be handled; one that does not fit its schema is logged and dropped."""
    try:
        handle(data)
    except ValidationError as error:
        log.warning("media node sent nonsense", errors=error.errors(include_input=False)[:3])
