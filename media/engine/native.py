"""The packet engine in C, on a thread of its own. Calls go to it directly and only copy; what it has to say comes through a
ring of events, of which a descriptor tells the event loop."""

import asyncio
import logging
import os
import secrets
import socket
import struct
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field
from itertools import count
from typing import Any

from media.engine import (
    Address,
    Codec,
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
from media.engine.compiled import ffi, lib
from media.rtcp import Report

log = logging.getLogger(__name__)

PROFILES = {
    "SRTP_AEAD_AES_128_GCM": lib.SRTP_GCM_128,
    "SRTP_AEAD_AES_256_GCM": lib.SRTP_GCM_256,
    "SRTP_AES128_CM_SHA1_80": lib.SRTP_CM_80,
}
CODECS = {"opus": lib.CODEC_OPUS, "vp8": lib.CODEC_VP8, "h264": lib.CODEC_H264}
ADDRESS = struct.Struct("=16sIHH")  # struct address
EVENT = struct.Struct("=IIqiI16sIHHd")  # struct event
EVENTS = 1 << 15  # bytes taken from the ring before others on the event loop get their turn
MAPPED = bytes(10) + b"\xff\xff"


@dataclass(eq=False)
class _Slot:
    handle: Any
    peer: int
    binding: int = 0  # the engine's count: what it says of an earlier one is out of date


@dataclass(eq=False)
class _Source:
    handle: Any
    peer: int


@dataclass(eq=False)
class _Peer:
    handle: Any
    sources: set[int] = field(default_factory=set)
    slots: set[int] = field(default_factory=set)


def _pack(address: Address) -> Any:
    host = address[0].partition("%")[0]
    ip = socket.inet_pton(socket.AF_INET6, host) if ":" in host else MAPPED + socket.inet_pton(socket.AF_INET, host)
    scope = address[3] if len(address) == 4 else 0
    return ffi.from_buffer("struct address *", ADDRESS.pack(ip, scope, address[1], 0))


def _codecs(codecs: Iterable[Codec]) -> list[tuple[int, int, int]]:
    return [(CODECS[c.name], c.payload_type, -1 if c.repair is None else c.repair) for c in codecs]


def _there(handle: Any) -> Any:
    """The engine's answer to something new: NULL if it does not fit."""
    if handle == ffi.NULL:
        raise ValueError("the engine has no place for this")
    return handle


class Native:
    """`media.engine.Engine` in C."""

    name: Name = "native"

    def __init__(self, host: str, port: int) -> None:
        """Raises OSError if the port is taken. Port 0 takes a free one."""
        self._ipv6 = ":" in host
        family = socket.AF_INET6 if self._ipv6 else socket.AF_INET
        address = socket.getaddrinfo(host, port, family, socket.SOCK_DGRAM)[0][4]
        self._engine = lib.engine_open(_pack(address), self._ipv6)  # type: ignore[arg-type]
        if self._engine == ffi.NULL:
            raise OSError(ffi.errno, os.strerror(ffi.errno))
        self.port: int = lib.engine_port(self._engine)
        self._ids = count()
        self._peers: dict[int, _Peer] = {}
        self._sources: dict[int, _Source] = {}
        self._slots: dict[int, _Slot] = {}
        self._taken = ffi.new("uint8_t[]", EVENTS)
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, events: Events) -> None:
        self._events = events
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(lib.engine_events_fd(self._engine), self._take)
        if not lib.engine_start(self._engine):
            raise OSError(ffi.errno, os.strerror(ffi.errno))

    def close(self) -> None:
        if self._engine == ffi.NULL:
            return
        if self._loop is not None:
            self._loop.remove_reader(lib.engine_events_fd(self._engine))
        for known in (self._peers, self._sources, self._slots):
            known.clear()
        engine, self._engine = self._engine, ffi.NULL
        lib.engine_close(engine)

    # events

    def _take(self) -> None:
        """Hands on what came, and leaves the rest for the event loop's next round."""
        size = lib.engine_events(self._engine, self._taken, EVENTS)
        taken = ffi.buffer(self._taken, size)[:]
        at = 0
        while at < size:
            kind, length, id, value, detail, ip, scope, port, _, came = EVENT.unpack_from(taken, at)
            at += EVENT.size
            data = taken[at : at + length]
            at += (length + 7) & ~7
            try:
                if kind == lib.EVENT_RTCP:
                    if id in self._peers:
                        self._events.rtcp(id, data, came)
                elif kind == lib.EVENT_DATAGRAM:
                    self._events.datagram(data, self._address(ip, port, scope))
                else:
                    self._tell(kind, id, value, detail, data)
            except Exception:
                log.exception("an event of the packet engine")

    def _tell(self, kind: int, id: int, value: int, detail: int, data: bytes) -> None:
        """Nothing of what was removed since."""
        if kind == lib.EVENT_LAYER:
            if id in self._sources:
                self._events.layer(id, value, bool(detail))
        elif id in self._slots:
            if kind == lib.EVENT_TAPPED:
                self._events.tapped(id, data)
            elif self._slots[id].binding == detail:
                self._events.shows(id, value if value >= 0 else None)

    def _address(self, ip: bytes, port: int, scope: int) -> Address:
        if self._ipv6:
            return socket.inet_ntop(socket.AF_INET6, ip), port, 0, scope
        return socket.inet_ntop(socket.AF_INET, ip[12:]), port

    # peers

    def add_peer(self, ssrc: int) -> int:
        return self._add_peer(ssrc, tap=False)

    def add_tap(self) -> int:
        return self._add_peer(0, tap=True)

    def _add_peer(self, ssrc: int, *, tap: bool) -> int:
        id = next(self._ids)
        self._peers[id] = _Peer(_there(lib.peer_add(self._engine, id, ssrc, tap)))
        return id

    def remove_peer(self, peer: int) -> None:
        gone = self._peers.pop(peer, None)
        if gone is not None:
            for slot in gone.slots:
                del self._slots[slot]
            for source in gone.sources:
                del self._sources[source]
            lib.peer_remove(self._engine, gone.handle)

    def set_extensions(self, peer: int, up: Extensions, down: Extensions) -> None:
        both = (ffi.new("struct extensions *", astuple(ids)) for ids in (up, down))
        lib.peer_set_extensions(self._engine, self._peers[peer].handle, *both)

    def set_keys(self, peer: int, keys: Keys) -> None:
        handle = self._peers[peer].handle
        if not lib.peer_set_keys(self._engine, handle, PROFILES[keys.profile], keys.receive, keys.send, len(keys.receive)):
            raise ValueError("keys of the wrong size")

    def admit(self, peer: int, address: Address) -> None:
        if not lib.peer_admit(self._engine, self._peers[peer].handle, _pack(address)):
            raise MemoryError

    def expel(self, address: Address) -> None:
        if self._engine != ffi.NULL:
            lib.peer_expel(self._engine, _pack(address))

    def set_address(self, peer: int, address: Address | None) -> None:
        lib.peer_set_address(self._engine, self._peers[peer].handle, ffi.NULL if address is None else _pack(address))

    def set_consent(self, peer: int, ufrag: str, password: str) -> None:
        if not lib.peer_set_consent(self._engine, self._peers[peer].handle, ufrag.encode(), password.encode()):
            raise ValueError("credentials too long")

    def set_rtt(self, peer: int, seconds: float) -> None:
        lib.peer_set_rtt(self._engine, self._peers[peer].handle, seconds)

    def set_pace(self, peer: int, kbps: int) -> None:
        if not lib.peer_set_pace(self._engine, self._peers[peer].handle, kbps):
            raise MemoryError

    def probe(self, peer: int, kbps: int, seconds: float) -> None:
        if not lib.peer_probe(self._engine, self._peers[peer].handle, kbps, seconds):
            raise MemoryError

    def traffic(self, peer: int) -> Traffic:
        out = ffi.new("struct traffic *")
        lib.peer_traffic(self._engine, self._peers[peer].handle, out)
        return Traffic(out.received, out.sent, out.refused, out.heard_at)

    def delivery(self, peer: int) -> Delivery | None:
        out = ffi.new("struct delivery *")
        if not lib.peer_delivery(self._engine, self._peers[peer].handle, out):
            return None
        return Delivery(out.packets, out.lost, out.octets, out.span, out.delay)

    # sources and slots

    def add_source(self, peer: int, spec: SourceSpec) -> int:
        owner, id = self._peers[peer], next(self._ids)
        given = {
            "mid": spec.mid.encode(),
            "codec_count": len(spec.codecs),
            "codecs": _codecs(spec.codecs),
            "layers": len(spec.rids),
            "rids": [rid.encode() for rid in spec.rids],
            "named": spec.ssrc is not None,
            "ssrc": spec.ssrc or 0,
            "repair_named": spec.repair_ssrc is not None,
            "repair_ssrc": spec.repair_ssrc or 0,
        }
        handle = _there(lib.source_add(self._engine, id, owner.handle, ffi.new("struct source_spec *", given)))
        owner.sources.add(id)
        self._sources[id] = _Source(handle, peer)
        return id

    def remove_source(self, source: int) -> None:
        gone = self._sources.pop(source, None)
        if gone is not None:
            self._peers[gone.peer].sources.discard(source)
            lib.source_remove(self._engine, gone.handle)

    def add_slot(self, peer: int, spec: SlotSpec) -> int:
        owner, id = self._peers[peer], next(self._ids)
        given = {
            "mid": spec.mid.encode(),
            "codec_count": len(spec.codecs),
            "codecs": _codecs(spec.codecs),
            "ssrc": spec.ssrc,
            "repairs": spec.repair_ssrc is not None,
            "repair_ssrc": spec.repair_ssrc or 0,
            "transport": spec.transport,
            "first_sequence": secrets.randbelow(1 << 15),
            "first_timestamp": secrets.randbelow(1 << 31),
            "first_repair": secrets.randbelow(1 << 15),
        }
        handle = _there(lib.slot_add(self._engine, id, owner.handle, ffi.new("struct slot_spec *", given)))
        owner.slots.add(id)
        self._slots[id] = _Slot(handle, peer)
        return id

    def remove_slot(self, slot: int) -> None:
        gone = self._slots.pop(slot, None)
        if gone is not None:
            self._peers[gone.peer].slots.discard(slot)
            lib.slot_remove(self._engine, gone.handle)

    def bind(self, slot: int, source: int, layer: int, *, stills: bool = False) -> None:
        self._bind(self._slots[slot], self._sources[source].handle, layer, stills)

    def unbind(self, slot: int) -> None:
        self._bind(self._slots[slot], ffi.NULL, 0, stills=False)

    def _bind(self, slot: _Slot, source: Any, layer: int, stills: bool) -> None:
        binding = lib.slot_bind(self._engine, slot.handle, source, layer, stills)
        if binding < 0:
            raise MemoryError
        slot.binding = binding

    def streams(self, source: int) -> list[StreamState]:
        states = ffi.new("struct stream_state[]", lib.LAYERS)
        number = lib.source_streams(self._engine, self._sources[source].handle, states)
        return [
            StreamState(
                s.layer,
                s.ssrc,
                s.packets,
                s.octets,
                s.highest,
                s.expected,
                s.lost,
                s.jitter,
                s.asked,
                s.repaired,
                s.media_at,
                s.sender_report,
                s.sender_report_at,
            )
            for s in states[0:number]
        ]

    def slot_state(self, slot: int) -> SlotState:
        out = ffi.new("struct slot_state *")
        lib.slot_state(self._engine, self._slots[slot].handle, out)
        layer, r = out.layer if out.layer >= 0 else None, out.report
        report = Report(r.ssrc, r.fraction, r.lost, r.highest, r.jitter, r.last_sender_report, r.delay)
        return SlotState(layer, out.packets, out.octets, out.timestamp, out.at, out.repaired, report, r.at)

    def voices(self) -> list[Voice]:
        most = len(self._sources)
        if not most:
            return []
        voices = ffi.new("struct voice[]", most)
        number = lib.engine_voices(self._engine, voices, most)
        return [Voice(voice.source, voice.level, voice.packets, voice.at) for voice in voices[0:number]]

    # the wire

    def send_rtcp(self, peer: int, data: bytes) -> None:
        lib.peer_send_rtcp(self._engine, self._peers[peer].handle, data, len(data))

    def send_datagram(self, data: bytes, address: Address) -> None:
        if self._engine != ffi.NULL:
            lib.engine_send(self._engine, data, len(data), _pack(address))
