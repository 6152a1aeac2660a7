"""Every meeting's place on media nodes, and the plans that follow from it."""

import secrets
import time
from collections import Counter
from collections.abc import Callable

import gevent

from meetroom.conference import media
from meetroom.conference.schema import Plan
from meetroom.http import House
from signaling import placement
from signaling.links import MEDIA
from signaling.nodes import Node, Nodes
from signaling.peers import Peer, Peers
from signaling.recordings import Recordings

SOON_S = 0.03
MOVE_S = 10.0  # the time a browser has to reach another node before the one it was on hangs up


class Plans:
    """`moved(peer)` is told when somebody's place is on another node now, and that node has the plan."""

    def __init__(self, house: House, nodes: Nodes, peers: Peers, recordings: Recordings, moved: Callable[[Peer], None]) -> None:
        self.house, self.nodes, self.peers, self.recordings, self.moved = house, nodes, peers, recordings, moved
        self.homes: dict[int, str] = {}  # by meeting: its own node
        self.known: dict[int, str] = {}  # by meeting: the node that the meeting was told of
        self.sent: dict[tuple[int, str], Plan] = {}  # by meeting and node: the last plan
        self.stale: set[int] = set()  # meetings whose plan is to be made anew, soon
        self.returning: dict[int, set[int]] = {}  # by meeting: points that are still coming back after our restart

    def soon(self, meeting_id: int) -> None:
        """Replan within SOON_S: when many come at once, or one thing follows another, they share a plan."""
        if not self.stale:
            gevent.spawn_later(SOON_S, self.flush)
        self.stale.add(meeting_id)

    def flush(self) -> None:
        """What was to be done soon, now: before anybody relies on it."""
        stale, self.stale = self.stale, set()
        for meeting_id in stale:
            self.replan(meeting_id)

    def replan_all(self) -> None:
        for meeting_id in {peer.meeting_id for peer in self.peers.by_id.values()} | {meeting for meeting, _ in self.sent}:
            self.replan(meeting_id)

    def replan(self, meeting_id: int) -> None:
        """Give everybody of a meeting a place, and send each node its part of the wanted media if that has changed; then
        those whose place has changed are told."""
        if self.returning.get(meeting_id):
            return
        moved = self.place(meeting_id)
        self._tell_node(meeting_id)
        people = self.peers.in_meeting(meeting_id)
        parts: dict[str, Plan] = {}
        with self.house.store.read() as session:
            revision = media.revision(session, meeting_id)
            if people and (own := self.homes.get(meeting_id)) is not None:
                whole = media.plan(session, meeting_id, [peer.as_participant() for peer in people])
                parts = placement.split(
                    whole.model_copy(update={"record": self.recordings.planned(meeting_id, whole.record, own)}),
                    {peer.id: peer.node for peer in people if peer.node is not None},
                    own,
                    leaving={peer.id: peer.leaving for peer in people if peer.leaving is not None},
                    voices=self.peers.voices(meeting_id),
                )
        for node in [node for meeting, node in self.sent if meeting == meeting_id and node not in parts]:
            parts[node] = Plan(meeting_id=meeting_id, revision=revision, peers=())
        for node, plan in parts.items():
            self._send(node, plan)
        for peer in moved:
            self.moved(peer)

    def _tell_node(self, meeting_id: int) -> None:
        """Which node carries the meeting, when that has changed: the incident log tells of it."""
        own = self.homes.get(meeting_id, "")
        node = own if own in self.nodes.by_name else ""
        if self.peers.in_meeting(meeting_id) and self.known.get(meeting_id) != node:
            self.known[meeting_id] = node
            order = {"meeting_id": meeting_id, "node": node}
            gevent.spawn(self.house.door.answer, "conference.report", order, actor=MEDIA, op_id=secrets.token_hex(8))

    def spoke(self, peer: Peer) -> None:
        """A node hears somebody speak. Of a meeting on one node that is the node's own business."""
        before = set(self.peers.voices(peer.meeting_id))
        peer.spoke_at = time.monotonic()
        if (
            set(self.peers.voices(peer.meeting_id)) != before
            and len({one.node for one in self.peers.in_meeting(peer.meeting_id)}) > 1
        ):
            self.soon(peer.meeting_id)

    def place(self, meeting_id: int) -> list[Peer]:
        """Find a place for everybody of a meeting; returns those who have another than before."""
        people = self.peers.in_meeting(meeting_id)
        with self.house.store.read() as session:
            sites, recorded = media.sites(session, meeting_id), media.recorded(session, meeting_id)
            places = self.nodes.places(media.draining(session))
        own = placement.home(places, self.homes.get(meeting_id), recorded=recorded)
        if not people:
            self.homes.pop(meeting_id, None)
        elif own is not None:
            self.homes[meeting_id] = own
            moved = [
                peer for peer in people if self._put(peer, placement.at_site(places, sites.get(peer.point_id or 0, "")) or own)
            ]
            count = Counter(peer.node for peer in self.peers.by_id.values())
            for name, one in self.nodes.by_name.items():
                one.peers = count[name]
            return moved
        return []

    def _put(self, peer: Peer, node: str) -> bool:
        """Whether it had another place before."""
        before = peer.node
        if before == node:
            return False
        if before in self.nodes.by_name:
            peer.leaving, peer.leave_by = before, time.monotonic() + MOVE_S
        if peer.leaving == node:  # back before it had gone
            peer.leaving = None
        peer.node, peer.connected, peer.lost = node, False, False
        return before is not None

    def _send(self, node: str, plan: Plan) -> None:
        key = (plan.meeting_id, node)
        before = self.sent.get(key)
        if before is not None and before.model_copy(update={"revision": plan.revision}) == plan:
            return
        if plan.peers:
            self.sent[key] = plan
        else:
            self.sent.pop(key, None)
        self.nodes.tell(node, "plan", plan.model_dump(mode="json"))

    def node_came(self, name: str) -> None:
        """On a new line: what it was told before it may not know."""
        self.sent = {key: plan for key, plan in self.sent.items() if key[1] != name}

    def node_went(self, name: str) -> None:
        self.node_came(name)
        for peer in self.peers.by_id.values():
            if peer.leaving == name:
                peer.leaving = None
            if peer.node == name:
                peer.connected, peer.lost = False, True

    def adopt(self, meeting_id: int, node: Node) -> None:
        """After our restart a node tells of a meeting it still carries: there is its place."""
        with self.house.store.read() as session:
            unwanted = media.draining(session)
        if node.hello.site or node.hello.node in unwanted or self.homes.get(meeting_id) == node.hello.node:
            return
        self.homes[meeting_id] = node.hello.node
        for peer in self.peers.in_meeting(meeting_id):
            if not peer.connected:
                peer.node = None
        self.replan(meeting_id)

    def dismiss(self, meeting_id: int, node: Node) -> None:
        """A node on a new line still carries a meeting whose place is elsewhere now: it need not wait to be sure of that."""
        if (meeting_id, node.hello.node) not in self.sent:
            empty = Plan(meeting_id=meeting_id, revision=0, peers=())
            self.nodes.tell(node.hello.node, "plan", empty.model_dump(mode="json"))

    def sweep(self) -> None:
        """Once a second: those who did not reach their new place in time are no longer at the old one."""
        now = time.monotonic()
        for peer in list(self.peers.by_id.values()):
            if peer.leaving is not None and now > peer.leave_by:
                peer.leaving = None
                self.soon(peer.meeting_id)

    def other_end(self, node: Node, meeting_id: int, peer: str) -> str | None:
        """The node at the other end of a relay that `node` speaks of; none: it has no such relay."""
        own, here = self.homes.get(meeting_id), node.hello.node
        if here != own:
            return own if peer == placement.relay_name(here) and (meeting_id, here) in self.sent else None
        return next((far for meeting, far in self.sent if meeting == meeting_id and placement.relay_name(far) == peer), None)
