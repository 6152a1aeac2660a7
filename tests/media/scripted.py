"""A participant whose every packet the test decides: real STUN, DTLS and SRTP over a real socket, and no codec."""

import asyncio
import random
import re
import socket
import time

import pylibsrtp
from aioice import stun
from OpenSSL import SSL

from media import dtls, rtcp, rtp
from media.dtls import Identity
from media.engine import Address
from media.engine.feedback import TransportFeedback
from media.engine.srtp import PROFILES
from meetroom.conference.schema import Kind, MediaAnswer, MediaOffer
from tests.media.driver import MEETING, Driver, until

PROFILE = "SRTP_AEAD_AES_128_GCM"
AUDIO = "a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n"
VIDEO = (
    "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\na=rtcp-fb:96 transport-cc\r\n"
    "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
)
EXTENSIONS = {
    1: rtp.MID,
    2: rtp.RID,
    3: rtp.REPAIRED_RID,
    4: rtp.AUDIO_LEVEL,
    5: rtp.ORIENTATION,
    6: rtp.ABS_SEND_TIME,
    7: rtp.TRANSPORT_SEQUENCE,
}


class Narrow:
    """A receiver's view of a narrow way: packets through a queue of so many kbit/s and seconds come late or not at all, and
    its transport-wide feedback says so. `loss` is the share lost on the way in front of it."""

    def __init__(self, kbps: float, *, queue: float = 0.4, loss: float = 0.0) -> None:
        self.kbps, self.queue, self.loss = kbps, queue, loss
        self._free_at = 0.0
        self._coming: list[tuple[float, int, int]] = []
        self._feedback = TransportFeedback(9)
        self._random = random.Random(1)

    def carries(self, packet: rtp.Packet, size: int) -> bool:
        number, now = packet.extensions.get(7), time.monotonic()
        if self._random.random() < self.loss or self._free_at - now > self.queue:
            return False
        self._free_at = max(self._free_at, now) + size / 125 / self.kbps
        if number is not None:
            self._coming.append((self._free_at, int.from_bytes(number, "big"), packet.ssrc))
        return True

    def feedback(self) -> bytes | None:
        """Of what has come by now."""
        now = time.monotonic()
        for at, number, ssrc in self._coming:
            if at <= now:
                self._feedback.arrived(number, at, ssrc)
        self._coming = [one for one in self._coming if one[0] > now]
        return self._feedback.take()


class Scripted:
    """Sends `mic` and `cam` (with layers, if `rids`), receives in v0, v1… and a0, a1…"""

    def __init__(
        self, driver: Driver, name: str, *, video: int = 2, audio: int = 2, rids: str = "", meeting: int = MEETING
    ) -> None:
        self.driver, self.name, self.rids, self.meeting = driver, name, rids, meeting
        self.port = driver.engine.port
        self.slots = [*((f"v{i}", "video") for i in range(video)), *((f"a{i}", "audio") for i in range(audio))]
        self.identity = Identity()
        self.ufrag, self.password = "mine", "m" * 24
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.answer = ""
        self.stun_answers = 0
        self.rtp: list[rtp.Packet] = []
        self.narrow: Narrow | None = None
        self.rtcp: list[bytes] = []
        self._begin()

    @property
    def address(self) -> Address:
        return self.socket.getsockname()

    def offer_text(self) -> str:
        sections = [("mic", "audio", "sendonly"), ("cam", "video", "sendonly"), *((m, k, "recvonly") for m, k in self.slots)]
        text = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
        for mid, kind, direction in sections:
            text += f"m={kind} 9 UDP/TLS/RTP/SAVPF {'111' if kind == 'audio' else '96 97'}\r\n"
            text += f"a=mid:{mid}\r\na={direction}\r\na=ice-ufrag:{self.ufrag}\r\na=ice-pwd:{self.password}\r\n"
            text += f"a=fingerprint:sha-256 {self.identity.fingerprint}\r\na=setup:actpass\r\na=rtcp-mux\r\n"
            text += AUDIO if kind == "audio" else VIDEO
            text += "".join(f"a=extmap:{id} {uri}\r\n" for id, uri in EXTENSIONS.items())
            if mid == "cam" and self.rids:
                text += "".join(f"a=rid:{rid} send\r\n" for rid in self.rids) + f"a=simulcast:send {';'.join(self.rids)}\r\n"
        return text

    def offer(self) -> MediaAnswer:
        sources = {"mic": Kind.MIC, "cam": Kind.CAMERA}
        answer = self.driver.node.offer(
            MediaOffer(meeting_id=self.meeting, peer=self.name, sdp=self.offer_text(), sources=sources)
        )
        self.answer = answer.sdp
        return answer

    def _begin(self) -> None:
        context = SSL.Context(SSL.DTLS_CLIENT_METHOD)
        context.set_verify(SSL.VERIFY_NONE, lambda *_: True)
        context.set_tlsext_use_srtp(PROFILE.encode())
        context.use_certificate(self.identity.certificate)
        context.use_privatekey(self.identity.key)
        self.ssl = SSL.Connection(context)
        self.ssl.set_connect_state()
        self.inbound: pylibsrtp.Session | None = None
        self.outbound: pylibsrtp.Session | None = None

    async def join(self) -> None:
        """Offer, check, handshake."""
        self.offer()
        self.check()
        await asyncio.sleep(0.01)
        for _ in range(500):
            try:
                self.ssl.do_handshake()
            except SSL.WantReadError:
                self.flush()
                await asyncio.sleep(0.01)
                self.listen()
                continue
            self.flush()
            break
        key, salt = dtls.PROFILES[PROFILE]
        material = self.ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (key + salt))
        ours, theirs = material[:key], material[key : 2 * key]
        our_salt, their_salt = material[2 * key : 2 * key + salt], material[2 * key + salt :]
        policy, profile = pylibsrtp.Policy, PROFILES[PROFILE]
        self.outbound = pylibsrtp.Session(policy(ours + our_salt, policy.SSRC_ANY_OUTBOUND, srtp_profile=profile))
        self.inbound = pylibsrtp.Session(policy(theirs + their_salt, policy.SSRC_ANY_INBOUND, srtp_profile=profile))
        await asyncio.sleep(0.01)

    def check(self, *, nominate: bool = True) -> None:
        """A STUN check with the credentials of the last answer."""
        ufrag, password = (re.findall(rf"a=ice-{what}:(\S+)", self.answer)[0] for what in ("ufrag", "pwd"))
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        message.attributes |= {"USERNAME": f"{ufrag}:{self.ufrag}", "ICE-CONTROLLING": 1, "PRIORITY": 1}
        if nominate:
            message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity(password.encode())
        self.raw(bytes(message))

    def raw(self, data: bytes) -> None:
        self.socket.sendto(data, ("127.0.0.1", self.port))

    def send(self, *packets: bytes) -> None:
        assert self.outbound is not None
        for packet in packets:
            self.raw(self.outbound.protect(packet))

    def send_rtcp(self, packet: bytes) -> None:
        assert self.outbound is not None
        self.raw(self.outbound.protect_rtcp(packet))

    def flush(self) -> None:
        try:
            data = self.ssl.bio_read(65536)
        except SSL.Error:
            return
        for record in dtls._records(data):
            self.raw(record)

    def listen(self) -> None:
        """Takes what has come: RTP and RTCP into lists, the rest to where it belongs."""
        while True:
            try:
                data = self.socket.recv(2048)
            except BlockingIOError:
                return
            if data[0] < 4:
                self.stun_answers += 1
            elif data[0] < 64:
                self.ssl.bio_write(data)
            elif self.inbound is not None and 192 <= data[1] <= 223:
                self.rtcp.append(self.inbound.unprotect_rtcp(data))
            elif self.inbound is not None:
                plain = self.inbound.unprotect(data)
                if self.narrow is None or self.narrow.carries(rtp.parse(plain), len(data)):
                    self.rtp.append(rtp.parse(plain))

    async def heard(self, least: int = 0) -> list[rtp.Packet]:
        """RTP since the last call; waits for as many packets as there must be at least."""
        await asyncio.sleep(0.02)
        self.listen()
        if least:
            await until(lambda: self.listen() or len(self.rtp) >= least)
        heard, self.rtp = self.rtp, []
        return heard

    def asked(self) -> list[rtcp.Message]:
        """RTCP since the last call, as far as the node's own parser reads it."""
        self.listen()
        asked = [message for data in self.rtcp for message in rtcp.parse(data)]
        self.rtcp = []
        return asked

    def leave(self) -> None:
        self.ssl.shutdown()
        self.flush()
        self.socket.close()

    def ssrc(self, mid: str) -> int:
        """Of one of our slots, by the answer."""
        part = next(part for part in self.answer.split("m=") if f"a=mid:{mid}\r\n" in part)
        return int(re.findall(r"a=ssrc:(\d+) ", part)[0])
