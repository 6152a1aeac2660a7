"""Two engines side by side: both get the same packets and the same orders in lock-step, through their real sockets, and
what comes out of them must be the same, decrypted, except for what is drawn by lot or is of the moment.

    async with twins("reference", "native") as pair:
        await pair.frame("cam.q", key=True)
        await pair.bind("v0", "cam", 0)
        ...
        await pair.compare()

Each step is made with one engine, waited for until that engine is done with it, then made with the other; so what depends
on the clock (timestamps where a slot's source changes) is compared with the times between which it must have happened, and
nothing has to be quick. Numbers are compared from the first of each stream on. `test_twins.py` has the scenarios; with the
environment variable TWINS=1000 it tries so many random ones."""

import asyncio
import itertools
import struct
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pylibsrtp

from media import rtcp, rtp
from media.engine import Codec, Engine, Name, SlotSpec, SourceSpec
from tests.media.engine.endpoint import IDS, OPUS, OURS, VIDEO, Ears, Endpoint, listening
from tests.media.engine.feeds import Feed, name_of

SOURCES = {
    "cam": ("one", SourceSpec("c", VIDEO, ("q", "h"))),
    "mic": ("one", SourceSpec("m", OPUS)),
    "screen": ("one", SourceSpec("s", (Codec("vp8", 100, 101),), ssrc=900, repair_ssrc=901)),
    "other": ("two", SourceSpec("c", VIDEO)),
    "voice": ("two", SourceSpec("m", OPUS)),
}
H264 = (Codec("h264", 120, 121),)
SLOTS = {
    "v0": ("hall", SlotSpec("v0", (Codec("vp8", 110, 111), *H264), 500, 501)),
    "v1": ("hall", SlotSpec("v1", VIDEO, 502, 503)),
    "a0": ("hall", SlotSpec("a0", (Codec("opus", 115),), 504, transport=False)),
    "w0": ("wall", SlotSpec("v0", H264, 510, 511)),
    "w1": ("wall", SlotSpec("v1", (Codec("vp8", 96),), 512)),
    "b0": ("wall", SlotSpec("a0", OPUS, 513)),
    "t0": ("tap", SlotSpec("t0", VIDEO, 520)),
    "u0": ("tap", SlotSpec("u0", OPUS, 521)),
}
REPEAT = 0.025  # seconds between two requests: what is asked for more often is not sent


def feeds() -> dict[str, Feed]:
    made = {
        "cam.q": Feed("one", b"c", "vp8", 96, 97, 100, b"q"),
        "cam.h": Feed("one", b"c", "vp8", 96, 97, 200, b"h", sequence=12, picture=5),
        "mic": Feed("one", b"m", "opus", 111, None, 300),
        "screen": Feed("one", b"s", "vp8", 100, 101, 900, picture_bits=7),
        "other.vp8": Feed("two", b"c", "vp8", 96, 97, 100, picture_bits=0, sequence=40000),
        "other.h264": Feed("two", b"c", "h264", 98, 99, 400),
        "voice": Feed("two", b"m", "opus", 111, None, 300, sequence=7),
    }
    numbers = {peer: itertools.count(65530) for peer in ("one", "two")}
    for feed in made.values():
        feed.numbers = numbers[feed.peer]
    return made


class Out(NamedTuple):
    """A packet that came out, between these two times."""

    packet: rtp.Packet
    after: float
    before: float


@dataclass
class Twin:
    """One engine and all that talks with it."""

    engine: Engine
    ears: Ears
    ends: dict[str, Endpoint] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    slots: dict[str, int] = field(default_factory=dict)
    out: dict[tuple[str, int], list[Out]] = field(default_factory=dict)  # by peer and SSRC
    order: dict[str, list[rtp.Packet]] = field(default_factory=dict)  # by peer
    asked: dict[tuple[str, int], set[int]] = field(default_factory=dict)
    came: dict[str, set[int]] = field(default_factory=dict)  # transport-wide numbers, as senders were told
    profile: str = "SRTP_AEAD_AES_128_GCM"

    def __post_init__(self) -> None:
        for name in ("one", "two", "wall"):
            self.ends[name] = Endpoint(self.ears, self.profile)
            self.engine.set_rtt(self.ends[name].peer, 30.0)  # nothing is asked for twice
        self.ends["hall"] = Endpoint(self.ears, self.profile, down=IDS)
        tap = self.engine.add_tap()
        self.engine.set_extensions(tap, IDS, IDS)
        for name, (peer, source) in SOURCES.items():
            self.sources[name] = self.engine.add_source(self.ends[peer].peer, source)
        for name, (peer, slot) in SLOTS.items():
            self.slots[name] = self.engine.add_slot(tap if peer == "tap" else self.ends[peer].peer, slot)

    async def do(self, step: Callable[["Twin"], object]) -> None:
        after = time.monotonic()
        step(self)
        await self.ends["one"].done()
        self.hear(after, time.monotonic())

    def hear(self, after: float, before: float) -> None:
        for name, end in self.ends.items():
            end.listen()
            for packet in end.rtp:
                self.out.setdefault((name, packet.ssrc), []).append(Out(packet, after, before))
                self.order.setdefault(name, []).append(packet)
            end.rtp = []
            for part in end.told():
                self._asked(name, part)
        for _, packet in self.ears.taps:
            self.out.setdefault(("tap", packet.ssrc), []).append(Out(packet, after, before))
        self.ears.taps = []

    def _asked(self, name: str, part: rtcp.Part) -> None:
        assert part.kind == rtcp.RTP_FEEDBACK
        assert struct.unpack_from("!L", part.body)[0] == OURS
        if part.format == rtcp.TRANSPORT:
            base, _, arrivals = rtcp.read_transport_feedback(part.body)
            came = {(base + i) & 0xFFFF for i, arrival in enumerate(arrivals) if arrival is not None}
            self.came.setdefault(name, set()).update(came)
            return
        assert part.format == rtcp.NACK
        for lost in rtcp.read(part):
            assert isinstance(lost, rtcp.Lost)
            self.asked.setdefault((name, lost.ssrc), set()).update(lost.numbers)


class Pair:
    """Two twins. A step may be refused by neither or by both: KeyErrors are compared as well."""

    def __init__(self, one: Twin, other: Twin) -> None:
        self.twins = (one, other)
        self.feeds = feeds()
        self._names = itertools.count(1)
        self._stamps: dict[int, int] = {}  # name -> timestamp it was sent with
        self._arrived: dict[tuple[str, int], set[int]] = {}
        self._lossy: dict[tuple[str, bytes, bytes], str] = {}  # by place: the feed that has lost something since the last pause
        self.numbered: dict[str, set[int]] = {}  # transport-wide numbers that arrived

    async def _do(self, step: Callable[[Twin], object]) -> None:
        for twin in self.twins:
            await twin.do(step)

    # what senders send

    async def frame(self, feed: str, *, key: bool = False, parts: int = 1, fate: str = "") -> None:
        """`fate` has, for each packet, a letter: l lost, d delayed behind the others, t sent twice; else it goes."""
        source = await self._turn(feed)
        names = [next(self._names) for _ in range(parts)]
        if "l" in fate:
            self._lossy[source.place] = feed
        packets = list(zip(source.frame(names, key=key), fate.ljust(parts), strict=False))
        self._stamps |= dict.fromkeys(names, source.timestamp)
        order = [p for p, f in packets if f not in "ld"] + [p for p, f in packets if f == "d"]
        for packet in order:
            self._arrived.setdefault((source.peer, source.ssrc), set()).add(rtp.parse(packet).sequence)
            self._number(source.peer, packet)
        twice = {p for p, f in packets if f == "t"}

        def send(twin: Twin) -> None:
            end = twin.ends[source.peer]
            for packet, fate in packets:
                if fate == "l":
                    end.protect(packet)  # it was sent, but nobody gets it
            for packet in order:
                data = end.protect(packet)
                for _ in range(1 + (packet in twice)):
                    end.send_raw(data)

        await self._do(send)

    async def padding(self, feed: str) -> None:
        source = await self._turn(feed)
        packet = source.padding()
        self._number(source.peer, packet)
        await self._do(lambda twin: twin.ends[source.peer].send(packet))

    async def repair(self, feed: str, back: int) -> None:
        source = self.feeds[feed]
        packet = source.repair(back)
        if packet is not None:
            if back:
                self._arrived.setdefault((source.peer, source.ssrc), set()).add(source.sent[-back][0])
            self._number(source.peer, packet)
            await self._do(lambda twin: twin.ends[source.peer].send(packet))

    async def _turn(self, feed: str) -> Feed:
        """Nobody asks any more for what a stream has lost when another one has taken its place: first both have to have asked."""
        source = self.feeds[feed]
        if self._lossy.get(source.place, feed) != feed:
            await self.pause()
        return source

    def _number(self, peer: str, packet: bytes) -> None:
        number = rtp.parse(packet).extensions[IDS.transport_sequence]
        self.numbered.setdefault(peer, set()).add(int.from_bytes(number, "big"))

    async def renew(self, feed: str) -> None:
        """It begins anew, as after a reload."""
        await self.pause()
        self.feeds[feed].renew()

    async def leap(self, feed: str, by: int) -> None:
        """So many packets are lost at once."""
        await self.pause()
        self.feeds[feed].leap(by)
        self._lossy[self.feeds[feed].place] = feed

    async def junk(self, peer: str, data: bytes, *, control: bool = False) -> None:
        """Well protected, whatever it is; unless it is such that it cannot be protected."""

        def send(twin: Twin) -> None:
            end = twin.ends[peer]
            with suppress(pylibsrtp.Error):
                (end.send_rtcp if control else end.send)(data)

        await self._do(send)

    # orders

    async def bind(self, slot: str, source: str, layer: int, *, stills: bool = False) -> None:
        await self._do(lambda twin: twin.engine.bind(twin.slots[slot], twin.sources[source], layer, stills=stills))

    async def unbind(self, slot: str) -> None:
        await self._do(lambda twin: twin.engine.unbind(twin.slots[slot]))

    async def renew_source(self, source: str) -> None:
        """Takes it away and adds it again, as when another offer changes it."""
        peer, spec = SOURCES[source]

        def renew(twin: Twin) -> None:
            twin.engine.remove_source(twin.sources[source])
            twin.sources[source] = twin.engine.add_source(twin.ends[peer].peer, spec)

        await self.pause()
        await self._do(renew)

    async def leave(self, peer: str) -> None:
        await self._do(lambda twin: twin.engine.set_address(twin.ends[peer].peer, None))

    async def come_back(self, peer: str) -> None:
        def back(twin: Twin) -> None:
            twin.engine.set_address(twin.ends[peer].peer, twin.ends[peer].socket.getsockname())

        await self._do(back)

    async def ask(self, slot: str, backs: list[int]) -> None:
        """The receiver asks for the packets it got so many packets ago; 0 is one that was never sent."""
        peer, spec = SLOTS[slot]
        await asyncio.sleep(REPEAT)

        def ask(twin: Twin) -> None:
            got = twin.out.get((peer, spec.ssrc), [])
            numbers = [(got[-max(back, 1)].packet.sequence + (not back)) & 0xFFFF for back in backs if max(back, 1) <= len(got)]
            if numbers:
                twin.ends[peer].send_rtcp(rtcp.nack(9, spec.ssrc, numbers))

        if peer != "tap":
            await self._do(ask)

    async def tell(self, arrivals: list[int | None]) -> tuple[int, int]:
        """The hall says when the newest packets of video came to it. Returns how many were news, and how many lost."""
        digests = []
        for twin in self.twins:
            got = [p for p in twin.order.get("hall", []) if IDS.transport_sequence in p.extensions][-len(arrivals) :]
            if len(got) < len(arrivals) or all(arrival is None for arrival in arrivals):
                return 0, 0
            base = int.from_bytes(got[0].extensions[IDS.transport_sequence], "big")
            feedback, _ = rtcp.transport_feedback(9, 500, base, arrivals, 0)
            hall = twin.ends["hall"]
            await twin.do(lambda twin, feedback=feedback, hall=hall: hall.send_rtcp(feedback))
            digest = twin.engine.delivery(hall.peer)
            digests.append(digest and (digest.packets, digest.lost, digest.octets, round(digest.span, 6)))
        assert digests[0] == digests[1]
        return digests[0][:2] if digests[0] else (0, 0)

    async def pause(self) -> None:
        """Long enough for everything lost to be asked for, and for everything that came to be told, by both."""
        self._lossy.clear()
        for _ in range(30):
            await asyncio.sleep(0.11)
            await self._do(lambda twin: None)
            if not self._unequal():
                return

    def _unequal(self) -> list[object]:
        """What senders were told or asked for by one and not by the other."""
        one, other = self.twins
        unequal: list[object] = [one.came, other.came] if one.came != other.came else []
        for key in one.asked.keys() | other.asked.keys():
            # whether a packet that came late was asked for depends on when the engine looked
            if (one.asked.get(key, set()) ^ other.asked.get(key, set())) - self._arrived.get(key, set()):
                unequal.append((key, one.asked.get(key), other.asked.get(key)))
        return unequal

    # what came of it

    async def compare(self) -> None:
        """Raises AssertionError where they differ."""
        await self.pause()
        one, other = self.twins
        assert one.out.keys() == other.out.keys()
        for peer, spec in SLOTS.values():
            if (peer, spec.ssrc) in one.out:
                first, second = (Shown(twin, peer, spec, self._stamps) for twin in self.twins)
                assert first.packets == second.packets, (peer, spec)
                assert first.switches == second.switches, (peer, spec)
        for twin in self.twins:
            _check_transport(twin)
        assert _told(one) == _told(other)
        assert not (unequal := self._unequal()), unequal
        # a stream whose first packets were lost before its numbers wrapped is of another rollover than it seems: refused
        assert all(came <= self.numbered[peer] for peer, came in one.came.items())


class Shown:
    """What one slot sent, packet by packet, without what is drawn by lot or is of the moment. `switches`: at which of
    them the timestamps were rebased."""

    def __init__(self, twin: Twin, peer: str, spec: SlotSpec, stamps: dict[int, int]) -> None:
        media, repaired = twin.out[peer, spec.ssrc], twin.out.get((peer, spec.repair_ssrc or 0), [])
        self._codecs = {codec.payload_type: codec.name for codec in spec.codecs}
        self._codecs |= {codec.repair: codec.name for codec in spec.codecs if codec.repair is not None}
        self._clock = rtp.CLOCK[spec.codecs[0].name]
        self._first = media[0].packet
        numbered = [numbers for out in media if (numbers := self._numbers(out.packet, out.packet.payload)) is not None]
        self._base = numbered[0] if numbered else (0, 0)
        self.packets = [self._plain(out.packet, out.packet.payload, self._first) for out in media]
        times = {out.packet.sequence: out.packet.timestamp for out in media}
        for out in repaired:
            original, payload = out.packet.payload[:2], out.packet.payload[2:]
            number = int.from_bytes(original, "big")
            assert out.packet.timestamp == times[number]
            self.packets.append(((number - self._first.sequence) & 0xFFFF, *self._plain(out.packet, payload, repaired[0].packet)))
        self.switches = self._rebased(media, stamps)

    def _numbers(self, packet: rtp.Packet, payload: bytes) -> tuple[int, int] | None:
        if self._codecs[packet.payload_type] != "vp8" or not payload:
            return None
        read = rtp.parse_vp8(payload)
        return (read.picture, read.tl0) if read.picture is not None and read.tl0 is not None else None

    def _plain(self, packet: rtp.Packet, payload: bytes, first: rtp.Packet) -> tuple[Any, ...]:
        numbers = self._numbers(packet, payload)
        if numbers is not None:
            read = rtp.parse_vp8(payload)
            payload = payload[:2] + payload[read.length - 1 :]
            numbers = ((numbers[0] - self._base[0]) & 0x7FFF, (numbers[1] - self._base[1]) & 0xFF)
        moment = (IDS.abs_send_time, IDS.transport_sequence)
        carried = [(id, len(value) if id in moment else value) for id, value in sorted(packet.extensions.items())]
        return (packet.sequence - first.sequence) & 0xFFFF, packet.payload_type, packet.marker, numbers, carried, payload

    def _rebased(self, media: list[Out], stamps: dict[int, int]) -> list[int]:
        """A new source's first timestamp follows the newest one by the time that passed between the two packets."""
        switches, offset = [], None
        newest = media[0]
        for i, out in enumerate(media):
            if not out.packet.payload:  # it only fills a place
                continue
            before, offset = offset, (out.packet.timestamp - stamps[name_of(out.packet.payload)]) & 0xFFFFFFFF
            ahead = rtp.distance(out.packet.timestamp, newest.packet.timestamp, 32)
            if before not in (None, offset):
                switches.append(i)
                least, most = (out.after - newest.before) * self._clock, (out.before - newest.after) * self._clock
                assert max(1, least - 1) <= ahead <= max(1, most) + 1
            if ahead >= 0:
                newest = out
        return switches


def _check_transport(twin: Twin) -> None:
    """The numbers of all that a peer is sent are one after the other."""
    values = [p.extensions[IDS.transport_sequence] for p in twin.order.get("hall", []) if p.ssrc != SLOTS["a0"][1].ssrc]
    numbers = [int.from_bytes(value, "big") for value in values]
    assert all((b - a) & 0xFFFF == 1 for a, b in itertools.pairwise(numbers))
    for peer, packets in twin.order.items():
        counted = [p for p in packets if IDS.transport_sequence in p.extensions]
        assert len(counted) == (len(numbers) if peer == "hall" else 0)


def _told(twin: Twin) -> dict[str, Any]:
    """What the engine says of itself, without what is of the moment."""
    engine = twin.engine
    names = {id: name for name, id in (*twin.slots.items(), *twin.sources.items())}
    peers = {end.peer: name for name, end in twin.ends.items()}
    return {
        "streams": {
            name: [
                stream._replace(jitter=0, media_at=stream.media_at > 0, asked=0, sender_report_at=stream.sender_report_at > 0)
                for stream in engine.streams(id)
            ]
            for name, id in twin.sources.items()
        },
        "slots": {
            name: state._replace(timestamp=0, at=0.0, report_at=state.report_at > 0)
            for name, id in twin.slots.items()
            for state in [engine.slot_state(id)]
        },
        "traffic": {name: (t.received, t.refused) for name, end in twin.ends.items() for t in [engine.traffic(end.peer)]},
        "voices": sorted((names[v.source], round(v.level, 6), v.packets) for v in engine.voices()),
        "shown": {name: [layer for slot, layer in twin.ears.shown if slot == id] for name, id in twin.slots.items()},
        "began": {(names.get(source), layer) for source, layer, live in twin.ears.layers if live},
        "control": [(peers[peer], data) for peer, data in twin.ears.control],
    }


@asynccontextmanager
async def twins(one: Name, other: Name, profile: str = "SRTP_AEAD_AES_128_GCM") -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        pair = [Twin(*await stack.enter_async_context(listening(name)), profile=profile) for name in (one, other)]
        yield Pair(*pair)
