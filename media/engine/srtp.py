"""One peer's SRTP contexts (RFC 3711, RFC 7714), by libsrtp."""

import pylibsrtp

from media.engine import Keys

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
    """Both directions."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        profile = PROFILES[keys.profile]
        policy = pylibsrtp.Policy(keys.receive, pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=profile)
        policy.window_size = WINDOW
        self._inbound = pylibsrtp.Session(policy)
        policy = pylibsrtp.Policy(keys.send, pylibsrtp.Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)
        self._outbound = pylibsrtp.Session(policy)
        self._ssrcs: set[bytes] = set()

    def open(self, data: bytes) -> bytes | None:
        """The plain RTP or RTCP packet; None if it is forged, repeated or too large."""
        control = is_rtcp(data)
        ssrc = data[4:8] if control else data[8:12]
        if ssrc not in self._ssrcs and len(self._ssrcs) >= STREAMS:
            return None
        try:
            plain: bytes = self._inbound.unprotect_rtcp(data) if control else self._inbound.unprotect(data)
        except (pylibsrtp.Error, ValueError):
            return None
        self._ssrcs.add(ssrc)
        return plain

    def seal(self, packet: bytes) -> bytes | None:
        """None if it is too large to be protected."""
        try:
            sealed: bytes = self._outbound.protect_rtcp(packet) if is_rtcp(packet) else self._outbound.protect(packet)
        except (pylibsrtp.Error, ValueError):
            return None
        return sealed
