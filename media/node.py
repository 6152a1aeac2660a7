"""The meetings on this node: takes plans and offers, and keeps the wires as the plans want them."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from media import plan, sdp
from media.engine import Address
from media.loudness import Loudness
from media.peer import Ground, Peer, assign, encoder
from meetroom.conference.schema import MediaAnswer, MediaOffer, PeerReport, Plan, Shown, SlotsChanged

log = logging.getLogger(__name__)


class Refused(Exception):
    """An offer that gets no answer. `code`: not_planned, bad_sdp."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


class Audience(Protocol):
    """Who is told what happens here: the server."""

    def slots(self, changed: SlotsChanged) -> None: ...

    def report(self, report: PeerReport) -> None: ...


class Meeting:
    """One meeting's peers and voices."""

    def __init__(self, wanted: Plan) -> None:
        self.plan = wanted
        self.peers: dict[str, Peer] = {}
        self.loudness = Loudness()
        self.loudest: list[str] = []
        self.confirmed = True

    def rank(self, now: float) -> bool:
        """Ranks the voices anew; whether the order has changed."""
        before = self.loudest
        heard = {wanted.peer for wanted in self.plan.peers if wanted.heard} & self.peers.keys()
        self.loudest = self.loudness.rank(heard, before, now)
        return self.loudest != before


class Node:
    """Needs a running event loop. Implements `media.engine.Events`."""

    TICK = 0.05  # seconds
    RANK_INTERVAL = 0.2
    REPORT_INTERVAL = 2.0
    UNCONFIRMED = 30.0
    """Seconds after which a meeting that the server no longer has a plan for ends here too."""

    def __init__(self, ground: Ground, audience: Audience) -> None:
        self._ground, self._engine, self._audience, self._board = ground, ground.engine, audience, ground.board
        self._meetings: dict[int, Meeting] = {}
        self._peers: dict[int, tuple[Meeting, Peer]] = {}  # by the engine's number
        self._confirm_by: float | None = None
        self._ranked_at = self._reported_at = time.monotonic()
        self._engine.start(self)

    # from the server

    def greeted(self) -> None:
        """The server is there, perhaps another one than before: it is told everything, and sends the plans of all its
        meetings, whose revisions may have begun anew. Until they come everything stays as it is."""
        for meeting in self._meetings.values():
            meeting.confirmed = False
            for peer in meeting.peers.values():
                self._tell_slots(meeting, peer)
                self._report(meeting, peer)
        self._confirm_by = time.monotonic() + self.UNCONFIRMED

    def apply(self, wanted: Plan) -> None:
        """A plan older than the one in force is passed over."""
        meeting = self._meetings.get(wanted.meeting_id)
        if meeting is None:
            meeting = self._meetings[wanted.meeting_id] = Meeting(wanted)
        elif meeting.confirmed and wanted.revision < meeting.plan.revision:
            return
        meeting.plan, meeting.confirmed = wanted, True
        meeting.rank(time.monotonic())
        self._reconcile(meeting)
        if not wanted.peers:
            del self._meetings[wanted.meeting_id]

    def offer(self, offer: MediaOffer) -> MediaAnswer:
        """Raises Refused. A second offer of the same browser connection changes it; one of another replaces it."""
        meeting = self._meetings.get(offer.meeting_id)
        if meeting is None or all(wanted.peer != offer.peer for wanted in meeting.plan.peers):
            raise Refused("not_planned")
        try:
            parsed = sdp.parse(offer.sdp)
            sources = offer.sources or encoder(parsed)
            uses = assign(parsed, sources)
        except sdp.BadSdp as error:
            raise Refused("bad_sdp", str(error)) from None
        peer = meeting.peers.get(offer.peer)
        if peer is None or peer.fingerprint != parsed.fingerprint:
            if peer is not None:
                self._forget(meeting, peer)
                peer.close()
            peer = Peer(self._ground, offer.peer, parsed, self._changed)
            meeting.peers[offer.peer] = peer
            self._peers[peer.id] = meeting, peer
        return MediaAnswer(sdp=peer.answer(parsed, uses, sources))

    # from the engine

    def datagram(self, data: bytes, address: Address) -> None:
        if data[0] < 4:
            response = self._ground.ice.receive(data, address)
            if response is not None:
                self._engine.send_datagram(response, address)
        else:
            agent = self._ground.ice.owner(address)
            if agent is not None:
                agent.receive(data)

    def rtcp(self, peer: int, data: bytes) -> None:
        if peer not in self._peers:
            return
        meeting, sender = self._peers[peer]
        with self._answerable(meeting, sender):
            sender.rtcp(data)

    def layer(self, source: int, layer: int, live: bool) -> None:
        found = self._board.sources.get(source)
        if found is not None:
            with self._answerable(*self._peers[found.peer]):
                found.layer(layer, live)
                self._board.ask_keys(time.monotonic())

    def shows(self, slot: int, layer: int | None) -> None:
        found = self._board.slots.get(slot)
        if found is not None:
            found.settle()

    def tapped(self, slot: int, packet: bytes) -> None:
        """There are no taps."""

    @contextmanager
    def _answerable(self, meeting: Meeting, peer: Peer) -> Iterator[None]:
        """A fault of ours that one peer brings to light ends that peer's call and nobody else's."""
        try:
            yield
        except Exception:
            log.exception("peer %s of meeting %d", peer.name, meeting.plan.meeting_id)
            if peer.id in self._peers:
                self._hang_up(meeting, peer)
                self._reconcile(meeting)

    # time

    async def run(self) -> None:
        """Until cancelled; then everybody is hung up on."""
        try:
            while True:
                await asyncio.sleep(self.TICK)
                self.tick(time.monotonic())
        finally:
            for meeting in list(self._meetings.values()):
                self._end(meeting)
            self._engine.close()

    def tick(self, now: float) -> None:
        for meeting, peer in list(self._peers.values()):
            with self._answerable(meeting, peer):
                peer.tick(now)
        self._board.ask_keys(now)
        if now - self._ranked_at >= self.RANK_INTERVAL:
            self._ranked_at = now
            for voice in self._engine.voices():
                if (source := self._board.sources.get(voice.source)) is not None:
                    meeting, peer = self._peers[source.peer]
                    meeting.loudness.hear(peer.name, voice.level, voice.at, voice.packets)
            for meeting in self._meetings.values():
                if meeting.rank(now):
                    self._reconcile(meeting)
        if now - self._reported_at >= self.REPORT_INTERVAL:
            self._reported_at = now
            for meeting, peer in list(self._peers.values()):
                self._report(meeting, peer)
        if self._confirm_by is not None and now >= self._confirm_by:
            self._confirm_by = None
            for meeting in [meeting for meeting in self._meetings.values() if not meeting.confirmed]:
                self._end(meeting)

    # reconciling

    def _reconcile(self, meeting: Meeting) -> None:
        """All bindings first, then one key frame request per layer."""
        before = {name: peer.shown() for name, peer in meeting.peers.items()}
        feeds = {feed: source for peer in meeting.peers.values() for feed, source in peer.feeds.items()}
        for peer in meeting.peers.values():
            peer.let_go(feeds)
        seats = {name: peer.seat for name, peer in meeting.peers.items()}
        for step in plan.steps(meeting.plan, seats, meeting.loudest):
            match step:
                case plan.Close(name):
                    self._hang_up(meeting, meeting.peers[name])
                case plan.Unbind(name, mid):
                    meeting.peers[name].show(mid, None, None)
                case plan.Bind(name, mid, to):
                    meeting.peers[name].show(mid, to, feeds[to.feed])
        self._board.ask_keys(time.monotonic())
        for name, peer in meeting.peers.items():
            if peer.shown() != before[name]:
                self._tell_slots(meeting, peer)

    def _tell_slots(self, meeting: Meeting, peer: Peer) -> None:
        slots = tuple(
            Shown(mid=mid, peer=feed.peer, kind=feed.kind) if feed else Shown(mid=mid) for mid, feed in peer.shown().items()
        )
        self._audience.slots(SlotsChanged(meeting_id=meeting.plan.meeting_id, peer=peer.name, slots=slots))

    def _changed(self, peer: Peer) -> None:
        """A peer connected, was lost, came back, left, or made another offer."""
        if peer.id not in self._peers:
            return
        meeting = self._peers[peer.id][0]
        if peer.state == "closed":
            self._forget(meeting, peer)
        self._report(meeting, peer)
        meeting.rank(time.monotonic())
        self._reconcile(meeting)

    def _report(self, meeting: Meeting, peer: Peer) -> None:
        now = time.monotonic()
        speaking = meeting.loudness.speaking(peer.name, now)
        self._audience.report(peer.report(meeting.plan.meeting_id, speaking, now))

    def _forget(self, meeting: Meeting, peer: Peer) -> None:
        del self._peers[peer.id], meeting.peers[peer.name]
        meeting.loudness.forget(peer.name)

    def _hang_up(self, meeting: Meeting, peer: Peer) -> None:
        self._forget(meeting, peer)
        peer.close()
        self._report(meeting, peer)

    def _end(self, meeting: Meeting) -> None:
        for peer in list(meeting.peers.values()):
            self._hang_up(meeting, peer)
        del self._meetings[meeting.plan.meeting_id]
