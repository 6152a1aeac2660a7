"""The native engine's SRTP against libsrtp, both ways."""

import secrets
import struct

import pylibsrtp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import rtcp, rtp
from media.dtls import PROFILES as SIZES
from media.engine.srtp import PROFILES, STREAMS, WINDOW

native = pytest.importorskip("media.engine.compiled", reason="the native engine is not built")
ffi, lib = native.ffi, native.lib

NUMBERS = {
    "SRTP_AEAD_AES_128_GCM": lib.SRTP_GCM_128,
    "SRTP_AEAD_AES_256_GCM": lib.SRTP_GCM_256,
    "SRTP_AES128_CM_SHA1_80": lib.SRTP_CM_80,
}
every_profile = pytest.mark.parametrize("profile", NUMBERS)


class Ours:
    def __init__(self, profile: str, key: bytes) -> None:
        self._srtp = ffi.gc(lib.srtp_new(NUMBERS[profile], key, len(key)), lib.srtp_free)

    def protect(self, packet: bytes, index: int, header: int = 12) -> bytes:
        out = ffi.new("uint8_t[]", 4096)
        ffi.memmove(out, packet, header)
        size = lib.srtp_protect(self._srtp, out, header, packet[header:], len(packet) - header, index)
        return bytes(ffi.buffer(out, size))

    def _in_place(self, call: object, data: bytes) -> bytes | None:
        buffer = ffi.new("uint8_t[]", data + bytes(lib.SRTP_GROWTH))
        size = call(self._srtp, buffer, len(data))  # type: ignore[operator]
        return bytes(ffi.buffer(buffer, size)) if size >= 0 else None

    def protect_rtcp(self, packet: bytes) -> bytes | None:
        return self._in_place(lib.srtcp_protect, packet)

    def unprotect(self, data: bytes) -> bytes | None:
        return self._in_place(lib.srtp_unprotect, data)

    def unprotect_rtcp(self, data: bytes) -> bytes | None:
        return self._in_place(lib.srtcp_unprotect, data)


def pair(profile: str, *, sends: bool) -> tuple[Ours, pylibsrtp.Session]:
    """Ours and theirs with one key; `sends`: theirs."""
    key = secrets.token_bytes(sum(SIZES[profile]))
    kind = pylibsrtp.Policy.SSRC_ANY_OUTBOUND if sends else pylibsrtp.Policy.SSRC_ANY_INBOUND
    policy = pylibsrtp.Policy(key, kind, srtp_profile=PROFILES[profile])
    policy.window_size = WINDOW
    return Ours(profile, key), pylibsrtp.Session(policy)


def packet(number: int, ssrc: int = 7, payload: bytes = b"payload") -> bytes:
    extensions = rtp.pack_extensions([(1, b"mid")])
    return rtp.pack(True, 96, number, 90 * number, ssrc, extensions, payload)


@every_profile
def test_they_open_what_we_seal_over_rollovers(profile: str) -> None:
    ours, theirs = pair(profile, sends=False)
    for index in (5, 6, 30000, 60000, 65535, 65536, 65540, 65538, 90000, 120000, 131071, 131072, 160000, 190000, 196700):
        plain = packet(index)
        assert theirs.unprotect(ours.protect(plain, index, header=20)) == plain
    assert theirs.unprotect(ours.protect(packet(196701, payload=b""), 196701, header=20)) == packet(196701, payload=b"")


@every_profile
def test_we_open_what_they_seal_over_rollovers(profile: str) -> None:
    ours, theirs = pair(profile, sends=True)
    for index in (30000, 60000, 65535, 65536, 90000, 115000, 131071, 131072, 150000, 180000, 196608):
        plain = packet(index)
        assert ours.unprotect(theirs.protect(plain)) == plain
    assert ours.unprotect(theirs.protect(packet(196609, payload=b""))) == packet(196609, payload=b"")


@every_profile
def test_control_packets_pass_both_ways(profile: str) -> None:
    ours, theirs = pair(profile, sends=True)
    for _ in range(3):
        assert ours.unprotect_rtcp(theirs.protect_rtcp(rtcp.pli(1, 2))) == rtcp.pli(1, 2)
    again = theirs.protect_rtcp(rtcp.pli(1, 2))
    assert ours.unprotect_rtcp(again) == rtcp.pli(1, 2)
    assert ours.unprotect_rtcp(again) is None
    ours, theirs = pair(profile, sends=False)
    for ssrc in (1, 2, 1):
        assert theirs.unprotect_rtcp(ours.protect_rtcp(rtcp.pli(ssrc, 2))) == rtcp.pli(ssrc, 2)


@every_profile
def test_forged_repeated_and_old_packets_are_refused_and_change_nothing(profile: str) -> None:
    ours, theirs = pair(profile, sends=True)
    sealed = [theirs.protect(packet(number)) for number in range(1, WINDOW + 10)]
    control = theirs.protect_rtcp(rtcp.pli(1, 2))
    for data, unprotect in ((sealed[0], ours.unprotect), (control, ours.unprotect_rtcp)):
        for at in (0, 1, 3, 8, 14, len(data) // 2, len(data) - 12, len(data) - 1):
            forged = bytearray(data)
            forged[at] ^= 1
            assert unprotect(bytes(forged)) is None
        for size in range(len(data)):
            assert unprotect(data[:size]) is None
    assert ours.unprotect(sealed[0]) == packet(1)
    assert ours.unprotect(sealed[0]) is None
    assert ours.unprotect(sealed[-1]) == packet(WINDOW + 9)
    assert ours.unprotect(sealed[8]) is None  # WINDOW behind
    assert ours.unprotect(sealed[9]) == packet(10)
    assert ours.unprotect(sealed[9]) is None
    assert ours.unprotect_rtcp(control) == rtcp.pli(1, 2)


@every_profile
def test_one_ssrc_too_many_is_refused(profile: str) -> None:
    ours, theirs = pair(profile, sends=True)
    for ssrc in range(STREAMS):
        assert ours.unprotect(theirs.protect(packet(1, ssrc))) is not None
    assert ours.unprotect(theirs.protect(packet(1, STREAMS))) is None
    assert ours.unprotect(theirs.protect(packet(2, 0))) is not None


def test_wrong_keys_are_no_context() -> None:
    for profile, size in ((0, 29), (1, 28), (2, 28), (3, 30), (-1, 28)):
        assert lib.srtp_new(profile, bytes(size), size) == ffi.NULL


@given(st.integers(0, 0x7FFF), st.lists(st.integers(-1100, 3000), max_size=60))
def test_the_replay_window_takes_what_libsrtp_takes(first: int, steps: list[int]) -> None:
    policy = pylibsrtp.Policy(bytes(range(28)), pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=PROFILES["SRTP_AEAD_AES_128_GCM"])
    policy.window_size = WINDOW
    theirs = pylibsrtp.Session(policy)
    ours = Ours("SRTP_AEAD_AES_128_GCM", bytes(range(28)))
    sender = Ours("SRTP_AEAD_AES_128_GCM", bytes(range(28)))
    index = highest = first
    for step in (0, *steps):
        index = max(0, highest + step)
        highest = max(highest, index)
        data = sender.protect(rtp.pack(False, 96, index, 0, 7, b"", struct.pack("!Q", index)), index)
        try:
            expected = theirs.unprotect(data)
        except pylibsrtp.Error:
            expected = None
        assert ours.unprotect(data) == expected
