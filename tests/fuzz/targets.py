"""What strangers may send to a media node, one target for each reader of it: a function that takes any bytes, in which
nothing may be raised but what the reader says. `SEEDS` are good inputs to begin with.

A target may also assert what must hold for whatever was read."""

import asyncio
import json
import random
import struct
import time
from collections.abc import Callable
from contextlib import suppress

from aioice import stun
from pydantic import ValidationError

from media import depacketize, plan, rtcp, rtp, sdp
from media.dtls import Dtls, Identity
from media.engine import Codec, Extensions, SlotSpec, SourceSpec
from media.engine.delivery import Sent
from media.engine.reference import Reference
from media.ice import Agent, IceLite
from media.peer import assign
from meetroom.conference import schema
from meetroom.conference.schema import Kind, Layer
from tests.media import driver
from tests.media.driver import Driver, camera
from tests.media.engine.endpoint import Ears, packet, vp8
from tests.media.engine.feeds import Feed
from tests.media.junk import client_hello
from tests.media.scripted import Scripted
from tests.media.test_sdp import CHROMIUM

Target = Callable[[bytes], None]
LOOP = asyncio.new_event_loop()
driver.ENGINE = "reference"

# STUN


def fuzz_stun(data: bytes) -> None:
    """Junk meets silence: nobody can sign for the peer. It has another password each time, because the fuzzer looks at
    what is compared, and signs."""
    ice, selected = IceLite(), list[object]()
    agent = Agent(lambda data: None, selected.append, lambda address: None, lambda address: None)
    ice.add(agent)
    assert ice.receive(data.replace(b"UFRAG...", agent.credentials.ufrag.encode()), ("192.0.2.1", 5)) is None
    assert not selected


def _binding() -> bytes:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes |= {"USERNAME": "UFRAG...:theirs", "ICE-CONTROLLING": 1, "PRIORITY": 1, "USE-CANDIDATE": None}
    message.add_message_integrity(b"x" * 24)
    return bytes(message)


# RTP and what is in it


def fuzz_rtp(data: bytes) -> None:
    with suppress(ValueError):
        read = rtp.parse(data)
        assert len(read.payload) <= len(data) - 12
        if read.payload:
            rtp.starts_h264(read.payload)
            picture = rtp.parse_vp8(read.payload)
            rewritten = rtp.renumber_vp8(read.payload, picture, 0x1234, 0x56)
            again = rtp.parse_vp8(rewritten)
            assert again.key == picture.key
            assert again.picture == (None if picture.picture is None else 0x1234)
            assert again.tl0 == (None if picture.tl0 is None else 0x56)
            assert rewritten[again.length :] == read.payload[picture.length :]


def fuzz_pictures(data: bytes) -> None:
    """Recordings: pictures put together again, of packets each after its length."""
    pictures = depacketize.Pictures()
    codec = "h264" if data[:1] == b"h" else "vp8"
    for i, part in enumerate(_parts(data[1:])):
        if len(part) > 1:
            read = rtp.Packet(bool(part[0] & 1), 96, i, 3000 * (part[0] >> 2), 1, {}, part[1:])
            pictures.take(codec, read, float(i), follows=not part[0] & 2)


def _parts(data: bytes) -> list[bytes]:
    """`data` as pieces, each after its length in two bytes."""
    parts = []
    while len(data) >= 2:
        size = int.from_bytes(data[:2], "big")
        parts.append(data[2 : 2 + size])
        data = data[2 + size :]
    return parts


def _joined(*parts: bytes) -> bytes:
    return b"".join(struct.pack("!H", len(part)) + part for part in parts)


# RTCP


def fuzz_rtcp(data: bytes) -> None:
    with suppress(ValueError):
        parts = rtcp.split(data)
        assert sum(len(part.body) + 4 for part in parts) <= len(data)
        for part in parts:
            with suppress(ValueError):
                for message in rtcp.read(part):
                    if isinstance(message, rtcp.Lost):
                        assert len(message.numbers) <= 17 * len(part.body) / 4
            if (part.kind, part.format) == (rtcp.RTP_FEEDBACK, rtcp.TRANSPORT):
                with suppress(ValueError):
                    assert len(rtcp.read_transport_feedback(part.body).arrivals) <= 0xFFFF


def fuzz_delivery(data: bytes) -> None:
    """A receiver that lies about what arrived."""
    sent = Sent()
    for i in range(30):
        sent.sent(sent.number(), 100, i * 0.01)
    for i, body in enumerate(_parts(data)):
        with suppress(ValueError):
            sent.heard(body, 1.0 + i)
    told = sent.take(50.0)
    if told is not None:
        assert 0 <= told.lost <= told.packets <= 30
        assert told.octets <= 3000
        assert told.span >= 0
        assert told.delay >= 0


# a peer of the engine, who has keys and uses them for anything


class Nobody:
    """Where the engine's packets go. No (SSRC, number) may come twice."""

    def __init__(self) -> None:
        self.seen: set[tuple[int, int]] = set()

    def __call__(self, data: bytes) -> bytes | None:
        if not 192 <= data[1] <= 223:
            key = struct.unpack_from("!L", data, 8)[0], struct.unpack_from("!H", data, 2)[0]
            assert key not in self.seen
            self.seen.add(key)
        return data


class Open:
    """In place of SRTP: everything is authentic."""

    def __init__(self) -> None:
        self.seal = Nobody()

    def open(self, data: bytes) -> bytes:
        return data


IDS = Extensions(mid=1, rid=2, repaired_rid=3, audio_level=4, orientation=5, abs_send_time=6, transport_sequence=7)
VIDEO = (Codec("vp8", 96, 97), Codec("h264", 98, 99))


class Stage:
    """A reference engine with one peer that sends and one that receives, without a socket."""

    def __init__(self) -> None:
        self.engine = Reference("127.0.0.1", 0)
        self.engine._socket.close()
        self.engine.send_datagram = lambda data, address: None  # type: ignore[method-assign]
        self.engine._events = Ears(self.engine)  # type: ignore[attr-defined]
        self.peers = []
        for _ in range(2):
            peer = self.engine._peers[self.engine.add_peer(1)]
            peer.srtp, peer.address = Open(), ("192.0.2.1", 5)  # type: ignore[assignment]
            self.engine.set_extensions(peer.id, IDS, IDS)
            self.peers.append(peer)
        sender, viewer = (peer.id for peer in self.peers)
        sources = [
            self.engine.add_source(sender, SourceSpec("c", VIDEO, ("q", "h"))),
            self.engine.add_source(sender, SourceSpec("s", VIDEO, ssrc=900, repair_ssrc=901)),
            self.engine.add_source(sender, SourceSpec("m", (Codec("opus", 111),))),
        ]
        for i, source in enumerate((*sources, sources[0])):
            codecs = (Codec("opus", 111),) if i == 2 else VIDEO
            slot = self.engine.add_slot(viewer, SlotSpec(str(i), codecs, 500 + 2 * i, 501 + 2 * i))
            self.engine.bind(slot, source, i // 3, stills=i == 3)


def fuzz_engine(data: bytes) -> None:
    """Well protected packets of any content: from the sender, or, after a byte of 1, from the receiver."""
    stage = Stage()
    for part in _parts(data):
        if len(part) >= 13 and 128 <= part[1] <= 191:
            peer = stage.peers[part[0] & 1]
            stage.engine._on_srtp(peer, part[1:])
            peer.tick(time.monotonic())


def _call() -> bytes:
    low = Feed("one", b"c", "vp8", 96, 97, 100, b"q")
    high = Feed("one", b"c", "vp8", 96, 97, 200, b"h")
    packets = [
        *(b"\0" + data for feed in (low, high) for i in range(2) for data in feed.frame([1, 2], key=not i)),
        b"\0" + low.padding(),
        b"\0" + (low.repair(1) or b""),
        b"\0" + packet(900, 1, b"\x67sps", kind=98, transport_sequence=b"\0\1"),
        b"\0" + packet(7, 1, b"voice", kind=111, mid=b"m", audio_level=b"\x05"),
        b"\1" + rtcp.nack(9, 500, [1, 2, 3]) + rtcp.receiver_report(9, []),
        b"\1" + rtcp.transport_feedback(9, 500, 1, [1000, None, 1100], 0)[0],
        b"\1" + rtcp.pli(9, 500),
    ]
    return _joined(*packets)


# a participant, who has keys and uses them for anything


class Hall:
    """A node with a call of two: `an` is seen in the `hall`. Everything they send is authentic."""

    LIFE = 100  # calls of the target that one serves: what they leave behind must not break later ones either

    def __init__(self) -> None:
        self.calls, self.now = 0, time.monotonic()
        self.driver = Driver()
        self.driver.plan(schema.PeerPlan(peer="an", heard=True), schema.PeerPlan(peer="hall", stage=camera("an")))
        self.driver.engine.send_datagram = lambda data, address: None  # type: ignore[method-assign]
        self.participants = {name: Scripted(self.driver, name, rids="hq") for name in ("an", "hall")}
        self.peers = []
        for participant in self.participants.values():
            participant.offer()
        for number, (_, peer) in self.driver.node._peers.items():
            known = self.driver.engine._peers[number]  # type: ignore[attr-defined]
            known.srtp, known.address = Open(), ("192.0.2.1", 5)
            self.peers.append(known)
            peer._become("connected")
        self.slot = self.participants["hall"].ssrc("v0")

    def end(self) -> None:
        self.driver.engine.close()
        for participant in self.participants.values():
            participant.socket.close()


HALL: list[Hall] = []


def fuzz_node(data: bytes) -> None:
    """Packets from `an`, or, after a byte of 1, from the `hall`, and time that passes: nobody's call ends by it."""

    async def play() -> None:
        if not HALL or HALL[0].calls > Hall.LIFE:
            for old in HALL:
                old.end()
            HALL[:] = [Hall()]
        [hall] = HALL
        hall.calls += 1
        for part in _parts(data.replace(b"SLOT", struct.pack("!L", hall.slot))):
            if len(part) >= 13 and 128 <= part[1] <= 191:
                hall.driver.engine._on_srtp(hall.peers[part[0] & 1], part[1:])  # type: ignore[attr-defined]
            hall.now += 0.3
            for _, peer in hall.driver.node._peers.values():
                peer._agent.heard_at = hall.now
            hall.driver.node.tick(hall.now)
        assert len(hall.driver.node._peers) == 2
        assert {name for name, state in hall.driver.states if state in ("lost", "closed")} == set()

    LOOP.run_until_complete(play())


def _telling() -> bytes:
    slot = int.from_bytes(b"SLOT", "big")
    report = rtcp.Report(slot, 30, 5, 900, 200, 0x11112222, 900)
    low = Feed("an", b"cam", "vp8", 96, 97, 100, b"q")
    return _joined(
        *(b"\0" + data for i in range(2) for data in low.frame([1, 2], key=not i)),
        b"\0" + packet(7, 1, b"voice", kind=111, mid=b"mic", audio_level=b"\x05"),
        b"\0" + rtcp.sender_report(100, 1 << 60, 3000, 4, 500, "an"),
        b"\1" + rtcp.receiver_report(9, [report]) + rtcp.pli(9, slot),
        b"\1" + rtcp.transport_feedback(9, slot, 1, [1000, None, 1100], 0)[0],
        b"\1" + struct.pack("!BBHLL4sLL", 0x8F, 206, 5, 1, 0, b"REMB", 1 << 24 | 0x2BAD, slot),
    )


# DTLS in clear


IDENTITY = Identity()


def fuzz_dtls(data: bytes) -> None:
    """Datagrams, each after its length: whoever has no certificate of the offer never gets in."""

    async def receive() -> None:
        sent: list[bytes] = []
        dtls = Dtls(IDENTITY, ("sha-256", "00"), send=sent.append, connected=lambda keys: None, closed=lambda: None)
        for part in _parts(data):
            dtls.receive(part)
        assert dtls.state == "connecting"
        assert all(len(datagram) <= 1500 for datagram in sent)
        dtls.close()

    LOOP.run_until_complete(receive())


# what browsers and servers say in words


def fuzz_sdp(data: bytes) -> None:
    with suppress(sdp.BadSdp):
        offer = sdp.parse(data.decode("utf-8", "replace"))
        uses = assign(offer, {"0": Kind.MIC, "1": Kind.CAMERA, "2": Kind.SCREEN})
        down = sdp.Down(1, 2, "stream", "name")
        roles: list[sdp.Role] = [down if use == "down" else use for use in uses]
        text = sdp.answer(offer, roles, sdp.Transport("ufrag", "password", "AB:CD", (("192.0.2.1", 5),)), 1, 1)
        assert all(len(line) > 2 and line[1] == "=" for line in text.removesuffix("\r\n").split("\r\n"))


MESSAGES = (
    schema.Plan,
    schema.MediaOffer,
    schema.SlotsChanged,
    schema.SendingChanged,
    schema.PeerReport,
    schema.RecordReport,
    schema.NodeHello,
    schema.NodeReport,
)


def fuzz_messages(data: bytes) -> None:
    """Between node and server, after Socket.IO has decoded them: read, or refused; a plan can be followed."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    for message in MESSAGES:
        with suppress(ValidationError):
            read = message.model_validate(value)
            assert message.model_validate(read.model_dump(mode="json")) == read
            if isinstance(read, schema.Plan):
                names = [peer.peer for peer in read.peers]
                sources = {name: frozenset(plan.Feed(name, kind) for kind in Kind) for name in names}
                plan.steps(read, {name: plan.Seat(("v0", "v1"), ("a0",), sources[name]) for name in names}, names)


def _messages() -> list[bytes]:
    want = schema.Want(peer="an", layer=Layer.HIGH)
    peers = (schema.PeerPlan(peer="an", heard=True), schema.PeerPlan(peer="hall", stage=want, gallery=(want,), relay=(want,)))
    wanted = schema.Plan(meeting_id=1, revision=2, peers=peers, always=("an",), record=None)
    offer = schema.MediaOffer(meeting_id=1, peer="an", sdp="v=0", sources={"0": Kind.MIC})
    shown = schema.SlotsChanged(meeting_id=1, peer="hall", slots=(schema.Shown(mid="0", peer="an", kind=Kind.MIC),))
    report = schema.PeerReport(meeting_id=1, peer="an", state="connected", up=(Layer.LOW,))
    return [message.model_dump_json().encode() for message in (wanted, offer, shown, report)]


TARGETS: dict[str, Target] = {name.removeprefix("fuzz_"): f for name, f in list(globals().items()) if name.startswith("fuzz_")}
SEEDS: dict[str, list[bytes]] = {
    "stun": [_binding()],
    "rtp": [packet(1, 2, vp8(3, b"x", key=True), mid=b"c", rid=b"q"), rtp.pad(packet(1, 2, b"\x67\x42"), 9)],
    "pictures": [
        b"v" + _joined(b"\1\x10\x10\2\0\x9d\1\x2a\x40\1\xb4\0" + bytes(8), b"\4\x90\x80\5\1abc", b"\5\0abc"),
        b"h"
        + _joined(
            b"\0\x67\x42\xe0\x1f\xda\x01\x40\x16\xe8\x06\xd0\xa1\x35",
            b"\0\x68\xce\x06\xe2",
            b"\0\x7c\x85abc",
            b"\1\x7c\x45def",
            b"\5\x78\0\3\x41ab\0\2\x41c",
        ),
    ],
    "rtcp": [
        rtcp.sender_report(1, 2, 3, 4, 5, "name") + rtcp.receiver_report(1, [rtcp.Report(2)]) + rtcp.nack(1, 2, [3, 9, 77]),
        rtcp.transport_feedback(1, 2, 3, [100, None, 5000, 200], 4)[0] + rtcp.pli(1, 2),
        struct.pack("!BBHLL4sLL", 0x8F, 206, 5, 1, 0, b"REMB", 1 << 24 | 0x2BAD, 7),
    ],
    "delivery": [_joined(*(rtcp.transport_feedback(1, 2, n, [100, None, 5000, 200], 4)[0][4:] for n in (1, 9)))],
    "engine": [_call()],
    "node": [_telling()],
    "dtls": [_joined(client_hello(random.Random(1)), b"\x14\xfe\xfd" + bytes(9) + b"\1\1")],
    "sdp": [CHROMIUM.encode()],
    "messages": _messages(),
}
assert SEEDS.keys() == TARGETS.keys()
