"""One end of a call as a browser would be it, up to the moment its packets flow: SDP, ICE and DTLS. The rest is load.c's."""

import asyncio
import itertools
import re
import secrets
import socket
from dataclasses import dataclass, field

from aioice import stun
from OpenSSL import SSL

from media import dtls, rtp
from media.dtls import Identity
from tests.bench.media.load import Load

OPUS, VP8, RTX = 111, 96, 97
EXTENSIONS = {
    "mid": (1, rtp.MID),
    "rid": (2, rtp.RID),
    "audio_level": (4, rtp.AUDIO_LEVEL),
    "abs_send_time": (6, rtp.ABS_SEND_TIME),
    "transport_sequence": (7, rtp.TRANSPORT_SEQUENCE),
}
FORMATS = {
    "audio": f"a=rtpmap:{OPUS} opus/48000/2\na=fmtp:{OPUS} minptime=10;useinbandfec=1\na=rtcp-fb:{OPUS} transport-cc\n",
    "video": f"a=rtpmap:{VP8} VP8/90000\n"
    + "".join(f"a=rtcp-fb:{VP8} {what}\n" for what in ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"))
    + f"a=rtpmap:{RTX} rtx/90000\na=fmtp:{RTX} apt={VP8}\n",
}
PAYLOADS = {"audio": f"{OPUS}", "video": f"{VP8} {RTX}"}
LAYERS = {"q": (100, 320, 180), "h": (300, 640, 360), "f": (900, 1280, 720)}
"""Of simulcast: kbit/s, width, height, as our own browser client asks for."""
REMB_KBPS = 20_000
"""What a browser on a good local network says it can take, where REMB is negotiated."""

ssrcs = itertools.count(0x10000)
identity = Identity()


@dataclass
class Section:
    """One m-line of ours. With `rids` it sends simulcast, and its SSRCs are not told. A picture without `kbps` and `rids` has
    nothing to send yet."""

    mid: str
    kind: str
    direction: str
    kbps: int = 0
    rids: tuple[str, ...] = ()
    ssrc: int = field(default_factory=lambda: next(ssrcs))


@dataclass
class Remote:
    """The other end's description, as far as we need it."""

    sections: dict[str, list[str]]  # by mid, the lines
    text: str

    @classmethod
    def parse(cls, sdp: str) -> "Remote":
        text = sdp.replace("\r\n", "\n")
        parts = ["m=" + part for part in text.split("\nm=")[1:]]
        mids = (re.findall(r"^a=mid:(\S+)", part, re.M)[0] for part in parts)
        return cls(dict(zip(mids, (part.split("\n") for part in parts), strict=True)), text)

    def first(self, attribute: str) -> str:
        return re.findall(rf"^a={attribute}:(.+?)\s*$", self.text, re.M)[0]

    @property
    def address(self) -> tuple[str, int]:
        found = re.findall(r"^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", self.text, re.M | re.I)
        return next((host, int(port)) for host, port in found if ":" not in host)

    def ids(self, mid: str) -> dict[str, int]:
        """Of the header extensions in a section."""
        told = dict(reversed(line[9:].split()[:2]) for line in self.sections[mid] if line.startswith("a=extmap:"))
        return {name: int(told[uri].partition("/")[0]) for name, (_, uri) in EXTENSIONS.items() if uri in told}

    def feedback(self, mid: str, what: str) -> bool:
        return any(re.fullmatch(rf"a=rtcp-fb:\S+ {what}", line.strip()) for line in self.sections[mid])


class Client:
    """`profiles` are OpenSSL's names, separated by colons. `player`: it knows no estimates of bandwidth and says no more of
    what arrives than receiver reports do. `connect` sets `peer`, its number in the load, and `streams`, the
    numbers of what it sends by mid and rid ("" without simulcast)."""

    def __init__(
        self, load: Load, host: str, sections: list[Section], *, profiles: str, verifies: bool = False, player: bool = False
    ) -> None:
        self._player = player
        self.load, self.sections, self.verifies = load, sections, verifies
        self.ufrag, self.password = secrets.token_hex(4), secrets.token_hex(16)
        self.streams: dict[str, dict[str, int]] = {}
        self.peer = -1
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self._socket.setblocking(False)
        self._host = host
        context = SSL.Context(SSL.DTLS_CLIENT_METHOD)
        context.set_options(SSL.OP_NO_QUERY_MTU)
        context.set_verify(SSL.VERIFY_PEER, lambda *_: True)  # by fingerprint, below
        context.set_tlsext_use_srtp(profiles.encode())
        context.use_certificate(identity.certificate)
        context.use_privatekey(identity.key)
        self._ssl = SSL.Connection(context)
        self._ssl.set_ciphertext_mtu(1200)
        self._ssl.set_connect_state()

    # what we say

    def describe(self, sections: list[Section], setup: str) -> str:
        port = self._socket.getsockname()[1]
        lines = ["v=0", f"o=- {secrets.randbits(60)} 2 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        lines += [f"a=group:BUNDLE {' '.join(section.mid for section in sections)}", "a=msid-semantic: WMS"]
        for section in sections:
            lines += [f"m={section.kind} {port} UDP/TLS/RTP/SAVPF {PAYLOADS[section.kind]}", f"c=IN IP4 {self._host}"]
            lines += [f"a=candidate:1 1 udp 2122260223 {self._host} {port} typ host", "a=end-of-candidates"]
            lines += [f"a=ice-ufrag:{self.ufrag}", f"a=ice-pwd:{self.password}", f"a=setup:{setup}", f"a=mid:{section.mid}"]
            lines += [f"a=fingerprint:sha-256 {identity.fingerprint}", f"a={section.direction}", "a=rtcp-mux", "a=rtcp-rsize"]
            lines += FORMATS[section.kind].strip().split("\n")
            lines += [f"a=extmap:{id} {uri}" for id, uri in EXTENSIONS.values()]
            if section.rids:
                lines += [f"a=rid:{rid} send" for rid in section.rids] + [f"a=simulcast:send {';'.join(section.rids)}"]
            elif section.direction == "sendonly":
                lines += [f"a=msid:load {section.mid}", f"a=ssrc:{section.ssrc} cname:load"]
        if self._player:
            lines = [line for line in lines if not line.endswith((" goog-remb", " transport-cc", rtp.TRANSPORT_SEQUENCE))]
        return "\r\n".join(lines) + "\r\n"

    def offer(self) -> str:
        return self.describe(self.sections, "actpass")

    # the way to the other end

    async def connect(self, remote: Remote, *, controlling: bool = True, timeout: float = 30.0) -> None:
        """As an end of ICE, and as the client of DTLS. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            self._socket.connect(remote.address)
            check = self._check(remote, controlling)
            arrived: asyncio.Queue[bytes] = asyncio.Queue()
            loop = asyncio.get_running_loop()
            loop.add_reader(self._socket, self._arrived, arrived)
            try:
                await self._repeat(arrived, lambda: self._socket.send(check), lambda data: data[0] < 4)
                await self._handshake(arrived)
            finally:
                loop.remove_reader(self._socket)
        algorithm, _, value = remote.first("fingerprint").partition(" ")
        certificate = self._ssl.get_peer_certificate(as_cryptography=True)
        if certificate is None or dtls._digest(certificate, algorithm.lower()) != value.upper():
            raise ConnectionError("the other end is not who it said")
        self._begin(remote, check)

    def _arrived(self, arrived: asyncio.Queue[bytes]) -> None:
        data = self._socket.recv(2048)
        if data[:2] != b"\0\1":
            arrived.put_nowait(data)
            return
        request = stun.parse_message(data, integrity_key=self.password.encode())
        response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, request.transaction_id)
        response.attributes["XOR-MAPPED-ADDRESS"] = self._socket.getpeername()
        response.add_message_integrity(self.password.encode())
        self._socket.send(bytes(response))

    def _check(self, remote: Remote, controlling: bool) -> bytes:
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        message.attributes |= {"USERNAME": f"{remote.first('ice-ufrag')}:{self.ufrag}", "PRIORITY": 1853824767}
        message.attributes |= {"ICE-CONTROLLING": 1, "USE-CANDIDATE": None} if controlling else {"ICE-CONTROLLED": 1}
        message.add_message_integrity(remote.first("ice-pwd").encode())
        return bytes(message)

    async def _repeat(self, arrived, send, good) -> None:  # type: ignore[no-untyped-def]
        while True:
            send()
            try:
                while not good(await asyncio.wait_for(arrived.get(), 0.5)):
                    pass
                return
            except TimeoutError:
                continue

    async def _handshake(self, arrived: asyncio.Queue[bytes]) -> None:
        while True:
            try:
                self._ssl.do_handshake()
                self._flush()
                return
            except SSL.WantReadError:
                self._flush()
            try:
                data = await asyncio.wait_for(arrived.get(), self._ssl.DTLSv1_get_timeout())
            except TimeoutError:
                self._ssl.DTLSv1_handle_timeout()
                continue
            if 20 <= data[0] < 64:
                self._ssl.bio_write(data)

    def _flush(self) -> None:
        try:
            written = self._ssl.bio_read(1 << 16)
        except SSL.Error:
            return
        for record in dtls._records(written):
            self._socket.send(record)

    # its packets

    def _begin(self, remote: Remote, check: bytes) -> None:
        profile = self._ssl.get_selected_srtp_profile().decode()
        key, salt = dtls.PROFILES[profile]
        material = self._ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (key + salt))
        ours, theirs = material[:key], material[key : 2 * key]
        our_salt, their_salt = material[2 * key : 2 * key + salt], material[2 * key + salt :]
        down = [s.mid for s in self.sections if s.direction == "recvonly"]
        cc = [mid for mid in down if remote.feedback(mid, "transport-cc") and "transport_sequence" in remote.ids(mid)]
        self.peer = self.load.peer(
            fd=self._socket.detach(),
            profile=profile,
            send_key=ours + our_salt,
            receive_key=theirs + their_salt,
            check=check,
            verifies=self.verifies,
            repair=[RTX],
            transport_sequence=remote.ids(cc[0])["transport_sequence"] if cc else 0,
            ssrc=next(ssrcs),
            remb_kbps=REMB_KBPS if not cc and any(remote.feedback(mid, "goog-remb") for mid in down) else 0,
        )
        for section in self.sections:
            if section.direction == "sendonly" and (section.kind == "audio" or section.kbps or section.rids):
                self.streams[section.mid] = {rid: self._stream(section, remote, rid) for rid in section.rids or [""]}

    def _stream(self, section: Section, remote: Remote, rid: str) -> int:
        kbps, width, height = LAYERS.get(rid, (section.kbps, 1280, 720))
        ids = remote.ids(section.mid)
        return self.load.stream(
            peer=self.peer,
            payload_type=VP8 if section.kind == "video" else OPUS,
            ids=ids if rid else {**ids, "rid": 0},
            mid=section.mid.encode(),
            rid=rid.encode(),
            ssrc=next(ssrcs) if rid else section.ssrc,
            video_kbps=kbps if section.kind == "video" else 0,
            frames=30,
            width=width,
            height=height,
            level=40,
            delay=secrets.randbelow(33_000_000),
        )
