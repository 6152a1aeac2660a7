"""Between browsers and media nodes: who comes in, offers and answers, and what nodes say of whom."""

from collections.abc import Callable
from typing import Any

import gevent
import structlog
from pydantic import ValidationError

from meetroom.conference import media, rules
from meetroom.conference.schema import MediaAnswer, MediaOffer, Moved, PeerReport, SendingChanged, SlotsChanged
from meetroom.errors import Refusal
from meetroom.http import House
from meetroom.journal import HOUSE, Entry
from signaling.board import Boards
from signaling.links import Links
from signaling.nodes import Nodes
from signaling.peers import Peer, Peers
from signaling.plans import Plans
from signaling.recordings import Recordings

log = structlog.get_logger()
RETURN_S = 15.0  # the time points have to come back after a restart of this process
PLAN_EVENTS = ("point.", "request.", "meeting.", "item.", "conference.", "recording.")
NO_PLAN = ("point.report", "conference.report", "roll.call", "roll.answer")  # what they change is in no plan


class MediaNodes:
    """`call` and `tell` reach nodes, see `Nodes`; `signal(sid, meeting, name, body)` sends to one browser; `secret`: see
    `Peers`."""

    def __init__(
        self,
        house: House,
        *,
        secret: str,
        call: Callable[[str, str, Any, float], Any],
        tell: Callable[[str, str, Any], None],
        signal: Callable[[str, int, str, Any], None],
    ) -> None:
        self.house, self.signal = house, signal
        self.nodes = Nodes(call, tell)
        self.peers = Peers(house, secret)
        self.recordings = Recordings(house, self.nodes)
        self.plans = Plans(house, self.nodes, self.peers, self.recordings, self._moved)
        self.links = Links(house)
        self.boards = Boards(self.nodes, self.peers)
        self._shares = 0
        self._settled = False  # whoever was here before our start has had the time to come back

    def start(self) -> None:
        """A node has gone on without us: until the points that were connected are back (or had their time), their meetings
        get no plan, for it would hang up on whoever it does not name."""
        for meeting_id, point_id in self._linked():
            self.plans.returning.setdefault(meeting_id, set()).add(point_id)
            self.peers.admitted.setdefault(meeting_id, set()).add(f"point:{point_id}")
        self.recordings.start()
        gevent.spawn_later(RETURN_S, self.forget_the_gone)

    # --- browsers, encoders, players ---

    def join(
        self,
        sid: str | None,
        *,
        meeting_id: int,
        person_id: int,
        point_id: int | None,
        peer: str | None = None,
        gallery: int = 8,
        trial: bool = False,
        controls: bool = False,
    ) -> str:
        """Somebody enters a meeting's media; with the `peer` they had before, their pictures go on, also when the new socket
        is here before the old one is known to be dead. `controls`: they could unlock the meeting.

        Raises Refusal `locked`."""
        new = Peer(peer or "", meeting_id, person_id, point_id, sid, gallery=gallery, trial=trial, bare=sid is None)
        self.peers.heard(new)
        for other in self.peers.enter(new, controls=controls):
            self._signal(other, "taken", {"peer": other.id})
        self.plans.returning.get(meeting_id, set()).discard(point_id or 0)
        for name, body in new.told.items():
            self._signal(new, name, body)
        self.plans.soon(meeting_id)
        return new.id

    def view(self, sid: str, peer: str, page: int, gallery: int) -> None:
        """Which thumbnails a screen looks at."""
        own = self.peers.own(sid, peer)
        own.page, own.gallery = page, gallery
        self.plans.soon(own.meeting_id)

    def share(self, sid: str, peer: str, on: bool) -> None:
        """A browser's screen source carries a picture now, or no longer. The newest takes the stage."""
        own = self.peers.own(sid, peer)
        self._shares += 1
        own.sharing = self._shares if on else 0
        self.plans.soon(own.meeting_id)

    def leave(self, sid: str | None, peer: str) -> None:
        self._remove(self.peers.own(sid, peer))

    def disconnect(self, sid: str) -> None:
        self.peers.disconnect(sid)

    def offer(self, sid: str | None, offer: MediaOffer) -> MediaAnswer:
        """Pass an offer to the node and its answer back. Raises Refusal `no_node`, `not_planned`, `bad_sdp`."""
        own = self.peers.own(sid, offer.peer)
        if own.meeting_id != offer.meeting_id:
            raise Refusal("not_found")
        self.plans.flush()  # the node answers whom it has a plan for
        if own.node is None:
            self.plans.place(own.meeting_id)
        return MediaAnswer.model_validate(self.nodes.ask(own.node, "offer", offer.model_dump(mode="json")))

    def _remove(self, peer: Peer) -> None:
        self.peers.by_id.pop(peer.id, None)
        self.plans.soon(peer.meeting_id)
        self._link(peer, "absent")

    def _signal(self, peer: Peer, name: str, body: Any) -> None:
        if peer.sid is not None:
            self.signal(peer.sid, peer.meeting_id, name, body)

    def _moved(self, peer: Peer) -> None:
        self._signal(peer, "moved", Moved(peer=peer.id).model_dump())

    def _link(self, peer: Peer, link: str) -> None:
        if self.links.link(peer.meeting_id, peer.point_id) != link:
            self.links.note(peer.meeting_id, peer.point_id, rules.Told(link))

    # --- nodes ---

    def hello(self, sid: str, data: Any) -> None:
        node = self.nodes.hello(sid, data)
        self.plans.node_came(node.hello.node)
        self.recordings.hello(node)
        gevent.spawn(self._welcome, node.hello.node)

    def _welcome(self, name: str) -> None:
        """A node is here: it gets the plans of its meetings, and whoever lost it calls again."""
        self.plans.replan_all()
        for peer in [peer for peer in self.peers.by_id.values() if peer.node == name and peer.lost]:
            peer.lost = False
            self._moved(peer)

    def node_gone(self, sid: str) -> None:
        """Its meetings are placed anew at once; where there is no other node, they wait for this one."""
        node = self.nodes.gone(sid)
        if node is None:
            return
        for peer in self.peers.by_id.values():
            if peer.node == node.hello.node:
                self._link(peer, "lost")
        self.plans.node_went(node.hello.node)
        self.recordings.gone(node)
        gevent.spawn(self.plans.replan_all)

    def slots(self, sid: str, data: Any) -> None:
        """A node says what a peer's slots show now: a browser's, or, of a relay, the node's at the other end."""
        shown = SlotsChanged.model_validate(data)
        node, peer = self.nodes.by_sid(sid), self._here(sid, shown.peer)
        if peer is not None:
            self._remember(peer, "slots", shown.model_dump(mode="json"))
        elif node is not None and (end := self.plans.other_end(node, shown.meeting_id, shown.peer)):
            self.nodes.tell(end, "slots", shown.model_dump(mode="json"))

    def sending(self, sid: str, data: Any) -> None:
        """A node says which of a browser's layers are worth sending."""
        changed = SendingChanged.model_validate(data)
        if (peer := self._here(sid, changed.peer)) is not None:
            self._remember(peer, "sending", changed.model_dump(mode="json"))

    def _remember(self, peer: Peer, name: str, body: dict[str, Any]) -> None:
        peer.told[name] = body
        self._signal(peer, name, body)

    def report(self, sid: str, data: Any) -> None:
        """A node says how a connection is."""
        report = PeerReport.model_validate(data)
        node, known = self.nodes.by_sid(sid), self.peers.by_id.get(report.peer)
        if node is not None and report.state == "connected" and not (known and (known.connected or known.leaving)):
            self.plans.adopt(report.meeting_id, node)
        peer = self._here(sid, report.peer)
        if peer is None:
            if self._settled and node is not None:
                self.plans.dismiss(report.meeting_id, node)
            return
        if peer.bare and report.state == "closed":
            self._remove(peer)
            return
        self._signal(peer, "link", report.model_dump(mode="json"))
        if report.state == "connected":
            peer.connected, peer.lost = True, False
            self.peers.heard(peer)
            if peer.leaving is not None:
                peer.leaving = None
                self.plans.soon(peer.meeting_id)
        if report.speaking:
            self.plans.spoke(peer)
        if peer.point_id is not None:
            self.boards.note(peer.meeting_id, peer.point_id, report)
        before = self.links.link(peer.meeting_id, peer.point_id)
        link = rules.link_state(report.state, max(report.loss_up_pct, report.loss_down_pct), report.rtt_ms, before)
        self.links.note(peer.meeting_id, peer.point_id, rules.Told(link, report.quality, report.reason))

    def _here(self, sid: str, peer: str) -> Peer | None:
        """The peer of that name, if its place is on the node that speaks: the one it was on before has no say. Who has no
        place yet, after our restart, is where a node says so."""
        node, found = self.nodes.by_sid(sid), self.peers.by_id.get(peer)
        if node is None or found is None:
            return None
        if found.node is None:
            found.node = node.hello.node
        return found if found.node == node.hello.node else None

    def uplink(self, sid: str, data: Any) -> dict[str, Any]:
        """A node calls the meeting's own one, as its plan says. Raises Refusal like `offer`, and pydantic's ValidationError."""
        offer, node = MediaOffer.model_validate(data), self.nodes.by_sid(sid)
        end = self.plans.other_end(node, offer.meeting_id, offer.peer) if node is not None else None
        if node is None or end is None or end != self.plans.homes.get(offer.meeting_id):
            raise Refusal("not_planned")
        return MediaAnswer.model_validate(self.nodes.ask(end, "offer", offer.model_dump(mode="json"))).model_dump(mode="json")

    def forget_the_gone(self) -> None:
        """After a restart: points whose machine did not come back in time are absent."""
        back = {peer.point_id for peer in self.peers.by_id.values()}
        for meeting_id, point_id in self._linked():
            if point_id not in back:
                self.links.note(meeting_id, point_id, rules.Told("absent"))
        self._settled = True
        self.plans.returning.clear()
        self.recordings.give_up()
        self.plans.replan_all()

    def _linked(self) -> list[tuple[int, int]]:
        with self.house.store.read() as session:
            return media.linked_points(session)

    # --- plans ---

    def follow(self, stream: int, entries: list[Entry]) -> None:
        self.recordings.follow(stream, entries)
        if stream == HOUSE and any(entry.name == "node.changed" for entry in entries):
            self.plans.replan_all()
        elif self.peers.in_meeting(stream):
            for peer in self.peers.unentitled(stream, entries):
                self._remove(peer)
            if any(entry.name.startswith(PLAN_EVENTS) and entry.command not in NO_PLAN for entry in entries):
                self.plans.soon(stream)

    def sweep(self) -> None:
        """Once a second: those who did not come back, did not reach their new place, or have something left to tell."""
        for peer in self.peers.overdue():
            self._remove(peer)
        self.plans.sweep()
        self.recordings.sweep()
        self.links.sweep()
        self.boards.sweep()


def understood(handle: Callable[[Any], Any], data: Any) -> Any:
    """Let a node's message be handled; the answer, for those that want one. What does not fit its schema is logged."""
    try:
        return {"ok": True, "result": handle(data)}
    except Refusal as no:
        return no.answer()
    except ValidationError as error:
        log.warning("media node sent nonsense", errors=error.errors(include_input=False)[:3])
        return Refusal("invalid").answer()
