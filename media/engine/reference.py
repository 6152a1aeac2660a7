"""The packet path in Python: the fallback where the native engine does not build, and its oracle in tests."""

import asyncio
import socket
import time
from itertools import count

from media import ice, rtcp, rtp
from media.engine import (
    FEEDBACK_INTERVAL,
    LIVE,
    Address,
    Delivery,
    Events,
    Extensions,
    Keys,
    Name,
    SlotSpec,
    SlotState,
    SourceSpec,
    StreamState,
    Traffic,
    Voice,
)
from media.engine.pacer import Probe
from media.engine.peers import Peer
from media.engine.slots import Slot
from media.engine.srtp import is_rtcp
from media.engine.streams import Carried, Hearing, Media, Source

BATCH = 64  # datagrams read before others on the event loop get their turn
LARGEST = 2048  # bytes; nothing on an Ethernet is larger
BUFFER = 4 << 20  # bytes of socket buffer: 0.1 s of 300 Mbit/s
FILL_INTERVAL = 0.005  # seconds between two looks at how much padding a probe lacks


class Reference:
    """`media.engine.Engine` in Python."""

    name: Name = "reference"

    def __init__(self, host: str, port: int) -> None:
        """Raises OSError if the port is taken. Port 0 takes a free one."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET6:
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        self._socket.setblocking(False)
        self._socket.bind((host, port))
        self.port: int = self._socket.getsockname()[1]
        self._ids = count()
        self._peers: dict[int, Peer] = {}
        self._sources: dict[int, Source] = {}
        self._slots: dict[int, Slot] = {}
        self._by_address: dict[Address, Peer] = {}
        self._probed: set[Peer] = set()
        self._filling: asyncio.TimerHandle | None = None

    def start(self, events: Events) -> None:
        self._events = events
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._read)
        self._ticking = self._loop.call_later(FEEDBACK_INTERVAL, self._tick)

    def close(self) -> None:
        self._ticking.cancel()
        if self._filling is not None:
            self._filling.cancel()
        for peer in self._peers.values():
            peer.pacer.stop()
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _shows(self, slot: int, layer: int | None) -> None:
        self._events.shows(slot, layer)

    def _tapped(self, slot: int, packet: bytes) -> None:
        self._events.tapped(slot, packet)

    # peers

    def add_peer(self, ssrc: int) -> int:
        id = next(self._ids)
        self._peers[id] = Peer(id, ssrc, self.send_datagram)
        return id

    def add_tap(self) -> int:
        id = next(self._ids)
        self._peers[id] = Peer(id, 0, self.send_datagram, self._tapped)
        return id

    def remove_peer(self, peer: int) -> None:
        gone = self._peers.pop(peer, None)
        if gone is None:
            return
        for slot in list(gone.slots):
            self._drop_slot(gone, slot)
        for source in list(gone.sources.values()):
            self._drop_source(gone, source)
        for address in [address for address, owner in self._by_address.items() if owner is gone]:
            del self._by_address[address]
        self._probed.discard(gone)
        gone.pacer.stop()

    def set_extensions(self, peer: int, up: Extensions, down: Extensions) -> None:
        self._peers[peer].up, self._peers[peer].down = up, down

    def set_keys(self, peer: int, keys: Keys) -> None:
        self._peers[peer].reach(keys=keys)

    def admit(self, peer: int, address: Address) -> None:
        self._by_address[address] = self._peers[peer]

    def expel(self, address: Address) -> None:
        self._by_address.pop(address, None)

    def set_address(self, peer: int, address: Address | None) -> None:
        self._peers[peer].reach(address=address)

    def set_consent(self, peer: int, ufrag: str, password: str) -> None:
        if len(ufrag.encode()) > 32 or len(password.encode()) > 64:
            raise ValueError("credentials too long")
        self._peers[peer].consent = ice.Credentials(ufrag, password)

    def set_rtt(self, peer: int, seconds: float) -> None:
        self._peers[peer].rtt = seconds

    def set_pace(self, peer: int, kbps: int) -> None:
        self._peers[peer].pacer.set(kbps, time.monotonic())

    def probe(self, peer: int, kbps: int, seconds: float) -> None:
        probed = self._peers[peer]
        probed.probe = Probe(kbps, seconds, time.monotonic(), probed.sent)
        self._probed.add(probed)
        if self._filling is None:
            self._fill()

    def traffic(self, peer: int) -> Traffic:
        return self._peers[peer].traffic()

    def delivery(self, peer: int) -> Delivery | None:
        return self._peers[peer].delivery.take(time.monotonic())

    # sources and slots

    def add_source(self, peer: int, spec: SourceSpec) -> int:
        owner = self._peers[peer]
        source = Source(next(self._ids), peer, spec)
        owner.sources[spec.mid] = self._sources[source.id] = source
        if spec.ssrc is not None:
            owner.learn(source, 0, spec.ssrc, repair=False)
            if spec.repair_ssrc is not None:
                owner.learn(source, 0, spec.repair_ssrc, repair=True)
        return source.id

    def remove_source(self, source: int) -> None:
        if source in self._sources:
            self._drop_source(self._peers[self._sources[source].peer], self._sources[source])

    def _drop_source(self, owner: Peer, source: Source) -> None:
        owner.streams = {ssrc: entry for ssrc, entry in owner.streams.items() if entry[0].source is not source}
        if owner.sources[source.mid] is source:
            del owner.sources[source.mid]
        del self._sources[source.id]
        for slot in list(source.slots):
            slot.forget(None)
            self._bind(slot, None, 0)

    def add_slot(self, peer: int, spec: SlotSpec) -> int:
        owner = self._peers[peer]
        owned = {ssrc for slot in owner.slots.values() for ssrc in slot.used}
        if spec.ssrc in owned or spec.repair_ssrc in (*owned, spec.ssrc):
            raise ValueError("an SSRC of another slot")
        slot = Slot(next(self._ids), peer, spec, owner, self._shows, owner.used)
        owner.slots[slot.id] = self._slots[slot.id] = owner.by_ssrc[spec.ssrc] = slot
        return slot.id

    def remove_slot(self, slot: int) -> None:
        if slot in self._slots:
            self._drop_slot(self._peers[self._slots[slot].peer], slot)

    def _drop_slot(self, owner: Peer, slot: int) -> None:
        gone = self._slots.pop(slot)
        self._bind(gone, None, 0)
        owner.used |= gone.used
        del owner.slots[slot], owner.by_ssrc[gone.spec.ssrc]

    def bind(self, slot: int, source: int, layer: int, *, stills: bool = False) -> None:
        self._bind(self._slots[slot], self._sources[source], layer, stills)

    def unbind(self, slot: int) -> None:
        self._bind(self._slots[slot], None, 0)

    @staticmethod
    def _bind(slot: Slot, source: Source | None, layer: int, stills: bool = False) -> None:
        if slot.source is not None:
            slot.source.slots.discard(slot)
        if source is not None:
            source.slots.add(slot)
        slot.bind(source, layer, stills)

    def streams(self, source: int) -> list[StreamState]:
        streams = self._sources[source].streams
        return [stream.state() for stream in streams if stream is not None and stream.reception.packets]

    def slot_state(self, slot: int) -> SlotState:
        return self._slots[slot].state()

    def voices(self) -> list[Voice]:
        voices = []
        for source in self._sources.values():
            heard = source.hearing
            if heard.packets:
                voices.append(Voice(source.id, heard.levels / heard.packets, heard.packets, heard.at))
                source.hearing = Hearing()
        return voices

    # time

    def _tick(self) -> None:
        self._ticking = self._loop.call_later(FEEDBACK_INTERVAL, self._tick)
        now = time.monotonic()
        for peer in list(self._peers.values()):
            peer.tick(now)
        for source in list(self._sources.values()):
            for layer, at in enumerate(source.live):
                if at is not None and now - at > LIVE:
                    source.live[layer] = None
                    self._events.layer(source.id, layer, False)

    def _fill(self) -> None:
        now = time.monotonic()
        for peer in list(self._probed):
            peer.fill(now)
            if peer.probe is None:
                self._probed.discard(peer)
        self._filling = self._loop.call_later(FILL_INTERVAL, self._fill) if self._probed else None

    # the wire

    def send_datagram(self, data: bytes, address: Address) -> None:
        try:  # noqa: SIM105 - for every packet
            self._socket.sendto(data, address)
        except OSError:
            pass  # a full buffer or no route: on UDP that is loss

    def send_rtcp(self, peer: int, data: bytes) -> None:
        self._peers[peer].send(data)

    def _read(self) -> None:
        for _ in range(BATCH):
            try:
                data, address = self._socket.recvfrom(LARGEST)
            except BlockingIOError:
                return
            except OSError:
                continue  # an earlier datagram of ours was unwelcome somewhere
            if not data:
                continue
            first = data[0]  # RFC 7983
            if 128 <= first <= 191:
                peer = self._by_address.get(address)
                if peer is not None and peer.srtp is not None and len(data) >= 12:
                    self._on_srtp(peer, data)
            elif (first < 4 and not self._consents(data, address)) or 20 <= first <= 63:
                self._events.datagram(data, address)

    def _consents(self, data: bytes, address: Address) -> bool:
        """Whether it was a check that needs no decision; it has its answer."""
        peer = self._by_address.get(address)
        if peer is None or peer.address != address or peer.consent is None:
            return False
        answer = ice.confirmed(data, address, peer.consent)
        if answer is None:
            return False
        peer.heard_at = time.monotonic()
        self.send_datagram(answer, address)
        return True

    def _on_srtp(self, peer: Peer, data: bytes) -> None:
        now = time.monotonic()
        plain = peer.opened(data, now)
        if plain is None:
            return
        try:
            if is_rtcp(data):
                self._on_rtcp(peer, plain, now)
            else:
                self._on_rtp(peer, rtp.parse(plain), now)
        except ValueError:
            peer.refused += 1

    def _on_rtcp(self, peer: Peer, plain: bytes, now: float) -> None:
        rest = False
        for part in rtcp.split(plain):
            if part.kind == rtcp.RTP_FEEDBACK and part.format == rtcp.TRANSPORT:
                peer.delivery.heard(part.body, now)
            elif part.kind == rtcp.RTP_FEEDBACK and part.format == rtcp.NACK:
                for lost in rtcp.read(part):
                    if isinstance(lost, rtcp.Lost) and lost.ssrc in peer.by_ssrc:
                        for number in lost.numbers:
                            peer.by_ssrc[lost.ssrc].retransmit(number, now)
            elif part.kind in (rtcp.SENDER_REPORT, rtcp.RECEIVER_REPORT):
                for reports in rtcp.read(part):
                    if isinstance(reports, rtcp.Reports):
                        self._reported(peer, reports, now)
            else:
                rest = rest or not rtcp.SENDER_REPORT <= part.kind <= rtcp.APPLICATION_DEFINED
        if rest:
            self._events.rtcp(peer.id, plain, now)

    @staticmethod
    def _reported(peer: Peer, reports: rtcp.Reports, now: float) -> None:
        stream, repairs = peer.streams.get(reports.ssrc, (None, False))
        if reports.ntp and stream is not None and not repairs:
            stream.sender_report = rtcp.middle(reports.ntp), now
        for report in reports.reports:
            if report.ssrc in peer.by_ssrc:
                peer.by_ssrc[report.ssrc].reported = report, now

    def _on_rtp(self, peer: Peer, packet: rtp.Packet, now: float) -> None:
        ids = peer.up
        transport = packet.extensions.get(ids.transport_sequence, b"")
        if len(transport) == 2:
            peer.feedback.arrived(int.from_bytes(transport, "big"), now, packet.ssrc)
        found = peer.streams.get(packet.ssrc) or peer.recognise(packet)
        if found is None:
            return
        stream, repaired = found
        source = stream.source
        codec = (source.repairs if repaired else source.codecs).get(packet.payload_type)
        if codec is None:
            raise ValueError("payload type of another section")
        if repaired and packet.payload:
            if len(packet.payload) < 2:
                raise ValueError("RTX without a sequence number")
            packet = packet._replace(
                sequence=int.from_bytes(packet.payload[:2], "big"), ssrc=stream.ssrc, payload=packet.payload[2:]
            )
        level = packet.extensions.get(ids.audio_level, b"")
        if not packet.payload:
            stream.arrived(packet, now, repaired)
            if not repaired:
                for slot in list(source.slots):
                    slot.skip(stream, packet)
            return
        vp8 = rtp.parse_vp8(packet.payload) if codec == "vp8" else None
        key = vp8.key if vp8 else codec == "opus" or rtp.starts_h264(packet.payload)
        stream.arrived(packet, now, repaired)
        if level and codec == "opus":
            source.hearing.heard(level[0] & 127, now)
        was_live, source.live[stream.layer] = source.live[stream.layer] is not None, now
        if not was_live:
            self._events.layer(source.id, stream.layer, True)
        media = Media(packet, codec, vp8, key, now, repaired, Carried(level, packet.extensions.get(ids.orientation, b"")))
        for slot in list(source.slots):
            slot.forward(stream, media)
