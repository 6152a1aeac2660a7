"""The packet path in Python: the fallback where the native engine does not build, and its oracle in tests."""

import asyncio
import socket
import time
from collections.abc import Sequence
from itertools import count

from media import rtp
from media.engine import (
    Address,
    Arrival,
    Events,
    Extensions,
    Keys,
    SlotSpec,
    SlotState,
    SourceSpec,
    Traffic,
)
from media.engine.srtp import Srtp, is_rtcp
from media.engine.streams import Carried, Media, Slot, Source, Stream

BATCH = 64  # datagrams read before others on the event loop get their turn
LARGEST = 2048  # bytes; nothing on an Ethernet is larger
BUFFER = 4 << 20  # bytes of socket buffer: 0.1 s of 300 Mbit/s


class Peer:
    def __init__(self, id: int) -> None:
        self.id = id
        self.extensions = Extensions()
        self.srtp: Srtp | None = None
        self.address: Address | None = None
        self.streams: dict[int, tuple[Stream, bool]] = {}  # by SSRC; true: it repairs the stream
        self.sources: dict[str, Source] = {}
        self.slots: dict[int, Slot] = {}


class Reference:
    """`media.engine.Engine` in Python."""

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
        self._arrivals: list[Arrival] = []

    def start(self, events: Events) -> None:
        self._events = events
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._read)

    def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()

    # peers

    def add_peer(self) -> int:
        id = next(self._ids)
        self._peers[id] = Peer(id)
        return id

    def remove_peer(self, peer: int) -> None:
        gone = self._peers.pop(peer, None)
        if gone is None:
            return
        for source in list(gone.sources.values()):
            self._drop_source(gone, source)
        for slot in list(gone.slots):
            self.remove_slot(slot)
        for address in [address for address, owner in self._by_address.items() if owner is gone]:
            del self._by_address[address]

    def set_extensions(self, peer: int, extensions: Extensions) -> None:
        self._peers[peer].extensions = extensions
        for slot in self._peers[peer].slots.values():
            slot.extensions = extensions

    def set_keys(self, peer: int, keys: Keys) -> None:
        self._peers[peer].srtp = Srtp(keys)

    def admit(self, peer: int, address: Address) -> None:
        self._by_address[address] = self._peers[peer]

    def expel(self, address: Address) -> None:
        self._by_address.pop(address, None)

    def set_address(self, peer: int, address: Address | None) -> None:
        self._peers[peer].address = address

    def traffic(self, peer: int) -> Traffic:
        srtp = self._peers[peer].srtp
        return srtp.traffic if srtp is not None else Traffic(0, 0, 0)

    # sources and slots

    def add_source(self, peer: int, spec: SourceSpec) -> int:
        owner = self._peers[peer]
        source = Source(next(self._ids), peer, spec)
        owner.sources[spec.mid] = self._sources[source.id] = source
        if spec.ssrc is not None:
            self._learn(owner, source, 0, spec.ssrc, repair=False)
            if spec.repair_ssrc is not None:
                self._learn(owner, source, 0, spec.repair_ssrc, repair=True)
        return source.id

    def remove_source(self, source: int) -> None:
        if source in self._sources:
            self._drop_source(self._peers[self._sources[source].peer], self._sources[source])

    def _drop_source(self, owner: Peer, source: Source) -> None:
        for slot in list(source.slots):
            slot.bind(None, 0)
        owner.streams = {ssrc: entry for ssrc, entry in owner.streams.items() if entry[0].source is not source}
        del owner.sources[source.mid], self._sources[source.id]

    def add_slot(self, peer: int, spec: SlotSpec) -> int:
        owner = self._peers[peer]
        slot = Slot(next(self._ids), peer, spec, lambda data: self._send(owner, data))
        slot.extensions = owner.extensions
        owner.slots[slot.id] = self._slots[slot.id] = slot
        return slot.id

    def remove_slot(self, slot: int) -> None:
        gone = self._slots.pop(slot, None)
        if gone is not None:
            gone.bind(None, 0)
            owner = self._peers.get(gone.peer)
            if owner is not None:
                del owner.slots[slot]

    def bind(self, slot: int, source: int, layer: int) -> None:
        self._slots[slot].bind(self._sources[source], layer)

    def unbind(self, slot: int) -> None:
        self._slots[slot].bind(None, 0)

    def retransmit(self, slot: int, numbers: Sequence[int]) -> None:
        now = time.monotonic()
        for number in numbers:
            self._slots[slot].retransmit(number, now)

    def slot_state(self, slot: int) -> SlotState:
        return self._slots[slot].state()

    def arrivals(self) -> list[Arrival]:
        arrived, self._arrivals = self._arrivals, []
        return arrived

    # the wire

    def send_datagram(self, data: bytes, address: Address) -> None:
        try:  # noqa: SIM105 - for every packet
            self._socket.sendto(data, address)
        except OSError:
            pass  # a full buffer or no route: on UDP that is loss

    def send_rtcp(self, peer: int, data: bytes) -> None:
        self._send(self._peers[peer], data)

    def _send(self, peer: Peer, packet: bytes) -> None:
        if peer.srtp is not None and peer.address is not None:
            sealed = peer.srtp.seal(packet)
            if sealed is not None:
                self.send_datagram(sealed, peer.address)

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
                    self._on_srtp(peer, peer.srtp, data)
            elif first < 4 or 20 <= first <= 63:
                self._events.datagram(data, address)

    def _on_srtp(self, peer: Peer, srtp: Srtp, data: bytes) -> None:
        now = time.monotonic()
        plain = srtp.open(data)
        if plain is None:
            return
        if is_rtcp(data):
            self._events.rtcp(peer.id, plain)
            return
        try:
            self._on_rtp(peer, rtp.parse(plain), len(data), now)
        except ValueError:
            srtp.refuse()

    def _on_rtp(self, peer: Peer, packet: rtp.Packet, size: int, now: float) -> None:
        ids = peer.extensions
        transport = int.from_bytes(packet.extensions.get(ids.transport_sequence, b""), "big")
        transport_sequence = transport if ids.transport_sequence in packet.extensions else None
        found = peer.streams.get(packet.ssrc) or self._recognise(peer, packet)
        if found is None:
            self._arrivals.append(Arrival(peer.id, now, size, transport_sequence))
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
        key = False
        if packet.payload:
            vp8 = rtp.parse_vp8(packet.payload) if codec == "vp8" else None
            key = vp8.key if vp8 else codec == "opus" or rtp.starts_h264(packet.payload)
            carried = Carried(level, packet.extensions.get(ids.orientation, b""))
            media = Media(packet, codec, vp8, key, now, repaired, carried)
            for slot in source.slots:
                slot.forward(stream, media)
        elif not repaired:
            for slot in source.slots:
                slot.skip(stream, packet)
        self._arrivals.append(
            Arrival(
                peer.id,
                now,
                size,
                transport_sequence,
                source.id,
                stream.layer,
                stream.ssrc,
                packet.sequence,
                packet.timestamp,
                level[0] & 127 if level else None,
                bool(packet.payload),
                key,
                repaired,
            )
        )

    def _recognise(self, peer: Peer, packet: rtp.Packet) -> tuple[Stream, bool] | None:
        """The source and layer of an SSRC seen for the first time: by MID and RID, or, without a MID, by the payload
        type if only one section uses it."""
        ids, values = peer.extensions, packet.extensions
        mid = values.get(ids.mid, b"").decode("ascii", "replace")
        if mid:
            source = peer.sources.get(mid)
        else:
            users = [s for s in peer.sources.values() if packet.payload_type in s.codecs or packet.payload_type in s.repairs]
            source = users[0] if len(users) == 1 else None
        if source is None:
            return None
        repair = packet.payload_type in source.repairs
        if not repair and packet.payload_type not in source.codecs:
            return None
        layer = 0
        if source.rids:
            rid = values.get(ids.repaired_rid if repair else ids.rid, b"").decode("ascii", "replace")
            if rid not in source.rids:
                return None
            layer = source.rids.index(rid)
        return self._learn(peer, source, layer, packet.ssrc, repair)

    def _learn(self, peer: Peer, source: Source, layer: int, ssrc: int, repair: bool) -> tuple[Stream, bool] | None:
        stream = source.streams[layer]
        if repair:
            if stream is None:  # nothing yet that it could repair
                return None
        else:
            if stream is not None:
                peer.streams = {known: entry for known, entry in peer.streams.items() if entry[0] is not stream}
            stream = source.streams[layer] = Stream(source, layer, ssrc)
        entry = peer.streams[ssrc] = (stream, repair)
        return entry
