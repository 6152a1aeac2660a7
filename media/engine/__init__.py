"""The packet path behind one small interface. An engine owns the UDP port, the SRTP contexts and the numbers on the
wire. It decrypts what peers send, rewrites it for the slots bound to it and sends it on; it knows no meeting, no SDP
and no policy, and makes no RTCP of its own: it says what arrived and when, and others conclude.

Peers, sources and slots are named by integers the engine gives out. Times are seconds of `time.monotonic()`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

Address = tuple[str, int] | tuple[str, int, int, int]
"""A socket address as the socket module gives it, IPv4 or IPv6."""


@dataclass(frozen=True)
class Keys:
    """SRTP master keys, each followed by its salt (RFC 5764). `profile` is OpenSSL's name of the protection profile."""

    profile: str
    receive: bytes
    send: bytes


@dataclass(frozen=True)
class Extensions:
    """Ids of the RTP header extensions one peer negotiated; 0 where it did not."""

    mid: int = 0
    rid: int = 0
    repaired_rid: int = 0
    audio_level: int = 0
    orientation: int = 0
    abs_send_time: int = 0
    transport_sequence: int = 0


@dataclass(frozen=True)
class Codec:
    """`name` is opus, vp8 or h264; payload types are the peer's own. `repair` is that of its RTX (RFC 4588)."""

    name: str
    payload_type: int
    repair: int | None = None


@dataclass(frozen=True)
class SourceSpec:
    """One sending section of a peer. `rids` from the lowest layer to the highest, empty without simulcast;
    then `ssrc` and `repair_ssrc`, if the offer named them."""

    mid: str
    codecs: tuple[Codec, ...]
    rids: tuple[str, ...] = ()
    ssrc: int | None = None
    repair_ssrc: int | None = None


@dataclass(frozen=True)
class SlotSpec:
    """One receiving section of a peer: the streams it will always carry, whatever it shows."""

    mid: str
    codecs: tuple[Codec, ...]
    ssrc: int
    repair_ssrc: int | None = None


class Arrival(NamedTuple):
    """One authenticated RTP packet. `source` is -1 when it belongs to none we know; `layer` counts from 0.
    A repaired packet came over RTX and has its original `sequence`."""

    peer: int
    at: float
    size: int
    transport_sequence: int | None
    source: int = -1
    layer: int = 0
    ssrc: int = 0
    sequence: int = 0
    timestamp: int = 0
    audio_level: int | None = None  # -dBov: 0 is the loudest, 127 silence
    media: bool = False  # false: only padding
    key: bool = False
    repaired: bool = False


class SlotState(NamedTuple):
    """What a slot has sent. `layer` is that of the source now passing through, None until its first key frame."""

    layer: int | None
    packets: int
    octets: int
    timestamp: int  # of the newest packet,
    at: float  # which was sent then
    repaired: int


class Traffic(NamedTuple):
    """Bytes of one peer's datagrams since it was added, and how many of them were not authentic."""

    received: int
    sent: int
    refused: int


class Events(Protocol):
    """What an engine calls."""

    def datagram(self, data: bytes, address: Address) -> None:
        """A STUN or DTLS datagram from anyone at all."""

    def rtcp(self, peer: int, data: bytes) -> None:
        """An authenticated compound RTCP packet."""


class Engine(Protocol):
    """An unknown integer is a KeyError, except where something is removed: removing twice is allowed."""

    port: int
    """The UDP port all peers share."""

    def start(self, events: Events) -> None:
        """Begin to read the port."""

    def add_peer(self) -> int: ...

    def remove_peer(self, peer: int) -> None:
        """With its sources, slots and addresses."""

    def set_extensions(self, peer: int, extensions: Extensions) -> None: ...

    def set_keys(self, peer: int, keys: Keys) -> None:
        """Nothing is received from a peer or sent to it before its keys are known."""

    def admit(self, peer: int, address: Address) -> None:
        """Take SRTP from this address as the peer's. From any other address it is dropped unread."""

    def expel(self, address: Address) -> None: ...

    def set_address(self, peer: int, address: Address | None) -> None:
        """Where the peer receives; None stops sending to it."""

    def add_source(self, peer: int, spec: SourceSpec) -> int: ...

    def remove_source(self, source: int) -> None:
        """Slots bound to it fall silent."""

    def add_slot(self, peer: int, spec: SlotSpec) -> int: ...

    def remove_slot(self, slot: int) -> None: ...

    def bind(self, slot: int, source: int, layer: int) -> None:
        """Send this layer of this source. Another source stops at once; another layer of the same source goes on
        until the new layer's next key frame. Whoever binds asks for the key frame."""

    def unbind(self, slot: int) -> None: ...

    def retransmit(self, slot: int, numbers: Sequence[int]) -> None:
        """Send packets again over RTX, as far as the slot remembers them."""

    def send_rtcp(self, peer: int, data: bytes) -> None: ...

    def send_datagram(self, data: bytes, address: Address) -> None: ...

    def arrivals(self) -> list[Arrival]:
        """Everything that arrived since the last call, in order."""

    def slot_state(self, slot: int) -> SlotState: ...

    def traffic(self, peer: int) -> Traffic: ...

    def close(self) -> None: ...
