"""Reads a browser's offer and writes the one answer to it (RFC 8829, RFC 8843, RFC 8853). What we offer ourselves, to
another node, is in `media/offer.py`."""

import re
from dataclasses import dataclass, field
from typing import Literal

from media import rtp
from media.engine import Codec, Extensions
from meetroom.conference.schema import Layer

MAX_SECTIONS = 64
RIDS = tuple(Layer)
"""Simulcast layers from the lowest to the highest."""

EXTENSIONS = {
    rtp.MID: "mid",
    rtp.RID: "rid",
    rtp.REPAIRED_RID: "repaired_rid",
    rtp.AUDIO_LEVEL: "audio_level",
    rtp.ORIENTATION: "orientation",
    rtp.ABS_SEND_TIME: "abs_send_time",
    rtp.TRANSPORT_SEQUENCE: "transport_sequence",
}
UP = {"mid", "rid", "repaired_rid", "audio_level", "orientation", "abs_send_time", "transport_sequence"}
DOWN = {"mid", "audio_level", "orientation", "abs_send_time"}
FEEDBACK = ("transport-cc", "ccm fir", "nack", "nack pli")
FEEDBACK_WITHOUT_TRANSPORT = ("goog-remb", "ccm fir", "nack", "nack pli")

OPUS = "minptime=10;useinbandfec=1;usedtx=1"
"""What we ask of microphones: repair of single losses, and nothing sent in silence."""

DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
TOKEN = re.compile(r"[A-Za-z0-9_.-]{1,16}")
CREDENTIAL = re.compile(r"[A-Za-z0-9+/=-]{4,256}")  # ice-char; some write base64 padding


class BadSdp(ValueError):
    """The offer does not parse, or asks for what a node cannot do; the text says which."""


@dataclass
class Format:
    """One payload type as offered. `name` in lower case."""

    name: str = ""
    rtpmap: str = ""
    parameters: str = ""
    feedback: list[str] = field(default_factory=list)

    def parameter(self, key: str) -> str:
        pairs = (pair.strip().partition("=") for pair in self.parameters.split(";"))
        return next((value for name, _, value in pairs if name == key), "")

    @property
    def profile(self) -> str:
        """Of H.264: its profile and constraints, four hexadecimal digits."""
        return (self.parameter("profile-level-id") or "420010")[:4].lower()

    @property
    def constrained(self) -> bool:
        """H.264 by the profile that browsers announce."""
        return self.profile == "42e0"

    @property
    def decodable(self) -> bool:
        """H.264 that everyone decodes: baseline, which encoders announce with any constraints and never use beyond the
        constrained one, in packets of any size."""
        return self.parameter("packetization-mode") == "1" and self.profile.startswith("42")


@dataclass(frozen=True)
class Section:
    """One m-line. `codecs` are those we speak, VP8 before H.264: it is what every receiver has, and what recordings are
    made of. `extensions` has EXTENSIONS' names."""

    kind: str
    protocol: str
    payload_types: tuple[str, ...]
    mid: str
    direction: str
    stopped: bool
    formats: dict[int, Format]
    codecs: tuple[Codec, ...]
    extensions: dict[str, int]
    rids: tuple[str, ...]
    reduced_size: bool  # RTCP packets may go alone (RFC 5506)
    ssrc: int | None
    repair_ssrc: int | None

    @property
    def transport(self) -> bool:
        """Whether the offerer tells of each packet it gets here when it came, by transport-wide feedback."""
        numbered = "transport_sequence" in self.extensions
        return numbered and all("transport-cc" in self.formats[codec.payload_type].feedback for codec in self.codecs)


@dataclass(frozen=True)
class Offer:
    """`fingerprint` as (algorithm, value in upper case with colons). `bundled`: whether the offerer knows bundles at all."""

    bundled: bool
    ufrag: str
    password: str
    fingerprint: tuple[str, str]
    sections: tuple[Section, ...]

    @property
    def extensions(self) -> Extensions:
        """A bundle has one space of ids."""
        return Extensions(**{name: id for section in self.sections for name, id in section.extensions.items()})


Attributes = list[tuple[str, str]]


def parse(text: str) -> Offer:
    """Raises BadSdp, and nothing else, on any text."""
    described, transport = read(text)
    if transport.get("setup") == "passive":
        raise BadSdp("the offerer must be able to start DTLS")
    return described


def read(text: str) -> tuple[Offer, dict[str, str]]:
    """An offer or an answer, with the attributes of the transport that all sections share, of each name the first.
    Raises BadSdp, and nothing else, on any text."""
    session: Attributes = []
    media: list[tuple[str, Attributes]] = []
    for line in text.split("\n"):
        line = line.rstrip("\r")
        if line.startswith("m="):
            media.append((line[2:], []))
        elif line.startswith("a="):
            name, _, value = line[2:].partition(":")
            (media[-1][1] if media else session).append((name, value.strip()))
    if not 0 < len(media) <= MAX_SECTIONS:
        raise BadSdp(f"{len(media)} sections")
    try:
        sections = tuple(_section(line, attributes) for line, attributes in media)
    except BadSdp:
        raise
    except (ValueError, IndexError) as error:
        raise BadSdp(f"unreadable: {error}"[:200]) from None
    if len({section.mid for section in sections}) != len(sections):
        raise BadSdp("a mid occurs twice")
    bundle = next((value.split()[1:] for name, value in session if name == "group" and value.startswith("BUNDLE")), [])
    active = [(section, attributes) for section, (_, attributes) in zip(sections, media, strict=True) if not section.stopped]
    carrier = active[0][1] if active else []
    for section, attributes in active:
        own = [value for name, value in attributes if name == "ice-ufrag"]
        if section.mid not in bundle and own and ("ice-ufrag", own[0]) not in carrier:
            raise BadSdp("sections on several transports; all of them have to be in one a=group:BUNDLE")
    transport = dict(reversed(carrier + session))  # the first of each name, the section's own before the session's
    ufrag, password = transport.get("ice-ufrag", ""), transport.get("ice-pwd", "")
    if not CREDENTIAL.fullmatch(ufrag) or not CREDENTIAL.fullmatch(password):
        raise BadSdp("no ICE credentials")
    algorithm, _, value = transport.get("fingerprint", "").partition(" ")
    if not re.fullmatch(r"([0-9A-Fa-f]{2}:){19,63}[0-9A-Fa-f]{2}", value):
        raise BadSdp("no DTLS fingerprint")
    return Offer(bool(bundle), ufrag, password, (algorithm.lower(), value.upper()), sections), transport


def _section(line: str, attributes: Attributes) -> Section:
    kind, port, protocol, *payload_types = line.split()
    if not re.fullmatch(r"[a-z]+", kind) or not re.fullmatch(r"[A-Z/]+", protocol):
        raise BadSdp("a malformed m-line")
    first = dict(reversed(attributes))
    mid = first.get("mid", "")
    if not TOKEN.fullmatch(mid):
        raise BadSdp("a section without a mid")
    formats = {_payload_type(text): Format() for text in payload_types} if kind in ("audio", "video") else {}
    extensions: dict[str, int] = {}
    for name, value in attributes:
        target, _, rest = value.partition(" ")
        if name in ("rtpmap", "fmtp", "rtcp-fb") and not formats:
            continue
        if name == "rtpmap" and (known := formats.get(int(target))):
            known.rtpmap, known.name = rest, rest.partition("/")[0].lower()
        elif name == "fmtp" and (known := formats.get(int(target))):
            known.parameters = rest
        elif name == "rtcp-fb":
            for known in formats.values() if target == "*" else filter(None, [formats.get(int(target))]):
                known.feedback.append(rest)
        elif name == "extmap":
            id, uri = int(target.partition("/")[0]), rest.partition(" ")[0]
            if uri in EXTENSIONS and 0 < id < 15:  # those that fit the one-byte form
                extensions[EXTENSIONS[uri]] = id
    rids = _rids(attributes, first.get("simulcast", ""))
    ssrc, repair_ssrc = (None, None) if rids else _ssrcs(attributes)  # Firefox names those of its layers without their rids
    return Section(
        kind=kind,
        protocol=protocol,
        payload_types=tuple(payload_types),
        mid=mid,
        direction=next((name for name, _ in attributes if name in DIRECTIONS), "sendrecv"),
        stopped=int(port) == 0 and "bundle-only" not in first,
        formats=formats,
        codecs=_codecs(kind, formats),
        extensions=extensions,
        rids=rids,
        reduced_size="rtcp-rsize" in first,
        ssrc=ssrc,
        repair_ssrc=repair_ssrc,
    )


def _payload_type(text: str) -> int:
    value = int(text)
    if not 0 <= value < 128 or 64 <= value < 96:  # 64-95 could not be told from RTCP (RFC 5761)
        raise BadSdp(f"payload type {value}")
    return value


def _codecs(kind: str, formats: dict[int, Format]) -> tuple[Codec, ...]:
    """One of each kind of codec we speak."""
    chosen: dict[str, Codec] = {}
    for payload_type, offered in sorted(formats.items(), key=lambda item: not item[1].constrained):
        name = offered.name
        if name in chosen or name not in (("opus",) if kind == "audio" else ("vp8", "h264")):
            continue
        if name == "h264" and not offered.decodable:
            continue
        repair = next((p for p, f in formats.items() if f.name == "rtx" and f.parameter("apt") == str(payload_type)), None)
        chosen[name] = Codec(name, payload_type, repair)
    return tuple(chosen[name] for name in ("opus", "vp8", "h264") if name in chosen)


def _rids(attributes: Attributes, simulcast: str) -> tuple[str, ...]:
    """The layers both announced and sent, in the offer's order; of alternatives for one layer the first."""
    sends = {value.split()[0] for name, value in attributes if name == "rid" and value.split()[1:2] == ["send"]}
    words = simulcast.split()
    listed = words[words.index("send") + 1] if "send" in words[:-1] else ""
    sent = dict.fromkeys(alternatives.partition(",")[0].lstrip("~") for alternatives in listed.split(";"))
    return tuple(rid for rid in sent if rid in sends and rid in RIDS)


def _ssrcs(attributes: Attributes) -> tuple[int | None, int | None]:
    """The media SSRC and its RTX SSRC, if the offer names them."""
    named = [_ssrc(value.split()[0]) for name, value in attributes if name == "ssrc"]
    groups = [value.split() for name, value in attributes if name == "ssrc-group"]
    pairs = {_ssrc(group[1]): _ssrc(group[2]) for group in groups if group[0] == "FID" and len(group) == 3}
    main = next((ssrc for ssrc in named if ssrc not in pairs.values()), None)
    return main, pairs.get(main) if main is not None else None


def _ssrc(text: str) -> int:
    value = int(text)
    if not 0 <= value < 1 << 32:
        raise BadSdp("an SSRC of more than 32 bits")
    return value


@dataclass(frozen=True)
class Down:
    """What a slot's section announces: the streams it will always carry."""

    ssrc: int
    repair_ssrc: int | None
    stream: str
    cname: str


@dataclass(frozen=True)
class Transport:
    """Our side of the one transport all sections share. `candidates` are addresses and ports."""

    ufrag: str
    password: str
    fingerprint: str
    candidates: tuple[tuple[str, int], ...]


Role = Down | Literal["up", "inactive", "rejected"]  # a slot, a source, or neither


def answer(offer: Offer, roles: list[Role], transport: Transport, session: int, version: int) -> str:
    """`roles` in the order of the sections. Payload types, extension ids, mids and their order are the offerer's."""
    sections = list(zip(offer.sections, roles, strict=True))
    bundle = " ".join(section.mid for section, role in sections if role != "rejected")
    lines = [
        "v=0",
        f"o=- {session} {version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        *([f"a=group:BUNDLE {bundle}"] if offer.bundled else []),
        "a=msid-semantic: WMS *",
    ]
    for section, role in sections:
        if role == "rejected":
            lines += [f"m={section.kind} 0 {section.protocol} {' '.join(section.payload_types)}", "c=IN IP4 0.0.0.0"]
            lines += [f"a=mid:{section.mid}", "a=inactive"]
        else:
            lines += _accept(section, role, transport)
    return "\r\n".join(lines) + "\r\n"


def security(transport: Transport, setup: str) -> list[str]:
    """Which end we are, and who."""
    return [
        f"a=ice-ufrag:{transport.ufrag}",
        f"a=ice-pwd:{transport.password}",
        f"a=fingerprint:sha-256 {transport.fingerprint}",
        f"a=setup:{setup}",
    ]


def announced(down: Down, track: str) -> list[str]:
    """The streams of a slot."""
    lines = [f"a=msid:{down.stream} {track}"]
    if down.repair_ssrc is not None:
        lines.append(f"a=ssrc-group:FID {down.ssrc} {down.repair_ssrc}")
    return lines + [f"a=ssrc:{ssrc} cname:{down.cname}" for ssrc in (down.ssrc, down.repair_ssrc) if ssrc is not None]


def _accept(section: Section, role: Role, transport: Transport) -> list[str]:
    codecs = section.codecs or [Codec("", payload_type) for payload_type in section.formats]
    payload_types = [p for codec in codecs for p in (codec.payload_type, codec.repair) if p is not None]
    direction = "sendonly" if isinstance(role, Down) else "recvonly" if role == "up" else "inactive"
    lines = [
        f"m={section.kind} 9 {section.protocol} {' '.join(map(str, payload_types))}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        f"a={direction}",
        "a=rtcp-mux",
        *(["a=rtcp-rsize"] if section.reduced_size else []),
        *security(transport, "passive"),
    ]
    for i, (host, port) in enumerate(transport.candidates):
        lines.append(f"a=candidate:{i + 1} 1 udp {2130706431 - i} {host} {port} typ host")
    lines.append("a=end-of-candidates")
    # a browser makes an estimate of its own, REMB, only where there is no transport-wide feedback
    counted = not isinstance(role, Down) or section.transport
    feedback = FEEDBACK if counted else FEEDBACK_WITHOUT_TRANSPORT
    for payload_type in payload_types:
        offered = section.formats[payload_type]
        lines.append(f"a=rtpmap:{payload_type} {offered.rtpmap}")
        parameters = OPUS if offered.name == "opus" else offered.parameters
        if parameters:
            lines.append(f"a=fmtp:{payload_type} {parameters}")
        lines += [f"a=rtcp-fb:{payload_type} {f}" for f in feedback if f in offered.feedback]
    uris = {name: uri for uri, name in EXTENSIONS.items()}
    allowed = UP if not isinstance(role, Down) else DOWN | {"transport_sequence"} if counted else DOWN
    lines += [f"a=extmap:{id} {uris[name]}" for name, id in section.extensions.items() if name in allowed]
    if isinstance(role, Down):
        lines += announced(role, f"{section.kind}{section.mid}")
    elif role == "up" and section.rids:
        lines += [f"a=rid:{rid} recv" for rid in section.rids] + [f"a=simulcast:recv {';'.join(section.rids)}"]
    return lines
