"""Two packets under one nonce would give away AES-GCM's key stream and its authentication key (RFC 7714, 10.1; the nonce
is made of SSRC, rollover counter and sequence number). Nothing an engine is told to do may lead to that."""

import random
import socket
from collections.abc import Callable

from media import rtcp, rtp
from media.engine import Engine, SourceSpec
from tests.media.engine.endpoint import OPUS, VIDEO, Ears, Endpoint, Run, packet, vp8

ROUND = 1 << 16
VOICE = SourceSpec("m", OPUS)


class Watch:
    """Every index under which something came from an engine; a second packet with one raises AssertionError. That all
    packets are authentic shows that the index is the one that was used."""

    def __init__(self, end: Endpoint) -> None:
        self.end = end
        end.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.used: set[tuple[str, int, int]] = set()
        self.newest: dict[int, int] = {}
        self.media: list[rtp.Packet] = []

    def look(self) -> None:
        while True:
            try:
                data = self.end.socket.recv(2048)
            except BlockingIOError:
                return
            if 192 <= data[1] <= 223:
                index = int.from_bytes(data[-4:], "big") & 0x7FFFFFFF  # RFC 7714, 9.1
                self._use("rtcp", int.from_bytes(data[4:8], "big"), index)
                self.end._in.unprotect_rtcp(data)
            else:
                sequence, ssrc = int.from_bytes(data[2:4], "big"), int.from_bytes(data[8:12], "big")
                newest = self.newest.setdefault(ssrc, sequence)
                index = newest + rtp.distance(sequence, newest & 0xFFFF)
                self.newest[ssrc] = max(newest, index)
                self._use("rtp", ssrc, index)
                self.media.append(rtp.parse(self.end._in.unprotect(data)))

    def _use(self, kind: str, ssrc: int, index: int) -> None:
        assert (kind, ssrc, index) not in self.used
        self.used.add((kind, ssrc, index))

    def rounds(self, ssrc: int) -> int:
        return self.newest.get(ssrc, 0) // ROUND


def test_no_nonce_is_used_twice_over_rollovers_rebinds_and_restarts(run: Run) -> None:
    chance = random.Random(5)

    async def scene(engine: Engine, ears: Ears) -> None:
        one, two, viewer = Endpoint(ears), Endpoint(ears), Endpoint(ears)
        watch = Watch(viewer)
        voices = {one: engine.add_source(one.peer, VOICE), two: engine.add_source(two.peer, VOICE)}
        cameras = {one: one.camera("c"), two: two.camera("c")}
        sound, picture = viewer.slot("a0", OPUS, ssrc=500), viewer.slot("v0", VIDEO, ssrc=600, repair=601)
        sequences = {one: 65000, two: 3}
        ssrcs = {one: 10, two: 20}
        engine.bind(sound, voices[one], 0)
        engine.bind(picture, cameras[one], 0)

        def renew(who: Endpoint) -> None:
            ssrcs[who] += 1 if ssrcs[who] % 10 < 8 else 0

        def leap(who: Endpoint) -> None:
            sequences[who] += chance.choice((2, 100, 5000, 30000))

        def replace(who: Endpoint) -> None:
            engine.remove_source(voices[who])
            voices[who] = engine.add_source(who.peer, VOICE)

        def away(who: Endpoint) -> None:
            engine.set_address(viewer.peer, None)
            engine.set_address(viewer.peer, viewer.socket.getsockname())

        def keys(who: Endpoint) -> None:
            engine.set_keys(viewer.peer, viewer.keys)

        def ask(who: Endpoint) -> None:
            for ssrc in (500, 600):
                newest = watch.newest.get(ssrc, 0)
                viewer.send_rtcp(rtcp.nack(9, ssrc, [(newest - back) & 0xFFFF for back in range(0, 60, 2)]))

        def probe(who: Endpoint) -> None:
            engine.probe(viewer.peer, 2000, 0.02)

        def pace(who: Endpoint) -> None:
            engine.set_pace(viewer.peer, chance.choice((0, 0, 20_000)))

        def tell(who: Endpoint) -> None:
            engine.send_rtcp(viewer.peer, rtcp.pli(9, 500))

        def key(who: Endpoint) -> None:
            engine.bind(picture, cameras[who], 0, stills=chance.random() < 0.3)

        turns: list[Callable[[Endpoint], None]] = [renew, leap, replace, away, keys, ask, probe, pace, tell, key]
        pictures = 0
        for _ in range(360):
            who = chance.choice((one, two))
            engine.bind(sound, voices[who], 0)
            for _ in range(200):  # so many that the rollover counter moves
                sequences[who] += 1
                who.send(packet(ssrcs[who], sequences[who] & 0xFFFF, b"x", kind=111, mid=b"m"))
            for i in range(4):
                pictures += 1
                body = vp8(pictures, b"picture", key=i == 0 or chance.random() < 0.3)
                who.send(packet(ssrcs[who] + 1000, pictures & 0xFFFF, body, timestamp=3000 * pictures, mid=b"c"))
            chance.choice(turns)(who)
            await who.done()
            watch.look()
        engine.set_pace(viewer.peer, 0)
        await viewer.done()
        watch.look()
        assert len(watch.media) > ROUND
        assert watch.rounds(500) >= 1
        assert {600, 601} <= watch.newest.keys()
        assert any(kind == "rtcp" for kind, _, _ in watch.used)

    run(scene)

