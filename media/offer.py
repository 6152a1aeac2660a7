"""The offer with which this node calls another one, and the other's answer (RFC 8829). What a browser offers, only more of
it, and all sections there will ever be: empty ones cost nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from media import rtp, sdp
from media.engine import Address

VIDEO, AUDIO = 16, 6
"""Sections in each direction. As many pictures and voices can be on their way to the other node at once."""

CODECS = {
    "audio": ((111, "opus/48000/2", sdp.OPUS),),
    "video": (
        (96, "VP8/90000", ""),
        (97, "rtx/90000", "apt=96"),
        (98, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"),
        (99, "rtx/90000", "apt=98"),
    ),
}
FEEDBACK = {"audio": ("transport-cc",), "video": sdp.FEEDBACK}
EXTENSIONS = {
    "audio": {rtp.MID: 1, rtp.AUDIO_LEVEL: 2, rtp.ABS_SEND_TIME: 3, rtp.TRANSPORT_SEQUENCE: 4},
    "video": {rtp.MID: 1, rtp.ABS_SEND_TIME: 3, rtp.TRANSPORT_SEQUENCE: 4, rtp.ORIENTATION: 5},
}


@dataclass(frozen=True)
class Line:
    """One section. `gives`: the streams of the slot in which we send there; None: we take what comes."""

    mid: str
    kind: Literal["audio", "video"]
    gives: sdp.Down | None = None


@dataclass(frozen=True)
class Answer:
    """`description` is the other end as it would have described itself in an offer. `candidates`: where to reach it."""

    description: sdp.Offer
    candidates: tuple[Address, ...]


def write(lines: Sequence[Line], transport: sdp.Transport, session: int) -> str:
    """Without candidates: the other end, which is lite, learns where we are from our checks."""
    text = [
        "v=0",
        f"o=- {session} 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {' '.join(line.mid for line in lines)}",
        "a=msid-semantic: WMS *",
        *sdp.security(transport, "actpass"),
    ]
    for line in lines:
        codecs = CODECS[line.kind]
        text += [
            f"m={line.kind} 9 UDP/TLS/RTP/SAVPF {' '.join(str(payload_type) for payload_type, _, _ in codecs)}",
            "c=IN IP4 0.0.0.0",
            f"a=mid:{line.mid}",
            f"a={'recvonly' if line.gives is None else 'sendonly'}",
            "a=rtcp-mux",
            "a=rtcp-rsize",
        ]
        for payload_type, name, parameters in codecs:
            text.append(f"a=rtpmap:{payload_type} {name}")
            if parameters:
                text.append(f"a=fmtp:{payload_type} {parameters}")
            if not name.startswith("rtx"):
                text += [f"a=rtcp-fb:{payload_type} {feedback}" for feedback in FEEDBACK[line.kind]]
        text += [f"a=extmap:{id} {uri}" for uri, id in EXTENSIONS[line.kind].items()]
        if line.gives is not None:
            text += sdp.announced(line.gives, line.mid)
    return "\r\n".join(text) + "\r\n"


def read(text: str) -> Answer:
    """Raises sdp.BadSdp, and nothing else, on any text."""
    described, transport = sdp.read(text)
    if transport.get("setup") != "passive":
        raise sdp.BadSdp("the answerer must wait for DTLS")
    candidates = [_candidate(line.strip()) for line in text.split("\n") if line.startswith("a=candidate:")]
    return Answer(described, tuple(dict.fromkeys(candidate for candidate in candidates if candidate is not None)))


def _candidate(line: str) -> Address | None:
    """None for what is no UDP address (RFC 8839, 5.1)."""
    words = line.split()
    if len(words) < 8 or words[2].lower() != "udp" or not words[5].isascii() or not words[5].isdigit():
        return None
    return (words[4], int(words[5])) if 0 < int(words[5]) < 1 << 16 else None
