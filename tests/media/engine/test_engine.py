import asyncio
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import rtcp, rtp
from media.dtls import PROFILES as KEY_SIZES
from media.engine import Codec, Engine, SlotSpec, SourceSpec
from media.engine.slots import Outgoing, Slot
from media.engine.srtp import PROFILES, STREAMS
from media.engine.streams import Carried, Media, Source, Stream
from tests.media.engine.endpoint import IDS, OPUS, VIDEO, Ears, Endpoint, Run, packet, padding, vp8


@pytest.mark.parametrize("profile", KEY_SIZES)
def test_sound_is_passed_on_under_the_slot_s_own_numbers(run: Run, profile: str) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        speaker, listener = Endpoint(ears, profile), Endpoint(ears, profile)
        slot = listener.slot("a0", (Codec("opus", 120),), ssrc=500)
        engine.bind(slot, speaker.microphone(), 0)
        for i in range(3):
            speaker.send(packet(7, 65534 + i & 0xFFFF, b"opus%d" % i, kind=111, timestamp=960 * i, mid=b"m", audio_level=b"\x85"))
        heard = await listener.received()
        assert [p.payload for p in heard] == [b"opus0", b"opus1", b"opus2"]
        assert {(p.ssrc, p.payload_type) for p in heard} == {(500, 120)}
        assert [(p.sequence - heard[0].sequence) & 0xFFFF for p in heard] == [0, 1, 2]
        assert [(p.timestamp - heard[0].timestamp) & 0xFFFFFFFF for p in heard] == [0, 960, 1920]
        assert heard[0].extensions[IDS.mid] == b"a0"
        assert heard[0].extensions[IDS.audio_level] == b"\x85"
        assert len(heard[0].extensions[IDS.abs_send_time]) == 3
        [voice] = engine.voices()
        assert (voice.level, voice.packets) == (5, 3)
        assert engine.voices() == []

    run(scene)


def test_key_sizes_are_known_for_every_profile() -> None:
    assert KEY_SIZES.keys() == PROFILES.keys()


def test_a_picture_begins_with_a_key_frame(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears)
        slot = viewer.slot("v0", VIDEO, ssrc=500, repair=501)
        engine.bind(slot, sender.camera(), 0)
        sender.send(*(packet(7, i, vp8(i, b"old"), mid=b"c") for i in range(3)))
        assert await viewer.received() == []
        assert engine.slot_state(slot).layer is None
        sender.send(packet(7, 3, vp8(3, b"key", key=True), mid=b"c"), packet(7, 4, vp8(4, b"delta"), mid=b"c"))
        seen = await viewer.received()
        assert [p.payload[-3:] for p in seen] == [b"key", b"lta"]
        assert engine.slot_state(slot).layer == 0
        assert engine.slot_state(slot).packets == 2

    run(scene)


def numbers(packets: list[rtp.Packet]) -> list[tuple[int, int | None, int | None]]:
    """Sequence, picture id and TL0PICIDX, relative to the first packet."""
    frames = [(p.sequence, rtp.parse_vp8(p.payload)) for p in packets]
    first, vp8_first = frames[0]
    return [
        ((s - first) & 0xFFFF, (v.picture or 0) - (vp8_first.picture or 0), (v.tl0 or 0) - (vp8_first.tl0 or 0))
        for s, v in frames
    ]


def test_another_person_goes_on_where_the_last_one_stopped(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        one, two, viewer = Endpoint(ears), Endpoint(ears), Endpoint(ears)
        first, second = one.camera(), two.camera()
        slot = viewer.slot("v0", VIDEO, ssrc=500, repair=501)
        engine.bind(slot, first, 0)
        one.send(packet(7, 900, vp8(32767, b"a", key=True, tl0=255), timestamp=1, mid=b"c"))
        one.send(packet(7, 901, vp8(0, b"b", tl0=0), timestamp=3001, mid=b"c"))
        two.send(packet(8, 5, vp8(7, b"c", key=True, tl0=9), timestamp=70000, mid=b"c"))
        before = await viewer.received()
        await asyncio.sleep(0.1)
        engine.bind(slot, second, 0)
        assert engine.slot_state(slot).layer is None
        one.send(packet(7, 902, vp8(1, b"late", key=True, tl0=1), timestamp=6001, mid=b"c"))
        two.send(packet(8, 6, vp8(8, b"not yet", tl0=10), timestamp=73000, mid=b"c"))
        two.send(packet(8, 7, vp8(9, b"d", key=True, tl0=11), timestamp=76000, mid=b"c"))
        two.send(packet(8, 8, vp8(10, b"e", tl0=12), timestamp=79000, mid=b"c"))
        after = await viewer.received()
        assert [p.payload[-1:] for p in (*before, *after)] == [b"a", b"b", b"d", b"e"]
        assert numbers(before + after) == [(0, 0, 0), (1, 1, 1), (2, 2, 2), (3, 3, 3)]
        assert {p.ssrc for p in before + after} == {500}
        passed = (after[0].timestamp - before[1].timestamp) & 0xFFFFFFFF
        assert 0.1 * 90000 < passed < 3 * 90000  # by the clock, not by the sender's numbers
        assert (after[1].timestamp - after[0].timestamp) & 0xFFFFFFFF == 3000

    run(scene)


def test_a_layer_goes_on_until_the_next_one_begins(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears)
        source = sender.camera(rids=("q", "h"))
        slot = viewer.slot("v0", VIDEO, ssrc=500, repair=501)
        engine.bind(slot, source, 0)
        low = {"mid": b"c", "rid": b"q"}
        high = {"mid": b"c", "rid": b"h"}
        sender.send(packet(1, 1, vp8(1, b"q1", key=True), **low), packet(2, 1, vp8(1, b"h1", key=True), **high))
        await viewer.received()
        engine.bind(slot, source, 1)
        sender.send(packet(1, 2, vp8(2, b"q2"), **low), packet(2, 2, vp8(2, b"h2"), **high))
        sender.send(packet(2, 3, vp8(3, b"h3", key=True)), packet(1, 3, vp8(3, b"q3")))
        assert [p.payload[-2:] for p in await viewer.received()] == [b"q2", b"h3"]
        assert engine.slot_state(slot).layer == 1
        assert [(s.layer, s.ssrc) for s in engine.streams(source)] == [(0, 1), (1, 2)]
        assert ears.layers == [(source, 0, True), (source, 1, True)]
        assert ears.shown == [(slot, 0), (slot, 1)]

    run(scene)


def test_a_layer_under_a_new_ssrc_begins_with_a_key_frame_again(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears)
        slot = viewer.slot("v0", VIDEO, ssrc=500)
        engine.bind(slot, sender.camera(), 0)
        sender.send(packet(1, 1, vp8(1, b"a", key=True), mid=b"c"), packet(9, 50, vp8(1, b"b"), mid=b"c"))
        assert [p.payload[-1:] for p in await viewer.received()] == [b"a"]
        assert engine.slot_state(slot).layer is None
        sender.send(packet(9, 51, vp8(2, b"c", key=True)), packet(1, 2, vp8(2, b"d")))
        assert [p.payload[-1:] for p in await viewer.received()] == [b"c"]

    run(scene)


def rtx(ssrc: int, sequence: int, original: int, payload: bytes, **values: bytes) -> bytes:
    return packet(ssrc, sequence, struct.pack("!H", original) + payload, kind=97, **values)


def test_repair_from_the_sender_fills_its_hole_once(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears)
        slot = viewer.slot("v0", VIDEO, ssrc=500, repair=501)
        source = sender.camera(rids=("q",))
        engine.bind(slot, source, 0)
        named = {"mid": b"c", "rid": b"q"}
        sender.send(packet(1, 10, vp8(1, b"a", key=True), **named), packet(1, 12, vp8(3, b"c")))
        repairs = {"mid": b"c", "repaired_rid": b"q"}
        sender.send(
            rtx(2, 1, 11, vp8(2, b"b"), **repairs),
            rtx(2, 2, 11, vp8(2, b"b")),  # again
            rtx(2, 3, 12, vp8(3, b"c")),  # a probe with what has been sent
            packet(2, 4, b"", kind=97),  # a probe with nothing
            packet(1, 11, vp8(2, b"b")),  # and the lost packet after all
        )
        seen = await viewer.received()
        assert [(p.payload[-1:], (p.sequence - seen[0].sequence) & 0xFFFF) for p in seen] == [(b"a", 0), (b"c", 2), (b"b", 1)]
        assert {p.ssrc for p in seen} == {500}
        [stream] = engine.streams(source)
        assert (stream.packets, stream.expected, stream.lost, stream.repaired) == (3, 3, 0, 1)

    run(scene)


def test_a_repaired_key_frame_is_no_beginning(run: Run) -> None:
    """What follows it has passed already: a viewer who began with it would miss that."""

    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears)
        slot = viewer.slot("v0", VIDEO, ssrc=500, repair=501)
        engine.bind(slot, engine.add_source(sender.peer, SourceSpec("c", VIDEO, ssrc=1, repair_ssrc=2)), 0)
        sender.send(packet(1, 11, vp8(2, b"b")), rtx(2, 1, 10, vp8(1, b"a", key=True)), packet(1, 12, vp8(3, b"c")))
        assert await viewer.received() == []

    run(scene)


def test_padding_is_dropped_and_leaves_no_gap(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears)
        slot = viewer.slot("v0", VIDEO, ssrc=500, repair=501)
        engine.bind(slot, sender.camera(), 0)
        sender.send(packet(1, 10, vp8(1, b"a", key=True), mid=b"c"), padding(1, 11), padding(1, 12), packet(1, 13, vp8(2, b"b")))
        seen = await viewer.received()
        assert [(p.payload[-1:], (p.sequence - seen[0].sequence) & 0xFFFF) for p in seen] == [(b"a", 0), (b"b", 1)]
        sender.send(packet(1, 15, vp8(3, b"c")), padding(1, 14))  # too late to close its gap: it is filled
        late = await viewer.received()
        assert [(p.payload[-1:], (p.sequence - seen[0].sequence) & 0xFFFF) for p in late] == [(b"c", 3), (b"", 2)]

    run(scene)


def test_lost_packets_are_sent_again_over_rtx(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears)
        slot = viewer.slot("v0", VIDEO, ssrc=500, repair=501)
        engine.bind(slot, sender.camera(), 0)
        sender.send(*(packet(1, 10 + i, vp8(i, b"%d" % i, key=i == 0), timestamp=3000 * i, mid=b"c") for i in range(4)))
        seen = await viewer.received()
        ask = [seen[2].sequence, (seen[3].sequence + 1) & 0xFFFF, (seen[0].sequence - 1) & 0xFFFF]
        viewer.send_rtcp(rtcp.nack(9, 500, ask) + rtcp.nack(9, 500, ask[:1]))  # twice at once
        [again] = await viewer.received()
        assert (again.ssrc, again.payload_type, again.timestamp) == (501, 97, seen[2].timestamp)
        assert again.payload == struct.pack("!H", seen[2].sequence) + seen[2].payload
        for _ in range(10):
            await asyncio.sleep(Slot.REPEAT)
            viewer.send_rtcp(rtcp.nack(9, 500, ask[:1]))
        assert len(await viewer.received()) == Slot.REPEATS - 1
        assert engine.slot_state(slot).repaired == Slot.REPEATS

    run(scene)


def test_vp8_and_h264_follow_each_other_on_one_slot(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        one, two, viewer = Endpoint(ears), Endpoint(ears), Endpoint(ears)
        slot = viewer.slot("v0", (Codec("vp8", 100, 101), Codec("h264", 102, 103)), ssrc=500, repair=501)
        engine.bind(slot, one.camera(), 0)
        one.send(packet(1, 10, vp8(1, b"a", key=True), mid=b"c"))
        first = await viewer.received()
        engine.bind(slot, two.camera(), 0)
        two.send(
            packet(1, 10, b"\x41delta", kind=98, mid=b"c"), packet(1, 11, b"\x67sps", kind=98), packet(1, 12, b"\x65idr", kind=98)
        )
        then = await viewer.received()
        assert [(p.payload_type, p.payload[-3:], (p.sequence - first[0].sequence) & 0xFFFF) for p in (*first, *then)] == [
            (100, first[0].payload[-3:], 0), (102, b"sps", 1), (102, b"idr", 2),
        ]  # fmt: skip

    run(scene)


def test_a_slot_without_the_codec_stays_as_it_is(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears)
        slot = viewer.slot("v0", (Codec("h264", 102, 103),), ssrc=500)
        engine.bind(slot, sender.camera(), 0)
        sender.send(packet(1, 10, vp8(1, b"a", key=True), mid=b"c"))
        assert await viewer.received() == []

    run(scene)


def test_who_is_not_there_gets_nothing_and_gives_nothing(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer, stranger = Endpoint(ears), Endpoint(ears), Endpoint(ears)
        source = sender.microphone()
        slot = viewer.slot("a0", OPUS, ssrc=500)
        engine.bind(slot, source, 0)

        def speak(number: int) -> bytes:
            return packet(1, number, b"hello", kind=111, mid=b"m")

        stranger.send_raw(sender.protect(speak(1)))  # from another's address: the wrong keys
        await viewer.received()
        assert engine.traffic(stranger.peer).refused == 1
        engine.set_address(viewer.peer, None)
        sender.send(speak(2))
        assert await viewer.received() == []
        engine.set_address(viewer.peer, viewer.socket.getsockname())
        sender.send(speak(3))
        assert len(await viewer.received()) == 1
        engine.expel(sender.socket.getsockname())
        sender.send(speak(4))
        assert await viewer.received() == []
        engine.admit(sender.peer, sender.socket.getsockname())
        engine.unbind(slot)
        sender.send(speak(5))
        assert await viewer.received() == []
        engine.bind(slot, source, 0)
        engine.remove_source(source)
        engine.remove_source(source)
        sender.send(speak(6))
        engine.remove_peer(viewer.peer)
        engine.remove_peer(viewer.peer)
        engine.remove_slot(slot)
        sender.send(speak(7))
        assert await viewer.received() == []
        with pytest.raises(KeyError):
            engine.bind(slot, source, 0)

    run(scene)


def test_forged_and_repeated_packets_are_refused(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears)
        engine.bind(viewer.slot("a0", OPUS, ssrc=500), sender.microphone(), 0)
        good = sender.protect(packet(1, 1, b"hello", kind=111, mid=b"m"))
        for data in (good, good, good[:-1] + bytes((good[-1] ^ 1,)), b"\x80" + bytes(11), b"\x80\xc8" + bytes(30), b"", b"\x80"):
            sender.send_raw(data)
        assert len(await viewer.received()) == 1
        assert engine.traffic(sender.peer).refused == 4
        assert ears.control == []

    run(scene)


def test_a_peer_cannot_make_the_node_remember_streams_without_end(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender = Endpoint(ears)
        sender.microphone()
        for ssrc in range(1, STREAMS + 11):
            sender.send(packet(ssrc, 1, b"hello", kind=111, mid=b"m"))
        await sender.done()
        assert engine.traffic(sender.peer).refused == 10

    run(scene)


@pytest.mark.parametrize(
    ("data", "known"),
    [
        (packet(1, 1, b"x", kind=111, mid=b"m"), True),
        (packet(1, 1, b"x", kind=111), True),  # the only section with this payload type
        (packet(1, 1, b"x", kind=96), False),  # two cameras have it
        (packet(1, 1, b"x", kind=96, mid=b"?"), False),
        (packet(1, 1, b"x", kind=96, mid=b"m"), False),  # not the microphone's payload type
        (packet(1, 1, b"x", kind=96, mid=b"c", rid=b"z"), False),
        (packet(1, 1, vp8(1, b"x"), kind=96, mid=b"c", rid=b"q"), True),
        (packet(1, 1, b"\0\1x", kind=97, mid=b"c", repaired_rid=b"q"), False),  # repairs what never came
        (packet(1, 1, b"x", kind=96, mid=b"\xff\xfe"), False),
    ],
)
def test_which_source_a_packet_is_of(run: Run, data: bytes, known: bool) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender = Endpoint(ears)
        sources = [sender.microphone(), sender.camera("c", ("q", "h")), sender.camera("d")]
        sender.send(data)
        await sender.done()
        assert any(engine.streams(source) for source in sources) is known

    run(scene)


def test_an_ssrc_named_in_the_offer_needs_no_extension(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender = Endpoint(ears)
        source = engine.add_source(sender.peer, SourceSpec("s", VIDEO, ssrc=70, repair_ssrc=71))
        sender.send(packet(70, 5, vp8(1, b"x", key=True)), rtx(71, 9, 6, vp8(2, b"y")))
        await sender.done()
        [stream] = engine.streams(source)
        assert (stream.ssrc, stream.packets) == (70, 1)

    run(scene)


def test_rtcp_and_other_datagrams_are_handed_on(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        one, two = Endpoint(ears), Endpoint(ears)
        one.send_rtcp(rtcp.pli(1, 2))
        one.send_raw(b"\x00\x01stun")
        one.send_raw(b"\x16dtls")
        one.send_raw(b"\x40turn channel data")
        engine.send_datagram(b"back", two.socket.getsockname())
        await one.done()
        assert ears.control == [(one.peer, rtcp.pli(1, 2))]
        assert [data for data, _ in ears.datagrams] == [b"\x00\x01stun", b"\x16dtls"]
        assert ears.datagrams[0][1] == one.socket.getsockname()
        assert two.socket.recv(100) == b"back"

    run(scene)


PACKETS = st.lists(
    st.tuples(
        st.integers(0, 1),  # whose
        st.integers(-6, 9),  # sequence number, from the newest
        st.sampled_from(["delta", "delta", "delta", "key", "padding", "repaired", "bind"]),
    ),
    max_size=120,
)


class Way:
    """To a receiver that is always there."""

    open = True

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    def put(self, packet: Outgoing) -> None:
        self.sent.append(packet)


@given(PACKETS, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_no_two_packets_ever_share_a_number(moves: list[tuple[int, int, str]], one: int, two: int) -> None:
    """Two with one number under one key would give away the key stream of AES-GCM."""
    way = Way()
    slot = Slot(1, 1, SlotSpec("v0", VIDEO, 500, 501), way, lambda slot, layer: None)
    sources = [Source(i, i, SourceSpec("c", VIDEO)) for i in range(2)]
    streams = [Stream(source, 0, source.id) for source in sources]
    for source, stream in zip(sources, streams, strict=True):
        source.streams[0] = stream
    newest = [one, two]
    for i, (whose, step, kind) in enumerate(moves):
        number = (newest[whose] + step) & 0xFFFF
        if step > 0:
            newest[whose] = number
        if kind == "bind":
            slot.bind(sources[whose], 0, False)
            continue
        read = rtp.parse(packet(whose, number, vp8(number, b"%d" % i, key=kind == "key")))
        if slot.source is not sources[whose]:
            continue
        if kind == "padding":
            slot.skip(streams[whose], read._replace(payload=b""))
        else:
            descriptor = rtp.parse_vp8(read.payload)
            media = Media(read, "vp8", descriptor, kind == "key", float(i), kind == "repaired", Carried())
            slot.forward(streams[whose], media)
    keys = [(p.ssrc, p.sequence) for p in way.sent]
    assert len(set(keys)) == len(keys)
