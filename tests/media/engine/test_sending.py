"""What goes to receivers beside the packets themselves, and what is told and asked of senders."""

import asyncio
import itertools
import struct
import time

import pytest

from media import rtcp
from media.engine import LIVE, Engine, SlotSpec, SourceSpec
from tests.media.driver import until
from tests.media.engine.endpoint import IDS, OPUS, OURS, VIDEO, Ears, Endpoint, Run, packet, padding, vp8


def frame(sequence: int, body: bytes = b"x", *, key: bool = False, ssrc: int = 1, timestamp: int = 0, **values: bytes) -> bytes:
    return packet(ssrc, sequence, vp8(sequence, body, key=key), timestamp=timestamp, mid=b"c", **values)


def transport(number: int) -> bytes:
    return struct.pack("!H", number & 0xFFFF)


# to senders


def test_senders_learn_when_each_packet_came(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender = Endpoint(ears)
        sender.camera()
        arrived: dict[int, int] = {}
        counts = []

        def learn() -> bool:
            for part in sender.told():
                assert (part.kind, part.format) == (rtcp.RTP_FEEDBACK, rtcp.TRANSPORT)
                assert struct.unpack_from("!LL", part.body) == (OURS, 1)
                data = struct.pack("!BBH", 0x80 | part.format, part.kind, len(part.body) // 4) + part.body
                feedback = rtcp.read_transport_feedback(part.body)
                counts.append(data[19])
                for i, ticks in enumerate(feedback.arrivals):
                    if ticks is not None:
                        arrived[(feedback.base + i) & 0xFFFF] = feedback.reference * 256 + ticks
            return len(arrived) == 30

        begun = time.monotonic()
        numbers = itertools.count()
        for i in range(40):
            if i % 4:
                sender.send(frame(next(numbers), transport_sequence=transport(65520 + i)))
            await asyncio.sleep(0.005)
        await until(learn)
        ended = time.monotonic()
        assert sorted(arrived) == sorted((65520 + i) & 0xFFFF for i in range(40) if i % 4)
        times = [arrived[(65520 + i) & 0xFFFF] / rtcp.TICKS for i in range(40) if i % 4]
        assert times == sorted(times)
        assert 0.15 <= times[-1] - times[0] <= ended - begun + 0.01
        assert counts == [i & 0xFF for i in range(len(counts))]

    run(scene)


def test_senders_are_asked_for_what_was_lost_but_not_for_sound(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender = Endpoint(ears)
        source = sender.camera()
        sender.microphone()
        engine.set_rtt(sender.peer, 10.0)
        asked: list[int] = []

        def ask() -> list[int]:
            for part in sender.told():
                assert (part.kind, part.format) == (rtcp.RTP_FEEDBACK, rtcp.NACK)
                for lost in rtcp.read(part):
                    assert isinstance(lost, rtcp.Lost)
                    assert lost.ssrc == 1
                    asked.extend(lost.numbers)
            return asked

        sender.send(*(packet(9, number, b"voice", kind=111, mid=b"m") for number in (1, 3)))
        sender.send(frame(65533), frame(65535), frame(2))
        await until(lambda: len(ask()) >= 3)
        sender.send(packet(2, 1, struct.pack("!H", 0) + vp8(0, b"again"), kind=97, mid=b"c"))
        await asyncio.sleep(0.2)  # within the round trip nothing is asked for twice
        assert ask() == [65534, 0, 1]
        [stream] = engine.streams(source)
        assert (stream.asked, stream.repaired, stream.expected, stream.packets, stream.lost) == (3, 1, 6, 3, 3)
        assert stream.highest == 65536 + 2

    run(scene)


def test_a_layer_is_live_until_a_second_after_its_last_picture(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender = Endpoint(ears)
        source = sender.camera(rids=("q", "h"))
        begun = time.monotonic()
        sender.send(frame(1, rid=b"h"), padding(1, 2))
        await sender.done()
        assert ears.layers == [(source, 1, True)]
        numbers = itertools.count(3)
        await until(lambda: sender.send(padding(1, next(numbers))) or len(ears.layers) == 2)
        assert time.monotonic() - begun >= LIVE
        assert ears.layers[1] == (source, 1, False)
        sender.send(frame(1, ssrc=5, rid=b"h"))
        await until(lambda: ears.layers[2:] == [(source, 1, True)])

    run(scene)


def test_irregular_arrivals_are_jitter(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender = Endpoint(ears)
        source = sender.camera()
        begun = time.monotonic()
        for i in range(100):  # every second one seems to be half a second late
            sender.send(frame(i, timestamp=3000 * i + (0 if i % 2 else 45000)))
        await sender.done()
        passed = time.monotonic() - begun
        [stream] = engine.streams(source)
        step = 3000 * 100 + 90000 * passed  # what the frames themselves seem to be early, all together
        assert abs(stream.jitter - 45000) < 3000 + step / 16

    run(scene)


def test_voices_are_the_mean_of_their_levels(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        one, two, camera = Endpoint(ears), Endpoint(ears), Endpoint(ears)
        loud, silent = one.microphone(), two.microphone()
        camera.camera()
        camera.send(frame(1, audio_level=b"\x01"))  # no microphone
        for number, level in ((1, b"\x80"), (2, b"\x0a"), (3, b"")):
            values = {"audio_level": level} if level else {}
            one.send(packet(1, number, b"voice", kind=111, mid=b"m", **values))
        two.send(packet(1, 1, b"voice", kind=111, mid=b"m", audio_level=b"\xff"))
        for peer in (one, two, camera):
            await peer.done()
        now = time.monotonic()
        voices = {voice.source: voice for voice in engine.voices()}
        assert {source: (voice.level, voice.packets) for source, voice in voices.items()} == {loud: (5, 2), silent: (127, 1)}
        assert all(now - 5 < voice.at <= now for voice in voices.values())
        assert engine.voices() == []

    run(scene)


# from receivers


def feedback(base: int, arrivals: list[int | None], count: int = 0) -> bytes:
    return rtcp.transport_feedback(9, 500, base, arrivals, count)[0]


def test_what_a_receiver_tells_of_arrivals(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears, down=IDS)
        slot = viewer.slot("v0", VIDEO, ssrc=500, repair=501)
        engine.bind(slot, sender.camera(), 0)
        begun = time.monotonic()
        sender.send(*(frame(i, bytes(100 * i), key=not i) for i in range(5)))
        seen = await viewer.received()
        together = time.monotonic() - begun
        numbers = [int.from_bytes(p.extensions[IDS.transport_sequence], "big") for p in seen]
        assert [(number - numbers[0]) & 0xFFFF for number in numbers] == [0, 1, 2, 3, 4]
        assert engine.delivery(viewer.peer) is None
        sizes = viewer.datagrams
        base = numbers[0]
        # 0 and 1 arrive 100 ms apart, 2 is lost, 3 comes after another 50 ms
        viewer.send_rtcp(feedback(base, [1_000_000, 1_000_400, None, 1_000_600]))
        viewer.send_rtcp(feedback(base, [1_000_000, 1_000_400, None, 1_000_600]))  # twice
        viewer.send_rtcp(feedback(base + 20_000, [1_000_000]))  # of what was never sent
        await viewer.done()
        told = engine.delivery(viewer.peer)
        assert told is not None
        assert (told.packets, told.lost, told.octets) == (4, 1, sizes[0] + sizes[1] + sizes[3])
        assert told.span == pytest.approx(0.15)
        # they left together: the first had the way for itself, the others took 100 and 150 ms longer
        assert told.delay == pytest.approx((0.1 + 0.15) / 3, abs=together)
        assert engine.delivery(viewer.peer) is None
        viewer.send_rtcp(feedback(base + 2, [1_000_800, 1_000_600, 1_000_800]))  # 2 was only late
        await viewer.done()
        told = engine.delivery(viewer.peer)
        assert told is not None
        assert (told.packets, told.lost, told.octets) == (1, 0, sizes[2] + sizes[4])
        assert told.span == pytest.approx(0.05)
        assert ears.control == []

    run(scene)


def test_transport_numbers_only_where_they_are_counted(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer, other = Endpoint(ears), Endpoint(ears, down=IDS), Endpoint(ears)
        voice = sender.microphone()
        quiet = engine.add_slot(viewer.peer, SlotSpec("a0", OPUS, 500, transport=False))
        for slot in (quiet, viewer.slot("a1", OPUS, ssrc=501), other.slot("a0", OPUS, ssrc=502)):
            engine.bind(slot, voice, 0)
        sender.send(packet(1, 1, b"voice", kind=111, mid=b"m"))
        heard = await viewer.received() + await other.received()
        assert {p.ssrc: IDS.transport_sequence in p.extensions for p in heard} == {500: False, 501: True, 502: False}

    run(scene)


def test_control_packets_that_were_dealt_with_are_not_passed_on(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        viewer = Endpoint(ears, down=IDS)
        viewer.slot("v0", VIDEO, ssrc=500, repair=501)
        dealt = rtcp.sender_report(9, rtcp.ntp(1.0), 2, 3, 4, "viewer") + rtcp.nack(9, 500, [1]) + feedback(1, [5])
        viewer.send_rtcp(dealt)
        viewer.send_rtcp(dealt + rtcp.pli(9, 500))
        viewer.send_rtcp(rtcp.pli(9, 500))
        await viewer.done()
        assert ears.control == [(viewer.peer, dealt + rtcp.pli(9, 500)), (viewer.peer, rtcp.pli(9, 500))]

    run(scene)


def test_reports_lie_until_somebody_asks(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears)
        camera, slot = sender.camera(), viewer.slot("v0", VIDEO, ssrc=500, repair=501)
        assert engine.slot_state(slot).report_at == 0
        report = rtcp.Report(500, 128, -3, 70000, 9, 0xFFFFFFFF, 65536)
        viewer.send_rtcp(rtcp.receiver_report(9, [rtcp.Report(501, 1), report, rtcp.Report(999, 2)]))
        at = rtcp.ntp(1.7e9)
        sender.send_rtcp(rtcp.sender_report(7, at, 1, 2, 3, "too early"))
        sender.send(packet(7, 1, vp8(1, b"key", key=True), mid=b"c"))
        await sender.done()
        assert engine.streams(camera)[0].sender_report_at == 0
        sender.send_rtcp(rtcp.sender_report(7, at, 1, 2, 3, "in time") + rtcp.pli(9, 500))
        await sender.done()
        await viewer.done()
        state, stream = engine.slot_state(slot), engine.streams(camera)[0]
        assert state.report == report
        assert 0 < state.report_at <= time.monotonic() >= stream.sender_report_at > 0
        assert stream.sender_report == rtcp.middle(at)
        assert [peer for peer, _ in ears.control] == [sender.peer]  # for the sake of the request for a key frame
        cut = rtcp.receiver_report(9, [report._replace(fraction=1), rtcp.Report(502)])
        viewer.send_rtcp(b"\x82\xc9" + struct.pack("!H", len(cut) // 4 - 2) + cut[4:-4])  # it breaks off in the second
        viewer.send_rtcp(struct.pack("!BBHL", 0x80, 200, 1, 9))
        await viewer.done()
        assert engine.slot_state(slot).report == report
        assert engine.traffic(viewer.peer).refused == 2

    run(scene)


# when packets leave


def test_a_pace_holds_back_video_but_no_sound(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears)
        engine.bind(viewer.slot("v0", VIDEO, ssrc=500, repair=501), sender.camera(), 0)
        engine.bind(viewer.slot("a0", OPUS, ssrc=600), sender.microphone(), 0)
        engine.set_pace(viewer.peer, 800)  # 100 packets of 1000 bytes a second
        begun = time.monotonic()
        sender.send(*(frame(i, bytes(930), key=not i) for i in range(40)))
        sender.send(packet(7, 1, b"voice", kind=111, mid=b"m"))
        first = await viewer.received()
        assert 600 in [p.ssrc for p in first]
        assert len(first) < 15 + 100 * (time.monotonic() - begun)
        await until(lambda: viewer.listen() or len(first) + len(viewer.rtp) == 41)
        assert time.monotonic() - begun > 0.3
        seen = [p for p in first + await viewer.received() if p.ssrc == 500]
        assert [(p.sequence - seen[0].sequence) & 0xFFFF for p in seen] == list(range(40))

    run(scene)


def test_what_would_wait_too_long_is_dropped_from_the_oldest_on(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears, down=IDS)
        slot = viewer.slot("v0", VIDEO, ssrc=500, repair=501)
        engine.bind(slot, sender.camera(), 0)
        engine.set_pace(viewer.peer, 800)
        begun = time.monotonic()
        sender.send(*(frame(i, bytes(930), key=not i) for i in range(200)))
        seen = await viewer.received()
        await until(lambda: seen.extend(viewer.rtp) or viewer.rtp.clear() or viewer.listen() or (
            bool(seen) and (seen[-1].sequence - seen[0].sequence) & 0xFFFF == 199
        ))  # fmt: skip
        left = [(p.sequence - seen[0].sequence) & 0xFFFF for p in seen]
        assert left[-40:] == list(range(160, 200))  # the newest all come
        assert len(left) < 15 + 100 * (time.monotonic() - begun)
        numbers = [int.from_bytes(p.extensions[IDS.transport_sequence], "big") for p in seen]
        # what we dropped ourselves is not lost on the way
        assert [(number - numbers[0]) & 0xFFFF for number in numbers] == list(range(len(left)))
        assert engine.slot_state(slot).packets == len(left)

    run(scene)


def test_without_a_pace_everything_leaves_at_once(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears)
        engine.bind(viewer.slot("v0", VIDEO, ssrc=500), sender.camera(), 0)
        engine.set_pace(viewer.peer, 100)
        sender.send(*(frame(i, bytes(900), key=not i) for i in range(6)))
        await viewer.done()
        engine.set_pace(viewer.peer, 0)
        sender.send(frame(6))
        await until(lambda: viewer.listen() or len(viewer.rtp) == 7)
        assert [(p.sequence - viewer.rtp[0].sequence) & 0xFFFF for p in viewer.rtp] == list(range(7))

    run(scene)


def test_a_probe_fills_up_with_padding(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears, down=IDS)
        slot = viewer.slot("v0", VIDEO, ssrc=500, repair=501)
        engine.bind(slot, sender.camera(), 0)
        sender.send(frame(1, key=True))
        [first] = await viewer.received()
        before = engine.traffic(viewer.peer).sent
        engine.probe(viewer.peer, 800, 0.3)  # 30 kB
        await asyncio.sleep(0.5)
        sent = engine.traffic(viewer.peer).sent - before
        probes = await viewer.received()
        await asyncio.sleep(0.1)
        assert await viewer.received() == []  # it is over
        assert 1_000 < sent < 33_000  # less when the machine is busy
        assert {(p.ssrc, p.payload_type, p.payload) for p in probes} == {(501, 97, b"")}
        assert [(p.sequence - probes[0].sequence) & 0xFFFF for p in probes] == list(range(len(probes)))
        numbers = [int.from_bytes(p.extensions[IDS.transport_sequence], "big") for p in [first, *probes]]
        assert [(number - numbers[0]) & 0xFFFF for number in numbers] == list(range(len(numbers)))
        assert engine.slot_state(slot).packets == 1
        sender.send(frame(2))
        [second] = await viewer.received()
        assert (second.sequence - first.sequence) & 0xFFFF == 1

    run(scene)


def test_a_pace_holds_for_padding_and_a_peer_without_rtx_gets_none(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        viewer, other = Endpoint(ears), Endpoint(ears)
        viewer.slot("v0", VIDEO, ssrc=500, repair=501)
        other.slot("v0", VIDEO, ssrc=500)
        engine.set_pace(viewer.peer, 200)
        for peer in (viewer, other):
            engine.probe(peer.peer, 5000, 0.3)
        await asyncio.sleep(0.4)
        assert 1000 < engine.traffic(viewer.peer).sent < 15_000
        assert engine.traffic(other.peer).sent == 0

    run(scene)


# other ways


def test_a_tap_gets_what_a_receiver_would(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender = Endpoint(ears)
        tap = engine.add_tap()
        slot = engine.add_slot(tap, SlotSpec("v0", VIDEO, 500, 501))
        source = sender.camera()
        engine.bind(slot, source, 0)
        sender.send(frame(1), frame(2, b"a", key=True, timestamp=9), frame(3, b"b", timestamp=3009))
        await until(lambda: len(ears.taps) == 2)
        assert [(s, p.ssrc, p.payload_type) for s, p in ears.taps] == [(slot, 500, 96)] * 2
        assert [p.payload[-1:] for _, p in ears.taps] == [b"a", b"b"]
        one, two = (p for _, p in ears.taps)
        assert ((two.sequence - one.sequence) & 0xFFFF, (two.timestamp - one.timestamp) & 0xFFFFFFFF) == (1, 3000)
        assert (engine.slot_state(slot).layer, engine.slot_state(slot).packets) == (0, 2)
        engine.remove_peer(tap)
        sender.send(frame(4))
        await sender.done()
        assert len(ears.taps) == 2

    run(scene)


def test_stills_are_whole_key_frames_and_nothing_between_is_missed(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears)
        source, slot = sender.camera(), viewer.slot("v0", VIDEO, ssrc=500, repair=501)
        engine.bind(slot, source, 0, stills=True)

        def still(sequence: int, name: bytes) -> list[bytes]:
            head, tail = vp8(sequence, name + b"1", key=True), b"\x80" + vp8(sequence, name + b"2")[1:]
            timestamp = 3000 * sequence
            return [packet(1, n, body, timestamp=timestamp, mid=b"c") for n, body in ((sequence, head), (sequence + 1, tail))]

        def delta(sequence: int) -> bytes:
            return frame(sequence, b"no", timestamp=3000 * sequence)

        sender.send(delta(1), *still(2, b"a"), delta(4), delta(7), padding(1, 8), *still(9, b"b"), delta(11))
        seen = await viewer.received()
        assert [p.payload[-2:] for p in seen] == [b"a1", b"a2", b"b1", b"b2"]
        assert [(p.sequence - seen[0].sequence) & 0xFFFF for p in seen] == [0, 1, 2, 3]
        assert (seen[2].timestamp - seen[0].timestamp) & 0xFFFFFFFF == 3000 * 7
        engine.bind(slot, source, 0)  # every picture again: the next one needs what was not sent
        assert engine.slot_state(slot).layer is None
        sender.send(delta(12), *still(13, b"c"), delta(15))
        seen = await viewer.received()
        assert [p.payload[-2:] for p in seen] == [b"c1", b"c2", b"no"]

    run(scene)


def test_who_comes_back_begins_with_a_key_frame(run: Run) -> None:
    """While nobody listens the numbers stand still: a gap of half of them could not be told from one backwards."""

    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears)
        slot = viewer.slot("v0", VIDEO, ssrc=500, repair=501)
        engine.bind(slot, sender.camera(), 0)
        sender.send(frame(1, b"a", key=True))
        [first] = await viewer.received()
        engine.set_address(viewer.peer, None)
        sender.send(*(frame(i, b"b") for i in range(2, 400)))
        await sender.done()
        engine.set_address(viewer.peer, viewer.socket.getsockname())
        sender.send(frame(400, b"c"), frame(401, b"d", key=True))
        [then] = await viewer.received()
        assert (then.payload[-1:], (then.sequence - first.sequence) & 0xFFFF) == (b"d", 1)
        assert ears.shown == [(slot, 0), (slot, None), (slot, 0)]
        assert engine.slot_state(slot).packets == 2

    run(scene)


def test_the_same_keys_again_change_nothing(run: Run) -> None:
    """To begin anew with them would repeat nonces."""

    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears)
        engine.bind(viewer.slot("a0", OPUS, ssrc=500), sender.microphone(), 0)
        for number in range(2):
            engine.set_keys(viewer.peer, viewer.keys)
            sender.send(packet(1, number, b"voice", kind=111, mid=b"m"))
        one, two = await viewer.received()
        assert (two.sequence - one.sequence) & 0xFFFF == 1

    run(scene)


def test_a_source_that_goes_takes_what_it_shows_along(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears)
        slot = viewer.slot("v0", VIDEO, ssrc=500)
        engine.bind(slot, engine.add_source(sender.peer, SourceSpec("c", VIDEO)), 0)
        sender.send(frame(1, key=True))
        await viewer.received()
        engine.remove_peer(sender.peer)
        await until(lambda: ears.shown == [(slot, 0), (slot, None)])
        assert engine.slot_state(slot).layer is None

    run(scene)


def test_traffic_is_counted_over_all_keys(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        peer = Endpoint(ears)
        assert engine.traffic(peer.peer) == (0, 0, 0, 0.0)
        before = time.monotonic()
        data = peer.protect(packet(1, 1, b"x"))
        peer.send_raw(data)
        peer.send_raw(data)
        await peer.done()
        told = engine.traffic(peer.peer)
        assert (told.received, told.sent, told.refused) == (len(data), 0, 1)
        assert before <= told.heard_at <= time.monotonic()
        engine.send_rtcp(peer.peer, rtcp.pli(OURS, 1))
        await peer.done()
        assert engine.traffic(peer.peer).sent > 12

    run(scene)
