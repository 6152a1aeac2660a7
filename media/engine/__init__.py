"""The packet path behind one small interface. An engine owns the UDP port, the SRTP contexts and the numbers on the
wire. It decrypts what peers send, rewrites it for the slots bound to it and sends it on. It knows no meeting, no SDP and
no policy.

What a receiver of RTP owes its sender packet by packet, and a sender its receiver, it does by itself: transport-wide
feedback and NACKs go up, NACKs from below are answered with RTX. Whatever needs a decision (key frames, reports, layers,
rates) is its owner's: it says what it counted and what was reported to it, and others conclude.

Peers, sources and slots are named by integers the engine gives out. Times are seconds of `time.monotonic()`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from media.rtcp import Report

Address = tuple[str, int] | tuple[str, int, int, int]
"""A socket address as the socket module gives it, IPv4 or IPv6."""

Name = Literal["native", "reference"]

LIVE = 1.0
"""Seconds after its last packet of media from which a layer counts as no longer sent."""
FEEDBACK_INTERVAL = 0.05
"""Seconds between two transport-wide feedback packets to one sender (draft-holmer-rmcat-
transport-wide-cc-extensions-01). Without it Chromium stays at its starting bitrate."""


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
    """One receiving section of a peer: the streams it will always carry, whatever it shows. `transport`: its packets
    take part in the peer's transport-wide numbering, if it has one; a receiver may do that for some sections only, and would
    report all others as lost."""

    mid: str
    codecs: tuple[Codec, ...]
    ssrc: int
    repair_ssrc: int | None = None
    transport: bool = True


class StreamState(NamedTuple):
    """One incoming stream (one layer of a source) as counted since it was first seen (RFC 3550, 6.4.1 and A.3).

    `highest` and `expected` are unwrapped; `lost` may be negative (duplicates); `jitter` is in units of the codec's
    clock; `octets` are payload bytes; `asked` and `repaired` count NACKed and recovered packets; `media_at` is 0 before
    the first packet with a payload. `sender_report` is the middle of the newest one's NTP time, `sender_report_at` when it came,
    0 before the first."""

    layer: int
    ssrc: int
    packets: int
    octets: int
    highest: int
    expected: int
    lost: int
    jitter: int
    asked: int
    repaired: int
    media_at: float
    sender_report: int
    sender_report_at: float


class SlotState(NamedTuple):
    """What a slot has sent, and the receiver's newest report on it. `layer` is that of the source now passing through, None
    until its first key frame and after the source's stream was replaced."""

    layer: int | None
    packets: int
    octets: int
    timestamp: int  # of the newest packet,
    at: float  # which was sent then
    repaired: int
    report: Report
    report_at: float  # when it came, 0 before the first


class Traffic(NamedTuple):
    """Bytes of one peer's SRTP and SRTCP since it was added, how many of their packets were not authentic, and when the last
    authentic one, or the last check, came (0: none yet)."""

    received: int
    sent: int
    refused: int
    heard_at: float


class Voice(NamedTuple):
    """What a microphone said since `voices` was last asked: the mean of its audio levels in -dBov (0 is the loudest, 127
    silence), over so many packets, the last at that time."""

    source: int
    level: float
    packets: int
    at: float


class Delivery(NamedTuple):
    """What a receiver's transport-wide feedback has said of our packets since `delivery` was last asked.

    `packets` were covered by feedback, `lost` of them did not arrive; `octets` (whole datagrams) arrived within `span`
    seconds of the receiver's clock. `delay`: mean one-way delay in seconds above the smallest of the last half minute,
    which is what queues along the way added."""

    packets: int
    lost: int
    octets: int
    span: float
    delay: float


class Events(Protocol):
    """What an engine calls, on the event loop's thread."""

    def datagram(self, data: bytes, address: Address) -> None:
        """A STUN or DTLS datagram from anyone at all, but for the checks of `Engine.set_consent`."""

    def rtcp(self, peer: int, data: bytes, at: float) -> None:
        """An authentic compound RTCP packet, which came `at` that time: estimates may be told of 0.15 s later.
        Transport-wide feedback, generic NACKs and reports in it were dealt with already; packets that hold nothing else but
        descriptions (SDES, BYE, APP) are not passed on."""

    def layer(self, source: int, layer: int, live: bool) -> None:
        """A layer of a source began to arrive (again), or nothing of it came for LIVE seconds."""

    def shows(self, slot: int, layer: int | None) -> None:
        """`slot_state(slot).layer` changed, other than by `bind` or `unbind`."""

    def tapped(self, slot: int, packet: bytes) -> None:
        """A plain RTP packet of a tap's slot, as a receiver would have got it."""


class Engine(Protocol):
    """An unknown integer is a KeyError, except where something is removed: removing twice is allowed."""

    name: Name
    port: int
    """The UDP port all peers share."""

    def start(self, events: Events) -> None:
        """Begin to read the port. Needs a running event loop."""

    # peers

    def add_peer(self, ssrc: int) -> int:
        """`ssrc`: what the RTCP carries that the engine sends to this peer as a receiver."""

    def add_tap(self) -> int:
        """A peer without a wire: what its slots would send goes to `Events.tapped`. For recorders."""

    def remove_peer(self, peer: int) -> None:
        """With its sources, slots and addresses."""

    def set_extensions(self, peer: int, up: Extensions, down: Extensions) -> None:
        """Those it uses in what it sends, and those it understands in what it gets. Packets with a transport-wide
        sequence number going down are remembered until the receiver's feedback covers them."""

    def set_keys(self, peer: int, keys: Keys) -> None:
        """Nothing is received from a peer or sent to it before its keys are known."""

    def admit(self, peer: int, address: Address) -> None:
        """Take SRTP from this address as the peer's. From any other address it is dropped unread."""

    def expel(self, address: Address) -> None: ...

    def set_address(self, peer: int, address: Address | None) -> None:
        """Where the peer receives; None stops sending to it."""

    def set_consent(self, peer: int, ufrag: str, password: str) -> None:
        """Our credentials with which the peer's way was nominated. Its further checks of that way (RFC 7675) ask for
        nothing but an answer: binding requests from the address set, under this name, well signed, in the controlling role.
        They get it here, and say in `Traffic.heard_at` that the peer is there. All other STUN goes to `Events.datagram`.
        ValueError: more than 32 and 64 bytes."""

    def set_rtt(self, peer: int, seconds: float) -> None:
        """How long a NACK and its answer take; nothing is asked for twice within it."""

    def set_pace(self, peer: int, kbps: int) -> None:
        """Video and padding leave at most so fast, audio and RTCP at once; 0 (the default) holds nothing back. What would
        wait longer than 0.5 s is dropped from its oldest packet on."""

    def probe(self, peer: int, kbps: int, seconds: float) -> None:
        """Fill up what is sent to this peer with padding on its RTX streams, to so much in all, for that long."""

    def traffic(self, peer: int) -> Traffic: ...

    def delivery(self, peer: int) -> Delivery | None:
        """None: no feedback came since the last call."""

    # sources and slots

    def add_source(self, peer: int, spec: SourceSpec) -> int: ...

    def remove_source(self, source: int) -> None:
        """Slots bound to it fall silent."""

    def add_slot(self, peer: int, spec: SlotSpec) -> int:
        """An SSRC of another slot of this peer is a ValueError. One of a slot that is gone goes on counting."""

    def remove_slot(self, slot: int) -> None: ...

    def bind(self, slot: int, source: int, layer: int, *, stills: bool = False) -> None:
        """Send this layer of this source. Another source stops at once; another layer of the same source goes on
        until the new layer's next key frame. Whoever binds asks for the key frame. `stills`: only key frames are sent,
        and nothing of the stream between them is missed."""

    def unbind(self, slot: int) -> None: ...

    def streams(self, source: int) -> Sequence[StreamState]:
        """Those seen so far, the lowest layer first."""

    def slot_state(self, slot: int) -> SlotState: ...

    def voices(self) -> Sequence[Voice]:
        """Microphones of which anything came since the last call."""

    # the wire

    def send_rtcp(self, peer: int, data: bytes) -> None: ...

    def send_datagram(self, data: bytes, address: Address) -> None: ...

    def close(self) -> None: ...
