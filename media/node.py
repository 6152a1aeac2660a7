"""The meetings on this node: takes plans and offers, and keeps the wires as the plans want them."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from media import plan, sdp
from media.engine import Address
from media.load import Load, Meter
from media.meeting import Meeting
from media.peer import Ground, Peer, Refused, assign, encoder
from media.relay import Relay, Uplink
from media.tap import Recordings, Tap
from meetroom.conference.schema import (
    MediaAnswer,
    MediaOffer,
    PeerReport,
    Plan,
    RecordReport,
    SendingChanged,
    Shown,
    SlotsChanged,
)

log = logging.getLogger(__name__)


class Audience(Protocol):
    """Who is told what happens here: the server."""

    def slots(self, changed: SlotsChanged) -> None: ...

    def sending(self, changed: SendingChanged) -> None: ...

    def report(self, report: PeerReport) -> None: ...

    def recorded(self, report: RecordReport) -> None: ...

    def load(self, load: Load) -> None: ...

    async def call(self, offer: MediaOffer) -> MediaAnswer:
        """Passes a relay's offer to the node at its other end. Raises Refused."""


class Node:
    """Needs a running event loop. Implements `media.engine.Events`."""

    TICK = 0.1  # seconds
    DECIDE_INTERVAL = 0.2
    FEW, REST = 16, 4.0  # with more peers the next news waits so many times as long as deciding about the last took
    REPORT_INTERVAL = 2.0
    LOAD_INTERVAL = 5.0
    UNCONFIRMED = 30.0
    """Seconds after which a meeting that the server no longer has a plan for ends here too."""

    def __init__(self, ground: Ground, audience: Audience, folder: Path | None = None) -> None:
        """`folder`: of recordings; None if this node makes none."""
        self._ground, self._engine, self._audience, self._board = ground, ground.engine, audience, ground.board
        self._meetings: dict[int, Meeting] = {}
        self._peers: dict[int, tuple[Meeting, Peer]] = {}  # by the engine's number
        self._recordings = Recordings(ground.engine, ground.board, folder, audience.recorded)
        self._confirm_by: float | None = None
        self._turn, self._reported = 0.0, 0  # how many reports are due, and how many of the peers have had theirs
        self._decided_at = self._reported_at = self._weighed_at = time.monotonic()
        self._meter = Meter(self._weighed_at)
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
                if peer.way.sending.told:
                    self._tell_sending(meeting, peer)
        self._recordings.tell_again()
        self._confirm_by = time.monotonic() + self.UNCONFIRMED

    @property
    def recordings(self) -> tuple[int, ...]:
        """Those under way."""
        return self._recordings.under_way

    def apply(self, wanted: Plan) -> None:
        """A plan older than the one in force is passed over."""
        meeting = self._meetings.get(wanted.meeting_id)
        if meeting is None:
            meeting = self._meetings[wanted.meeting_id] = Meeting(wanted)
        elif meeting.confirmed and wanted.revision < meeting.plan.revision:
            return
        meeting.plan, meeting.confirmed = wanted, True
        self._heed(meeting)
        self._connect(meeting)
        if not wanted.peers and wanted.record is None:
            self._end(meeting)

    def _connect(self, meeting: Meeting) -> None:
        """Calls the nodes that the plan says, and no others any more."""
        wanted = {uplink.peer: uplink for uplink in meeting.plan.uplinks}
        for name, uplink in list(meeting.uplinks.items()):
            if wanted.get(name) != uplink.wanted:
                uplink.close()
                del meeting.uplinks[name]
        for name in wanted.keys() - meeting.uplinks.keys():
            meeting.uplinks[name] = Uplink(
                self._ground,
                meeting.plan.meeting_id,
                wanted[name],
                ask=self._audience.call,
                arrived=lambda relay: self._arrived(meeting, relay),
                changed=self._changed,
            )

    def _arrived(self, meeting: Meeting, peer: Peer) -> None:
        """Takes the place of the peer of the same name."""
        if peer.name in meeting.peers:
            former = meeting.peers[peer.name]
            self._forget(meeting, former)
            former.close()
        meeting.peers[peer.name] = peer
        self._peers[peer.id] = meeting, peer

    def offer(self, offer: MediaOffer) -> MediaAnswer:
        """Raises Refused. A second offer of the same browser connection changes it; one of another replaces it."""
        meeting = self._meetings.get(offer.meeting_id)
        wanted = next((one for one in meeting.plan.peers if one.peer == offer.peer), None) if meeting is not None else None
        if meeting is None or wanted is None:
            raise Refused("not_planned")
        try:
            parsed = sdp.parse(offer.sdp)
            sources = offer.sources or encoder(parsed)
            uses = assign(parsed, sources, relay=wanted.relay is not None)
        except sdp.BadSdp as error:
            raise Refused("bad_sdp", str(error)) from None
        peer = meeting.peers.get(offer.peer)
        if peer is None or peer.fingerprint != parsed.fingerprint:
            peer = (Peer if wanted.relay is None else Relay)(self._ground, offer.peer, parsed, self._changed)
            self._arrived(meeting, peer)
        return MediaAnswer(sdp=peer.answer(parsed, uses, sources))

    def carried(self, changed: SlotsChanged) -> None:
        """The other end of a relay says what is in its slots."""
        meeting = self._meetings.get(changed.meeting_id)
        relay = meeting.peers.get(changed.peer) if meeting is not None else None
        if meeting is not None and isinstance(relay, Relay) and relay.carry(changed.slots):
            self._heed(meeting)

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

    def rtcp(self, peer: int, data: bytes, at: float) -> None:
        if peer not in self._peers:
            return
        meeting, sender = self._peers[peer]
        with self._answerable(meeting, sender):
            sender.rtcp(data, at)

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
        self._recordings.tapped(slot, packet)

    @contextmanager
    def _answerable(self, meeting: Meeting, peer: Peer) -> Iterator[None]:
        """A fault of ours that one peer brings to light ends that peer's call and nobody else's."""
        try:
            yield
        except Exception:
            log.exception("peer %s of meeting %d", peer.name, meeting.plan.meeting_id)
            if peer.id in self._peers:
                self._hang_up(meeting, peer)
                self._heed(meeting)

    # time

    async def run(self) -> None:
        """Until cancelled; then everybody is hung up on, and recordings are completed."""
        try:
            while True:
                before = time.monotonic()
                await asyncio.sleep(self.TICK)
                self._meter.waited(self.TICK, time.monotonic() - before)
                self.tick(time.monotonic())
        finally:
            for meeting in list(self._meetings.values()):
                self._end(meeting)
            self._recordings.complete()
            self._engine.close()

    def tick(self, now: float) -> None:
        self._ground.ice.check(now)
        for meeting, peer in list(self._peers.values()):
            if now >= peer.due_at:
                with self._answerable(meeting, peer):
                    peer.tick(now)
        self._board.ask_keys(now)
        for meeting in list(self._meetings.values()):
            if meeting.news and now >= meeting.rest_until:
                self._decide(meeting, now, news=True)
        if now - self._decided_at >= self.DECIDE_INTERVAL:
            self._decided_at = now
            for voice in self._engine.voices():
                if (source := self._board.sources.get(voice.source)) is not None:
                    meeting, peer = self._peers[source.peer]
                    if (name := peer.voice(source)) is not None:
                        meeting.loudness.hear(name, voice.level, voice.at, voice.packets)
            for meeting in self._meetings.values():
                self._decide(meeting, now)
            for meeting, peer in self._to_report(now):
                self._report(meeting, peer)
                if isinstance(peer, Relay):  # the other end may have been away from the server when it was told
                    self._tell_slots(meeting, peer)
        if now - self._weighed_at >= self.LOAD_INTERVAL:
            self._weighed_at = now
            counts = {number: peer.packets() for number, (_, peer) in self._peers.items()}
            self._audience.load(self._meter.take(counts, now))
        if self._confirm_by is not None and now >= self._confirm_by:
            self._confirm_by = None
            for meeting in [meeting for meeting in self._meetings.values() if not meeting.confirmed]:
                self._end(meeting)

    def _to_report(self, now: float) -> list[tuple[Meeting, Peer]]:
        """Those whose turn it is: all of them within REPORT_INTERVAL, but not at once, which would keep the server from
        answering anybody else for as long as it takes to pass on hundreds of reports."""
        peers = list(self._peers.values())
        self._turn += len(peers) * min(1.0, (now - self._reported_at) / self.REPORT_INTERVAL)
        self._reported_at = now
        first, count = self._reported, int(self._turn)
        self._turn -= count
        self._reported = (first + count) % len(peers) if peers else 0
        return [peers[(first + n) % len(peers)] for n in range(min(count, len(peers)))]

    # reconciling

    def _heed(self, meeting: Meeting) -> None:
        """Something is new. Where much is, as when hundreds come in at once, it is not decided about for each alone."""
        now = time.monotonic()
        if now >= meeting.rest_until:
            self._decide(meeting, now, news=True)
        else:
            meeting.news = True

    def _decide(self, meeting: Meeting, now: float, *, news: bool = False) -> None:
        """Makes the wires match what is decided anew. `news`: there are other reasons why they may not match."""
        news, meeting.news = news or meeting.news, False
        ranked = meeting.rank(now)
        if meeting.decide(now, news=news) or ranked or news:
            self._reconcile(meeting)
        for peer in list(meeting.peers.values()):
            if meeting.asks(peer, now):
                self._tell_sending(meeting, peer)
            if peer.has_news:
                self._report(meeting, peer)
        if news:
            took = time.monotonic() - now
            meeting.rest_until = now + (1 + self.REST) * took if len(meeting.peers) > self.FEW else now

    def _reconcile(self, meeting: Meeting) -> None:
        """All bindings first, then one key frame request per layer."""
        before = {name: peer.shown() for name, peer in meeting.peers.items()}
        feeds = {feed: source for peer in meeting.peers.values() for feed, source in peer.feeds.items()}
        wanted = plan.with_recorder(meeting.granted, meeting.speaker.current)
        tap = self._recordings.follow(meeting.plan)
        receivers: dict[str, Peer | Tap] = {**meeting.peers, **({plan.RECORDER: tap} if tap is not None else {})}
        for receiver in receivers.values():
            receiver.let_go(feeds)
        seats = {name: receiver.seat for name, receiver in receivers.items()}
        for step in plan.steps(wanted, seats, meeting.loudest, meeting.reliefs):
            match step:
                case plan.Close(name):
                    self._hang_up(meeting, meeting.peers[name])
                case plan.Unbind(name, mid):
                    receivers[name].show(mid, None, None)
                case plan.Bind(name, mid, to):
                    receivers[name].show(mid, to, feeds[to.feed])
        self._recordings.bound(meeting.plan)
        self._board.ask_keys(time.monotonic())
        for name, peer in meeting.peers.items():
            if peer.shown() != before[name]:
                self._tell_slots(meeting, peer)

    def _tell_slots(self, meeting: Meeting, peer: Peer) -> None:
        slots = tuple(
            Shown(mid=mid, peer=feed.peer, kind=feed.kind) if feed else Shown(mid=mid) for mid, feed in peer.shown().items()
        )
        self._audience.slots(SlotsChanged(meeting_id=meeting.plan.meeting_id, peer=peer.name, slots=slots))

    def _tell_sending(self, meeting: Meeting, peer: Peer) -> None:
        sources = peer.way.sending.told
        self._audience.sending(SendingChanged(meeting_id=meeting.plan.meeting_id, peer=peer.name, sources=sources))

    def _changed(self, peer: Peer) -> None:
        """A peer connected, was lost, came back, left, or made another offer."""
        if peer.id not in self._peers:
            return
        meeting = self._peers[peer.id][0]
        if peer.state == "closed":
            self._forget(meeting, peer)
        self._report(meeting, peer)
        self._heed(meeting)

    def _report(self, meeting: Meeting, peer: Peer) -> None:
        now = time.monotonic()
        speaking = meeting.loudness.speaking(peer.name, now)
        self._audience.report(peer.report(meeting.plan.meeting_id, speaking, now))

    def _forget(self, meeting: Meeting, peer: Peer) -> None:
        del self._peers[peer.id]
        meeting.forget(peer)

    def _hang_up(self, meeting: Meeting, peer: Peer) -> None:
        self._forget(meeting, peer)
        peer.close()
        self._report(meeting, peer)

    def _end(self, meeting: Meeting) -> None:
        self._recordings.stop(meeting.plan.meeting_id)
        for uplink in meeting.uplinks.values():
            uplink.close()
        for peer in list(meeting.peers.values()):
            self._hang_up(meeting, peer)
        del self._meetings[meeting.plan.meeting_id]
