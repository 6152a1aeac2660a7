"""One peer's SRTP contexts (RFC 3711, RFC 7714), by libsrtp."""

import pylibsrtp

from media.engine import Keys, Traffic

PROFILES = {
    "SRTP_AEAD_AES_256_GCM": pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
    "SRTP_AEAD_AES_128_GCM": pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    "SRTP_AES128_CM_SHA1_80": pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
}
"""By OpenSSL's name."""

WINDOW = 1024  # packets that may overtake one and it is still taken
STREAMS = 64  # SSRCs one peer may send: libsrtp keeps state for each


def is_rtcp(data: bytes) -> bool:
    """Of a datagram that is RTP or RTCP (RFC 5761)."""
    return 192 <= data[1] <= 223


class Srtp:
    """Both directions, and what has passed through them."""

    def __init__(self, keys: Keys) -> None:
        profile = PROFILES[keys.profile]
        policy = pylibsrtp.Policy(keys.receive, pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=profile)
        policy.window_size = WINDOW
        self._inbound = pylibsrtp.Session(policy)
        policy = pylibsrtp.Policy(keys.send, pylibsrtp.Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)
        self._outbound = pylibsrtp.Session(policy)
        self._ssrcs: set[bytes] = set()
        self._received = self._sent = self._refused = 0

    @property
    def traffic(self) -> Traffic:
        return Traffic(self._received, self._sent, self._refused)

    def open(self, data: bytes) -> bytes | None:
        """The plain RTP or RTCP packet; None if it is forged, repeated or too large."""
        control = is_rtcp(data)
        ssrc = data[4:8] if control else data[8:12]
        if ssrc not in self._ssrcs and len(self._ssrcs) >= STREAMS:
            self.refuse()
            return None
        try:
            plain: bytes = self._inbound.unprotect_rtcp(data) if control else self._inbound.unprotect(data)
        except (pylibsrtp.Error, ValueError):
            self.refuse()
            return None
        self._ssrcs.add(ssrc)
        self._received += len(data)
        return plain

    def refuse(self) -> None:
        """Counts a packet that could not be used."""
        self._refused += 1

    def seal(self, packet: bytes) -> bytes | None:
        """None if it is too large to be protected."""
        try:
            sealed: bytes = self._outbound.protect_rtcp(packet) if is_rtcp(packet) else self._outbound.protect(packet)
        except (pylibsrtp.Error, ValueError):
            return None
        self._sent += len(sealed)
        return sealed
