"""The far end of a peer without a browser: a UDP socket, SRTP keys, and packets made by hand."""

import asyncio
import secrets
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pylibsrtp

from media import rtp
from media.dtls import PROFILES as SIZES
from media.engine import Address, Codec, Extensions, Keys, SlotSpec, SourceSpec
from media.engine.reference import Reference
from media.engine.srtp import PROFILES

IDS = Extensions(mid=1, rid=2, repaired_rid=3, audio_level=4, orientation=5, abs_send_time=6, transport_sequence=7)
OPUS = (Codec("opus", 111),)
VIDEO = (Codec("vp8", 96, 97), Codec("h264", 98, 99))


class Ears:
    """`media.engine.Events` that keeps what it is told."""

    def __init__(self) -> None:
        self.datagrams: list[tuple[bytes, Address]] = []
        self.control: list[tuple[int, bytes]] = []

    def datagram(self, data: bytes, address: Address) -> None:
        self.datagrams.append((data, address))

    def rtcp(self, peer: int, data: bytes) -> None:
        self.control.append((peer, data))


class Endpoint:
    def __init__(self, engine: Reference, profile: str = "SRTP_AEAD_AES_128_GCM", ids: Extensions = IDS) -> None:
        self.engine, self.peer = engine, engine.add_peer()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        keys = Keys(profile, *(secrets.token_bytes(sum(SIZES[profile])) for _ in range(2)))
        self._out = pylibsrtp.Session(
            pylibsrtp.Policy(keys.receive, pylibsrtp.Policy.SSRC_ANY_OUTBOUND, srtp_profile=PROFILES[profile])
        )
        self._in = pylibsrtp.Session(
            pylibsrtp.Policy(keys.send, pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=PROFILES[profile])
        )
        engine.set_extensions(self.peer, ids)
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
        """RTP that has come since the last call."""
        await asyncio.sleep(0.02)
        packets = []
        while True:
            try:
                data = self.socket.recv(2048)
            except BlockingIOError:
                return packets
            packets.append(rtp.parse(self._in.unprotect(data)))

    def microphone(self, mid: str = "m", ssrc: int | None = None) -> int:
        return self.engine.add_source(self.peer, SourceSpec(mid, OPUS, ssrc=ssrc))

    def camera(self, mid: str = "c", rids: tuple[str, ...] = ()) -> int:
        return self.engine.add_source(self.peer, SourceSpec(mid, VIDEO, rids))

    def slot(self, mid: str, codecs: tuple[Codec, ...], ssrc: int, repair: int | None = None) -> int:
        return self.engine.add_slot(self.peer, SlotSpec(mid, codecs, ssrc, repair))


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[Reference, Ears]]:
    engine, ears = Reference("127.0.0.1", 0), Ears()
    engine.start(ears)
    try:
        yield engine, ears
    finally:
        engine.close()


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
