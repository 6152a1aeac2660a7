"""The far end of a peer without a browser: a UDP socket, SRTP keys, and packets made by hand."""

import asyncio
import importlib
import secrets
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pylibsrtp

from media import rtcp, rtp
from media.dtls import PROFILES as SIZES
from media.engine import Address, Codec, Engine, Extensions, Keys, Name, SlotSpec, SourceSpec, choice
from media.engine.srtp import PROFILES

IDS = Extensions(mid=1, rid=2, repaired_rid=3, audio_level=4, orientation=5, abs_send_time=6, transport_sequence=7)


def _built() -> list[Name]:
    try:
        importlib.import_module("media.engine.native")
    except ImportError:
        return ["reference"]
    return ["reference", "native"]


ENGINES = _built()
"""Those that run here."""

OURS = 0xCAFE  # the SSRC of what an engine tells its senders
OPUS = (Codec("opus", 111),)
VIDEO = (Codec("vp8", 96, 97), Codec("h264", 98, 99))


MARK = b"\x00mark"


class Ears:
    """`media.engine.Events` that keeps what it is told by `engine`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.marks: set[bytes] = set()
        self.datagrams: list[tuple[bytes, Address]] = []
        self.control: list[tuple[int, bytes]] = []
        self.layers: list[tuple[int, int, bool]] = []
        self.shown: list[tuple[int, int | None]] = []
        self.taps: list[tuple[int, rtp.Packet]] = []

    def datagram(self, data: bytes, address: Address) -> None:
        if data.startswith(MARK):
            self.marks.add(data)
        else:
            self.datagrams.append((data, address))

    def rtcp(self, peer: int, data: bytes, at: float) -> None:
        self.control.append((peer, data))

    def layer(self, source: int, layer: int, live: bool) -> None:
        self.layers.append((source, layer, live))

    def shows(self, slot: int, layer: int | None) -> None:
        self.shown.append((slot, layer))

    def tapped(self, slot: int, packet: bytes) -> None:
        self.taps.append((slot, rtp.parse(packet)))


class Endpoint:
    """`down` are the extensions it understands; without transport-wide numbers unless they are given."""

    def __init__(
        self, ears: Ears, profile: str = "SRTP_AEAD_AES_128_GCM", ids: Extensions = IDS, down: Extensions | None = None
    ) -> None:
        engine = ears.engine
        self.ears, self.engine, self.peer = ears, engine, engine.add_peer(OURS)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.rtp: list[rtp.Packet] = []
        self.rtcp: list[rtcp.Part] = []
        self.datagrams: list[int] = []
        keys = self.keys = Keys(profile, *(secrets.token_bytes(sum(SIZES[profile])) for _ in range(2)))
        self._out = pylibsrtp.Session(
            pylibsrtp.Policy(keys.receive, pylibsrtp.Policy.SSRC_ANY_OUTBOUND, srtp_profile=PROFILES[profile])
        )
        self._in = pylibsrtp.Session(
            pylibsrtp.Policy(keys.send, pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=PROFILES[profile])
        )
        engine.set_extensions(self.peer, ids, down or replace(ids, transport_sequence=0))
        engine.set_keys(self.peer, keys)
        engine.admit(self.peer, self.socket.getsockname())
        engine.set_address(self.peer, self.socket.getsockname())

    def protect(self, packet: bytes) -> bytes:
        return self._out.protect(packet)

    def send(self, *packets: bytes) -> None:
        for packet in packets:
            self.send_raw(self.protect(packet))

    def send_raw(self, data: bytes) -> None:
        self.socket.sendto(data, ("127.0.0.1", self.engine.port))

    def send_rtcp(self, packet: bytes) -> None:
        self.send_raw(self._out.protect_rtcp(packet))

    async def received(self) -> list[rtp.Packet]:
        """RTP that has come since the last call, when the engine is done with all it was sent before."""
        await self.done()
        self.listen()
        packets, self.rtp = self.rtp, []
        return packets

    async def done(self) -> None:
        """Waits until the engine has read what was sent to it, and has sent what it had to send: it reads in order, and
        twice, because it may still have had the rest of a batch to send when it told of the first mark."""
        for _ in range(2):
            mark = MARK + secrets.token_bytes(8)
            for attempt in range(1500):
                if attempt % 100 == 0:  # a full buffer may have lost it
                    self.send_raw(mark)
                await asyncio.sleep(0 if attempt < 100 else 0.01)
                if mark in self.ears.marks:
                    break
            else:
                raise AssertionError("the engine reads nothing")

    def listen(self) -> None:
        """Takes what has come. `datagrams` has the size of each with RTP in it."""
        while True:
            try:
                data = self.socket.recv(2048)
            except BlockingIOError:
                return
            if 192 <= data[1] <= 223:
                self.rtcp += rtcp.split(self._in.unprotect_rtcp(data))
            else:
                self.datagrams.append(len(data))
                self.rtp.append(rtp.parse(self._in.unprotect(data)))

    def told(self) -> list[rtcp.Part]:
        """RTCP since the last call."""
        self.listen()
        told, self.rtcp = self.rtcp, []
        return told

    def microphone(self, mid: str = "m", ssrc: int | None = None) -> int:
        return self.engine.add_source(self.peer, SourceSpec(mid, OPUS, ssrc=ssrc))

    def camera(self, mid: str = "c", rids: tuple[str, ...] = ()) -> int:
        return self.engine.add_source(self.peer, SourceSpec(mid, VIDEO, rids))

    def slot(self, mid: str, codecs: tuple[Codec, ...], ssrc: int, repair: int | None = None) -> int:
        return self.engine.add_slot(self.peer, SlotSpec(mid, codecs, ssrc, repair))


@asynccontextmanager
async def listening(name: Name = "reference") -> AsyncIterator[tuple[Engine, Ears]]:
    engine = choice.open("127.0.0.1", 0, name)
    ears = Ears(engine)
    engine.start(ears)
    try:
        yield engine, ears
    finally:
        engine.close()


Run = Callable[[Callable[[Engine, Ears], Awaitable[None]]], None]
"""The fixture that plays a scene with an engine."""


def packet(
    ssrc: int, sequence: int, payload: bytes, *, kind: int = 96, timestamp: int = 0, marker: bool = False, **values: bytes
) -> bytes:
    """`values` are header extensions by the names of `Extensions`."""
    block = rtp.pack_extensions([(getattr(IDS, name), value) for name, value in values.items()])
    return rtp.pack(marker, kind, sequence, timestamp, ssrc, block, payload)


def vp8(picture: int, body: bytes, *, key: bool = False, tl0: int = 0) -> bytes:
    """A frame in one packet, numbered as Chromium does."""
    return b"\x90\xc0" + struct.pack("!HB", 0x8000 | picture & 0x7FFF, tl0 & 0xFF) + (b"\x00" if key else b"\x01") + body


def padding(ssrc: int, sequence: int, **values: bytes) -> bytes:
    """A probe: 50 bytes of padding and nothing else."""
    plain = bytearray(packet(ssrc, sequence, bytes(49) + bytes((50,)), **values))
    plain[0] |= 0x20
    return bytes(plain)
