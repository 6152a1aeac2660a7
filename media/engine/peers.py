"""One peer of the reference engine: its keys and address, the streams it sends, and the way its packets leave."""

import time
from collections.abc import Callable

from media import rtcp, rtp
from media.engine import Address, Extensions, Keys, Traffic
from media.engine.delivery import Sent
from media.engine.feedback import TransportFeedback
from media.engine.pacer import Pacer, Probe
from media.engine.slots import Outgoing, Slot
from media.engine.srtp import Srtp
from media.engine.streams import Source, Stream
from media.ice import Credentials


class Peer:
    """A tap has no wire: `tapped` is called with what it would be sent."""

    def __init__(
        self,
        id: int,
        ssrc: int,
        send: Callable[[bytes, Address], None],
        tapped: Callable[[int, bytes], None] | None = None,
    ) -> None:
        self.id, self.ssrc = id, ssrc
        self.up = self.down = Extensions()
        self.srtp: Srtp | None = None
        self.address: Address | None = None
        self.consent: Credentials | None = None
        self.rtt = 0.0
        self.streams: dict[int, tuple[Stream, bool]] = {}  # by SSRC; true: it repairs the stream
        self.sources: dict[str, Source] = {}
        self.slots: dict[int, Slot] = {}
        self.by_ssrc: dict[int, Slot] = {}  # their media's
        self.used: dict[int, int] = {}  # numbers used up under SSRCs of slots that are gone
        self.feedback = TransportFeedback(ssrc)
        self.delivery = Sent()
        self.pacer = Pacer(self._leave)
        self.probe: Probe | None = None
        self.received = self.sent = self.refused = 0
        self.heard_at = 0.0
        self._send, self._tapped = send, tapped

    @property
    def open(self) -> bool:
        return self._tapped is not None or (self.srtp is not None and self.address is not None)

    def reach(self, keys: Keys | None = None, address: Address | None = None) -> None:
        """Takes new keys, or the address. The same keys again change nothing: their numbers have been used."""
        before = self.open
        if keys is not None:
            if self.srtp is None or self.srtp.keys != keys:
                self.srtp = Srtp(keys)
        else:
            self.address = address
        if self.open and not before:
            for slot in self.slots.values():  # what it was not sent meanwhile cannot be made up for
                slot.forget(None)

    # what it sends

    def opened(self, data: bytes, now: float) -> bytes | None:
        """The plain packet, None if it is not authentic."""
        plain = self.srtp.open(data) if self.srtp is not None else None
        if plain is None:
            self.refused += 1
        else:
            self.received += len(data)
            self.heard_at = now
        return plain

    def recognise(self, packet: rtp.Packet) -> tuple[Stream, bool] | None:
        """The stream of an SSRC seen for the first time: by MID and RID, or, without a MID, by the payload type if only
        one section uses it. True: it repairs that stream."""
        ids, values = self.up, packet.extensions
        mid = values.get(ids.mid, b"").decode("ascii", "replace")
        if mid:
            source = self.sources.get(mid)
        else:
            users = [s for s in self.sources.values() if packet.payload_type in s.codecs or packet.payload_type in s.repairs]
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
        return self.learn(source, layer, packet.ssrc, repair)

    def learn(self, source: Source, layer: int, ssrc: int, repair: bool) -> tuple[Stream, bool] | None:
        stream = source.streams[layer]
        if repair:
            if stream is None:  # nothing yet that it could repair
                return None
        else:
            if stream is not None:
                self.streams = {known: entry for known, entry in self.streams.items() if entry[0] is not stream}
                for slot in list(source.slots):
                    slot.forget(stream)
            stream = source.streams[layer] = Stream(source, layer, ssrc)
        entry = self.streams[ssrc] = (stream, repair)
        return entry

    def tick(self, now: float) -> None:
        """Every FEEDBACK_INTERVAL: what its sender needs to know."""
        feedback = self.feedback.take()
        if feedback is not None:
            self.send(feedback)
        for stream, repair in list(self.streams.values()):
            if not repair and (numbers := stream.missing.due(now, self.rtt)):
                self.send(rtcp.nack(self.ssrc, stream.ssrc, numbers))

    # what it is sent

    def put(self, packet: Outgoing) -> None:
        if self._tapped is not None or not packet.video:
            self._leave(packet)
        else:
            self.pacer.put(packet, time.monotonic())

    def _leave(self, packet: Outgoing) -> int:
        """Returns the size of the datagram, 0 if none went."""
        now = time.monotonic()
        if self._tapped is not None:
            packet.slot.left(packet)
            self._tapped(packet.slot.id, packet.pack(self.down, now, None))
            return 0
        if not self.open:
            return 0
        transport = self.delivery.number() if self.down.transport_sequence and packet.slot.spec.transport else None
        size = self.send(packet.pack(self.down, now, transport))
        if size:
            packet.slot.left(packet)
        if transport is not None:
            self.delivery.sent(transport, size, now)
        return size

    def send(self, packet: bytes) -> int:
        """Seals and sends RTP or RTCP; returns the size of the datagram, 0 if none went."""
        if self.srtp is None or self.address is None:
            return 0
        sealed = self.srtp.seal(packet)
        if sealed is None:
            return 0
        self.sent += len(sealed)
        self._send(sealed, self.address)
        return len(sealed)

    def fill(self, now: float) -> None:
        """Sends the padding of the probe under way."""
        if self.probe is None:
            return
        if self.probe.over(now):
            self.probe = None
            return
        lacks = self.probe.lacks(now, self.sent)
        slot = next((slot for slot in self.slots.values() if slot.spec.repair_ssrc is not None), None)
        while lacks > 0 and slot is not None and self.pacer.idle(now) and (packet := slot.padding()) is not None:
            before = self.sent
            self.pacer.put(packet, now)
            if self.sent == before:
                return
            lacks -= self.sent - before

    def traffic(self) -> Traffic:
        return Traffic(self.received, self.sent, self.refused, self.heard_at)
